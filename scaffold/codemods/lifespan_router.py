"""An async context manager around an application's life where no lifespan function can take it.

A router without routes carries it: ``app.include_router(APIRouter(lifespan=open_cache))``. FastAPI
enters it inside the lifespan that is there, and inside ``on_event`` handlers, which still run.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from scaffold.codemods import imports
from scaffold.codemods.lifespan import entered_at
from scaffold.codemods.outcome import Already, Cannot, Outcome, Patched
from scaffold.codemods.places import bound_by, carried, holder_of
from scaffold.codemods.router import by_hand, include_router
from scaffold.codemods.source import Source, blocks, dotted, find_scope, read_source
from scaffold.codemods.wanted import Wanted, include_line

Edit = tuple[int, int, str]


def include_lifespan(
    content: bytes,
    *,
    module: str,
    name: str,
    target: str = "app",
    scope: str = "",
    package: str = "",
    first_party: Sequence[str] = (),
    line_length: int = 88,
) -> Outcome:
    """Include a router in ``target`` that has ``name`` of ``module`` as its lifespan.

    ``scope`` is the qualified name of the function or class in which ``target`` is made. Already
    when the file enters it, or hands it on, in whatever way.
    """
    source = read_source(content)
    if isinstance(source, Cannot):
        return source
    wanted = Wanted(
        module,
        name,
        name,
        target,
        f"{target}.include_router(APIRouter(lifespan={{}}))",
        scope,
        package,
        first_party=tuple(first_party),
        line_length=line_length,
    )
    line = entered_at(source, imports.absolute(module, package), name, package)
    if line:
        return Already(line)
    brought = _router_class(source, target, scope, first_party, line_length)
    if brought is None:
        return _by_hand(source, wanted, Cannot("no line of its own to import APIRouter on"))
    router, edits = brought
    outcome = include_router(
        source.replace(edits),
        module=module,
        name=name,
        alias=name,
        target=target,
        scope=scope,
        package=package,
        first_party=first_party,
        line_length=line_length,
        call=f"{target}.include_router({router}(lifespan={{}}))",
    )
    return _by_hand(source, wanted, outcome) if isinstance(outcome, Cannot) else outcome


def exclude_lifespan(content: bytes, *, module: str, name: str, package: str = "") -> Outcome:
    """Take out the statement that includes such a router, and the imports it needed."""
    source = read_source(content)
    if isinstance(source, Cannot):
        return source
    reached = imports.reaching(source, imports.absolute(module, package), name, package)
    if not reached:
        return Already()
    (first, *more) = reached
    if more or len(first.statement.names) > 1:
        return Cannot("its import brings other names, or stands there twice")
    statements = [s for s in _simple(source.tree) if _carries(s) == first.expression]
    root = first.expression.split(".")[0]
    uses = [n for n in ast.walk(source.tree) if isinstance(n, ast.Name) and n.id == root]
    if len(uses) != len(statements) or len(statements) > 1:
        return Cannot("it is used for more than one lifespan", uses[0].lineno if uses else None)
    spans: list[tuple[int, int]] = []
    for statement in (first.statement, *statements):
        start, end = source.before_line(statement), source.after_line(statement)
        if start is None or end is None:
            return Cannot("it shares its line with another statement", statement.lineno)
        spans.append((start, end))
    return Patched(_without_router(source.cut(spans)) if statements else source.cut(spans))


# -- the import of APIRouter


def _router_class(
    source: Source, target: str, scope: str, first_party: Sequence[str], line_length: int
) -> tuple[str, list[Edit]] | None:
    """The expression that means APIRouter at the top of the file, and what brings it there."""
    for reached in imports.reaching(source, "fastapi", "APIRouter", ""):
        if reached.sure and reached.statement in source.tree.body:
            return reached.expression, []
    for statement in source.tree.body:
        if isinstance(statement, ast.ImportFrom) and statement.module == "fastapi":
            edits = _one_name_more(source, statement, line_length)
            if edits:
                return "APIRouter", edits
    anchor = _anchor(source.tree, target, scope)
    place = imports.place_import(source, "fastapi", "", first_party, source.tree, anchor)
    if place is None or "APIRouter" in imports.names_in(source.tree):
        return None
    made = imports.insertion_of(source, place, ["from fastapi import APIRouter"])
    return "APIRouter", [(made.offset, made.offset, made.text)]


def _anchor(tree: ast.Module, target: str, scope: str) -> ast.stmt | None:
    """The top-level statement in which the application is made."""
    for found in find_scope(tree, scope) if scope else ():
        if isinstance(found, ast.stmt):
            index = holder_of(tree.body, found)
            return None if index is None else tree.body[index]
    return next((s for s in tree.body if target.split(".")[0] in bound_by(s)), None)


def _one_name_more(
    source: Source, statement: ast.ImportFrom, line_length: int
) -> list[Edit] | None:
    """``APIRouter`` in an import of other names, in front of the first that sorts behind it."""
    if any(alias.name == "*" for alias in statement.names):
        return None
    after = next((a for a in statement.names if a.name > "APIRouter"), None)
    alone = statement.lineno == statement.end_lineno
    if alone and source.end(statement) - source.start(statement) + 11 > line_length:
        return None
    if after is None:
        end = source.end(statement.names[-1])
        return [(end, end, ", APIRouter")]
    start = source.start(after)
    begin = source.starts[after.lineno - 1]
    indent = source.text[begin:start]
    if indent.strip():
        return [(start, start, "APIRouter, ")]
    made = source.lines_at(begin, [f"{indent}APIRouter,"])
    return [(made.offset, made.offset, made.text)]


def _without_router(content: bytes) -> bytes:
    """``content`` without the name APIRouter in an import, where nothing uses it any more."""
    source = read_source(content)
    if isinstance(source, Cannot):
        return content
    if any(isinstance(n, ast.Name) and n.id == "APIRouter" for n in ast.walk(source.tree)):
        return content
    for statement in source.tree.body:
        if isinstance(statement, ast.ImportFrom) and statement.module == "fastapi":
            for index, alias in enumerate(statement.names):
                if alias.name == "APIRouter" and not alias.asname:
                    return _without_name(source, statement, index)
    return content


def _without_name(source: Source, statement: ast.ImportFrom, index: int) -> bytes:
    names = statement.names
    if len(names) == 1:
        start, end = source.before_line(statement), source.after_line(statement)
        return source.content if start is None or end is None else source.cut([(start, end)])
    if index + 1 < len(names):
        return source.cut([(source.start(names[index]), source.start(names[index + 1]))])
    return source.cut([(source.end(names[index - 1]), source.end(names[index]))])


# -- the statement


def _simple(node: ast.AST) -> list[ast.stmt]:
    """Every statement of a file that has no block of its own."""
    return [n for n in ast.walk(node) if isinstance(n, ast.stmt) and not list(blocks(n))]


def _carries(statement: ast.stmt) -> str:
    """What the lifespan of a bare router is that a statement includes; "" if it does not."""
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        call = statement.value
        if (dotted(call.func) or "").endswith(".include_router") and call.args:
            return carried(ast.unparse(call.args[0]))
    return ""


def _by_hand(source: Source, wanted: Wanted, cannot: Cannot) -> Cannot:
    """A refusal with the lines that do it by hand."""
    statements = (
        "from fastapi import APIRouter",
        imports.import_line(wanted.module, wanted.name, wanted.name),
        include_line(wanted, wanted.name),
    )
    return by_hand(source, wanted, cannot.reason, cannot.line, statements)
