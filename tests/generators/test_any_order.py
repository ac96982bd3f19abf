"""Capabilities and resources, added in any order: the same files, migrations and records aside."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from scaffold import registry
from scaffold.generators.project import project
from scaffold.revert import Edited
from scaffold.spec.errors import RefusedError
from scaffold.testing import run
from scaffold.tree import Tree
from scaffold.undo import remove
from scaffold.workflow import Call, Options, generate
from tests.generators.made import contents, shop

Step = tuple[str, dict[str, Any]]
Files = dict[str, bytes]

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


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("bare") / "shop"
    generate([Call("new", {"name": "shop"}, project)], Options(root, verify=False), title="new")
    return root


def files(root: Path) -> Files:
    """All files but migrations and the records, which tell the order."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and not {".scaffold", "versions"} & {*path.parts}
    }


def come_and_go(
    root: Path, added: Sequence[str], removed: Sequence[str], made: dict[frozenset[str], Files]
) -> bool:
    """Adds and removes capabilities; whether all went, or it was refused by name.

    After each step the files are what adding those that are left makes, which ``made`` keeps.
    """
    options = Options(root, verify=False)
    for number, name in enumerate(added, start=1):
        generate([Call(name, {})], options, title=f"add {name}")
        assert made.setdefault(frozenset(added[:number]), files(root)) == files(root)
    for number, name in enumerate(removed, start=1):
        try:
            remove(options, name, None, Edited.REFUSE, delete_migration=True)
        except RefusedError as error:
            # Sockets that ask for tokens need the accounts, and accounts know of the sockets.
            assert {"auth", "websocket"} <= {*added}, error
            needs, rests = "(websocket) is there, which needs it", "(auth) rests on it"
            assert needs in str(error) or rests in str(error)
            return False
        left = frozenset(removed[number:])
        assert files(root) == made.get(left, files(root)), (added, removed[:number])
    return True


def check_removal(bare: Path, tmp_path: Path, names: Sequence[str]) -> int:
    """How many orders of adding and removing gave every byte back; the others were refused."""
    done = 0
    made: dict[frozenset[str], Files] = {frozenset(): files(bare)}
    for added in itertools.permutations(names):
        for removed in itertools.permutations(names):
            root = tmp_path / "shop"
            shutil.copytree(bare, root)
            done += come_and_go(root, added, removed, made)
            shutil.rmtree(root)
    return done


NAMES = [name for name, _ in CAPABILITIES]


def test_first_come_first_gone(bare: Path, tmp_path: Path) -> None:
    made = {frozenset[str](): files(bare)}
    for name in ("ratelimit", "websocket"):
        shutil.copytree(bare, tmp_path / name)
        assert come_and_go(tmp_path / name, [name], [], made)
    shutil.copytree(bare, tmp_path / "all")
    order = ("cache", "ratelimit", "websocket")
    assert come_and_go(tmp_path / "all", order, ("cache", "ratelimit", "websocket"), made)


@pytest.mark.full
@pytest.mark.parametrize("names", list(itertools.combinations(NAMES, 2)), ids="-".join)
def test_two_go_in_either_order(bare: Path, tmp_path: Path, names: tuple[str, ...]) -> None:
    done = check_removal(bare, tmp_path, names)
    assert done == (2 if {"auth", "websocket"} == {*names} else 4)


@pytest.mark.full
@pytest.mark.parametrize("names", list(itertools.combinations(NAMES, 3)), ids="-".join)
def test_three_go_in_any_order(bare: Path, tmp_path: Path, names: tuple[str, ...]) -> None:
    done = check_removal(bare, tmp_path, names)
    assert done == (18 if {"auth", "websocket"} <= {*names} else 36)
