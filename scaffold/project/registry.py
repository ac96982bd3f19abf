"""Which file brings a repository's models together, so that its migrations see all of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from scaffold.codemods.source import Source
from scaffold.project.alembic import Alembic
from scaffold.project.index import Index

_DYNAMIC = (b"pkgutil", b"importlib", b"iter_modules", b"walk_packages", b"glob(")
_FAR = 40  # files; whoever gathers models is imported by env.py, or by what that imports


def gathering(
    index: Index, models: tuple[str, ...], new: str, alembic: Alembic | None
) -> str | None:
    """The file that must import a new model, at the path ``new``, for others to see it.

    The package of the models where that imports its modules; else the first of env.py and what it
    imports that imports a model. None where nothing of the kind is there, or it finds them itself.
    """
    package = f"{new.rpartition('/')[0]}/__init__.py"
    siblings = {m for m in models if m.rpartition("/")[0] == new.rpartition("/")[0]}
    if siblings & set(_imported(index, package)):
        return None if _dynamic(index, package) else package
    if alembic is None:
        return None
    waiting, seen = [f"{alembic.directory}/env.py"], list[str]()
    while waiting and len(seen) < _FAR:
        path = waiting.pop(0)
        if path in seen or index.tree.get(path) is None:
            continue
        seen.append(path)
        if _dynamic(index, path):
            return None
        found = list(_imported(index, path))
        gathers = any(f in models or _is_package(index, models, f) for f in found)
        if gathers and path not in models and not _is_package(index, models, path):
            return path
        waiting += found
    return None


def _is_package(index: Index, models: tuple[str, ...], path: str) -> bool:
    """Whether a file hands on the models of its own package, and is as good as a model."""
    if not path.endswith("/__init__.py"):
        return False
    inside = {m for m in models if m.startswith(path.removesuffix("__init__.py"))}
    return not inside.isdisjoint(_imported(index, path))


def _dynamic(index: Index, path: str) -> bool:
    content = index.tree.read(path) or b""
    return any(needle in content for needle in _DYNAMIC)


def _imported(index: Index, path: str) -> Iterator[str]:
    """The files that a module imports at its own level."""
    source = index.source(path) if index.tree.get(path) is not None else None
    for statement in source.tree.body if isinstance(source, Source) else ():
        if isinstance(statement, ast.Import):
            named = [(0, alias.name, "") for alias in statement.names]
        elif isinstance(statement, ast.ImportFrom):
            module = statement.module or ""
            named = [(statement.level, module, alias.name) for alias in statement.names]
        else:
            continue
        for level, module, name in named:
            inner = f"{module}.{name}".strip(".")
            found = index.resolve(path, level, inner) if name and name != "*" else None
            found = found or index.resolve(path, level, module)
            if found is not None:
                yield found
