"""Members of enums: valid, distinct, as one would write them."""

from __future__ import annotations

import enum
import keyword
from typing import Any

import pytest
from hypothesis import given

from scaffold.spec.members import member_names

from .strategies import ENUM_VALUES


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ("pending,paid", "PENDING,PAID"),
        ("in-progress,inReview,1.0", "IN_PROGRESS,IN_REVIEW,VALUE_1_0"),
        ("3d,2D", "VALUE_3D,VALUE_2D"),
        ("a,b,ab,o,i,l", "A,B,AB,VALUE_O,VALUE_I,L"),
        ("class,name,value,mro,none", "CLASS,NAME,VALUE,MRO,NONE"),
        ("c,c++,c#,a&b,5%", "C,C_PLUS_PLUS,C_SHARP,A_AND_B,VALUE_5_PERCENT"),
        ("a-b,a_b,a b", "A_B,A_B_2,A_B_3"),
        ("a-b,a_b,a_b_2", "A_B,A_B_3,A_B_2"),
        ("caf\u00e9,\u65e5\u672c,?", "CAFE,VALUE,VALUE_2"),
        ("__init__,_x_", "INIT,X"),
    ],
)
def test_names(values: str, names: str) -> None:
    assert ",".join(member_names(values.split(","))) == names


@given(ENUM_VALUES)
def test_they_make_an_enum_with_all_its_values(values: list[str]) -> None:
    names = member_names(values)
    make: Any = enum.StrEnum
    made = make("Made", list(zip(names, values, strict=True)))
    assert [member.value for member in made] == values
    assert not any(keyword.iskeyword(name) for name in names)
