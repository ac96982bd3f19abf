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


def test_joined_ones_are_not_read_again() -> None:
    known = Resources({"orders": make_resource("orders", []).to_data()})
    joined = known | {"items": make_resource("items", [])}
    assert joined["orders"] is known["orders"]


def test_of_those_that_do_not_relate_none_is_read() -> None:
    orders = make_resource("orders", ["customer:ref:to=users", "total:int"])
    users = make_resource("users", ["friends:many:users", "name:str"])
    unread = {"fields": [{"name": "total", "type": "int"}]}
    known = Resources({"orders": orders.to_data(), "broken": unread}, {"users": users})
    assert list(known.relating_to("users")) == [orders, users]
    assert list(known.relating_to("orders")) == []


@pytest.mark.parametrize("recorded", [{}, {"fields": None}, {"fields": [0]}, []])
def test_data_that_cannot_be_looked_through_is_read_and_refused(recorded: object) -> None:
    with pytest.raises(UsageError):
        list(Resources({"broken": recorded}).relating_to("users"))
