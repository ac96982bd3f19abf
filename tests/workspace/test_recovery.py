"""What is found after a crash, and what only looks like it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from scaffold.spec.errors import ConflictError, MachineError, RefusedError
from scaffold.tree import Change, Entry
from scaffold.workspace import commit, open_tree, pending, recover
from scaffold.workspace.journal import label

from .faults import CHANGES, OLD, FaultyDisk, Killed, kill_at, make, picture, read_only

TOKEN = "0123456789abcdef"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    make(root, OLD)
    return root


def crash(root: Path, name: str, number: int = 1) -> None:
    """Commit ``CHANGES``, killed at the ``number``-th call of ``name``."""
    seen = 0

    def before(_count: int, called: str, _arguments: object) -> None:
        nonlocal seen
        seen += called == name
        if seen == number:
            raise Killed

    with pytest.raises(Killed):
        commit(root, CHANGES, files=FaultyDisk(before))


def write_journal(root: Path, steps: list[dict[str, Any]], *words: str, **other: Any) -> None:
    data = {"token": TOKEN, "directories": [], "steps": steps, **other}
    (root / ".scaffold").mkdir()
    (root / ".scaffold/journal").write_text("\n".join([json.dumps(data), *words, ""]))


def step(path: str, old: Entry | None, new: Entry | None) -> dict[str, Any]:
    return {"path": path, "old": label(old), "new": label(new), "modes": False}


def test_without_a_crash_nothing_is_locked_or_written(root: Path) -> None:
    disk = FaultyDisk(read_only)
    assert not recover(root, files=disk) and not pending(root)
    assert len(disk.calls) <= 3


def test_the_journal_holds_no_content(root: Path) -> None:
    crash(root, "rename_flags", 5)
    text = (root / ".scaffold/journal").read_text()
    assert "SECRET" not in text and (root / ".scaffold/journal").stat().st_mode & 0o777 == 0o600


def test_a_commit_first_takes_back_what_was_left(root: Path) -> None:
    crash(root, "rename_flags", 5)
    commit(root, CHANGES)
    assert not pending(root) and (root / "app/main.py").read_bytes() == b"app = create_app()\r\n"


def test_a_plan_on_the_recovered_tree_can_be_committed_after_recovery(root: Path) -> None:
    crash(root, "rename_flags", 8)
    tree = open_tree(root)
    changes = [
        Change(c.path, tree.get(c.path), c.after) for c in CHANGES if "through" not in c.path
    ]
    recover(root)
    commit(root, changes)
    assert (root / "bin/serve").exists()


def test_pending_names_the_root_and_the_projects_in_it(tmp_path: Path) -> None:
    for name in ("b", "a", "fine"):
        make(tmp_path / name, OLD)
    crash(tmp_path / "a", "rename_flags", 3)
    crash(tmp_path / "b", "rename")
    assert pending(tmp_path) == [tmp_path / "a", tmp_path / "b"]
    assert pending(tmp_path / "a") == [tmp_path / "a"]
    with pytest.raises(Killed):
        commit(tmp_path / "new", [Change("x", None, Entry(b""))], files=FaultyDisk(kill_at(8)))
    assert pending(tmp_path) == [tmp_path, tmp_path / "a", tmp_path / "b"]
    assert all(recover(place) for place in pending(tmp_path))
    assert pending(tmp_path) == [] and len(list(tmp_path.iterdir())) == 3
    assert pending(tmp_path / "missing") == []


def test_directories_that_only_the_crashed_commit_made_are_not_shown(root: Path) -> None:
    crash(root, "rename_flags", 9)
    assert (root / "app/models/deep").is_dir()
    tree = open_tree(root)
    assert tree.is_directory("app") and not tree.is_directory("app/models")
    assert not tree.exists("app/models") and not tree.exists("bin")
    make(root, {"app/models/mine.py": Entry(b"")})
    assert open_tree(root).is_directory("app/models")
    recover(root)
    assert (root / "app/models/mine.py").exists() and not (root / "app/models/deep").exists()


def test_what_a_user_put_beside_is_never_removed(root: Path) -> None:
    crash(root, "rename_flags", 9)
    mine = {f".scaffold-{TOKEN}-0": Entry(b"1"), "app/.scaffold-note": Entry(b"2")}
    make(root, mine | {"app/models/deep/mine.py": Entry(b"3")})
    recover(root)
    for name, entry in mine.items():
        assert (root / name).read_bytes() == entry.content
    assert (root / "app/models/deep/mine.py").read_bytes() == b"3"


def test_a_before_image_that_somebody_removed_is_named(root: Path) -> None:
    crash(root, "rename_flags", 9)
    for path in root.glob("app/.scaffold-*"):
        path.unlink()
    with pytest.raises(ConflictError, match=r"app/main\.py was changed since, and stays as it is"):
        recover(root)
    assert (root / "app/main.py").read_bytes() == b"app = create_app()\r\n"
    assert not recover(root)


CORRUPT = [
    *(b"", b"{", b"null\n", b"[]\n", b"\xff\xfe\n", b'{"token": 1}\n', b"[" * 100_000),
    b'{"token": "0123456789abcdef", "directories": [], "steps": [1]}\n',
    b'{"token": "../../../../../x", "directories": [], "steps": []}\n',
    b'{"token": "0123456789abcdef", "directories": [7], "steps": []}\n',
    b'{"token": "0123456789abcdef", "directories": null, "steps": []}\n',
]


@pytest.mark.parametrize("content", CORRUPT, ids=range(len(CORRUPT)))
def test_a_corrupt_journal_is_one_line(root: Path, content: bytes) -> None:
    make(root, {".scaffold/journal": Entry(content)})
    before = picture(root)
    for attempt in (recover, open_tree, lambda root: commit(root, CHANGES)):
        with pytest.raises(MachineError) as failure:
            attempt(root)
        assert "\n" not in failure.value.message and "delete .scaffold/journal" in str(
            failure.value.hint
        )
    assert picture(root) == before


@pytest.mark.parametrize("kind", ["link", "directory"])
def test_a_journal_that_is_no_file(root: Path, kind: str) -> None:
    (root / ".scaffold").mkdir()
    if kind == "link":
        (root / ".scaffold/journal").symlink_to("../bystander.txt")
    else:
        (root / ".scaffold/journal").mkdir()
    for attempt in (recover, open_tree):
        with pytest.raises(MachineError):
            attempt(root)
    assert (root / "bystander.txt").read_bytes() == b"not ours\n"


def test_a_draft_is_removed(root: Path) -> None:
    before = picture(root)
    make(root, {".scaffold/journal.new": Entry(b'{"tok')})
    assert "journal.new" not in str(list(open_tree(root).walk()))
    assert recover(root) and picture(root) == before


def test_other_files_in_the_folder_stay(root: Path) -> None:
    make(root, {".scaffold/runs/1.json": Entry(b"{}"), ".scaffold/journal.new": Entry(b"")})
    assert recover(root) and not recover(root)
    assert (root / ".scaffold/runs/1.json").exists()


HOSTILE = [
    *("../victim", "/etc/passwd", "a/../../victim", ".git/hooks/post-checkout", ".venv/x.pth"),
    *("out/victim", ".scaffold/journal", "", "a\0b", "\udfff\ud800"),
]


@pytest.mark.parametrize("path", HOSTILE)
@pytest.mark.parametrize("where", ["steps", "directories"])
def test_a_journal_that_came_with_the_repository(root: Path, path: str, where: str) -> None:
    outside, content = root.parent / "outside", Entry(b"known content")
    make(root.parent, {"victim": content, "outside/victim": content})
    (outside / f".scaffold-{TOKEN}-0").write_bytes(b"planted")
    (root / "out").symlink_to("../outside")
    steps = [step(path, None, content)] if where == "steps" else []
    write_journal(root, steps, "swapping", directories=[path] if where == "directories" else [])
    before = picture(root.parent)
    for attempt in (recover, open_tree, lambda root: commit(root, CHANGES)):
        with pytest.raises(RefusedError):
            attempt(root)
    assert picture(root.parent) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can play two users")
def test_what_another_user_left_is_not_touched(root: Path) -> None:
    write_journal(root, [step("bystander.txt", None, OLD["bystander.txt"])], "swapping")
    make(root, {f".scaffold-{TOKEN}/x": Entry(b"")})
    for path in (root / ".scaffold/journal", root / f".scaffold-{TOKEN}"):
        os.chown(path, 1234, 1234)
    before = picture(root)
    with pytest.raises(RefusedError, match="another user"):
        recover(root)
    assert picture(root) == before


def test_a_stage_is_removed_without_following_links(root: Path) -> None:
    (root / f".scaffold-{TOKEN}").mkdir()
    (root / f".scaffold-{TOKEN}/link").symlink_to("../app")
    make(root, {f".scaffold-{TOKEN}/deep/x": Entry(b"")})
    assert recover(root) and picture(root).keys() >= OLD.keys()
    assert not list(root.glob(".scaffold*"))


def test_edits_beside_a_file_of_that_name(root: Path) -> None:
    """A second conflict doesn't overwrite what the first one kept."""
    make(root, {"app/main.py.scaffold-kept": Entry(b"from last time")})
    crash(root, "rename_flags", 3)
    (root / "app/main.py").write_bytes(b"edited")
    with pytest.raises(ConflictError, match=r"main\.py\.scaffold-kept-2"):
        recover(root)
    kept = [(root / f"app/main.py.scaffold-kept{n}").read_bytes() for n in ("", "-2")]
    assert kept == [b"from last time", OLD["app/main.py"].content]


def test_an_edit_through_an_old_descriptor_is_kept(root: Path) -> None:
    """An editor that opened the file before it was replaced, and saves after."""
    editor = os.open(root / "app/main.py", os.O_WRONLY)
    marks = 0

    def before(_count: int, name: str, _arguments: object) -> None:
        nonlocal marks
        marks += name == "append"
        if marks == 2 and name == "append":
            os.write(editor, b"saved late")
            os.close(editor)

    with pytest.raises(ConflictError, match=r"complete, but .*main\.py\.scaffold-kept"):
        commit(root, CHANGES, files=FaultyDisk(before))
    assert (root / "app/main.py").read_bytes() == b"app = create_app()\r\n"
    assert (root / "app/main.py.scaffold-kept").read_bytes().startswith(b"saved late")
    assert not pending(root)
