"""A repository's Python files: found by bytes before anything is parsed, modules resolved."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from scaffold.codemods.outcome import Cannot
from scaffold.codemods.source import Source, read_source
from scaffold.tree import Tree

if TYPE_CHECKING:
    from scaffold.project.apps import App
    from scaffold.project.flow import Receiver
    from scaffold.project.names import Names

_ASIDE = re.compile(
    r"(^|/)(tests?|testing|e2e|(load|perf|stress)[_-]?tests?|mocks?|mock_[^/]*|fakes?|docs?|docs_src|"
    r"examples?|samples?|tutorials?|benchmarks?|demos?|playground|notebooks|fixtures|third_party|"
    r"vendor|\.[^/]+|[^/]*\{\{[^/]*)(/|$)|(^|/)(test_[^/]*|[^/]*_test|[^/]*_mock|mock_[^/]*|conftest)\.py$"
)


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
class Index:
    """The files of a tree, each read and parsed at most once."""

    tree: Tree
    roots: list[str] = field(default_factory=list)
    names: dict[str, Names | None] = field(default_factory=dict, repr=False)
    flows: dict[App, list[Receiver]] = field(default_factory=dict, repr=False)
    _parsed: dict[str, Source | Cannot | None] = field(default_factory=dict, repr=False)

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """Every file of the tree."""
        return tuple(self.tree.walk())

    @cached_property
    def modules(self) -> tuple[str, ...]:
        """Every Python file."""
        return tuple(p for p in self.paths if p.endswith(".py"))

    def tree_top(self, root: str) -> list[str]:
        """The Python files of ``root`` and one below each of its directories that hold some."""
        prefix = root + "/" if root else ""
        seen: dict[str, str] = {}
        for path in self.modules:
            if path.startswith(prefix):
                seen.setdefault(path[len(prefix) :].split("/")[0], path)
        return list(seen.values())

    def containing(self, *needles: bytes) -> Iterator[tuple[str, bytes]]:
        """The Python files whose bytes hold all ``needles``."""
        for path in self.modules:
            content = self.tree.read(path)
            if content is not None and all(n in content for n in needles):
                yield path, content

    def parse(self, path: str) -> Source | Cannot | None:
        """The parsed file; None when there is none."""
        if path not in self._parsed:
            content = self.tree.read(path)
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
        return [*self.roots, *above]


def ancestors(path: str) -> list[str]:
    """The directories above ``path``, the nearest last ("" is the root of the tree)."""
    parts = path.split("/")
    return ["/".join(parts[:length]) for length in range(len(parts))]
