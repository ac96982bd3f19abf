"""Entry points of installed distributions, read from their files.

``importlib.metadata`` answers the same, but brings ``email``, ``zipfile`` and ``csv`` along: its import
takes longer than all else that ``scaffold --help`` does.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

OURS = b"[scaffold."
"""How the header of every group that we ask for starts."""

_INFO = re.compile(r"(?P<name>.+?)(?:-[^-]+(?:-py[^-]+)?)?\.(?:dist|egg)-info", re.IGNORECASE)
_POINT = re.compile(r"(?P<name>[^=]+?)\s*=\s*(?P<module>[\w.]+)\s*(?::\s*(?P<attribute>[\w.]+))?")


@dataclass(frozen=True)
class EntryPoint:
    """``name`` of ``group`` in ``distribution`` is ``attribute`` of ``module``, or the module."""

    name: str
    group: str
    module: str
    attribute: str
    distribution: str

    @property
    def value(self) -> str:
        """As it is written: ``module:attribute``."""
        return f"{self.module}:{self.attribute}" if self.attribute else self.module

    def load(self) -> object:
        """What it names, imported; raises whatever that import does."""
        found: object = import_module(self.module)
        for part in self.attribute.split(".") if self.attribute else ():
            found = getattr(found, part)
        return found


@cache
def entry_points() -> tuple[EntryPoint, ...]:
    """The entry points of our groups, in the order of ``sys.path``."""
    found: list[EntryPoint] = []
    seen: set[str] = set()
    for folder in dict.fromkeys(sys.path):
        for distribution, file in _files(folder or "."):
            if distribution in seen:
                continue  # what comes first on the path is what gets imported
            seen.add(distribution)
            try:
                content = file.read_bytes()
            except OSError:
                continue
            if OURS in content:
                found += _points(distribution, content.decode("utf-8", "replace"))
    return tuple(found)


def _files(folder: str) -> Iterator[tuple[str, Path]]:
    """The normalised names of the distributions in a directory, and where their points would be."""
    try:
        names = sorted(path.name for path in Path(folder).iterdir())
    except OSError:  # a zip file, or nothing
        return
    for name in names:
        match = _INFO.fullmatch(name)
        if match:
            distribution = re.sub(r"[-_.]+", "-", match["name"]).lower()
            yield distribution, Path(folder, name, "entry_points.txt")


def _points(distribution: str, text: str) -> Iterator[EntryPoint]:
    group = ""
    for line in (row.strip() for row in text.splitlines()):
        if line.startswith("["):
            group = line.strip("[]").strip()
        elif group.startswith("scaffold.") and not line.startswith(("#", ";")):
            match = _POINT.match(line)
            if match:
                name, module, attribute = match.groups(default="")
                yield EntryPoint(name, group, module, attribute, distribution)
