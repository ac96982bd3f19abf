"""The journal of a commit: what is at stake, and how far it has come, on disk before each step.

The before-images are the files themselves: until a commit is complete it destroys none of them,
it swaps each with a new file that waits beside it. So the journal holds names and hashes only.
"""

from __future__ import annotations

import contextlib
import enum
import errno
import hashlib
import json
import os
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from scaffold.spec.errors import MachineError, RefusedError
from scaffold.tree import Change, Entry
from scaffold.workspace.filesystem import NEITHER, FileSystem
from scaffold.workspace.paths import DRAFT, JOURNAL, check_writable, locate

FOLDER = ".scaffold"
_TOKEN = re.compile(r"[0-9a-f]{16}")


class Phase(enum.Enum):
    """How far a commit has come: the last such word in the journal."""

    PREPARING = "preparing"
    """New files are being written beside the old ones; they may be cut off."""
    SWAPPING = "swapping"
    """All new files are whole and durable, and take their places one by one."""
    COMPLETE = "complete"
    """The new tree stands; what was replaced is being removed."""


@dataclass(frozen=True)
class Step:
    """One path; ``old`` and ``new`` are labels, with modes if those are all that differs."""

    path: str
    old: str | None
    new: str | None
    modes: bool = False

    @classmethod
    def of(cls, change: Change) -> Step:
        old, new = label(change.before), label(change.after)
        if old != new:
            return cls(change.path, old, new)
        return cls(change.path, label(change.before, True), label(change.after, True), True)


@dataclass(frozen=True)
class Journal:
    """A commit as data. ``directories`` are the ones it makes, parents first."""

    token: str
    directories: tuple[str, ...]
    steps: tuple[Step, ...]

    def temporary(self, number: int) -> str:
        """The name beside a step's path for what isn't in place: new before, old after."""
        parent, slash, _ = self.steps[number].path.rpartition("/")
        return f"{parent}{slash}.scaffold-{self.token}-{number}"

    def begin(self, files: FileSystem, root: Path) -> None:
        """Write the journal so that it is there whole or not at all. OSError, RefusedError."""
        made = not files.is_directory(root / FOLDER)
        if made and files.look(root / FOLDER):
            raise RefusedError(
                f"{FOLDER} is not a directory", hint="scaffold keeps its record there."
            )
        if made:
            files.make_directory(root / FOLDER)
        text = json.dumps(asdict(self)) + "\n"
        files.write_new(root / DRAFT, text.encode(), 0o600)
        files.sync(root / DRAFT)
        files.rename(root / DRAFT, root / JOURNAL)
        files.sync(root / FOLDER)
        if made:
            files.sync(root)


def mark(files: FileSystem, root: Path, phase: Phase) -> None:
    """Note durably that ``phase`` has begun. OSError; then either phase may be noted."""
    files.append(root / JOURNAL, f"\n{phase.value}\n".encode())
    files.sync(root / JOURNAL)


def load(files: FileSystem, root: Path) -> tuple[Journal, Phase] | None:
    """The journal that an unfinished commit left, None when there is none.

    MachineError for one that can't be read; RefusedError for one that names a path which no
    commit touches, or is another user's: it may be a trap. OSError.
    """
    entry = files.look(root / JOURNAL) if files.is_directory(root / FOLDER) else None
    if entry is None:
        return None
    hint = f"Compare the project with version control, then delete {JOURNAL}."
    try:
        ours = files.is_ours(root / JOURNAL)
    except FileNotFoundError:
        return None  # its commit has ended since
    if not ours:
        raise RefusedError(f"{JOURNAL} was left by another user", hint=hint)
    try:
        first, *words = entry.content.decode().split("\n")
        journal = _parse(json.loads(first))
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise MachineError(f"{JOURNAL} is not a journal that can be read", hint=hint) from error
    for path in (*journal.directories, *(step.path for step in journal.steps)):
        if locate(files, root, check_writable(path)) != path:
            raise RefusedError(f"{JOURNAL} names {path}, which is behind a symlink", hint=hint)
    known = {phase.value: phase for phase in Phase}
    return journal, next((known[w] for w in reversed(words) if w in known), Phase.PREPARING)


def clear(files: FileSystem, root: Path) -> None:
    """Remove the journal, its draft, and their directory when nothing else is in it. OSError."""
    if not files.is_directory(root / FOLDER):
        return
    for path in (JOURNAL, DRAFT):
        with contextlib.suppress(FileNotFoundError):
            files.remove(root / path)
    remove_if_empty(files, root / FOLDER)


def remove_if_empty(files: FileSystem, directory: Path) -> bool:
    """Whether ``directory`` is gone: rmdir, unless something is in it. OSError."""
    try:
        files.remove_directory(directory)
    except FileNotFoundError:
        return True
    except OSError as error:
        # Where the directory above is read-only, the system says so before it looks inside.
        full = (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR)
        if error.errno not in full and not files.names(directory):
            raise
        return False
    return True


def label(entry: Entry | None, mode: bool = False) -> str | None:
    """What a file or symlink is, in short; None for none."""
    if entry is None or entry is NEITHER:
        return None if entry is None else "other"
    if entry.link is not None:
        return "link:" + hashlib.sha256(os.fsencode(entry.link)).hexdigest()
    prefix = f"file:{entry.mode:o}:" if mode else "file:"
    return prefix + hashlib.sha256(entry.content).hexdigest()


def _parse(data: dict[str, Any]) -> Journal:
    steps = tuple(Step(**step) for step in data["steps"])
    journal = Journal(data["token"], tuple(data["directories"]), steps)
    texts = (*journal.directories, *(step.path for step in steps))
    if not _TOKEN.fullmatch(journal.token) or not all(isinstance(t, str) for t in texts):
        raise ValueError
    return journal
