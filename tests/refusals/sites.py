"""Every place in the code that makes a refusal, and which of them a test has come through."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import scaffold
from scaffold.actions import Refuse
from scaffold.codemods.outcome import Cannot
from scaffold.codemods.places import Crowded
from scaffold.spec.errors import Refusal

HOME = Path(scaffold.__file__).parent
TYPES = (Cannot, Refusal, Refuse, Crowded)
_NAMES = {one.__name__ for one in TYPES}

Site = tuple[str, int, int, str]
"""A call: its file, its first and last line, what is called."""


def sites() -> list[Site]:
    """The calls that make a refusal, and those of functions that answer nothing else."""
    trees = {p.relative_to(HOME).as_posix(): ast.parse(p.read_text()) for p in HOME.rglob("*.py")}
    makers = {path: set(_makers(tree)) for path, tree in trees.items()}
    public = {name for names in makers.values() for name in names if not name.startswith("_")}
    return sorted(
        (path, call.lineno, call.end_lineno or call.lineno, ast.unparse(call))
        for path, tree in trees.items()
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in _NAMES | makers[path] | public
    )


def _makers(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        returns = node.returns if isinstance(node, ast.FunctionDef) else None
        if isinstance(node, ast.FunctionDef) and returns and ast.unparse(returns) in _NAMES:
            yield node.name


@contextmanager
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[tuple[str, int]]]:
    """The lines of scaffold that were on the way whenever a refusal was made."""
    seen: set[tuple[str, int]] = set()

    def noting(make: Any) -> Any:
        def initialise(self: object, *args: Any, **kwargs: Any) -> None:
            frame: FrameType | None = sys._getframe(1)
            while frame is not None:
                path = Path(frame.f_code.co_filename)
                if HOME in path.parents:
                    seen.add((path.relative_to(HOME).as_posix(), frame.f_lineno))
                frame = frame.f_back
            make(self, *args, **kwargs)

        return initialise

    with monkeypatch.context() as patched:
        for one in TYPES:
            patched.setattr(one, "__init__", noting(one.__init__))
        yield seen
