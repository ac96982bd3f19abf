"""Take middleware out again, found by meaning: the inverse of ``add_middleware``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from scaffold.codemods import imports
from scaffold.codemods.joined import Edit, unimport
from scaffold.codemods.lines import next_line
from scaffold.codemods.outcome import Already, Cannot, Outcome, Patched
from scaffold.codemods.source import Source, dotted, read_source
from scaffold.codemods.unrouter import simple_statements, without


def remove_middleware(
    content: bytes, *, module: str, name: str, package: str = "", line_length: int = 88
) -> Outcome:
    """Take out the import of a class and what adds it as middleware, found by meaning.

    Already when neither is there. Cannot when the class is used for anything else, or what
    holds it shares its line or its block with nothing else.
    """
    source = read_source(content)
    if isinstance(source, Cannot):
        return source
    own = imports.absolute(module, package)
    reached = [r for r in imports.reaching(source, own, name, package) if r.sure]
    if not reached:
        return Already()
    if len(reached) > 1:
        return Cannot("it is imported twice", reached[1].statement.lineno)
    (only,) = reached
    uses = [n for n in ast.walk(source.tree) if dotted(n) == only.expression]
    added = list(_added(source.tree, only.expression))
    if len(uses) != len(added) or len(added) > 1:
        return Cannot("it is used for more than one add_middleware", only.statement.lineno)
    edits = unimport(source, only.statement, only.alias, line_length)
    if edits is None:
        return Cannot("its import shares a line or brings other names", only.statement.lineno)
    for holder, call in added:
        more = _without(source, holder, call)
        if isinstance(more, Cannot):
            return more
        edits += more
    return Patched(source.replace(edits))


def _added(tree: ast.Module, expression: str) -> Iterator[tuple[ast.stmt | ast.List, ast.Call]]:
    """Each statement or list that adds the class, with the call that names it first."""
    for statement in simple_statements(tree.body):
        call = statement.value if isinstance(statement, ast.Expr) else None
        if isinstance(call, ast.Call) and _names(call, expression) and _adds(call):
            yield statement, call
    for node in ast.walk(tree):
        if isinstance(node, ast.List):
            for element in node.elts:
                if isinstance(element, ast.Call) and _names(element, expression):
                    yield node, element


def _adds(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr == "add_middleware"


def _names(call: ast.Call, expression: str) -> bool:
    return bool(call.args) and dotted(call.args[0]) == expression


def _without(source: Source, holder: ast.stmt | ast.List, call: ast.Call) -> list[Edit] | Cannot:
    if isinstance(holder, ast.stmt):
        return without(source, [holder])
    start, end = source.start(call), source.end(call)
    begin, behind = source.starts[source.line_at(start) - 1], next_line(source.text, end)
    own_line = not source.text[begin:start].strip()
    if own_line and source.text[end:behind].strip() in ("", ","):
        return [(begin, behind, "")]
    index = holder.elts.index(call)
    if index:
        return [(source.end(holder.elts[index - 1]), end, "")]
    if len(holder.elts) > 1:
        return [(start, source.start(holder.elts[1]), "")]
    return [(start, end, "")]
