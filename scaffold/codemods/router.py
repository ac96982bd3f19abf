"""Wire a router: its import, and the statement that includes it, among their neighbours."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from scaffold.codemods import imports
from scaffold.codemods.outcome import Already, Cannot, Outcome, Patched
from scaffold.codemods.routes import claims, served, takes
from scaffold.codemods.source import (
    Positioned,
    Scope,
    Source,
    blocks,
    definitions,
    dotted,
    find_scope,
    read_source,
    walk_scope,
)

_RUNNERS = ("run", "serve", "run_forever", "run_server", "start_server")


@dataclass(frozen=True)
class Wanted:
    """What is to be wired and where, as plain values (see ``include_router``)."""

    module: str
    name: str
    alias: str
    target: str
    call: str = ""
    scope: str = ""
    package: str = ""
    prefix: str = ""
    tags: tuple[str, ...] = ()
    code: Mapping[str, str] = field(default_factory=dict)
    path: str = ""
    before: tuple[str, ...] = ()
    first_party: tuple[str, ...] = ()
    late: bool = False
    line_length: int = 88
    quote: str = '"'

    @property
    def own(self) -> str:
        """The absolute name of the router's module."""
        return imports.absolute(self.module, self.package)


@dataclass(frozen=True)
class Site:
    """An include of another router: its statement, the block it stands in, what it includes."""

    statement: ast.stmt
    block: list[ast.stmt]
    router: str


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
    wanted = Wanted(
        module, name, alias or name, target, call, scope, package, prefix, tuple(tags), code or {},
        path, tuple(before), tuple(first_party), late, line_length, quote,
    )  # fmt: skip
    if isinstance(source, Cannot):
        return paste(wanted, source.reason, source.line)
    return _include(source, wanted)


def _include(source: Source, wanted: Wanted) -> Outcome:
    reached = imports.reaching(source, wanted.own, wanted.name, wanted.package)
    used = _use(source, {r.expression for r in reached})
    if used:
        return Already(used.lineno)
    scopes = find_scope(source.tree, wanted.scope)
    if len(scopes) != 1:
        what = "several definitions" if scopes else "no function or class"
        return paste(wanted, f"{what} called {wanted.scope}")
    place = place_include(source, wanted, scopes[0])
    if isinstance(place, Cannot):
        return paste(wanted, place.reason, place.line)
    bound = [r for r in reached if r.sure and _reaches_scope(source, r.statement, place)]
    if bound:
        insertions = []
        expression = bound[0].expression
    else:
        expression = imports.free_name(wanted.alias, imports.names_in(source.tree))
        line = imports.import_line(wanted.module, wanted.name, expression)
        position = _import_place(source, wanted, place)
        if position is None:
            return paste(wanted, "no line of its own to import it on")
        lines = _laid_out(line, position[1], wanted)
        insertions = [imports.insertion_of(source, position, lines)]
    lines = _laid_out(include_line(wanted, expression), place.indent, wanted)
    gap = [""] * place.gap
    insertions.append(
        source.lines_at(place.offset, [*gap, *(place.indent + line for line in lines)])
    )
    return Patched(source.splice(insertions))


def include_line(wanted: Wanted, expression: str) -> str:
    """The include statement on one line."""
    if wanted.call:
        return wanted.call.replace("{}", expression)
    arguments = [expression]
    quote = wanted.quote
    if wanted.prefix and "prefix" not in wanted.code:
        arguments.append(f"prefix={quote}{wanted.prefix}{quote}")
    if wanted.tags and "tags" not in wanted.code:
        arguments.append(f"tags=[{', '.join(quote + tag + quote for tag in wanted.tags)}]")
    arguments += [f"{key}={value}" for key, value in wanted.code.items()]
    return f"{wanted.target}.include_router({', '.join(arguments)})"


def paste(wanted: Wanted, reason: str, line: int | None = None) -> Cannot:
    """A refusal with the two lines that do it by hand."""
    snippet = (
        imports.import_line(wanted.module, wanted.name, wanted.alias)
        + "\n"
        + include_line(wanted, wanted.alias)
        + "\n"
    )
    inside = f"in {wanted.scope}() " if wanted.scope else ""
    return Cannot(
        reason,
        line,
        snippet,
        f"{inside}where {wanted.target} is made, before it is returned or run",
    )


def _laid_out(line: str, indent: str, wanted: Wanted) -> list[str]:
    """``line`` as the formatter would break it, at the width that the indentation leaves."""
    width = wanted.line_length - len(indent.expandtabs(4))
    if len(line) <= width:
        return [line]
    from scaffold.layout import format_python

    text = format_python(line + "\n", width)
    if "\t" in indent:
        text = text.replace("    ", "\t")
    return text.splitlines()


# --- what is there -------------------------------------------------------------------------


def _use(source: Source, expressions: set[str]) -> ast.expr | None:
    """Where one of ``expressions`` is handed on at run time: an argument or an element."""
    if not expressions:
        return None
    for node in _living(source.tree):
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


def _living(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes below ``node`` that can run: not behind a return, not for type checkers only."""
    for _, value in ast.iter_fields(node):
        items = value if isinstance(value, list) else [value]
        for item in items:
            if not isinstance(item, ast.AST):
                continue
            if isinstance(item, ast.If) and imports.is_type_checking(item.test):
                continue
            yield item
            yield from _living(item)
            if isinstance(item, ast.Return | ast.Raise | ast.Break | ast.Continue):
                break


# --- where it goes -------------------------------------------------------------------------


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


def place_include(source: Source, wanted: Wanted, scope: Scope) -> Place | Cannot:
    """Where the include goes: sorted among its neighbours, reachable, not shadowed."""
    home = _home(scope, wanted.target)
    if home is None:
        return Cannot(f"{wanted.target} is not bound where its routers are included")
    block, start = home
    sites = [s for s in _sites(block, wanted) if s.router not in wanted.before]
    limit = _limit(block, start, wanted)
    direct = [s for s in sites if _index(s.block, s.statement) is not None and s.block is block]
    inner = [s for s in sites if s.block is not block and _unconditional(block, s.block)]
    if inner and len(inner) > len(direct):
        chosen = inner[-1].block
        within = [s for s in inner if s.block is chosen]
        outer = _holder(block, within[-1].statement)
        if outer is not None and outer < limit:
            stop = _limit(chosen, 0, wanted)
            return _place(source, chosen, _slot(chosen, within, wanted, 0, stop), scope, within)
    if sites:
        index = _slot(block, [s for s in sites if s.block is block], wanted, start, limit)
        behind = max((_holder(block, s.statement) or 0 for s in sites), default=0) + 1
        if not direct:
            index = min(behind, limit)
        return _place(source, block, max(index, start), scope, direct or sites)
    return _place(source, block, _alone(block, start, limit, wanted, scope), scope, [])


def _slot(block: list[ast.stmt], sites: list[Site], wanted: Wanted, start: int, limit: int) -> int:
    """The index among ``sites``: sorted where they are sorted, else behind the last one."""
    indexes = [i for s in sites if (i := _index(block, s.statement)) is not None and i < limit]
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
        return limit
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


def _place(
    source: Source, block: list[ast.stmt], index: int, scope: Scope, sites: list[Site]
) -> Place | Cannot:
    """The line boundary in front of ``block[index]``, by preference behind the statement before."""
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
    return Cannot("several statements share the line where the include belongs", line)


def _indent(source: Source, block: list[ast.stmt]) -> str | None:
    """The indentation of a block, from its first statement that starts a line."""
    for statement in block:
        if source.before_line(statement) is not None:
            return source.indent(statement)
    return None


def _home(scope: Scope, target: str) -> tuple[list[ast.stmt], int] | None:
    """The block in which ``target`` is surely bound, and from which index on.

    The scope's own block, unless the target is only made inside one branch of it (as under
    ``if __name__ == "__main__"``).
    """
    body = scope.body
    binding = [i for i, s in enumerate(body) if target in _bound_by(s)]
    if not binding:
        if isinstance(scope, ast.Module | ast.ClassDef):
            return None
        arguments = {a.arg for a in ast.walk(scope.args) if isinstance(a, ast.arg)}
        nothing_local = target.split(".")[0] not in {n for s in body for n in _bound_by(s)}
        return (
            (body, _after_docstring(body))
            if target.split(".")[0] in arguments or nothing_local
            else None
        )
    first = body[binding[0]]
    if isinstance(first, ast.If) and not _every_branch(first, target):
        inner = first.body if any(target in _bound_by(s) for s in first.body) else first.orelse
        return _home(_as_scope(inner), target) if len(binding) == 1 else None
    if isinstance(first, ast.With | ast.AsyncWith):
        return _home(_as_scope(first.body), target)
    if isinstance(first, ast.For | ast.AsyncFor | ast.While | ast.Match):
        return None
    return body, binding[0] + 1


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
            target in _bound_by(s) and not (isinstance(s, ast.If) and not _every_branch(s, target))
            for s in branch
        )
        for branch in (statement.body, statement.orelse)
    )


def _bound_by(statement: ast.stmt) -> set[str]:
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
            if router is not None:
                found.append(Site(statement, block, router))
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
            return ast.unparse(values[0]) if values else ""
        if helper and called == helper:
            others = [*node.args, *(k.value for k in node.keywords)]
            routers = [ast.unparse(v) for v in others if dotted(v) != wanted.target]
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


def _index(block: list[ast.stmt], statement: ast.stmt) -> int | None:
    return next((i for i, s in enumerate(block) if s is statement), None)


def _holder(block: list[ast.stmt], node: Positioned) -> int | None:
    """The index of the statement of ``block`` that ``node`` lies in."""
    for index, statement in enumerate(block):
        if statement.lineno <= node.lineno <= (statement.end_lineno or statement.lineno):
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
        if isinstance(statement, ast.Return | ast.Raise | ast.Break | ast.Continue):
            return index
        if any(isinstance(n, ast.Yield | ast.YieldFrom) for n in walk_scope(statement)):
            return index
    return len(block)


def _stops(statement: ast.stmt, wanted: Wanted, paths: Sequence[str]) -> bool:
    """Whether a statement takes the path away, rebinds the target, or runs the server."""
    if wanted.target in _bound_by(statement):
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


# --- its import ----------------------------------------------------------------------------


def _import_place(source: Source, wanted: Wanted, place: Place) -> tuple[int, str, bool] | None:
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
    index = _holder(tree.body, place.block[0])
    return None if index is None else tree.body[index]


def _local_import(place: Place) -> ast.stmt | None:
    """The import inside the same function that brings the neighbour's router, if there is one."""
    if isinstance(place.scope, ast.Module) or place.neighbour is None:
        return None
    root = place.neighbour.router.split(".")[0]
    for node in walk_scope(place.scope):
        if isinstance(node, ast.Import | ast.ImportFrom) and root in _bound_by(node):
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
            end = place.index if body is place.block else _holder(body, place.block[0])
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


def _reaches_scope(source: Source, statement: ast.stmt, place: Place) -> bool:
    """Whether a name that ``statement`` imports is bound when the include runs."""
    tree = source.tree
    if statement in tree.body:
        anchor = _anchor(tree, place)
        return anchor is None or statement.lineno < anchor.lineno
    return any(statement in body[: place.index] for body in [place.block])


# --- and back ------------------------------------------------------------------------------


def exclude_router(
    content: bytes, *, module: str, name: str = "router", package: str = ""
) -> Outcome:
    """Take out the import of a router and the statement that includes it, found by meaning.

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
    statements = [s for s in _simple(source.tree.body) if _includes(s, only.expression)]
    if len(uses) != len(statements) or len(roots) != len(statements) or len(statements) > 1:
        lines = sorted({n.lineno for n in roots if isinstance(n, ast.Name)})
        return Cannot("the router is used for more than one include", lines[0] if lines else None)
    spans: list[tuple[int, int]] = []
    for statement in [only.statement, *statements]:
        start, end = source.before_line(statement), source.after_line(statement)
        if start is None or end is None:
            return Cannot("it shares its line with another statement", statement.lineno)
        if _sole(source.tree, statement):
            return Cannot("it is the only statement of its block", statement.lineno)
        spans.append((start, end))
    return Patched(source.cut(spans))


def _simple(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Every statement without a block of its own, at any depth."""
    for statement in body:
        inner = list(blocks(statement))
        if not inner:
            yield statement
        for block in inner:
            yield from _simple(block)


def _includes(statement: ast.stmt, expression: str) -> bool:
    if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)):
        return False
    call = statement.value
    values = [*call.args[:1], *(k.value for k in call.keywords if k.arg == "router")]
    method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    return method == "include_router" and any(dotted(v) == expression for v in values)


def _sole(tree: ast.Module, statement: ast.stmt) -> bool:
    """Whether taking the statement out would leave an empty block."""
    for node in ast.walk(tree):
        for block in blocks(node) if isinstance(node, ast.stmt) else ():
            if block == [statement]:
                return True
    return any(definition.body == [statement] for definition in definitions(tree.body))
