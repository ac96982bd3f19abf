"""Wire a router: its import, and the statement that includes it, among their neighbours."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scaffold.codemods import imports
from scaffold.codemods.lines import Insertion
from scaffold.codemods.outcome import Already, Cannot, Outcome, Patched
from scaffold.codemods.pasted import put_in, refuse_in
from scaffold.codemods.places import Place, beside, place_include
from scaffold.codemods.proof import prove
from scaffold.codemods.router_imports import import_place, reaches
from scaffold.codemods.source import Source, dotted, find_scope, read_source
from scaffold.codemods.wanted import Wanted, include_line, laid_out


def include_router(
    content: bytes,
    *,
    module: str,
    name: str = "router",
    alias: str = "",
    target: str = "app",
    call: str = "",
    scope: str = "",
    package: str = "",
    prefix: str = "",
    tags: Sequence[str] = (),
    code: Mapping[str, str] | None = None,
    path: str = "",
    before: Sequence[str] = (),
    first_party: Sequence[str] = (),
    late: bool = False,
    line_length: int = 88,
    quote: str = '"',
) -> Outcome:
    """Import ``name`` from ``module`` and include it in ``target``.

    ``module`` is written as given (it may be relative to ``package``, the dotted package of the
    file); ``alias`` is the name it is bound to, or the next free one. ``scope`` is the qualified
    name of the function or class whose body includes the neighbours ("" for the module).
    ``call`` is how the neighbours do it where that is a helper: ``include(app, {})``.
    ``code`` holds further keyword arguments as source text; ``path`` is the URL path that the
    router serves below ``target``; ``before`` names included routers that would take it away.
    ``late`` puts the import directly in front of the include, for a router whose module imports
    this file. Already when the router is imported and used at run time, in whatever way.
    """
    source = read_source(content)
    if isinstance(source, Cannot):
        return source
    wanted = Wanted(
        module, name, alias or name, target, call, scope, package, prefix, tuple(tags), code or {},
        path, tuple(before), tuple(first_party), late, line_length, quote,
    )  # fmt: skip
    outcome = _include(source, wanted)
    if isinstance(outcome, Patched):
        reason = prove(
            content, outcome.content, module=module, name=name, package=package, target=target,
            call=call, scope=scope, path=path, before=before,
        )  # fmt: skip
        if reason is not None:
            return by_hand(source, wanted, f"the patch could not be proven: {reason}")
    return outcome


def _include(source: Source, wanted: Wanted) -> Outcome:
    line = wired_at(source, wanted.own, wanted.name, wanted.package)
    if line:
        return Already(line)
    reached = imports.reaching(source, wanted.own, wanted.name, wanted.package)
    dead = _use(ast.walk(source.tree), {r.expression for r in reached})
    if dead:
        return by_hand(source, wanted, "it is included where nothing ever runs", dead.lineno)
    scopes = find_scope(source.tree, wanted.scope)
    if len(scopes) != 1:
        what = "several definitions are" if scopes else "no function or class is"
        return by_hand(source, wanted, f"{what} called {wanted.scope}")
    place = place_include(source, wanted, scopes[0])
    if not isinstance(place, Place):
        return by_hand(source, wanted, place.reason, place.line)
    bound = [r.expression for r in reached if r.sure and reaches(source, r.statement, place)]
    expression = (
        bound[0] if bound else imports.free_name(wanted.alias, imports.names_in(source.tree))
    )
    insertions: list[Insertion] = []
    above = [""] * place.gap
    if not bound:
        position = import_place(source, wanted, place)
        if position is None:
            return by_hand(source, wanted, "no line of its own to import it on")
        statement = imports.import_line(wanted.module, wanted.name, expression)
        lines = laid_out(statement, position[1], wanted)
        if wanted.late:
            above += [place.indent + line for line in lines]
        else:
            insertions.append(imports.insertion_of(source, position, lines))
    lines = laid_out(include_line(wanted, expression), place.indent, wanted)
    insertions.append(
        source.lines_at(place.offset, [*above, *(place.indent + line for line in lines)])
    )
    return Patched(source.splice(insertions))


def by_hand(
    source: Source,
    wanted: Wanted,
    reason: str,
    line: int | None = None,
    statements: Sequence[str] = (),
) -> Cannot:
    """A refusal with the lines that do it by hand, ``statements`` in place of the usual ones."""
    scope = (find_scope(source.tree, wanted.scope) or [source.tree])[-1]
    place = place_include(source, wanted, scope)
    block, index = (
        beside(scope, wanted) if isinstance(place, Cannot) else (place.block, place.index)
    )
    alias = imports.free_name(wanted.alias, imports.names_in(source.tree))
    usual = imports.import_line(wanted.module, wanted.name, alias), include_line(wanted, alias)
    edits = put_in(source, block, index, statements or usual)
    inside = f"in {wanted.scope}() " if wanted.scope else ""
    where = f"{inside}where {wanted.target} is made, before it is returned or run"
    return refuse_in(source, edits, reason, line, where)


def include_by_hand(source: Source, arguments: Mapping[str, Any], reason: str) -> Cannot:
    """A refusal of ``include_router`` with these arguments, for a reason outside the file."""
    given = {**arguments, "alias": arguments.get("alias") or arguments["name"]}
    return by_hand(source, Wanted(**given), reason)


def wired_at(source: Source, module: str, name: str, package: str = "") -> int | None:
    """The line at which ``name`` of the absolute ``module`` is handed on at run time, if any.

    As an argument of a call or an element of a list, tuple, set or dictionary, whatever it is
    called there; not behind a return and not for type checkers only.
    """
    reached = imports.reaching(source, module, name, package)
    use = _use(living(source.tree), {r.expression for r in reached})
    return use.lineno if use else None


def _use(nodes: Iterator[ast.AST], expressions: set[str]) -> ast.expr | None:
    """Where among ``nodes`` one of ``expressions`` is handed on: an argument or an element."""
    for node in nodes if expressions else ():
        handed: list[ast.expr] = []
        match node:
            case ast.Call(args=args, keywords=keywords):
                handed = [*args, *(k.value for k in keywords)]
            case ast.List(elts=elts) | ast.Tuple(elts=elts) | ast.Set(elts=elts):
                handed = elts
            case ast.Dict(values=values):
                handed = values
            case _:
                continue
        for value in handed:
            if dotted(value) in expressions:
                return value
    return None


def living(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes below ``node`` that can run: not behind a return, not for type checkers only."""
    for _, value in ast.iter_fields(node):
        items = value if isinstance(value, list) else [value]
        for item in items:
            if not isinstance(item, ast.AST):
                continue
            if isinstance(item, ast.If) and imports.is_type_checking(item.test):
                continue
            yield item
            yield from living(item)
            if isinstance(item, ast.Return | ast.Raise | ast.Break | ast.Continue):
                break
