"""What a commit writes, keeps and refuses."""

from __future__ import annotations

import errno
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scaffold.spec.errors import ConflictError, MachineError, RefusedError
from scaffold.tree import Change, Entry
from scaffold.workspace import commit, open_tree

from .faults import CHANGES, OLD, FaultyDisk, fail_at, make, picture, read_only

HELLO = Entry(b"hello\n")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    make(root, OLD)
    return root


@pytest.fixture
def umask() -> Iterator[int]:
    former = os.umask(0o027)
    yield 0o027
    os.umask(former)


def create(path: str, entry: Entry = HELLO) -> list[Change]:
    return [Change(path, None, entry)]


def test_nothing_to_do_touches_nothing(root: Path) -> None:
    same = [Change(path, entry, entry) for path, entry in OLD.items()]
    commit(root, same, files=FaultyDisk(read_only))
    commit(root, [], files=FaultyDisk(read_only))


def test_the_plan_is_what_the_tree_shows_afterwards(root: Path) -> None:
    commit(root, CHANGES)
    tree = open_tree(root)
    for change in CHANGES:
        if change.path != "app/through.py":
            assert tree.get(change.path) == change.after
    assert tree.read("shared/real.py") == b"real = 2\n"
    assert tree.get("app/through.py") == OLD["app/through.py"]
    assert tree.read("bystander.txt") == b"not ours\n"


def test_new_files_honour_the_umask_and_others_keep_their_mode(root: Path, umask: int) -> None:
    changes = [
        *(*create("a.txt"), *create("run", Entry(b"", 0o755)), *create("key", Entry(b"", 0o600))),
        Change("app/main.py", OLD["app/main.py"], HELLO),
    ]
    commit(root, changes)
    modes = {name: (root / name).stat().st_mode & 0o777 for name in ("a.txt", "run", "key")}
    assert modes == {"a.txt": 0o640, "run": 0o750, "key": 0o600}
    assert (root / "app/main.py").stat().st_mode & 0o777 == 0o644
    commit(root.parent / "fresh", create("x/run", Entry(b"", 0o755)))
    assert (root.parent / "fresh/x/run").stat().st_mode & 0o777 == 0o750
    assert (root.parent / "fresh/x").stat().st_mode & 0o777 == 0o750


def test_a_secret_is_never_readable_by_others(root: Path) -> None:
    def before(_count: int, _name: str, _arguments: object) -> None:
        for mode, content in ((v[1], v[2]) for v in picture(root).values()):
            assert b"SECRET" not in content or mode == 0o600

    commit(root, CHANGES, files=FaultyDisk(before))
    assert (root / ".env").read_bytes() == b"SECRET=new\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_ownership_is_kept(root: Path) -> None:
    os.chown(root / "app/main.py", 1234, 4321)
    commit(root, [Change("app/main.py", OLD["app/main.py"], HELLO)])
    status = (root / "app/main.py").stat()
    assert (status.st_uid, status.st_gid) == (1234, 4321)


def test_a_path_through_a_symlink_inside_is_followed(root: Path) -> None:
    (root / "linked").symlink_to("app")
    commit(root, [*create("linked/new/x.py"), Change("linked/main.py", OLD["app/main.py"], HELLO)])
    assert (root / "linked").is_symlink()
    assert (root / "app/new/x.py").read_bytes() == b"hello\n"
    assert (root / "app/main.py").read_bytes() == b"hello\n"


def refused(root: Path, changes: list[Change]) -> RefusedError:
    before = picture(root.parent)
    with pytest.raises(RefusedError) as refusal:
        commit(root, changes, files=FaultyDisk(read_only))
    assert picture(root.parent) == before
    return refusal.value


OUTSIDE = ["../x", "/tmp/x", "a/../../x", "", ".", "a//b", "a/", "a\0b", "\ud800", "a\nb"]
NOT_OURS = [".git/hooks/post-checkout", ".GIT/config", "sub/.git/config", ".venv/x.pth"]
JOURNALS = [".scaffold/journal", ".scaffold/Journal.new", "a/.scaffold-0123456789abcdef-1"]


@pytest.mark.parametrize("path", [*OUTSIDE, *NOT_OURS, *JOURNALS])
@pytest.mark.parametrize("there", [True, False])
def test_paths_that_are_not_ours_are_refused(root: Path, path: str, there: bool) -> None:
    refused(root if there else root / "missing", create(path))


def test_symlinks_that_lead_out_are_refused(root: Path) -> None:
    (root.parent / "outside").mkdir()
    (root.parent / "outside/x.py").write_bytes(b"old\n")
    (root / "out").symlink_to("../outside")
    (root / "out.py").symlink_to("../outside/x.py")
    (root / "git").symlink_to(".git")
    refused(root, create("out/new.py"))
    refused(root, [Change("out/x.py", Entry(b"old\n"), HELLO)])
    refused(root, [Change("out.py", Entry(b"old\n"), HELLO)])
    refused(root, create("git/config"))


def test_a_link_is_not_replaced_with_a_file(root: Path) -> None:
    refusal = refused(root, [Change("turned", OLD["turned"], HELLO)])
    assert "symbolic link" in refusal.message and refusal.hint


def test_one_file_under_two_names_is_refused(root: Path) -> None:
    (root / "linked").symlink_to("app")
    changes = [Change(p, OLD["app/main.py"], HELLO) for p in ("app/main.py", "linked/main.py")]
    assert "app/main.py" in refused(root, changes).message


def conflict(root: Path, changes: list[Change], *names: str) -> None:
    before = picture(root)
    with pytest.raises(ConflictError) as failure:
        commit(root, changes)
    assert picture(root) == before
    assert all(name in failure.value.message for name in names), failure.value.message
    assert failure.value.hint


def test_every_moved_base_is_named(root: Path) -> None:
    (root / "app/main.py").write_bytes(b"edited")
    (root / "app/run.py").chmod(0o644)
    (root / "app/gone.py").unlink()
    (root / "bin").mkdir()
    (root / "bin/serve").write_bytes(b"mine")
    (root / "turned").unlink()
    (root / "turned").symlink_to("elsewhere")
    conflict(root, CHANGES, "app/main.py", "app/run.py", "app/gone.py", "bin/serve", "turned")


def test_whatever_is_at_a_new_path_is_a_conflict(root: Path) -> None:
    os.mkfifo(root / "pipe")
    (root / "dangling").symlink_to("nowhere")
    for path in ("app", "pipe", "dangling", "bystander.txt"):
        conflict(root, create(path), path)
    conflict(root, create("bystander.txt/x.py"), "bystander.txt")


def test_a_changed_base_in_a_directory_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(ConflictError, match=r"a\.py"):
        commit(tmp_path / "missing", [Change("a.py", HELLO, None)])
    assert not list(tmp_path.iterdir())


def test_a_scaffold_directory_that_is_a_link_is_refused(root: Path) -> None:
    (root.parent / "trap").mkdir()
    (root / ".scaffold").symlink_to("../trap")
    before = picture(root.parent)
    with pytest.raises(RefusedError, match="not a directory"):
        commit(root, create("new.py"))
    assert picture(root.parent) == before


def test_a_new_root_that_somebody_makes_meanwhile(tmp_path: Path) -> None:
    def before(_count: int, name: str, arguments: tuple[Path, ...]) -> None:
        if name == "rename":
            make(arguments[1], {"theirs": HELLO})

    with pytest.raises(ConflictError):
        commit(tmp_path / "shop", create("a"), files=FaultyDisk(before))
    assert list(picture(tmp_path)) == ["shop", "shop/theirs"]


def test_a_root_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "shop").write_bytes(b"")
    with pytest.raises(MachineError, match="Not a directory"):
        commit(tmp_path / "shop", create("a"))


def test_it_works_in_a_thread_and_in_a_relative_root(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    thread = threading.Thread(target=commit, args=(Path(), create("from_thread")))
    thread.start()
    thread.join()
    commit(Path("sub/../new"), create("x"))
    assert (root / "from_thread").exists() and (root / "new/x").exists()


def test_many_files_under_an_odd_name(tmp_path: Path) -> None:
    root = tmp_path / "öde 'straße'\n"
    root.mkdir()
    long = "n" * 255
    commit(root, [*create(long), *(c for i in range(200) for c in create(f"d{i % 7}/f{i}"))])
    assert len(picture(root)) == 208
    commit(root, [Change(long, HELLO, Entry(b"other"))])
    with pytest.raises(MachineError, match="File name too long"):
        commit(root, create(long + "n"))
    assert len(picture(root)) == 208


def test_a_message_is_one_line_whatever_the_root_is_called(tmp_path: Path) -> None:
    root = tmp_path / "two\nlines"
    root.mkdir()
    with pytest.raises(MachineError) as failure:
        commit(root, create("a"), files=FaultyDisk(fail_at(20, 28)))
    assert "\n" not in failure.value.message and "two\\nlines" in failure.value.message


def test_a_journal_that_somebody_takes_away_meanwhile(root: Path) -> None:
    def before(_count: int, name: str, arguments: tuple[Path, ...]) -> None:
        if name == "append" and b"complete" in bytes(arguments[1]):
            (root / ".scaffold/journal").unlink()

    old = picture(root)
    with pytest.raises(MachineError):
        commit(root, CHANGES, files=FaultyDisk(before))
    assert picture(root) == old


def test_a_share_that_cannot_sync_directories(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fsync(descriptor: int) -> None:
        raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr(os, "fsync", fsync)
    commit(root, create("a"))
    assert (root / "a").read_bytes() == b"hello\n"


def test_windows_is_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scaffold.workspace.lock.POSIX", False)
    with pytest.raises(MachineError, match="Linux and macOS"):
        commit(tmp_path, create("a"))
    assert not list(tmp_path.iterdir())


def test_what_is_written_is_durable_before_anything_rests_on_it(root: Path) -> None:
    """Every file is synced between its last write and its rename, the journal with each word."""
    unsynced: set[Path] = set()

    def before(_: int, name: str, arguments: tuple[Any, ...]) -> None:
        if name in ("write_new", "append"):
            unsynced.add(arguments[0])
        elif name == "sync":
            unsynced.discard(arguments[0])
        elif name in ("rename", "rename_flags", "link"):
            assert not unsynced, (name, unsynced)

    commit(root, CHANGES, files=FaultyDisk(before))
    assert not unsynced


@pytest.mark.skipif(sys.platform != "linux", reason="attributes as Linux has them")
def test_attributes_of_a_file_are_kept(root: Path) -> None:
    path = root / "app/main.py"
    try:
        os.setxattr(path, "user.note", b"mine")
    except OSError as error:
        pytest.skip(f"no attributes here: {error}")
    commit(root, [Change("app/main.py", OLD["app/main.py"], HELLO)])
    assert os.getxattr(path, "user.note") == b"mine"


def test_a_root_that_may_not_be_written_but_all_below_it(root: Path) -> None:
    """Whether a directory is empty, the system then doesn't tell; that isn't our failure."""

    def before(_count: int, name: str, arguments: tuple[object, ...]) -> None:
        if name == "remove_directory" and arguments[0] == root / ".scaffold":
            raise PermissionError(errno.EACCES, "Permission denied", str(arguments[0]))

    make(root, {".scaffold/runs/a.json": HELLO})
    commit(root, [Change("app/main.py", OLD["app/main.py"], HELLO)], files=FaultyDisk(before))
    assert not (root / ".scaffold/journal").exists()
