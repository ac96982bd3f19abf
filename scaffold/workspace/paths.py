"""Which paths of a project may be read and written: nothing outside the root, by any trick."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from scaffold.spec.errors import RefusedError
from scaffold.workspace.filesystem import UNPRINTABLE, FileSystem

PRUNED = frozenset(
    {".git", ".hg", ".svn", ".venv", "venv", "__pycache__", "__pypackages__", "site-packages"}
    | {".tox", ".nox", ".eggs", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis"}
    | {"node_modules", ".next", ".nuxt", ".terraform"}
)
"""Directories that hold no code of the project's own: neither walked nor ever written to."""

TEMPORARY = re.compile(r"\.scaffold-[0-9a-f]{16}(-\d+~?)?")
"""What a commit leaves beside the files while it runs: ``.scaffold-<token>-<number>``."""

STAGE = re.compile(r"\.scaffold-[0-9a-f]{16}")
"""Where a project that doesn't exist yet is built: ``.scaffold-<token>``, a directory."""

JOURNAL, DRAFT = ".scaffold/journal", ".scaffold/journal.new"


def check(path: str) -> str:
    """``path`` if it is relative, POSIX and without tricks; else RefusedError."""
    try:
        os.fsencode(path)
        tricky = any(part in ("", ".", "..") for part in path.split("/"))
    except UnicodeEncodeError:
        tricky = True
    if tricky or UNPRINTABLE.search(path):
        raise RefusedError(
            f"{path!a} is not a path inside the project",
            hint="Paths are relative to the project's root, without '..'.",
        )
    return path


def check_writable(path: str) -> str:
    """``path`` if commits may write to it; else RefusedError."""
    parts = check(path).casefold().split("/")  # some file systems ignore the case
    ours = path.casefold() in (JOURNAL, DRAFT) or TEMPORARY.fullmatch(parts[-1])
    if ours or not PRUNED.isdisjoint(parts):
        raise RefusedError(
            f"{path}: scaffold never writes there", hint="Choose another place in the project."
        )
    return path


def directory_of(files: FileSystem, root: Path, path: str) -> Path:
    """The directory that holds ``path``, all symlinks on the way followed.

    ``root`` is a resolved path. RefusedError when that leads out of it. OSError.
    """
    return _inside(files, root, path, root / check(path).rpartition("/")[0])


def locate(files: FileSystem, root: Path, path: str, *, follow: bool = False) -> str:
    """``path`` without symlinks among its directories; its last part only on ``follow``.

    RefusedError when that leads out of the root. OSError.
    """
    if follow:
        real = _inside(files, root, path, root / check(path))
    else:
        real = directory_of(files, root, path) / path.rpartition("/")[2]
    return real.relative_to(root).as_posix()


def parents(paths: Iterable[str]) -> list[str]:
    """All directories above relative ``paths``, the root left out, parents first."""
    above = {p.as_posix() for path in paths for p in PurePosixPath(path).parents}
    return sorted(above - {"."})


def nearest_directory(path: Path) -> Path:
    """``path`` itself or the closest parent that is there."""
    return next(place for place in (path, *path.parents) if place.exists())


def _inside(files: FileSystem, root: Path, path: str, place: Path) -> Path:
    real = files.resolve(place)
    if not real.is_relative_to(root):
        raise RefusedError(
            f"{path} leads out of the project through a symbolic link",
            hint="scaffold reads and writes only below the project's root.",
        )
    return real
