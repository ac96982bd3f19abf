"""Several resources by one command: one plan, one commit, errors with their lines, one undo."""

from __future__ import annotations

from pathlib import Path

import pytest

from scaffold.cli.generators import read_set
from scaffold.generators.project import project
from scaffold.generators.resource import resource
from scaffold.record import read_record
from scaffold.revert import Edited
from scaffold.sets import arranged
from scaffold.spec.errors import RefusedError, UsageError
from scaffold.undo import remove, undo
from scaffold.workflow import Call, Options, Result, generate
from scaffold.workspace import open_tree
from tests.test_growing import files

SCHEMA = """\
# the shop
people mail:email:unique 'note:str:default=a # b'

orders total:decimal --prefix /v2  # money
items name:str --no-timestamps
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    root = tmp_path / "shop"
    generate([Call("new", {"name": "shop"}, project)], Options(root), title="new shop")
    (root / "schema.txt").write_text(SCHEMA)
    return root


def add(root: Path, *said: str, file: str = "") -> Result:
    calls = read_set(resource, said, str(root / file) if file else "")
    options = Options(root, verify=False)
    return generate(calls, options, title="add resources", arranged=arranged)


def specs(root: Path) -> dict[str, object]:
    return dict(read_record(open_tree(root)).resources)


def test_each_line_is_the_command_line_of_one(shop: Path, tmp_path: Path) -> None:
    result = add(shop, file="schema.txt")
    assert list(specs(shop)) == ["people", "orders", "items"]
    assert len(result.runs) == 3
    again = add(shop, file="schema.txt")
    assert again.nothing
    (upgrade,) = [step for step in result.plan.next if "alembic" in step.command]
    assert (
        upgrade.purpose == "makes the table people, makes the table orders, makes the table items"
    )


def test_one_by_one_gives_the_same_files(shop: Path, tmp_path: Path) -> None:
    add(shop, "people mail:email", "orders total:int --prefix /v2")
    other = tmp_path / "other"
    generate([Call("new", {"name": "shop"}, project)], Options(other), title="new shop")
    add(other, "people mail:email")
    add(other, "orders total:int --prefix /v2")
    ours, theirs = files(shop), files(other)
    assert {p: c for p, c in ours.items() if ".scaffold" not in p and p != "schema.txt"} == {
        p: c for p, c in theirs.items() if ".scaffold" not in p
    }


def test_undo_takes_back_what_the_command_did(shop: Path) -> None:
    before = files(shop)
    add(shop, file="schema.txt")
    undo(Options(shop), None, Edited.REFUSE)
    assert files(shop) == before


def test_one_of_a_set_is_removed_alone(shop: Path) -> None:
    add(shop, file="schema.txt")
    remove(Options(shop), "resource", "orders", Edited.REFUSE, delete_migration=False)
    assert list(specs(shop)) == ["people", "items"]
    with pytest.raises(RefusedError):  # a revision that drops the table rests on the others
        undo(Options(shop), read_record(open_tree(shop)).in_effect[1].id, Edited.REFUSE)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (("as b:int",), r"resource 1: resource name 'as' can't be used"),
        (("cats b:int", "c d:monny"), r"resource 2: field 'd': there is no type 'monny'"),
        (("a 'b",), r"resource 1: no closing quotation"),
        (("a b:int --frob",), r"resource 1: No such option: --frob"),
        (("a b:int --dry-run",), r"resource 1: No such option: --dry-run"),
        (("--prefix /v1",), r"resource 1: Missing argument"),
        ((), r"add resources: none is said"),
    ],
)
def test_errors_say_where(shop: Path, said: tuple[str, ...], message: str) -> None:
    before = files(shop)
    with pytest.raises(UsageError, match=message):
        add(shop, *said)
    assert files(shop) == before


def test_all_wrong_lines_are_told_with_file_and_line(shop: Path) -> None:
    (shop / "schema.txt").write_text("as b:int\nfine c:int\n\nx d:monny\n")
    with pytest.raises(UsageError) as caught:
        add(shop, file="schema.txt")
    assert [reason.reason.partition(": ")[0] for reason in caught.value.refusals] == [
        f"{shop}/schema.txt:1",
        f"{shop}/schema.txt:4",
    ]


def test_a_refusal_says_where(shop: Path) -> None:
    add(shop, "orders total:int")
    with pytest.raises(RefusedError) as caught:
        add(shop, "people mail:email", "orders total:str")
    assert caught.value.refusals[0].reason.startswith("resource 2: the resource orders is there")
    assert list(specs(shop)) == ["orders"]


def test_the_order_of_relations_makes_no_difference(shop: Path) -> None:
    lines = ["orders total:int customer:ref", "customers name:str home:ref:to=shops:optional"]
    result = add(shop, *lines, "shops name:str owner:ref:to=customers")
    assert len(result.runs) == 4  # the circle is closed by a field that comes last
    spec = read_record(open_tree(shop)).resources["customers"]
    assert isinstance(spec, dict)
    assert [field["name"] for field in spec["fields"]] == ["name", "home"]
    assert add(shop, *lines, "shops name:str owner:ref:to=customers").nothing
    before = files(shop)
    undo(Options(shop), None, Edited.REFUSE)
    assert list(specs(shop)) == []
    assert len(files(shop)) < len(before)


def test_a_resource_twice_in_a_set_is_refused(shop: Path) -> None:
    with pytest.raises(UsageError, match="resource 2: orders is there twice"):
        add(shop, "orders total:int", "order total:str")
