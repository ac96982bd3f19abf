from __future__ import annotations

import pytest

from scaffold.spec.errors import UsageError
from scaffold.spec.known import Resources
from scaffold.spec.resource import make_resource


def test_each_is_read_when_it_is_asked_for() -> None:
    orders, items = make_resource("orders", []), make_resource("items", ["sku:str"])
    known = Resources({"orders": orders.to_data(), "broken": {}}, {"items": items})
    assert known["orders"] == orders
    assert known["orders"] is known["orders"]
    assert (list(known), len(known), "broken" in known) == (["orders", "broken", "items"], 3, True)
    with pytest.raises(UsageError):
        known["broken"]
    assert known.get("nothing") is None


def test_others_take_the_place_of_those_of_their_names() -> None:
    old, new = make_resource("orders", []), make_resource("orders", ["total:int"])
    known = Resources({"orders": old.to_data()})
    joined = known | {"orders": new, "items": make_resource("items", [])}
    assert (joined["orders"], known["orders"]) == (new, old)
    assert list(joined) == ["orders", "items"]
