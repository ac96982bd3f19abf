"""An immutable, lazy picture of a directory: path → bytes, mode, symlink."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class Entry:
    """One file or symlink. ``link`` is the symlink's target; then ``content`` is empty."""

    content: bytes
    mode: int = 0o644
    link: str | None = None


class Source(Protocol):
    """Where a tree's untouched entries come from. Paths are relative, POSIX, without ``..``."""

    def get(self, path: str) -> Entry | None:
        """The entry at ``path``; None when there is no file or symlink there."""

    def is_directory(self, path: str) -> bool:
        """Whether ``path`` ("" for the root) is a directory (not through a symlink)."""

    def walk(self, prefix: str = "") -> Iterable[str]:
        """All file paths below ``prefix``, sorted; directories nobody reads code in are pruned."""


@dataclass(frozen=True)
class MemorySource:
    """A source held in memory, for tests and for trees that don't exist yet."""

    entries: Mapping[str, Entry] = field(default_factory=dict)

    def get(self, path: str) -> Entry | None:
        return self.entries.get(path)

    def is_directory(self, path: str) -> bool:
        return path == "" or any(p.startswith(path + "/") for p in self.entries)

    def walk(self, prefix: str = "") -> Iterable[str]:
        below = prefix.rstrip("/") + "/" if prefix else ""
        return sorted(p for p in self.entries if p.startswith(below))


@dataclass(frozen=True)
class Tree:
    """A source seen through changes. Every ``with_…`` returns a new tree; nothing is written."""

    source: Source = field(default_factory=MemorySource)
    changed: Mapping[str, Entry | None] = field(default_factory=dict)

    def get(self, path: str) -> Entry | None:
        """The entry at ``path`` or None."""
        if path in self.changed:
            return self.changed[path]
        return self.source.get(path)

    def read(self, path: str) -> bytes | None:
        """The content at ``path``, symlinks not followed; None when there is no regular file."""
        entry = self.get(path)
        return None if entry is None or entry.link is not None else entry.content

    def exists(self, path: str) -> bool:
        """Whether a file, a symlink or a directory is at ``path``."""
        return self.get(path) is not None or self.is_directory(path)

    def is_directory(self, path: str) -> bool:
        """Whether ``path`` is a directory, be it one that only planned files make."""
        if self.source.is_directory(path):
            return True
        below = path + "/" if path else ""
        return any(e is not None and p.startswith(below) for p, e in self.changed.items())

    def walk(self, prefix: str = "") -> Iterator[str]:
        """All file paths below ``prefix``, sorted."""
        below = prefix.rstrip("/") + "/" if prefix else ""
        here = {p for p, e in self.changed.items() if e is not None and p.startswith(below)}
        kept = {p for p in self.source.walk(prefix) if p not in self.changed}
        yield from sorted(here | kept)

    def with_entry(self, path: str, entry: Entry | None) -> Tree:
        """This tree with ``entry`` at ``path``; None deletes."""
        return Tree(self.source, {**self.changed, path: entry})

    def differing(self, other: Tree) -> set[str]:
        """The paths at which two trees of one source have different entries."""
        paths = {*self.changed, *other.changed}
        return {path for path in paths if self.get(path) != other.get(path)}

    def with_content(self, path: str, content: bytes) -> Tree:
        """This tree with other content at ``path``, its mode kept."""
        old = self.get(path)
        return self.with_entry(path, Entry(content, old.mode if old else 0o644))


@dataclass(frozen=True)
class Change:
    """One path before and after; None is absence. ``before`` is what the plan was computed on."""

    path: str
    before: Entry | None
    after: Entry | None
