"""A project that scaffold made, in memory."""

from __future__ import annotations

from functools import cache

from scaffold.generators.project import project
from scaffold.testing import run
from scaffold.tree import Tree


@cache
def shop() -> Tree:
    """What ``scaffold new shop`` makes."""
    return run(project, {"name": "shop"}, name="new").after


def contents(made: Tree) -> dict[str, bytes | None]:
    """The files of a project; migrations and the record, which tell the order, left out."""
    return {
        path: made.read(path)
        for path in made.walk()
        if not path.startswith((".scaffold/", "migrations/versions/"))
    }
