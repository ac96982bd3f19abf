"""Capabilities and resources, added in any order: the same files, migrations and records aside."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from scaffold import registry
from scaffold.testing import run
from scaffold.tree import Tree
from tests.generators.made import contents, shop

Step = tuple[str, dict[str, Any]]

ORDERS: Step = ("resource", {"name": "orders", "fields": ["total:decimal:12.2:min=0"]})
PRODUCTS: Step = ("resource", {"name": "products", "fields": ["name:str:max=120", "stock:int"]})
CAPABILITIES: list[Step] = [
    (name, {})
    for name in ("auth", "cache", "ratelimit", "websocket")
    if name in registry.entry_points()
]


def add(step: Step) -> Callable[[Tree], Tree]:
    name, arguments = step

    def added(on: Tree) -> Tree:
        plan = run(registry.load(name), arguments, on=on, name=name)
        assert not plan.refusals, plan.refusals
        assert not plan.conflicts, plan.conflicts
        return plan.after

    return added


def after(steps: tuple[Step, ...]) -> dict[str, bytes | None]:
    made = shop()
    for step in steps:
        made = add(step)(made)
    return contents(made)


@pytest.mark.parametrize(
    "pair",
    list(itertools.combinations([ORDERS, PRODUCTS, *CAPABILITIES], 2)),
    ids=lambda pair: "-".join(str(step[1].get("name", step[0])) for step in pair),
)
def test_two_in_either_order(pair: tuple[Step, Step]) -> None:
    assert after(pair) == after(pair[::-1])


@pytest.mark.full
def test_all_in_any_order() -> None:
    first, *others = itertools.permutations([ORDERS, *CAPABILITIES])
    expected = after(first)
    for steps in others:
        assert after(steps) == expected
