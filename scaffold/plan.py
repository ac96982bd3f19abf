"""A plan: what a command would change, computed without writing anything."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from enum import StrEnum

from scaffold.actions import Next
from scaffold.spec.errors import Refusal
from scaffold.tree import Change, Entry, Tree


class Status(StrEnum):
    """What happens to one path."""

    CREATED = "created"
    PATCHED = "patched"
    MERGED = "merged"
    MOVED = "moved"
    DELETED = "deleted"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Step:
    """One path of a plan, for people and machines. ``hidden`` content is never shown."""

    path: str
    status: Status
    hidden: bool = False


@dataclass(frozen=True)
class Conflict:
    """Edits made by hand in lines (1-based, inclusive) that the plan would change as well.

    ``way`` says what can be done, ``shown`` are both versions of these places, as git shows them.
    """

    path: str
    reason: str
    way: str
    lines: tuple[tuple[int, int], ...] = ()
    shown: str = ""


@dataclass(frozen=True)
class Plan:
    """The tree before and after, what happens to each path, and why it can't (if it can't).

    ``reshaped`` are paths of the API below which operations are meant to change, ``served`` the path
    segments of resources that are to be served from now on, ``marked`` files with conflict markers,
    ``requires`` the run-time requirements that the code rests on from now on.
    """

    before: Tree
    after: Tree
    steps: tuple[Step, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    next: tuple[Next, ...] = ()
    notes: tuple[str, ...] = ()
    reshaped: tuple[str, ...] = ()
    served: tuple[str, ...] = ()
    marked: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()

    @property
    def changes(self) -> tuple[Change, ...]:
        """What to write: every path whose entry differs, sorted."""
        return tuple(
            Change(path, before, after)
            for path, after in sorted(self.after.changed.items())
            if (before := self.before.get(path)) != after
        )

    def diff(self, path: str) -> str:
        """The unified diff of one path; "" where nothing changes or its content is hidden."""
        if any(step.path == path and step.hidden for step in self.steps):
            return ""
        old, new = _lines(self.before.get(path)), _lines(self.after.get(path))
        source = f"a/{path}" if self.before.get(path) else "/dev/null"
        target = f"b/{path}" if self.after.get(path) else "/dev/null"
        out = []
        for line in difflib.unified_diff(old, new, source, target):
            out.append(line if line.endswith("\n") else line + "\n\\ No newline at end of file\n")
        return "".join(out)


def _lines(entry: Entry | None) -> list[str]:
    if entry is None:
        return []
    text = entry.content.decode("utf-8", errors="backslashreplace")
    return text.splitlines(keepends=True)
