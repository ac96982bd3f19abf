"""Reading a directory: lazily, once, and never outside the root."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from scaffold.spec.errors import MachineError, RefusedError
from scaffold.tree import Entry, Source
from scaffold.workspace import DiskSource

from .faults import OLD, FaultyDisk, fail_at, make

OUTSIDE = ["../secret", "/etc/passwd", "a/../../secret", "", ".", "a//b", "a/", "a\0b", "\ud800"]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    make(root, OLD)
    (tmp_path / "secret").write_text("not for scaffold")
    return root


def test_it_is_a_source(root: Path) -> None:
    source: Source = DiskSource(root)
    assert source.get("app/run.py") == Entry(b"#!/usr/bin/env python\n", 0o755)
    assert source.get("app/through.py") == Entry(b"", link="../shared/real.py")
    assert source.get("app") is None and source.get("missing/file") is None
    assert source.get("app/main.py/below") is None
    assert source.is_directory("") and source.is_directory("app")
    assert not source.is_directory("app/main.py") and not source.is_directory("missing")
    assert list(source.walk()) == sorted(OLD)
    assert list(source.walk("app/")) == sorted(p for p in OLD if p.startswith("app/"))
    assert list(source.walk("app/main.py")) == list(source.walk("missing")) == []


def test_a_root_that_is_not_there_is_empty(tmp_path: Path) -> None:
    source = DiskSource(tmp_path / "missing")
    assert not source.is_directory("") and not list(source.walk()) and source.get("a") is None


def test_what_was_read_stays_as_it_was(root: Path) -> None:
    source = DiskSource(root)
    assert source.get("missing") is None
    before = source.get("app/main.py")
    for name in ("missing", "app/main.py"):
        (root / name).write_text("later")
    assert source.get("app/main.py") is before and source.get("missing") is None


def test_only_what_is_asked_for_is_read(root: Path) -> None:
    disk = FaultyDisk()
    source = DiskSource(root, disk)
    list(source.walk())
    list(source.walk())
    assert "look" not in disk.calls
    listed = disk.calls.count("names")
    source.get("app/main.py"), source.get("app/main.py"), source.get("app/run.py")
    assert disk.calls.count("look") == 2 and disk.calls.count("names") == listed
    assert disk.calls.count("resolve") == 2  # the root and app/, not one a file


@pytest.mark.parametrize("path", OUTSIDE)
def test_paths_that_lead_out_are_refused(root: Path, path: str) -> None:
    source = DiskSource(root)
    with pytest.raises(RefusedError):
        source.get(path)
    if path:
        with pytest.raises(RefusedError):
            source.is_directory(path)


def test_symlinked_directories(root: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "x.py").write_text("secret")
    (root / "out").symlink_to("../elsewhere")
    (root / "in").symlink_to("app")
    (root / "round").symlink_to("round")
    source = DiskSource(root)
    with pytest.raises(RefusedError, match=r"out/x\.py leads out of the project"):
        source.get("out/x.py")
    with pytest.raises(RefusedError):
        source.is_directory("out/x")
    assert source.get("out") == Entry(b"", link="../elsewhere")
    assert source.get("in/main.py") == source.get("app/main.py")
    assert not source.is_directory("in")
    assert source.get("round") == Entry(b"", link="round")
    assert not [path for path in source.walk() if path.startswith(("out/", "in/", "round/"))]
    with pytest.raises(MachineError, match="round/x"):
        source.get("round/x")


def test_a_root_behind_a_symlink(root: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("project")
    assert list(DiskSource(tmp_path / "link").walk()) == sorted(OLD)


PRUNED = [
    *(".git/config", ".venv/lib/x.py", "node_modules/a/b.js", "app/__pycache__/x.pyc"),
    *(
        "env/pyvenv.cfg",
        "env/lib/python3.13/site-packages/x.py",
        "cache/CACHEDIR.TAG",
        "cache/x.py",
    ),
    *("build/lib/app/main.py", "dist/app.py", "web/dist/index.js", "conda/conda-meta/x"),
]
KEPT = ["build/lib.txt", "web/package.json", "pkg/build/__init__.py", "pkg/build/x.py", "env2/a.py"]


def test_directories_without_code_are_pruned(tmp_path: Path) -> None:
    make(tmp_path, {path: Entry(b"") for path in (*PRUNED, "pyproject.toml", *KEPT[1:])})
    make(tmp_path, {"plain/build/x.py": Entry(b""), "pkg/setup.py": Entry(b"")})
    walked = list(DiskSource(tmp_path).walk())
    assert walked == sorted([*KEPT[1:], "pkg/setup.py", "plain/build/x.py", "pyproject.toml"])
    assert DiskSource(tmp_path).get(".git/config") == Entry(b"")  # asked for by name


def test_names_that_cannot_be_printed_are_left_out(tmp_path: Path) -> None:
    for name in (b"caf\xe9.py", b"two\nlines.py", "café.py".encode(), "全角　x.py".encode()):
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).touch()
    assert list(DiskSource(tmp_path).walk()) == ["café.py", "全角　x.py"]


def test_pipes_and_other_things_are_no_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert DiskSource(tmp_path).get("pipe") is None


@pytest.mark.parametrize("method", ["get", "is_directory"])
def test_what_may_not_be_read_is_one_line(root: Path, method: str) -> None:
    source = DiskSource(root, FaultyDisk(fail_at(3, 13)))
    with pytest.raises(MachineError) as failure:
        getattr(source, method)("app/main.py")
    assert failure.value.message == "cannot read app/main.py: Permission denied"


def test_a_directory_that_may_not_be_listed_is_left_out(root: Path) -> None:
    def before(_count: int, name: str, arguments: tuple[Path, ...]) -> None:
        if name == "names" and arguments[0].name == "legacy":
            raise PermissionError(13, "Permission denied", str(arguments[0]))

    walked = list(DiskSource(root, FaultyDisk(before)).walk())
    assert "app/main.py" in walked and "legacy/deep/only.py" not in walked
    with pytest.raises(MachineError, match="cannot list app: Input/output error"):
        list(DiskSource(root, FaultyDisk(fail_at(3, 5))).walk("app"))
