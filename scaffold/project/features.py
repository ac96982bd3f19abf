"""A folder a feature: which directory holds them, and how their files are called inside."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from scaffold.spec.nouns import plural_of, singular_of

NO_FEATURE = re.compile(
    r"v\d+|_.*|api|apis|routers?|routes|endpoints?|controllers?|views|handlers|core|common|shared|utils?|"
    r"presentation|application|domain|infra|infrastructure|interfaces?|adapters?|"
    r"models?|schemas?|services?|repositor(?:y|ies)|crud|dao|dto|entit(?:y|ies)|db|database|web|rest|http"
)
"""Folders that are called by what is in them, not by what that is about."""


@dataclass(frozen=True)
class Features:
    """``folders`` of ``directory`` each hold a file called by ``pattern``, of which ``sample`` is one.

    In a pattern ``{singular}`` and ``{plural}`` stand for the folder's own name.
    """

    directory: str
    folders: tuple[str, ...]
    pattern: str
    sample: str


def features_of(files: Sequence[str]) -> Features | None:
    """The features that most of some files of one kind belong to; None where it is otherwise.

    At least two, and more than half of the files called the same way, however deep they are.
    """
    best: tuple[int, Features] | None = None
    for directory in dict.fromkeys(str(d) for f in files for d in PurePosixPath(f).parents):
        below = "" if directory == "." else f"{directory}/"
        called: dict[str, dict[str, str]] = {}
        for path in files:
            folder, _, inner = path[len(below) :].partition("/")
            if path.startswith(below) and inner and not NO_FEATURE.fullmatch(folder):
                called.setdefault(pattern_of(folder, inner), {}).setdefault(folder, path)
        if not called:
            continue
        pattern = max(called, key=lambda p: len(called[p]))
        same = called[pattern]
        alike = sum(len(paths) for p, paths in called.items() if _name(p) == _name(pattern))
        if len(same) < 2 or alike * 2 <= len(files) or pattern == "__init__.py":
            continue
        if best is None or len(same) > best[0]:
            folders = tuple(below + folder for folder in same)
            sample = next(iter(same.values()))
            best = len(same), Features(below.rstrip("/"), folders, pattern, sample)
    return best[1] if best else None


def _name(pattern: str) -> str:
    return pattern.rpartition("/")[2]


def agreed(features: Features, files: Iterable[str]) -> str | None:
    """The pattern by which most features that have one of ``files`` call it.

    What is called neither by its feature nor by its kind tells nothing of a new one.
    """
    seen: dict[str, set[str]] = {}
    for path in files:
        for folder in features.folders:
            if path.startswith(f"{folder}/") and not path.endswith("__init__.py"):
                pattern = pattern_of(PurePosixPath(folder).name, path[len(folder) + 1 :])
                if "{" in pattern or NO_FEATURE.fullmatch(PurePosixPath(pattern).stem):
                    seen.setdefault(pattern, set()).add(folder)
    if not seen:
        return None
    having = len(set().union(*seen.values()))
    pattern = max(seen, key=lambda p: (len(seen[p]), -p.count("/")))
    return pattern if len(seen[pattern]) * 2 > having else None


def pattern_of(folder: str, inner: str) -> str:
    """``inner``, a path in the folder of a feature, with the feature's name left open."""
    directory, slash, name = inner.rpartition("/")
    stem = name.removesuffix(".py")
    forms = {"{singular}": singular_of(folder), "{plural}": plural_of(singular_of(folder))}
    for form, text in forms.items():
        if stem == text or stem.startswith(f"{text}_"):
            return f"{directory}{slash}{form}{stem.removeprefix(text)}.py"
    return inner
