"""Whole commands in processes of their own: forked, so that a start costs next to nothing."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from scaffold.__main__ import main
from scaffold.tree import Change, Entry
from scaffold.workspace import filesystem

from .faults import Picture, picture


def nothing() -> None:
    """What is done before most commands."""


def without_renameat2() -> None:
    """As on macOS and some shares: names are swapped in three steps."""
    filesystem._renameat2 = lambda: lambda *_: errno.ENOSYS


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code (negative: the signal) and what it printed."""

    code: int
    out: str
    err: str


class Command:
    """``scaffold …`` running in ``folder``; what it prints goes to files in ``scratch``."""

    def __init__(
        self,
        folder: Path,
        scratch: Path,
        *arguments: str,
        setup: Callable[[], None] = nothing,
    ) -> None:
        self.out, self.err = scratch / "out", scratch / "err"
        # Ctrl-C is for the command: while this class gets it going, it has to wait.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        self.pid = os.fork()
        if self.pid == 0:
            self._run(folder, arguments, setup)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})

    def _run(self, folder: Path, arguments: tuple[str, ...], setup: Callable[[], None]) -> None:
        code = 70  # what no command ends with
        try:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            signal.signal(signal.SIGHUP, signal.SIG_DFL)
            os.chdir(folder)
            for number, path in ((1, self.out), (2, self.err)):
                os.dup2(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC), number)
            sys.stdout, sys.stderr = open(1, "w"), open(2, "w")  # noqa: SIM115
            sys.argv = ["scaffold", *arguments]
            setup()
            code = self._interruptible()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    @staticmethod
    def _interruptible() -> int:
        try:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        except KeyboardInterrupt:
            return 130  # before it had begun
        try:
            main()
        except SystemExit as ending:
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            return ending.code if isinstance(ending.code, int) else 0
        return 0

    def send(self, number: int) -> None:
        os.kill(self.pid, number)

    def wait(self) -> Ended:
        _, status = os.waitpid(self.pid, 0)
        return Ended(os.waitstatus_to_exitcode(status), self.out.read_text(), self.err.read_text())


@dataclass(frozen=True)
class Scene:
    """A command, the folder before it, and what the folder looks like before and after."""

    arguments: tuple[str, ...]
    below: str
    template: Path
    scratch: Path
    old: Picture
    new: Picture
    seconds: float

    def fresh(self, place: Path) -> Path:
        """A copy of the folder as it was before the command."""
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(self.template, place, symlinks=True)
        return place

    @property
    def changes(self) -> list[Change]:
        """The plan of the command, read off what it did."""
        paths = sorted(self.old.keys() | self.new.keys())
        entries = [(p, self._entry(self.old, p), self._entry(self.new, p)) for p in paths]
        return [Change(p.removeprefix("shop/"), a, b) for p, a, b in entries if a != b]

    def _entry(self, seen: Picture, path: str) -> Entry | None:
        kind, mode, content = seen.get(path, ("directory", 0, b""))
        return Entry(content, mode) if kind == "file" else None

    def start(self, place: Path, setup: Callable[[], None] = nothing) -> Command:
        return Command(place / self.below, self.scratch, *self.arguments, setup=setup)

    def committing(self, place: Path) -> bool:
        """Whether the command has begun to write."""
        root = place / self.below
        return (root / ".scaffold/journal").exists() or any(root.glob(".scaffold-*"))


NEW = ("new", "shop", "--no-git")
PEOPLE = ("add", "resource", "people", "name:str", "mail:email")
ORDERS = ("add", "resource", "orders", "total:decimal", "note:text:optional")
FIELD = ("add", "field", "people", "vat:int:default=0", "code:str:optional:unique")
REMOVE = ("remove", "resource", "people")
# The command, and those that lead up to it; ``new`` runs beside the project, all others in it.
SCENES: dict[str, tuple[tuple[str, ...], ...]] = {
    "new": (NEW,),
    "add": (NEW, PEOPLE, ORDERS),
    "field": (NEW, PEOPLE, FIELD),
    "undo": (NEW, PEOPLE, ORDERS, ("undo",)),
    "remove": (NEW, PEOPLE, ORDERS, REMOVE),
}


def scaffold(folder: Path, scratch: Path, *arguments: str) -> Ended:
    """Runs a command to its end."""
    return Command(folder, scratch, *arguments).wait()


class Scenes:
    """The scenes, each stretch of commands that several begin with played once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.scratch = folder / "scratch"
        self.scratch.mkdir()
        self.played: dict[tuple[tuple[str, ...], ...], tuple[Path, float]] = {}
        (folder / "empty").mkdir()
        self.played[()] = folder / "empty", 0

    def __getitem__(self, name: str) -> Scene:
        commands = SCENES[name]
        template, _ = self.play(commands[:-1])
        done, seconds = self.play(commands)
        below = "shop" if commands[:-1] else ""
        old, new = picture(template), picture(done)
        return Scene(commands[-1], below, template, self.scratch, old, new, seconds)

    def play(self, commands: tuple[tuple[str, ...], ...]) -> tuple[Path, float]:
        """The folder that these commands leave, and the seconds that the last one took."""
        if commands not in self.played:
            before, _ = self.play(commands[:-1])
            after = self.folder / f"played{len(self.played)}"
            shutil.copytree(before, after, symlinks=True)
            begun = time.monotonic()
            ended = scaffold(after / ("shop" if commands[:-1] else ""), self.scratch, *commands[-1])
            assert ended.code == 0, ended
            self.played[commands] = after, time.monotonic() - begun
        return self.played[commands]
