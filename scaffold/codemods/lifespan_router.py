"""An async context manager around an application's life where no lifespan function can take it.

A router without routes carries it: ``app.include_router(APIRouter(lifespan=open_cache))``. FastAPI
enters it inside the lifespan that is there, and inside ``on_event`` handlers, which still run.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from scaffold.codemods import imports
from scaffold.codemods.joined import Edit, join, joinable, unimport
from scaffold.codemods.lifespan import entered_at
from scaffold.codemods.outcome import Already, Cannot, Outcome, Patched
from scaffold.codemods.places import bound_by, carried, holder_of
from scaffold.codemods.router import by_hand, include_router
from scaffold.codemods.source import Source, dotted, find_scope, read_source
from scaffold.codemods.unrouter import simple_statements, without
from scaffold.codemods.wanted import Wanted, include_line


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
    brought = _router_class(source, wanted)
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


def exclude_lifespan(
    content: bytes, *, module: str, name: str, package: str = "", line_length: int = 88
) -> Outcome:
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
    statements = [s for s in simple_statements(source.tree.body) if _carries(s) == first.expression]
    root = first.expression.split(".")[0]
    uses = [n for n in ast.walk(source.tree) if isinstance(n, ast.Name) and n.id == root]
    if len(uses) != len(statements) or len(statements) > 1:
        return Cannot("it is used for more than one lifespan", uses[0].lineno if uses else None)
    edits = without(source, [first.statement, *statements])
    if isinstance(edits, Cannot):
        return edits
    left = source.replace(edits)
    return Patched(_without_router(left, package, line_length) if statements else left)


# -- the import of APIRouter


def _router_class(source: Source, wanted: Wanted) -> tuple[str, list[Edit]] | None:
    """The expression that means APIRouter at the top of the file, and what brings it there."""
    for reached in imports.reaching(source, "fastapi", "APIRouter", wanted.package):
        if reached.sure and reached.statement in source.tree.body:
            return reached.expression, []
    anchor = _anchor(source.tree, wanted.target, wanted.scope)
    beside = joinable(source, "fastapi", wanted.package, anchor)
    bound = imports.free_name("APIRouter", imports.names_in(source.tree))
    if beside and (edits := join(source, beside, "APIRouter", bound, wanted.line_length)):
        return bound, edits
    place = imports.place_import(source, "fastapi", "", wanted.first_party, source.tree, anchor)
    if place is None:
        return None
    line = imports.import_line("fastapi", "APIRouter", bound)
    made = imports.insertion_of(source, place, [line])
    return bound, [(made.offset, made.offset, made.text)]


def _anchor(tree: ast.Module, target: str, scope: str) -> ast.stmt | None:
    """The top-level statement in which the application is made."""
    for found in find_scope(tree, scope) if scope else ():
        if isinstance(found, ast.stmt):
            index = holder_of(tree.body, found)
            return None if index is None else tree.body[index]
    return next((s for s in tree.body if target.split(".")[0] in bound_by(s)), None)


def _without_router(content: bytes, package: str, line_length: int) -> bytes:
    """``content`` without the name APIRouter in an import, where nothing uses it any more."""
    source = read_source(content)
    if isinstance(source, Cannot):
        return content
    if any(isinstance(n, ast.Name) and n.id == "APIRouter" for n in ast.walk(source.tree)):
        return content
    for reached in imports.reaching(source, "fastapi", "APIRouter", package):
        if reached.expression == "APIRouter" and reached.statement in source.tree.body:
            edits = unimport(source, reached.statement, reached.alias, line_length)
            return source.replace(edits) if edits else content
    return content


# -- the statement


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
