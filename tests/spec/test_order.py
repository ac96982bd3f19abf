"""Sets of resources: what is referred to comes first, circles wait where they can."""

from __future__ import annotations

from scaffold.spec.fields import Field, parse_field
from scaffold.spec.order import order_of


def order(**fields: str) -> tuple[list[str], dict[str, list[str]]]:
    wanted: dict[str, list[Field]] = {
        name: [parse_field(text) for text in said.split()] for name, said in fields.items()
    }
    found = order_of(wanted)
    return found.names, {name: [f.name for f in later] for name, later in found.later.items()}


def test_what_is_said_first_comes_first_where_nothing_is_related() -> None:
    assert order(b="x:int", a="x:int") == (["b", "a"], {})


def test_targets_come_first_over_others_too() -> None:
    names, later = order(
        lines="order:ref",
        orders="customer:ref labels:many:labels",
        labels="x:int",
        customers="x:int",
    )
    assert names == ["labels", "customers", "orders", "lines"]
    assert later == {}


def test_a_resource_of_its_own_and_one_that_is_not_in_the_set() -> None:
    assert order(staff="boss:ref:to=staff:optional team:ref") == (["staff"], {})


def test_in_a_circle_what_may_be_null_waits() -> None:
    fields = {"teams": "lead:ref:to=people:optional", "people": "team:ref"}
    for first, second in (("teams", "people"), ("people", "teams")):
        found = order(**{name: fields[name] for name in (first, second)})
        assert found == (["teams", "people"], {"teams": ["lead"]})


def test_a_circle_that_has_no_beginning_is_left_as_it_is() -> None:
    names, later = order(teams="lead:ref:to=people", people="team:ref")
    assert (names, later) == (["teams", "people"], {})
