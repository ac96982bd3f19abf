"""Where the import of a router goes: with its neighbour's in a function, else at the top."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from scaffold.codemods import imports
from scaffold.codemods.places import Place, bound_by, holder_of
from scaffold.codemods.source import Source, blocks, walk_scope
from scaffold.codemods.wanted import Wanted


def import_place(source: Source, wanted: Wanted, place: Place) -> tuple[int, str, bool] | None:
    """Where the import goes: with the neighbour's in its function, else at the module's top."""
    if wanted.late:
        return place.offset, place.indent, False
    holder = _local_import(place)
    if holder is not None:
        return _beside(source, wanted, holder, place)
    tree = source.tree
    anchor = _anchor(tree, place)
    return imports.place_import(
        source, wanted.module, wanted.package, wanted.first_party, tree, anchor
    )


def _anchor(tree: ast.Module, place: Place) -> ast.stmt | None:
    """The top-level statement that the import must stand in front of."""
    if place.block is tree.body:
        return tree.body[place.index] if place.index < len(tree.body) else None
    index = holder_of(tree.body, place.block[0])
    return None if index is None else tree.body[index]


def _local_import(place: Place) -> ast.stmt | None:
    """The import inside the same function that brings the neighbour's router, if there is one."""
    if isinstance(place.scope, ast.Module) or place.neighbour is None:
        return None
    root = place.neighbour.router.split(".")[0]
    for node in walk_scope(place.scope):
        if isinstance(node, ast.Import | ast.ImportFrom) and root in bound_by(node):
            return node
    return None


def _beside(
    source: Source, wanted: Wanted, holder: ast.stmt, place: Place
) -> tuple[int, str, bool] | None:
    """The place in a function's own imports, or right in front of the include if that is moot."""
    for body in _bodies(place.scope.body):
        if holder in body:
            upto = body.index(holder)
            if body is place.block and upto >= place.index:
                break
            if body is not place.block and not _encloses(body, place.block):
                break
            end = place.index if body is place.block else holder_of(body, place.block[0])
            group = [s for s in body[:end] if isinstance(s, ast.Import | ast.ImportFrom)]
            found = imports.place_import(
                source, wanted.module, wanted.package, wanted.first_party,
                ast.Module(list(group), []), None,
            )  # fmt: skip
            if found:
                return found[0], source.indent(holder), False
    return place.offset, place.indent, False


def _bodies(body: list[ast.stmt]) -> Iterator[list[ast.stmt]]:
    yield body
    for statement in body:
        if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for block in blocks(statement):
                yield from _bodies(block)


def _encloses(outer: list[ast.stmt], inner: list[ast.stmt]) -> bool:
    return any(body is inner for body in _bodies(outer))


def reaches(source: Source, statement: ast.stmt, place: Place) -> bool:
    """Whether a name that ``statement`` imports is bound when the include runs."""
    tree = source.tree
    if statement in tree.body:
        anchor = _anchor(tree, place)
        return anchor is None or statement.lineno < anchor.lineno
    return any(statement in body[: place.index] for body in [place.block])
