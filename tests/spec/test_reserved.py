"""The reserved names, held against what reserves them."""

from __future__ import annotations

import pytest

from scaffold.spec.reserved import FIELDS, why_not_field


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_every_attribute_of_a_pydantic_model_is_reserved() -> None:
    pydantic = pytest.importorskip("pydantic")
    attributes = {name for name in dir(pydantic.BaseModel) if not name.startswith("_")}
    assert {name for name in attributes if why_not_field(name) is None} == set()


def test_reserved_names_are_ones_that_could_be_given() -> None:
    assert [name for name in FIELDS if not (name.isidentifier() and name == name.lower())] == []
