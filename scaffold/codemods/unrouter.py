"""Take a router out again, found by meaning: the inverse of ``include_router``."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from scaffold.codemods import imports
from scaffold.codemods.joined import Edit
from scaffold.codemods.outcome import Already, Cannot, Outcome, Patched
from scaffold.codemods.source import Source, blocks, definitions, dotted, read_source


def exclude_router(
    content: bytes, *, module: str, name: str = "router", package: str = "", call: str = ""
) -> Outcome:
    """Take out the import of a router and the statement that includes it, found by meaning.

    ``call`` is how it was included where that is a helper of the project: ``include(app, {})``.

    Already when neither is there. Cannot when either shares its line or statement with
    something else, or the router is used for more than being included.
    """
    source = read_source(content)
    if isinstance(source, Cannot):
        return source
    own = imports.absolute(module, package)
    reached = [r for r in imports.reaching(source, own, name, package) if r.sure]
    if not reached:
        return Already()
    if len(reached) > 1:
        return Cannot("the router is imported twice", reached[1].statement.lineno)
    (only,) = reached
    if len(only.statement.names) > 1:
        return Cannot("its import brings other names too", only.statement.lineno)
    uses = [n for n in ast.walk(source.tree) if dotted(n) == only.expression]
    root = only.expression.split(".")[0]
    roots = [n for n in ast.walk(source.tree) if isinstance(n, ast.Name) and n.id == root]
    statements = [
        s for s in simple_statements(source.tree.body) if _includes(s, only.expression, call)
    ]
    if len(uses) != len(statements) or len(roots) != len(statements) or len(statements) > 1:
        lines = sorted({n.lineno for n in roots if isinstance(n, ast.Name)})
        return Cannot("the router is used for more than one include", lines[0] if lines else None)
    edits = without(source, [only.statement, *statements])
    return edits if isinstance(edits, Cannot) else Patched(source.replace(edits))


def simple_statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Every statement without a block of its own, at any depth."""
    for statement in body:
        inner = list(blocks(statement))
        if not inner:
            yield statement
        for block in inner:
            yield from simple_statements(block)


def _includes(statement: ast.stmt, expression: str, helper: str) -> bool:
    if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)):
        return False
    call = statement.value
    if helper and dotted(call.func) == helper.partition("(")[0]:
        return any(dotted(v) == expression for v in (*call.args, *(k.value for k in call.keywords)))
    values = [*call.args[:1], *(k.value for k in call.keywords if k.arg == "router")]
    method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    return method == "include_router" and any(dotted(v) == expression for v in values)


def without(source: Source, statements: Iterable[ast.stmt]) -> list[Edit] | Cannot:
    """The edits that take whole statements out, each with its line; Cannot where one can't go."""
    edits: list[Edit] = []
    for statement in statements:
        start, end = source.before_line(statement), source.after_line(statement)
        if start is None or end is None:
            return Cannot("it shares its line with another statement", statement.lineno)
        if _is_sole(source.tree, statement):
            return Cannot("it is the only statement of its block", statement.lineno)
        edits.append((start, end, ""))
    return edits


def _is_sole(tree: ast.Module, statement: ast.stmt) -> bool:
    """Whether taking the statement out would leave an empty block."""
    for node in ast.walk(tree):
        for block in blocks(node) if isinstance(node, ast.stmt) else ():
            if block == [statement]:
                return True
    return any(definition.body == [statement] for definition in definitions(tree.body))
