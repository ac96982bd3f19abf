"""A repository's Python files: found by bytes before anything is parsed, modules resolved."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar, cast

from scaffold.codemods.outcome import Cannot
from scaffold.codemods.source import Source, read_source
from scaffold.tree import Entry, Tree

T = TypeVar("T")
_PYTHON = re.compile(r"\.py$")

_ASIDE = re.compile(
    r"(^|/)(tests?|testing|e2e|(load|perf|stress)[_-]?tests?|mocks?|mock_[^/]*|fakes?|docs?|docs_src|"
    r"examples?|samples?|tutorials?|benchmarks?|demos?|playground|notebooks|fixtures|third_party|"
    r"vendor|\.[^/]+|[^/]*\{\{[^/]*)(/|$)|(^|/)(test_[^/]*|[^/]*_test|[^/]*_mock|mock_[^/]*|conftest)\.py$"
)


_MIGRATIONS = re.compile(r"(^|/)([^/]*alembic[^/]*|migrations?)(/|$)")


def is_migration(path: str) -> bool:
    """Whether a file belongs to migrations: what it defines is of its day, not for new code."""
    return bool(_MIGRATIONS.search(path))


def importable(root: str, path: str) -> bool:
    """Whether a file, or a directory of modules, has a dotted name that starts at ``root``."""
    if path == root:
        return True
    below = path.removeprefix(f"{root}/") if root else path
    if root and below == path:
        return False
    return all(part.isidentifier() for part in below.removesuffix(".py").split("/"))


def is_aside(path: str) -> bool:
    """Whether a file belongs to tests, documentation, samples or a template, not to an application."""
    return bool(_ASIDE.search(path))


@dataclass(frozen=True)
class Evidence:
    """Where a fact was read: ``path:line`` and the text that says it."""

    path: str
    line: int | None = None
    text: str = ""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" if self.line else self.path


@dataclass
class Footprint:
    """What a fact rests on: paths and directories asked for, and searches through all files.

    A search is told by what a file must be called, or hold, to be found by it.
    """

    paths: set[str] = field(default_factory=set)
    directories: set[str] = field(default_factory=set)
    names: set[re.Pattern[str]] = field(default_factory=set)
    needles: set[tuple[bytes, ...]] = field(default_factory=set)

    def add(self, other: Footprint) -> None:
        """Rest on all that ``other`` rests on."""
        self.paths |= other.paths
        self.directories |= other.directories
        self.names |= other.names
        self.needles |= other.needles

    def stands(self, before: Tree, after: Tree, differing: set[str]) -> bool:
        """Whether nothing of it is different in ``after``; ``differing`` are the paths that are."""
        if not differing.isdisjoint(self.paths):
            return False
        if any(before.is_directory(d) != after.is_directory(d) for d in self.directories):
            return False
        for path in differing:
            old, new = before.read(path), after.read(path)
            if (old is None) != (new is None) and any(n.search(path) for n in self.names):
                return False
            contents = [c for c in (old, new) if c is not None] if path.endswith(".py") else []
            if any(all(n in c for n in needles) for needles in self.needles for c in contents):
                return False
        return True


@dataclass(frozen=True)
class _Watched:
    """A tree as a source that notes what is asked of it."""

    tree: Tree
    index: Index

    def get(self, path: str) -> Entry | None:
        self.index.rests_on(path)
        return self.tree.get(path)

    def is_directory(self, path: str) -> bool:
        for footprint in self.index.open[-1:]:
            footprint.directories.add(path)
        return self.tree.is_directory(path)

    def walk(self, prefix: str = "") -> Iterable[str]:
        for footprint in self.index.open[-1:]:
            footprint.names.add(re.compile("^" + re.escape(prefix)))
        return self.tree.walk(prefix)


class Index:
    """The files of a tree, each read and parsed at most once, and the facts that rest on them.

    ``tree`` notes what is asked of it, so that a fact still counts in a later state of the tree
    (``at``) where nothing that it rests on is different.
    """

    def __init__(self, tree: Tree) -> None:
        self.planned = tree
        self.tree = Tree(_Watched(tree, self))
        self.open: list[Footprint] = []
        self._facts: dict[Hashable, tuple[object, Footprint]] = {}
        self._parsed: dict[str, Source | Cannot | None] = {}

    def at(self, tree: Tree) -> Index:
        """The index of a later state of the tree, with all that still holds in it."""
        later = Index(tree)
        if tree.source is not self.planned.source:
            return later
        differing = self.planned.differing(tree)
        later._parsed = {p: s for p, s in self._parsed.items() if p not in differing}
        later._facts = {
            key: (value, footprint)
            for key, (value, footprint) in self._facts.items()
            if footprint.stands(self.planned, tree, differing)
        }
        return later

    def fact(self, key: Hashable, read: Callable[[], T]) -> T:
        """What ``read`` answers, read once; ``key`` names it together with all it depends on."""
        if key not in self._facts:
            self.open.append(Footprint())
            try:
                value = read()
            finally:
                footprint = self.open.pop()
            self._facts[key] = value, footprint
        found, footprint = self._facts[key]
        for around in self.open[-1:]:
            around.add(footprint)
        return cast("T", found)

    def known(self, key: Hashable) -> bool:
        """Whether the fact has been read."""
        return key in self._facts

    def rests_on(self, path: str) -> None:
        """Notes that the fact being read rests on a file, or on its absence."""
        for footprint in self.open[-1:]:
            footprint.paths.add(path)

    @cached_property
    def _paths(self) -> tuple[str, ...]:
        return tuple(self.planned.walk())

    @cached_property
    def _modules(self) -> tuple[str, ...]:
        return tuple(p for p in self._paths if p.endswith(".py"))

    @property
    def modules(self) -> tuple[str, ...]:
        """Every Python file."""
        for footprint in self.open[-1:]:
            footprint.names.add(_PYTHON)
        return self._modules

    def called(self, pattern: re.Pattern[str]) -> Iterator[str]:
        """The files whose path ``pattern`` finds."""
        for footprint in self.open[-1:]:
            footprint.names.add(pattern)
        return (path for path in self._paths if pattern.search(path))

    def containing(self, *needles: bytes) -> Iterator[tuple[str, bytes]]:
        """The Python files whose bytes hold all ``needles``."""
        for footprint in self.open[-1:]:
            footprint.needles.add(needles)
        for path in self._modules:
            content = self.planned.read(path)
            if content is not None and all(n in content for n in needles):
                yield path, content

    def tree_top(self, root: str) -> list[str]:
        """The Python files of ``root`` and one below each of its directories that hold some."""
        prefix = root + "/" if root else ""
        seen: dict[str, str] = {}
        for path in self.modules:
            if path.startswith(prefix):
                seen.setdefault(path[len(prefix) :].split("/")[0], path)
        return list(seen.values())

    def parse(self, path: str) -> Source | Cannot | None:
        """The parsed file; None when there is none."""
        self.rests_on(path)
        if path not in self._parsed:
            content = self.planned.read(path)
            self._parsed[path] = None if content is None else read_source(content)
        return self._parsed[path]

    def source(self, path: str) -> Source | None:
        """The parsed file; None when it is missing or doesn't parse."""
        found = self.parse(path)
        return found if isinstance(found, Source) else None

    def module_at(self, base: str, dotted: str) -> str | None:
        """The file of module ``dotted`` below the directory ``base``."""
        stem = "/".join([*([base] if base else []), *(dotted.split(".") if dotted else [])])
        for path in (f"{stem}.py", f"{stem}/__init__.py" if stem else "__init__.py"):
            if self.tree.get(path) is not None:
                return path
        return None

    def resolve(self, path: str, level: int, dotted: str) -> str | None:
        """The file that an import in ``path`` means, if it lies in this repository."""
        for base in self._bases(path, level):
            found = self.module_at(base, dotted) if dotted or level else None
            if found and found != path:
                return found
        return None

    def directory_of(self, path: str, level: int, dotted: str) -> str | None:
        """The directory (a package, with ``__init__`` or not) that an import in ``path`` means."""
        for base in self._bases(path, level):
            stem = "/".join(p for p in [base, *dotted.split(".")] if p)
            if stem and self.tree.is_directory(stem):
                return stem
        return None

    def _bases(self, path: str, level: int) -> list[str]:
        """The directories in which the first part of an import in ``path`` is looked up."""
        above = ancestors(path)
        if level:
            return above[-level:][:1] if level <= len(above) else []
        return above


def line_starts(pattern: re.Pattern[bytes], content: bytes) -> Iterator[re.Match[bytes]]:
    """The matches that are the first thing on their line.

    A pattern that starts with a plain word is looked for twenty times as fast as one with ``^``.
    """
    for match in pattern.finditer(content):
        begin = content.rfind(b"\n", 0, match.start()) + 1
        if not content[begin : match.start()].strip(b" \t\r\f"):
            yield match


def ancestors(path: str) -> list[str]:
    """The directories above ``path``, the nearest last ("" is the root of the tree)."""
    parts = path.split("/")
    return ["/".join(parts[:length]) for length in range(len(parts))]
