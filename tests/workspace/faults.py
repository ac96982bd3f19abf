"""A disk that fails, dies or is written to by somebody else at a chosen call, and trees to see it.

Nothing here is random: the same scenario makes the same calls in the same order.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scaffold.tree import Change, Entry
from scaffold.workspace.filesystem import FileSystem

READING = ("look", "names", "is_directory", "is_ours", "resolve")
WRITING = (
    *("write_new", "append", "symlink", "sync", "rename_flags", "rename"),
    *("link", "remove", "make_directory", "remove_directory"),
)


class Killed(BaseException):
    """The process is gone; whoever goes on is a bug."""


class FaultyDisk(FileSystem):
    """``before(number, name, arguments)`` is called ahead of each primitive, from 1.

    It may raise, and so fail or kill that call. ``can`` is the best way that this file system
    has to rename without overwriting: "renameat2", "link", or neither ("").
    ``sync`` is counted but not done: only a power cut could tell.
    """

    def __init__(
        self,
        before: Callable[[int, str, tuple[Any, ...]], None] = lambda *_: None,
        *,
        can: str = "renameat2",
    ) -> None:
        self.before = before
        self.can = can
        self.calls: list[str] = []
        self.dead = False

    def step(self, name: str, arguments: tuple[Any, ...]) -> None:
        assert not self.dead, f"{name} after the kill"
        self.calls.append(name)
        try:
            self.before(len(self.calls), name, arguments)
        except Killed:
            self.dead = True
            raise


def _primitive(name: str) -> Callable[..., Any]:
    real = getattr(FileSystem, name)

    def call(self: FaultyDisk, *arguments: Any, **named: Any) -> Any:
        self.step(name, arguments)
        if name == "rename_flags" and self.can != "renameat2":
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), str(arguments[0]))
        if name == "link" and not self.can:
            raise PermissionError(errno.EPERM, os.strerror(errno.EPERM), str(arguments[0]))
        return None if name == "sync" else real(self, *arguments, **named)

    return call


for _name in (*READING, *WRITING):
    setattr(FaultyDisk, _name, _primitive(_name))


def kill_at(number: int, *, torn: bool = False) -> Callable[[int, str, tuple[Any, ...]], None]:
    """Die instead of call ``number``; ``torn``: in the middle of it, when it writes."""

    def before(count: int, name: str, arguments: tuple[Any, ...]) -> None:
        if count == number:
            if torn and name in ("write_new", "append"):
                path, content = arguments[:2]
                getattr(FileSystem(), name)(path, content[: len(content) // 2], *arguments[2:3])
            raise Killed

    return before


def fail_at(number: int, code: int, *, after: bool = False) -> Callable[..., None]:
    """Call ``number`` fails with ``code``; with ``after``, so does every later one that writes."""

    def before(count: int, name: str, arguments: tuple[Any, ...]) -> None:
        if count == number or (after and count > number and name in WRITING):
            raise OSError(code, os.strerror(code), str(arguments[0]))

    return before


def read_only(_: int, name: str, arguments: tuple[Any, ...]) -> None:
    """A ``before`` that allows no writing."""
    assert name in READING, f"{name} {arguments}"


Picture = dict[str, tuple[str, int, bytes]]


def picture(root: Path) -> Picture:
    """Everything below ``root``, directories and hidden files too."""
    found: Picture = {}
    for folder, directories, names in os.walk(root):
        for name in (*directories, *names):
            path = Path(folder, name)
            key, mode = path.relative_to(root).as_posix(), path.lstat().st_mode & 0o7777
            if path.is_symlink():
                found[key] = ("link", 0, os.fsencode(path.readlink()))
            elif not path.is_file():
                found[key] = ("directory" if path.is_dir() else "other", 0, b"")
            else:
                found[key] = ("file", mode, path.read_bytes())
    return found


def make(root: Path, entries: dict[str, Entry]) -> None:
    """Write ``entries`` below ``root``."""
    for name, entry in entries.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if entry.link is not None:
            path.symlink_to(entry.link)
        else:
            path.write_bytes(entry.content)
            path.chmod(entry.mode)


OLD = {
    "app/main.py": Entry(b"app = FastAPI()\r\n"),
    "app/run.py": Entry(b"#!/usr/bin/env python\n", 0o755),
    "app/mode.py": Entry(b"same content\n"),
    "app/through.py": Entry(b"", link="../shared/real.py"),
    "shared/real.py": Entry(b"real = 1\n"),
    ".env": Entry(b"SECRET=old\n", 0o600),
    "turned": Entry(b"", link="app/main.py"),
    "unlinked": Entry(b"", link="app/main.py"),
    "app/gone.py": Entry(b"gone\n"),
    "legacy/deep/only.py": Entry(b"alone\n"),
    "legacy_kept/one.py": Entry(b"1\n"),
    "legacy_kept/two.py": Entry(b"2\n"),
    "bystander.txt": Entry(b"not ours\n"),
}

CHANGES = [
    Change("app/main.py", OLD["app/main.py"], Entry(b"app = create_app()\r\n")),
    Change("app/run.py", OLD["app/run.py"], Entry(b"#!/usr/bin/env python3\n", 0o755)),
    Change("app/mode.py", OLD["app/mode.py"], Entry(b"same content\n", 0o755)),
    Change("app/through.py", OLD["shared/real.py"], Entry(b"real = 2\n")),
    Change(".env", OLD[".env"], Entry(b"SECRET=new\n", 0o600)),
    Change("turned", OLD["turned"], Entry(b"", link="app/run.py")),
    Change("unlinked", OLD["unlinked"], None),
    Change("app/gone.py", OLD["app/gone.py"], None),
    Change("legacy/deep/only.py", OLD["legacy/deep/only.py"], None),
    Change("legacy_kept/one.py", OLD["legacy_kept/one.py"], None),
    Change("app/models/deep/orders.py", None, Entry(b"class Order: ...\n")),
    Change("app/models/__init__.py", None, Entry(b"")),
    Change("bin/serve", None, Entry(b"#!/bin/sh\n", 0o755)),
    Change("current", None, Entry(b"", link="app/models/__init__.py")),
    Change(".scaffold/runs/1.json", None, Entry(b"{}\n")),
]

FEW = [CHANGES[0], CHANGES[2], CHANGES[7], CHANGES[10]]
"""One of each kind, for tests whose runs are the square of the calls."""
