"""Small repositories of our own, one for each shape that real ones have."""

from __future__ import annotations

import textwrap
from typing import Any

from scaffold import codemods
from scaffold.codemods import Patched
from scaffold.codemods.proof import check_patched
from scaffold.project import Project, Router, Wiring, read_project
from scaffold.tree import Entry, MemorySource, Tree

ROUTER = 'from fastapi import APIRouter\nrouter = APIRouter(prefix="/widgets")\n'


def tree(files: dict[str, str], **contents: bytes) -> Tree:
    """A tree in memory; texts are dedented."""
    entries = {p: Entry(textwrap.dedent(t).lstrip("\n").encode()) for p, t in files.items()}
    return Tree(MemorySource({**entries, **{p: Entry(c) for p, c in contents.items()}}))


def project(files: dict[str, str], pins: dict[str, str] | None = None) -> Project:
    """The facts of a repository in memory."""
    return read_project(tree(files), pins)


def router(module: str = "app.routers.widgets", **changes: Any) -> Router:
    """The widgets router."""
    return Router(module, **{"alias": "widgets_router", "tags": ("widgets",), **changes})


def wired(
    files: dict[str, str], module: str = "app.routers.widgets", pins: dict[str, str] | None = None
) -> tuple[str, list[str]]:
    """The file that is patched and the lines that it gets, proven; twice must be once."""
    before = tree(files)
    for base in (read_project(before, pins).root, ""):
        path = "/".join(p for p in (base, module.replace(".", "/") + ".py") if p)
    before = before.with_content(path, ROUTER.encode())
    found = read_project(before, pins).wiring(router(module))
    assert isinstance(found, Wiring), found
    old = before.read(found.path)
    assert old is not None
    outcome = codemods.apply("include_router", old, found.arguments)
    assert isinstance(outcome, Patched), outcome
    assert check_patched(old, outcome.content, **dict(found.arguments)) is None
    again = read_project(before.with_content(found.path, outcome.content), pins)
    second = again.wiring(router(module))
    assert isinstance(second, Wiring)
    content = again.tree.read(second.path)
    assert content is not None
    twice = codemods.apply("include_router", content, second.arguments)
    assert isinstance(twice, codemods.Already), twice
    return found.path, added(old.decode(), outcome.content.decode())


def added(old: str, new: str) -> list[str]:
    """The lines of ``new`` that ``old`` lacks, the blank ones left out."""
    rest = old.splitlines()
    found = []
    for line in new.splitlines():
        if rest and rest[0] == line:
            rest.pop(0)
        elif line.strip():
            found.append(line)
    assert not rest
    return found
