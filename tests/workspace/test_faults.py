"""Guarantee 5: a failure or a kill at every single call leaves the old tree or the new one."""

from __future__ import annotations

import contextlib
import errno
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from scaffold.spec.errors import ConflictError, MachineError
from scaffold.tree import Change, Entry
from scaffold.workspace.commit import commit
from scaffold.workspace.filesystem import FileSystem
from scaffold.workspace.recovery import open_tree, pending, recover

from .faults import (
    CHANGES,
    FEW,
    OLD,
    FaultyDisk,
    Killed,
    Picture,
    fail_at,
    kill_at,
    make,
    picture,
    read_only,
)

EDIT = b"an edit by somebody else\n"
Before = Callable[[int, str, tuple[Any, ...]], None]


class Scenario:
    """The same commit again and again, each time in a fresh directory."""

    def __init__(self, base: Path, can: str, changes: Sequence[Change]) -> None:
        self.base, self.can, self.changes, self.number = base, can, changes, 0
        touched = {c.path for c in changes} | {"bystander.txt", "legacy/deep/only.py"}
        everything = len(changes) == len(CHANGES)
        self.entries = {p: e for p, e in OLD.items() if everything or p in touched}
        root, disk = self.fresh(), self.disk()
        self.old = picture(root)
        commit(root, changes, files=disk)
        self.new, self.names, self.calls = picture(root), disk.calls, len(disk.calls)

    def fresh(self) -> Path:
        shutil.rmtree(self.base / str(self.number), ignore_errors=True)
        self.number += 1
        root = self.base / str(self.number)
        make(root, self.entries)
        return root

    def disk(self, before: Before = lambda *_: None) -> FaultyDisk:
        return FaultyDisk(before, can=self.can)

    def killed(self, number: int, *, torn: bool = False) -> Path:
        root = self.fresh()
        with pytest.raises(Killed):
            commit(root, self.changes, files=self.disk(kill_at(number, torn=torn)))
        return root


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Path]:
    """A directory for thousands of trees: in memory where the system has such a place."""
    shared = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shared if shared.is_dir() else tmp_path) as directory:
        yield Path(directory)


@pytest.fixture(params=["renameat2", "link", ""])
def scenario(memory: Path, request: pytest.FixtureRequest) -> Scenario:
    return Scenario(memory, request.param, CHANGES)


@pytest.fixture(params=["renameat2", "link"])
def small(memory: Path, request: pytest.FixtureRequest) -> Scenario:
    """Without a way to rename that never overwrites, the promises made with it don't hold."""
    return Scenario(memory, request.param, FEW)


def seen(root: Path) -> Picture:
    """What a dry run sees of ``root``: files and symlinks."""
    tree = open_tree(root, files=FaultyDisk(read_only))
    found: Picture = {}
    for path in tree.walk():
        entry = tree.get(path)
        assert entry is not None
        link = entry.link
        found[path] = ("link", 0, link.encode()) if link else ("file", entry.mode, entry.content)
    return found


def files_of(tree: Picture) -> Picture:
    return {path: value for path, value in tree.items() if value[0] != "directory"}


def recover_for_good(root: Path, files: FileSystem) -> int:
    """How often a conflict was named before the project works again: once at most."""
    with contextlib.suppress(ConflictError):
        recover(root, files=files)
        return 0
    assert not recover(root, files=FaultyDisk(read_only))
    return 1


def test_the_scenario_is_what_it_says(scenario: Scenario) -> None:
    paths = scenario.old.keys() | scenario.new.keys()
    changed = {path for path in paths if scenario.old.get(path) != scenario.new.get(path)}
    assert {"app/main.py", "app/mode.py", "shared/real.py", "legacy", "legacy/deep"} <= changed
    assert not {"legacy_kept", "app/through.py", "bystander.txt"} & changed
    assert scenario.new["bin/serve"][1] == 0o755 and scenario.new[".env"][1] == 0o600
    assert scenario.calls > 100


@pytest.mark.slow
def test_killed_at_every_call(scenario: Scenario) -> None:
    results = []
    writes = [n for n, name in enumerate(scenario.names, 1) if name in ("write_new", "append")]
    kills = [(n, False) for n in range(1, scenario.calls + 1)] + [(n, True) for n in writes]
    for number, torn in sorted(kills):
        root = scenario.killed(number, torn=torn)
        shown = seen(root)
        unfinished = picture(root) not in (scenario.old, scenario.new)
        assert recover(root, files=scenario.disk()) or not unfinished
        after = picture(root)
        assert after in (scenario.old, scenario.new), number
        assert shown == files_of(after), number
        assert not recover(root, files=FaultyDisk(read_only))
        results.append(after == scenario.new)
    assert results == sorted(results)  # old up to one call, new from there on
    assert any(results) and not all(results)


@pytest.mark.slow
def test_recovery_killed_again_and_again(small: Scenario) -> None:
    for number in range(1, small.calls + 1):
        root = small.killed(number, torn=True)
        expected = seen(root)
        for again in range(1, 1000):
            try:
                recover(root, files=small.disk(kill_at(again)))
                break
            except Killed:
                assert seen(root) == expected, (number, again)
        assert picture(root) in (small.old, small.new), number
        assert files_of(picture(root)) == expected


@pytest.mark.slow
def test_recovery_killed_once_at_every_call(small: Scenario) -> None:
    """Unlike above each kill meets the same state, not one that earlier attempts moved on."""
    for number in range(1, small.calls + 1):
        again, killed = 0, True
        while killed:
            again += 1
            root = small.killed(number)
            try:
                recover(root, files=small.disk(kill_at(again)))
                killed = False
            except Killed:
                recover(root, files=small.disk())
            assert picture(root) in (small.old, small.new), (number, again)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES])
def test_failing_at_every_call(scenario: Scenario, code: int) -> None:
    for number in range(1, scenario.calls + 1):
        root = scenario.fresh()
        try:
            commit(root, CHANGES, files=scenario.disk(fail_at(number, code)))
        except MachineError as failure:
            assert "\n" not in failure.message and ".scaffold-" not in failure.message
            if complete := "complete" in (failure.hint or ""):
                recover(root)
            assert picture(root) == (scenario.new if complete else scenario.old), number
        else:
            # That a directory with files in it isn't removed is no failure, whatever the reason.
            assert scenario.names[number - 1] == "remove_directory", number
            assert picture(root) == scenario.new, number


def test_failing_for_good_from_every_call_on(scenario: Scenario) -> None:
    unfinished = 0
    for number in range(1, scenario.calls + 1):
        root = scenario.fresh()
        try:
            commit(root, CHANGES, files=scenario.disk(fail_at(number, errno.EIO, after=True)))
        except MachineError as failure:
            unfinished += "next scaffold command" in (failure.hint or "")
        recover(root, files=scenario.disk())
        assert picture(root) in (scenario.old, scenario.new), number
    assert unfinished


@pytest.mark.parametrize("noted", [False, True])
def test_failing_on_the_last_note_and_then_killed(small: Scenario, noted: bool) -> None:
    """The disk can't say whether "complete" is in the journal; a kill on the way back is next."""
    at = small.calls - small.names[::-1].index("append") + noted
    assert small.names[at - 1] == ("sync" if noted else "append")
    outcomes = set()
    for later in range(1, 60):
        root = small.fresh()
        fail, kill = fail_at(at, errno.EIO), kill_at(at + later)

        def before(count: int, name: str, arguments: tuple[Any, ...]) -> None:
            fail(count, name, arguments)  # noqa: B023 - used within this round only
            kill(count, name, arguments)  # noqa: B023

        with contextlib.suppress(Killed, MachineError):
            commit(root, FEW, files=small.disk(before))
        recover(root, files=small.disk())
        assert picture(root) in (small.old, small.new), later
        outcomes.add(picture(root) == small.new)
    assert False in outcomes


def test_recovery_on_a_failing_disk(small: Scenario) -> None:
    root, number = small.killed(small.calls // 2), 1
    while True:
        try:
            recover(root, files=small.disk(fail_at(number, errno.EIO)))
            break
        except MachineError as failure:
            assert "\n" not in failure.message
            number += 1
    assert picture(root) == small.old and number > 3


def _replace(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    other = path.with_name("other.tmp")
    other.write_bytes(EDIT)
    other.replace(path)


def _rewrite(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(EDIT)


def editing(at: int, edit: Callable[[Path], None], path: Path) -> Before:
    def before(count: int, _name: str, _arguments: tuple[Any, ...]) -> None:
        if count == at:
            edit(path)

    return before


def survives(root: Path) -> bool:
    return any(content == EDIT for _, _, content in picture(root).values())


EDITED = ["app/main.py", "app/mode.py", "app/gone.py", "app/models/deep/orders.py"]


@pytest.mark.parametrize("edit", [_replace, _rewrite])
@pytest.mark.parametrize("path", EDITED)
def test_an_edit_at_every_call_is_never_lost(
    small: Scenario, edit: Callable[[Path], None], path: str
) -> None:
    outcomes = set()
    for number in range(1, small.calls + 1):
        root = small.fresh()
        try:
            commit(root, FEW, files=small.disk(editing(number, edit, root / path)))
            outcomes.add("committed")
        except ConflictError:
            outcomes.add("conflict")
        except MachineError:
            assert path.startswith("app/models")  # somebody made the directory just before us
        assert (root / path).read_bytes() == EDIT, number
        assert not recover(root, files=FaultyDisk(read_only))
        rest = {p: v for p, v in picture(root).items() if p != path and v[2] != EDIT}
        if "legacy" not in path:
            old = {p: v for p, v in small.old.items() if p != path}
            new = {p: v for p, v in small.new.items() if p != path}
            kept = {p for p in rest if p.endswith(".scaffold-kept")}
            made = {"app/models", "app/models/deep"} - old.keys()
            assert {p: v for p, v in rest.items() if p not in kept | made} in (
                {p: v for p, v in old.items() if p not in made},
                {p: v for p, v in new.items() if p not in made},
            ), number
    assert outcomes == {"committed", "conflict"}


@pytest.mark.slow
@pytest.mark.parametrize("path", EDITED)
def test_an_edit_and_a_kill_soon_after(small: Scenario, path: str) -> None:
    for number in range(1, small.calls + 1):
        for later in (0, 1, 2, 3, 5, 8, 13, 21):
            root = small.fresh()
            edit, kill = editing(number, _replace, root / path), kill_at(number + later)

            def before(count: int, name: str, arguments: tuple[Any, ...]) -> None:
                edit(count, name, arguments)  # noqa: B023 - used within this round only
                kill(count, name, arguments)  # noqa: B023

            with contextlib.suppress(Killed, ConflictError, MachineError):
                commit(root, FEW, files=small.disk(before))
            recover_for_good(root, small.disk())
            assert survives(root), (number, later)


@pytest.mark.slow
@pytest.mark.parametrize("path", EDITED[:3])
def test_an_edit_at_every_call_of_the_recovery(small: Scenario, path: str) -> None:
    for number in range(small.calls // 3, small.calls + 1, 3):
        for again in range(1, 60):
            root = small.killed(number)
            disk = small.disk(editing(again, _replace, root / path))
            with contextlib.suppress(ConflictError):
                recover(root, files=disk)
            if len(disk.calls) < again:
                break
            recover_for_good(root, small.disk())
            assert survives(root), (number, again)


@pytest.mark.parametrize("path", EDITED)
def test_an_edit_after_the_crash_is_kept_and_named_once(small: Scenario, path: str) -> None:
    named = 0
    for number in range(1, small.calls + 1):
        root = small.killed(number, torn=True)
        was_swapped = picture(root).get(path) != small.old.get(path)
        _replace(root / path)
        conflict = recover_for_good(root, small.disk())
        named += conflict
        after = picture(root)
        assert after.pop(path)[2] == EDIT, number
        kept = after.pop(path + ".scaffold-kept", None)
        for directory in ("app/models", "app/models/deep"):
            after.pop(directory, None)
        if conflict and was_swapped and path in OLD:
            assert kept == small.old[path], number
        untouched = [{p: v for p, v in t.items() if p != path} for t in (small.old, small.new)]
        for tree in untouched:
            tree.pop("app/models", None), tree.pop("app/models/deep", None)
        assert after in untouched, number
    assert named


NEW_PROJECT = [
    Change("pyproject.toml", None, Entry(b"[project]\n")),
    Change("app/main.py", None, Entry(b"app = 1\n")),
    Change("app/routers/__init__.py", None, Entry(b"")),
    Change("run", None, Entry(b"#!/bin/sh\n", 0o755)),
    Change("latest", None, Entry(b"", link="run")),
]


def new_project(parent: Path, below: str, before: Before = lambda *_: None) -> FaultyDisk:
    parent.mkdir()
    disk = FaultyDisk(before)
    commit(parent / below, NEW_PROJECT, files=disk)
    return disk


@pytest.mark.parametrize("below", ["shop", "a/b/shop"])
def test_a_new_project_is_there_whole_or_not_at_all(tmp_path: Path, below: str) -> None:
    calls = len(new_project(tmp_path / "model", below).calls)
    model = picture(tmp_path / "model")
    assert model[f"{below}/run"] == ("file", 0o755, b"#!/bin/sh\n")
    whole = {path.removeprefix(below + "/"): value for path, value in files_of(model).items()}
    for number in range(1, calls + 1):
        for torn in (False, True):
            parent = tmp_path / f"{number}{torn}"
            with pytest.raises(Killed):
                new_project(parent, below, kill_at(number, torn=torn))
            assert pending(parent) == ([parent] if any(parent.glob(".scaffold-*")) else [])
            assert seen(parent / below) in ({}, whole)
            recover(parent / below)
            assert picture(parent) in ({}, model), number
            assert not pending(parent)


@pytest.mark.parametrize("below", ["shop", "a/b/shop"])
def test_a_new_project_on_a_failing_disk(tmp_path: Path, below: str) -> None:
    calls = len(new_project(tmp_path / "model", below).calls)
    model = picture(tmp_path / "model")
    for number in range(1, calls + 1):
        parent = tmp_path / str(number)
        with pytest.raises(MachineError) as failure:
            new_project(parent, below, fail_at(number, errno.ENOSPC))
        assert "\n" not in failure.value.message and ".scaffold-" not in failure.value.message
        complete = "complete" in (failure.value.hint or "")
        assert picture(parent) == (model if complete else {}), number


def test_the_real_disk_makes_the_same_tree(tmp_path: Path) -> None:
    for name in ("one", "two", "three"):
        make(tmp_path / name, OLD)
    commit(tmp_path / "one", CHANGES)
    commit(tmp_path / "two", CHANGES, files=FaultyDisk(can="link"))
    commit(tmp_path / "three", CHANGES, files=FaultyDisk(can=""))
    assert picture(tmp_path / "one") == picture(tmp_path / "two") == picture(tmp_path / "three")
