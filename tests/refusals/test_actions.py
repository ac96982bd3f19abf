"""Refusals of single actions, which generators of others yield as well."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from scaffold.actions import AddSetting, MoveFile, PatchFile
from scaffold.aspects import Around
from scaffold.generators.cache import CACHED
from scaffold.generators.resource_view.changes import unsafe
from scaffold.generators.resource_view.seams import weave
from scaffold.record import Record
from scaffold.spec.known import Resources
from scaffold.spec.resource import make_resource
from tests.generators.made import shop
from tests.refusals.machine import actions, command, paste, write
from tests.refusals.patches import ROUTER

APP = "from fastapi import FastAPI\n\napp = FastAPI()\n"


@pytest.mark.parametrize(("there", "reason"), [(False, "doesn't exist"), (True, "is a symlink")])
def test_a_file_to_patch(there: bool, reason: str, tmp_path: Path) -> None:
    if there:
        (tmp_path / "main.py").symlink_to("other.py")
    patch = PatchFile("main.py", "include_router", ROUTER)
    refused = actions(tmp_path, patch)
    assert (refused.code, [one["path"] for one in refused.reasons]) == (3, ["main.py"])
    assert refused.reasons[0]["reason"] == f"the file to patch {reason}"
    (tmp_path / "main.py").unlink(missing_ok=True)
    write(tmp_path, {"main.py": APP})
    assert actions(tmp_path, patch).code == 0


def test_a_file_to_move(tmp_path: Path) -> None:
    move = MoveFile("a.txt", "b.txt")
    refused = actions(tmp_path, move)
    assert [one["reason"] for one in refused.reasons] == ["the file to move doesn't exist"]
    write(tmp_path, {"a.txt": "a", "b.txt": "b"})
    refused = actions(tmp_path, move)
    assert [(r["reason"], r["path"]) for r in refused.reasons] == [
        ("the file is in the way", "b.txt")
    ]
    (tmp_path / "b.txt").unlink()
    assert actions(tmp_path, move).code == 0
    assert (tmp_path / "b.txt").read_text() == "a"


def test_several_settings_classes_are_told_apart_by_what_is_stated(tmp_path: Path) -> None:
    classes = (
        "from pydantic_settings import BaseSettings\n\n\nclass {0}(BaseSettings):\n    a: int\n"
    )
    write(
        tmp_path, {"main.py": APP, "one.py": classes.format("One"), "two.py": classes.format("Two")}
    )
    setting = AddSetting("size", "int", "3")
    refused = actions(tmp_path, setting)
    assert refused.code == 3
    assert "there is no single subclass of BaseSettings" in refused.told
    assert "in [tool.scaffold]" in refused.told
    write(tmp_path, {"pyproject.toml": '[tool.scaffold]\nsettings = "one.py:One"\n'})
    assert actions(tmp_path, setting).code == 0
    assert (tmp_path / "one.py").read_text().endswith("    a: int\n    size: int = 3\n")


def test_a_patch_that_is_not_proven(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"main.py": APP})
    monkeypatch.setattr("scaffold.codemods.router.prove", lambda *_, **__: "it is not alive")
    patch = PatchFile("main.py", "include_router", ROUTER)
    refused = actions(tmp_path, patch)
    assert refused.code == 3
    assert "the patch could not be proven: it is not alive" in refused.told
    assert paste(tmp_path, refused.reasons) == 1
    assert actions(tmp_path, patch).code == 0


def test_a_run_that_others_rest_on_goes_after_them(tmp_path: Path) -> None:
    tree = shop()
    write(tmp_path, {path: tree.read(path) or b"" for path in tree.walk()})
    (first,) = command(tmp_path, "add", "resource", "orders", "n:int").data["runs"]
    (second,) = command(tmp_path, "add", "field", "orders", "m:int:optional").data["runs"]
    refused = command(tmp_path, "undo", first)
    assert refused.code == 3
    assert f"run {second} (field orders) rests on it" in refused.told
    assert "take the later work back first" in refused.told
    assert command(tmp_path, "undo", second).code == 0
    assert command(tmp_path, "undo", first).code == 0


def test_what_a_table_with_rows_cannot_become() -> None:
    before = make_resource("orders", ("n:int",))
    after = replace(before, timestamps=False)
    (refused,) = unsafe(before, after)
    assert refused.reason == "orders: a timestamps can't change once there are rows"
    (refused,) = unsafe(before, make_resource("orders", ("n:str",)))
    assert "would change with its values in it: add a field of another name" in refused.reason


def test_aspects_that_nothing_brings() -> None:
    around = Around("app", Resources({}), Record())
    orders = make_resource("orders", ("n:int",))
    _, refusals = weave(replace(orders, aspects={"ghost": {}}), {}, around)
    assert [one.reason for one in refusals] == ["no installed package brings the aspect 'ghost'"]
    _, refusals = weave(replace(orders, aspects={"cached": 1}), {"cached": CACHED}, around)
    assert [one.reason for one in refusals] == ["the record has no options for the aspect 'cached'"]
