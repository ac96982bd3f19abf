"""Where the statement that includes a router goes: among its neighbours, alive, not shadowed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scaffold.codemods.outcome import Cannot
from scaffold.codemods.routes import claims, served, takes
from scaffold.codemods.source import (
    Positioned,
    Scope,
    Source,
    blocks,
    dotted,
    holds,
    own_statements,
    walk_scope,
    written,
)
from scaffold.codemods.wanted import Wanted

_LIFESPAN = re.compile(r"(?:\w+\.)*APIRouter\(lifespan=([\w.]+)\)")
_RUNNERS = ("run", "serve", "run_forever", "run_server", "start_server")


@dataclass(frozen=True)
class Site:
    """An include of another router: its statement, the block it stands in, what it includes."""

    statement: ast.stmt
    block: list[ast.stmt]
    router: str


@dataclass(frozen=True)
class Place:
    """A line boundary for the include: in front of which statement of which block it comes."""

    offset: int
    indent: str
    gap: int
    block: list[ast.stmt]
    index: int
    scope: Scope
    neighbour: Site | None


@dataclass(frozen=True)
class Crowded:
    """A place that shares its line: in front of which statement of which block it would be."""

    reason: str
    line: int
    block: list[ast.stmt]
    index: int


def place_include(source: Source, wanted: Wanted, scope: Scope) -> Place | Crowded | Cannot:
    """Where the include goes: sorted among its neighbours, reachable, not shadowed."""
    home = home_of(scope, wanted.target)
    if home is None:
        return Cannot(f"{wanted.target} is not bound where its routers are included")
    block, start = home
    sites = [s for s in _sites(block, wanted) if s.router not in wanted.before]
    limit = _limit(block, start, wanted)
    if wanted.late:
        return place_at(source, block, limit, scope, [])
    direct = [s for s in sites if s.block is block]
    inner = [s for s in sites if s.block is not block and _unconditional(block, s.block)]
    if inner and len(inner) > len(direct):
        chosen = inner[-1].block
        within = [s for s in inner if s.block is chosen]
        outer = holder_of(block, within[-1].statement)
        if outer is not None and outer < limit:
            stop = _limit(chosen, 0, wanted)
            return place_at(source, chosen, _slot(chosen, within, wanted, 0, stop), scope, within)
    if not sites and not wanted.carries:
        limit = min([limit, *_carriers(block, start, wanted)])
    if sites:
        index = _slot(block, direct, wanted, start, limit)
        if not direct:
            behind = max(holder_of(block, s.statement) or 0 for s in sites) + 1
            index = min(behind, limit)
        return place_at(source, block, max(index, start), scope, direct or sites)
    return place_at(source, block, _alone(block, start, limit, wanted, scope), scope, [])


def beside(scope: Scope, wanted: Wanted, *, includes: bool = True) -> tuple[list[ast.stmt], int]:
    """A place for people to judge: behind the last include, else where the target is bound last."""
    body = scope.body
    chosen: tuple[list[ast.stmt], int] | None = None
    bound: tuple[list[ast.stmt], int] | None = None
    for block in _all_blocks(body):
        for index, statement in enumerate(block):
            simple = not list(blocks(statement))
            if includes and simple and included(statement, wanted) is not None:
                chosen = block, index + 1
            elif wanted.target.split(".")[0] in bound_by(statement) and (simple or not bound):
                bound = block, index + 1
    return chosen or bound or (body, _dead_end(body, 0))


def _all_blocks(body: list[ast.stmt]) -> Iterator[list[ast.stmt]]:
    yield body
    for statement in body:
        if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for block in blocks(statement):
                yield from _all_blocks(block)


def carried(router: str) -> str:
    """The lifespan of a router that is made to carry it and nothing else; "" for any other."""
    match = _LIFESPAN.fullmatch(router)
    return match[1] if match else ""


def _carriers(block: list[ast.stmt], start: int, wanted: Wanted) -> list[int]:
    """The indexes of the statements that include such routers: they come behind all others."""
    return [i for i in range(start, len(block)) if carried(included(block[i], wanted) or "")]


def _slot(block: list[ast.stmt], sites: list[Site], wanted: Wanted, start: int, limit: int) -> int:
    """The index among ``sites``: sorted where they are sorted, else behind the last one."""
    places = {id(statement): index for index, statement in enumerate(block[:limit])}
    indexes = [places[id(s.statement)] for s in sites if id(s.statement) in places]
    if not indexes:
        return limit
    keys = [_stem(s.router) for s in sites[: len(indexes)]]
    position = indexes[-1] + 1
    if all(keys) and keys == sorted(keys):
        new = _stem(wanted.alias)
        earlier = [i for i, key in zip(indexes, keys, strict=True) if key <= new]
        position = earlier[-1] + 1 if earlier else indexes[0]
    return max(start, min(position, limit))


def _stem(router: str) -> str:
    """What a router expression is sorted by: ``orders`` for orders_router and orders.router."""
    text = router.lower().removesuffix(".router")
    return text.removesuffix("_router").removesuffix("_routes").removesuffix("_api")


def _alone(block: list[ast.stmt], start: int, limit: int, wanted: Wanted, scope: Scope) -> int:
    """The index when nothing is included yet: behind the set-up of the target, or at the end."""
    if not isinstance(scope, ast.Module) and limit == _dead_end(block, start):
        return min(limit, _may_leave(block, start))
    index = start
    for position in range(start, limit):
        if not _configures(block[position], wanted.target):
            break
        index = position + 1
    return index


def _configures(statement: ast.stmt, target: str) -> bool:
    """Whether a statement is a plain call or assignment on the target."""
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        return (dotted(statement.value.func) or "").startswith(target + ".")
    if isinstance(statement, ast.Assign):
        return any((dotted(t) or "").startswith(target + ".") for t in statement.targets)
    return False


def place_at(
    source: Source, block: list[ast.stmt], index: int, scope: Scope, sites: list[Site]
) -> Place | Crowded:
    """The line boundary in front of ``block[index]``, by preference behind the statement before.

    Directly in front of it, below its heading comment, where it is one of ``sites`` and the
    statement before isn't.
    """
    neighbour = sites[-1] if sites else None
    first = index < len(block) and any(s.statement is block[index] for s in sites)
    if index > 0 and not (first and not any(s.statement is block[index - 1] for s in sites)):
        above = block[index - 1]
        offset = source.after_line(above)
        indent = _indent(source, block)
        if offset is not None and indent is not None:
            gap = 0
            if isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                gap = 2 if isinstance(scope, ast.Module) and block is scope.body else 1
            return Place(offset, indent, gap, block, index, scope, neighbour)
    if index < len(block):
        offset = source.before_line(block[index])
        if offset is not None:
            indent = source.indent(block[index])
            return Place(offset, indent, 0, block, index, scope, neighbour)
    line = block[min(index, len(block) - 1)].lineno
    return Crowded("several statements share the line where it belongs", line, block, index)


def _indent(source: Source, block: list[ast.stmt]) -> str | None:
    """The indentation of a block, from its first statement that starts a line."""
    for statement in block:
        if source.before_line(statement) is not None:
            return source.indent(statement)
    return None


def home_of(scope: Scope, target: str) -> tuple[list[ast.stmt], int] | None:
    """The block in which ``target`` is surely bound, and from which index on.

    The scope's own block, unless the target is only made inside one branch of it (as under
    ``if __name__ == "__main__"``).
    """
    body = scope.body
    binding = [i for i, s in enumerate(body) if target in bound_by(s)]
    if not binding:
        if isinstance(scope, ast.Module | ast.ClassDef):
            return None
        arguments = {a.arg for a in ast.walk(scope.args) if isinstance(a, ast.arg)}
        nothing_local = target.split(".")[0] not in {n for s in body for n in bound_by(s)}
        return (
            (body, _after_docstring(body))
            if target.split(".")[0] in arguments or nothing_local
            else None
        )
    fresh = [i for i in binding if not _reads(body[i], target)]
    if len(fresh) > 1 and _surely(body[fresh[0]], target):
        return body, fresh[-1] + 1  # made again: what is included before that is lost
    first = body[binding[0]]
    if isinstance(first, ast.If) and not _every_branch(first, target):
        inner = first.body if any(target in bound_by(s) for s in first.body) else first.orelse
        return home_of(_as_scope(inner), target) if len(binding) == 1 else None
    if isinstance(first, ast.With | ast.AsyncWith):
        if target in {dotted(i.optional_vars) for i in first.items if i.optional_vars}:
            return first.body, 0
        return home_of(_as_scope(first.body), target)
    if isinstance(first, ast.For | ast.AsyncFor | ast.While | ast.Match):
        return None
    return body, binding[0] + 1


def _reads(statement: ast.stmt, target: str) -> bool:
    """Whether a statement makes the target anew from itself: ``app = wrap(app)``."""
    return any(
        dotted(node) == target and isinstance(node.ctx, ast.Load)
        for node in walk_scope(statement)
        if isinstance(node, ast.Name | ast.Attribute)
    )


def _surely(statement: ast.stmt, target: str) -> bool:
    """Whether a statement binds the target whenever it runs."""
    if isinstance(statement, ast.If):
        return _every_branch(statement, target)
    return isinstance(statement, ast.Assign | ast.AnnAssign)


def _as_scope(body: list[ast.stmt]) -> ast.Module:
    return ast.Module(body, [])


def _after_docstring(body: list[ast.stmt]) -> int:
    first = body[0]
    return int(
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    )


def _every_branch(statement: ast.If, target: str) -> bool:
    """Whether every branch of an if binds the target."""
    if not statement.orelse:
        return False
    return all(
        any(
            target in bound_by(s) and not (isinstance(s, ast.If) and not _every_branch(s, target))
            for s in branch
        )
        for branch in (statement.body, statement.orelse)
    )


def bound_by(statement: ast.stmt) -> set[str]:
    """The names and attribute chains that a statement binds in its own scope."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {statement.name}
    found: set[str] = set()
    for node in walk_scope(statement):
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            found.add(dotted(node) or "")
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).split(".")[0])
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
    return found


def _sites(block: list[ast.stmt], wanted: Wanted) -> list[Site]:
    """The includes on the target in a block and in the blocks of its compound statements."""
    found: list[Site] = []
    for statement in block:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        inner = list(blocks(statement))
        if not inner:
            router = included(statement, wanted)
            lifespan = carried(router or "")
            if router is not None and bool(lifespan) == wanted.carries:
                found.append(Site(statement, block, lifespan or router))
        for below in inner:
            found += _sites(below, wanted)
    return found


def included(statement: ast.stmt, wanted: Wanted) -> str | None:
    """The router expression that a simple statement includes in the target, else None."""
    helper = wanted.call.partition("(")[0]
    for node in walk_scope(statement):
        if not isinstance(node, ast.Call):
            continue
        called = dotted(node.func)
        if called == f"{wanted.target}.include_router":
            values = [*node.args[:1], *(k.value for k in node.keywords if k.arg == "router")]
            return written(values[0]) if values else ""
        if helper and called == helper:
            others = [*node.args, *(k.value for k in node.keywords)]
            routers = [written(v) for v in others if dotted(v) != wanted.target]
            return routers[0] if routers else ""
    return None


def _unconditional(block: list[ast.stmt], inner: list[ast.stmt]) -> bool:
    """Whether ``inner`` is the body of a with or try that always runs inside ``block``."""
    for statement in block:
        if isinstance(statement, ast.With | ast.AsyncWith | ast.Try) and (
            statement.body is inner or _unconditional(statement.body, inner)
        ):
            return True
    return False


def holder_of(block: list[ast.stmt], node: Positioned) -> int | None:
    """The index of the statement of ``block`` that ``node`` lies in."""
    for index, statement in enumerate(block):
        if holds(statement, node):
            return index
    return None


def _limit(block: list[ast.stmt], start: int, wanted: Wanted) -> int:
    """The index that the include must not come behind."""
    end = _dead_end(block, start)
    paths = served(wanted.path) if wanted.path else ("/scaffold", "/scaffold/1")
    for index in range(start, end):
        if _stops(block[index], wanted, paths):
            return index
    return end


def _dead_end(block: list[ast.stmt], start: int) -> int:
    """The index of the first statement that ends the block, gives control away, or its length."""
    for index in range(start, len(block)):
        statement = block[index]
        if _ends(statement):
            return index
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if any(isinstance(n, ast.Yield | ast.YieldFrom) for n in walk_scope(statement)):
            return index
    return len(block)


def _ends(statement: ast.stmt) -> bool:
    """Whether nothing behind a statement runs: it returns, or all of its branches do."""
    match statement:
        case ast.Return() | ast.Raise() | ast.Break() | ast.Continue():
            return True
        case ast.If(body=body, orelse=other):
            return _ends_in(body) and _ends_in(other)
        case ast.With(body=body) | ast.AsyncWith(body=body):
            return _ends_in(body)
        case ast.Try(body=body, handlers=handlers, orelse=other, finalbody=last):
            runs = _ends_in(body) or _ends_in(other)
            return _ends_in(last) or (runs and all(_ends_in(h.body) for h in handlers))
        case ast.While(test=ast.Constant(value=value)) if value:
            return not any(isinstance(node, ast.Break) for node in walk_scope(statement))
    return False


def _ends_in(block: list[ast.stmt]) -> bool:
    return any(_ends(statement) for statement in block)


def _may_leave(block: list[ast.stmt], start: int) -> int:
    """The index of the first statement that may return, or the length of the block."""
    for index in range(start, len(block)):
        if any(isinstance(s, ast.Return) for s in own_statements(block[index : index + 1])):
            return index
    return len(block)


def _stops(statement: ast.stmt, wanted: Wanted, paths: Sequence[str]) -> bool:
    """Whether a statement takes the path away, rebinds the target, or runs the server."""
    if wanted.target in bound_by(statement):
        return True
    inner = [statement]
    while inner:
        one = inner.pop()
        below = [s for block in blocks(one) for s in block]
        inner += [s for s in below if not isinstance(one, ast.FunctionDef | ast.ClassDef)]
        if any(takes(t, paths, mount=m) for t, m in claims(one, wanted.target)):
            return True
        if not below and included(one, wanted) in wanted.before and wanted.before:
            return True
        if isinstance(one, ast.Expr) and isinstance(one.value, ast.Call | ast.Await):
            call = one.value.value if isinstance(one.value, ast.Await) else one.value
            if isinstance(call, ast.Call) and (
                dotted(call.func) in wanted.before
                or _runs(call, wanted.target)
                or _passes_on(call, wanted.target)
            ):
                return True
    return False


def _runs(call: ast.Call, target: str) -> bool:
    """Whether a call hands the target to a server: ``uvicorn.run(app)``."""
    return (dotted(call.func) or "").rpartition(".")[2] in _RUNNERS and any(
        dotted(a) == target for a in [*call.args, *(k.value for k in call.keywords)]
    )


def _passes_on(call: ast.Call, target: str) -> bool:
    """Whether a call includes the target itself in another router, copying what it has by then."""
    values = [*call.args[:1], *(k.value for k in call.keywords if k.arg == "router")]
    method = (dotted(call.func) or "").rpartition(".")[2]
    return method == "include_router" and any(dotted(v) == target for v in values)
