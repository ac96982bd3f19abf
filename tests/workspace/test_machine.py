"""Real disks that are full, or may not be written to."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from scaffold.spec.errors import MachineError
from scaffold.tree import Change, Entry
from scaffold.workspace import commit, open_tree, pending

from .disks import fill, mount, small_disk_at
from .faults import OLD, make, picture


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 256 KiB with a project on it."""
    with small_disk_at(tmp_path, "256k"):
        make(tmp_path / "project", OLD)
        yield tmp_path


@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize("free", [0, 4096, 8192, 16384, 65536])
def test_a_full_disk_changes_nothing(small_disk: Path, there: bool, free: int) -> None:
    root = small_disk / ("project" if there else "fresh")
    fill(small_disk / "ballast", free)
    before = picture(small_disk)
    changes = [Change(f"new/f{n}.py", None, Entry(bytes(4000))) for n in range(40)]
    if there:
        changes.append(Change("app/main.py", OLD["app/main.py"], Entry(bytes(9000))))
    with pytest.raises(MachineError) as failure:
        commit(root, changes)
    assert failure.value.message.endswith(": No space left on device")
    assert picture(small_disk) == before and not pending(small_disk)
    (small_disk / "ballast").unlink()
    commit(root, changes)
    assert open_tree(root).read("new/f39.py") == bytes(4000)


def test_a_disk_that_is_read_only(small_disk: Path) -> None:
    before = picture(small_disk)
    assert mount("-o", "remount,ro", str(small_disk))
    change = [Change("app/main.py", OLD["app/main.py"], Entry(b"new"))]
    for root, changes in ((small_disk / "project", change), (small_disk / "fresh", [])):
        with pytest.raises(MachineError, match=r"Read-only file system$"):
            commit(root, changes or [Change("a", None, Entry(b""))])
    assert open_tree(small_disk / "project").read("app/main.py") == OLD["app/main.py"].content
    assert picture(small_disk) == before


def test_a_file_that_is_a_mount_of_its_own(small_disk: Path) -> None:
    """As containers do with ``-v ./main.py:/app/main.py``: it can't be swapped."""
    root = small_disk / "project"
    target = root / "app/main.py"
    assert mount("--bind", str(root / "bystander.txt"), str(target))
    try:
        seen = Entry(target.read_bytes())
        others = [Change("app/new.py", None, Entry(b"")), Change("app/main.py", seen, Entry(b"x"))]
        before = picture(root)
        with pytest.raises(MachineError, match=r"app/main\.py: Device or resource busy"):
            commit(root, others)
        assert picture(root) == before
    finally:
        subprocess.run(["umount", str(target)], check=True)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere; see the injected EACCES")
def test_a_directory_that_may_not_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    with pytest.raises(MachineError, match="Permission denied"):
        commit(tmp_path, [Change("a", None, Entry(b""))])
    tmp_path.chmod(0o755)
    assert not list(tmp_path.iterdir())
