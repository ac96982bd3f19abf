"""Plans carried out from their JSON: exactly what was planned, where nothing came in between."""

from __future__ import annotations

import base64
import copy
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scaffold.apply import apply_plan
from scaffold.console import result_data
from scaffold.generators.field import field
from scaffold.generators.project import project
from scaffold.generators.resource import resource
from scaffold.record import content_hash
from scaffold.revert import Edited
from scaffold.spec.errors import ConflictError, RefusedError, UsageError
from scaffold.undo import undo
from scaffold.workflow import Call, Options, Result, generate

Files = dict[str, tuple[int, bytes]]
COLUMN = {"name": "orders", "fields": ["vat:int:default=0"]}


def files(root: Path) -> Files:
    found = (path for path in root.rglob("*") if path.is_file())
    return {str(p.relative_to(root)): (p.stat().st_mode, p.read_bytes()) for p in found}


def run(root: Path, *calls: Call, dry: bool = False) -> Result:
    return generate(calls, Options(root, dry_run=dry, verify=False), title="add")


def orders(name: str = "orders") -> Call:
    return Call("resource", {"name": name, "fields": ["total:int"]}, resource)


def planned(root: Path, call: Call) -> dict[str, Any]:
    return result_data("add", run(root, call, dry=True))


def carry_out(root: Path, plan: Any) -> Result:
    return apply_plan(json.dumps(plan), Options(root))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("made") / "shop"
    run(root, Call("new", {"name": "shop"}, project))
    run(root, orders(), orders("labels"))
    return root


@pytest.fixture
def shop(made: Path, tmp_path: Path) -> Path:
    root = tmp_path / "shop"
    shutil.copytree(made, root)
    return root


def test_a_plan_does_what_the_command_does_once(shop: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(shop, other)
    plan = planned(shop, Call("field", COLUMN, field))
    carry_out(shop, plan)
    run(other, Call("field", COLUMN, field))
    assert files(shop) == files(other)
    assert carry_out(shop, plan).nothing


def test_a_plan_to_undo_can_be_applied(shop: Path) -> None:
    before = files(shop)
    run(shop, orders("bills"))
    options = Options(shop, dry_run=True)
    carry_out(shop, result_data("undo", undo(options, None, Edited.REFUSE)))
    assert files(shop) == before


def test_another_run_since_is_a_conflict(shop: Path) -> None:
    """It touched none of the files, but the plan's run and migration would fork both chains."""
    plan = planned(shop, Call("field", COLUMN, field))
    run(shop, Call("field", {**COLUMN, "name": "labels"}, field))
    before = files(shop)
    with pytest.raises(ConflictError, match=r"\.scaffold/runs, migrations/versions"):
        carry_out(shop, plan)
    assert files(shop) == before


def test_a_run_taken_back_since_is_a_conflict(shop: Path) -> None:
    run(shop, Call("field", {**COLUMN, "name": "labels"}, field))
    plan = planned(shop, Call("field", COLUMN, field))
    undo(Options(shop), None, Edited.REFUSE)
    with pytest.raises(ConflictError, match="changed since the plan was made"):
        carry_out(shop, plan)


def test_a_migration_by_hand_since_is_a_conflict(shop: Path) -> None:
    plan = planned(shop, Call("field", COLUMN, field))
    (migration,) = (f for f in plan["plan"]["files"] if f["path"].startswith("migrations/"))
    text = re.sub(r'^(revision\b[^"]*")', r"\1f", migration["content"], flags=re.MULTILINE)
    (shop / "migrations/versions/by_hand.py").write_text(text)
    with pytest.raises(ConflictError, match=r"made: migrations/versions$"):
        carry_out(shop, plan)


def test_permissions_given_since_stay(shop: Path) -> None:
    plan = planned(shop, orders("bills"))
    (shop / "app/main.py").chmod(0o750)
    carry_out(shop, plan)
    assert (shop / "app/main.py").stat().st_mode & 0o7777 == 0o750
    assert "bills_router" in (shop / "app/main.py").read_text()


def test_bytes_that_are_no_text_come_through(shop: Path) -> None:
    raw = b"\xff\x00"
    file = new_file(content={"base64": base64.b64encode(raw).decode()}, sha256=content_hash(raw))
    carry_out(shop, document(file))
    assert (shop / "x").read_bytes() == raw


def new_file(**changes: Any) -> dict[str, Any]:
    file = {"path": "x", "action": "created", "base": None, "mode": "644", "content": "evil"}
    return {**file, "sha256": content_hash(b"evil"), "diff": "", **changes}


def document(*files: Any, **changes: Any) -> dict[str, Any]:
    plan = {"files": list(files), "next": [], "notes": [], "marked": []}
    return {"schema": 1, "command": "add", "exit_code": 0, "error": None, "plan": plan, **changes}


@pytest.mark.parametrize(
    "path",
    [
        "../x",
        "a/../x",
        "/tmp/x",
        ".git/hooks/post-commit",
        ".GIT/config",
        ".venv/x.pth",
        ".scaffold/journal",
        "./x",
        "a//b",
        "",
        "a\0b",
        "\udc80",
        "\x1b[31m",
    ],
)
def test_no_plan_leads_out_of_the_project(shop: Path, path: str) -> None:
    before = files(shop.parent)
    with pytest.raises(RefusedError):
        carry_out(shop, document(new_file(path=path)))
    assert files(shop.parent) == before


@pytest.mark.parametrize(
    "changes",
    [
        {"mode": "zzz"},
        {"mode": "-1"},
        {"mode": "7777777777777"},
        {"mode": 420},
        {"mode": None},
        {"content": 5},
        {"content": ["a"]},
        {"content": {"x": 1}},
        {"content": {"base64": "!"}},
        {"content": "\ud800"},
        {"content": "other"},
        {"action": "evil"},
        {"base": 5},
        {"path": 5},
    ],
)
def test_a_file_that_says_nonsense_is_no_plan(shop: Path, changes: dict[str, Any]) -> None:
    before = files(shop)
    with pytest.raises(UsageError):
        carry_out(shop, document(new_file(**changes)))
    assert files(shop) == before


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[",
        "null",
        "[1, 2]",
        "[" * 100_000,
        json.dumps(document(schema=2)),
        json.dumps(document(plan=None)),
        json.dumps(document(5)),
        json.dumps(document({"action": "created"})),
        json.dumps(document(new_file(), new_file())),
    ],
)
def test_what_is_no_plan_is_told(shop: Path, text: str) -> None:
    before = files(shop)
    with pytest.raises(UsageError, match="not a plan"):
        apply_plan(text, Options(shop))
    assert files(shop) == before


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda file: file | {"content": None}, RefusedError),
        (lambda file: file | {"base": "0" * 64}, ConflictError),
        (lambda file: file | {"path": "app"}, ConflictError),
    ],
)
def test_what_cannot_be_carried_out_changes_nothing(
    shop: Path, change: Callable[[dict[str, Any]], dict[str, Any]], error: type[Exception]
) -> None:
    before = files(shop)
    plan = document(change(copy.deepcopy(new_file())), new_file(path="y"))
    with pytest.raises(error):
        carry_out(shop, plan)
    assert files(shop) == before
