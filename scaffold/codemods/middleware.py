"""Middleware put around the routes: innermost, so that what is there (CORS, logs) stays around it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from scaffold.codemods import imports
from scaffold.codemods.joined import Edit, blocks_of, join, joinable, without_import
from scaffold.codemods.lines import line_end_near
from scaffold.codemods.outcome import Already, Cannot, Outcome, Patched
from scaffold.codemods.pasted import named, put_in, refuse_in
from scaffold.codemods.places import Crowded, Place, Site, beside, home_of, place_at
from scaffold.codemods.router import living
from scaffold.codemods.router_imports import import_place, reaches
from scaffold.codemods.source import (
    Scope,
    Source,
    dotted,
    find_scope,
    holds,
    parse,
    read_source,
    walk_scope,
)
from scaffold.codemods.wanted import Wanted, laid_out


@dataclass(frozen=True)
class _Listed:
    """A list literal of ``Middleware(…)``, the outermost first, that the application is made with."""

    value: ast.List
    maker: str


def add_middleware(
    content: bytes,
    *,
    module: str,
    name: str,
    arguments: Mapping[str, str] | None = None,
    target: str = "app",
    scope: str = "",
    line: int | None = None,
    package: str = "",
    first_party: Sequence[str] = (),
    line_length: int = 88,
) -> Outcome:
    """Import ``name`` from ``module`` and add it to the application ``target`` as middleware.

    ``arguments`` are keyword arguments as source text. It becomes the innermost but for
    middleware of the project's own that sorts before it by name. ``scope`` is the qualified name
    of the function or class in whose body the application is made, ``line`` where. An
    application made with ``middleware=[…]`` gets it there. Already when the file hands the
    class on anywhere at run time.
    """
    wanted = Wanted(
        module, name, name, target, "", scope, package, first_party=tuple(first_party),
        line_length=line_length, code=arguments or {},
    )  # fmt: skip
    source = read_source(content)
    if isinstance(source, Cannot):
        return source
    there = added_at(source, wanted.own, name, package)
    if there:
        return Already(there)
    scopes = find_scope(source.tree, scope)
    if len(scopes) != 1:
        what = "several definitions are" if scopes else "no function or class is"
        return _by_hand(source, wanted, f"{what} called {scope}")
    return _added(source, wanted, scopes[0], line)


def _added(source: Source, wanted: Wanted, scope: Scope, line: int | None) -> Outcome:
    made = _construction(scope, wanted.target, line)
    given = next((k.value for k in made.keywords if k.arg == "middleware"), None) if made else None
    if given is not None:
        return _listed(source, wanted, scope, given)
    if not wanted.target:
        return _unnamed(source, wanted, made, line)
    place = _place(source, wanted, scope)
    if not isinstance(place, Place):
        return _by_hand(source, wanted, place.reason, place.line)
    brought = _bring(source, wanted, place)
    if brought is None:
        return _by_hand(source, wanted, "no line of its own to import it on")
    expression, edits = brought
    rows = laid_out(_call(wanted, expression), place.indent, wanted)
    lines = [*[""] * place.gap, *(place.indent + row for row in rows)]
    put = source.lines_at(place.offset, lines)
    new = source.replace([*edits, (put.offset, put.offset, put.text)])
    wrong = _unproven(source, new, wanted, expression, brought=bool(edits))
    return _by_hand(source, wanted, wrong) if wrong else Patched(new)


def added_at(source: Source, module: str, name: str, package: str = "") -> int | None:
    """The line at which ``name`` of the absolute ``module`` is handed on as middleware, if any."""
    reached = {r.expression for r in imports.reaching(source, module, name, package)}
    for node in living(source.tree) if reached else ():
        if isinstance(node, ast.Call):
            handed = [node.func, *node.args, *(k.value for k in node.keywords)]
            if any(dotted(value) in reached for value in handed):
                return node.lineno
    return None


def sites(body: Sequence[ast.stmt], target: str) -> Iterator[tuple[int, ast.Call]]:
    """The plain ``target.add_middleware(…)`` statements of a block, by index."""
    for index, statement in enumerate(body):
        call = statement.value if isinstance(statement, ast.Expr) else None
        if isinstance(call, ast.Call) and dotted(call.func) == f"{target}.add_middleware":
            yield index, call


def _construction(scope: Scope, target: str, line: int | None) -> ast.Call | None:
    """The call that makes the application: at ``line``, or bound to ``target``."""
    for node in walk_scope(scope):
        if line is not None and isinstance(node, ast.Call) and node.lineno == line:
            return node
        if line is None and isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if isinstance(node.value, ast.Call) and any(dotted(t) == target for t in targets):
                return node.value
    return None


def _place(source: Source, wanted: Wanted, scope: Scope) -> Place | Crowded | Cannot:
    home = home_of(scope, wanted.target)
    if home is None:
        return Cannot(f"{wanted.target} is not bound where the application is made")
    block, start = home
    found = [(index, call) for index, call in sites(block, wanted.target) if index >= start]
    if not found:
        index = start
        while index < len(block) and _is_state(block[index], wanted.target):
            index += 1
        return place_at(source, block, index, scope, [])
    index = found[0][0]
    for at, call in found:
        if at != index or not _sorts_before(source, wanted, call):
            break
        index = at + 1
    heads = [Site(block[found[0][0]], block, "")] if index == found[0][0] else []
    return place_at(source, block, index, scope, heads)


def _is_state(statement: ast.stmt, target: str) -> bool:
    """Whether a statement sets an attribute of the target: ``app.state.x = y``."""
    return isinstance(statement, ast.Assign) and any(
        (dotted(t) or "").startswith(target + ".") for t in statement.targets
    )


def _sorts_before(source: Source, wanted: Wanted, call: ast.Call) -> bool:
    """Whether a neighbour is the project's own and comes first by name."""
    if not call.args or (text := dotted(call.args[0])) is None:
        return False
    root = text.split(".")[0]
    tops = {wanted.own.split(".")[0], *wanted.first_party}
    for statement in imports.top_imports(source.tree):
        for alias in statement.names:
            if (alias.asname or alias.name).split(".")[0] != root:
                continue
            base = alias.name
            if isinstance(statement, ast.ImportFrom):
                base = imports.module_of(statement, wanted.package)
                if statement.level and not wanted.package:
                    return text.rpartition(".")[2] < wanted.name
            return base.split(".")[0] in tops and text.rpartition(".")[2] < wanted.name
    return False


def _bring(source: Source, wanted: Wanted, place: Place) -> tuple[str, list[Edit]] | None:
    """The expression that means the class at ``place``, and the edits that bring it there."""
    for one in imports.reaching(source, wanted.own, wanted.name, wanted.package):
        if one.sure and reaches(source, one.statement, place):
            return one.expression, []
    bound = imports.free_name(wanted.name, imports.names_in(source.tree))
    position = import_place(source, wanted, place)
    anchor = place.block[place.index] if place.index < len(place.block) else place.block[-1]
    together = joinable(source, wanted.own, wanted.package, anchor)
    if together is not None:
        edits = join(source, together, wanted.name, bound, wanted.line_length)
        if edits is not None:
            return bound, edits
    if position is None:
        return None
    statement = imports.import_line(wanted.module, wanted.name, bound)
    rows = laid_out(statement, position[1], wanted)
    put = imports.insertion_of(source, position, rows)
    return bound, [(put.offset, put.offset, put.text)]


def _call(wanted: Wanted, expression: str) -> str:
    arguments = [expression, *(f"{key}={value}" for key, value in wanted.code.items())]
    return f"{wanted.target}.add_middleware({', '.join(arguments)})"


# -- middleware=[…]


def _listed(source: Source, wanted: Wanted, scope: Scope, given: ast.expr) -> Outcome:
    """One more element, the last but for those of the project's own that sort before it."""
    found = _literal(source, scope, given)
    if isinstance(found, Cannot):
        return _around(source, wanted, given, found.reason)
    elements = found.value.elts
    index = len(elements)
    for element in reversed(elements):
        if not isinstance(element, ast.Call) or not _sorts_before(source, wanted, element):
            break
        index -= 1
    statement = _holder(source.tree, found.value)
    block = source.tree.body
    assert statement is not None, "a node of this very tree"
    place = Place(0, "", 0, block, block.index(statement), source.tree, None)
    brought = _bring(source, wanted, place)
    if brought is None:
        return _around(source, wanted, given, "no line of its own to import it on")
    expression, edits = brought
    arguments = [expression, *(f"{key}={value}" for key, value in wanted.code.items())]
    put = _element(source, found.value, index, f"{found.maker}({', '.join(arguments)})")
    if put is None:
        return _around(source, wanted, given, "its list is laid out in no usual way")
    new = source.replace([*edits, *put])
    wrong = _unproven(source, new, wanted, expression, brought=bool(edits))
    return _around(source, wanted, given, wrong) if wrong else Patched(new)


def _literal(source: Source, scope: Scope, given: ast.expr) -> _Listed | Cannot:
    """The list itself, or the one that a name of the module or the scope is bound to once."""
    value: ast.expr | None = given
    if isinstance(given, ast.Name):
        nodes = [*walk_scope(scope), *walk_scope(source.tree)]
        bound = {
            id(n): n.value
            for n in nodes
            if isinstance(n, ast.Assign | ast.AnnAssign)
            and given.id in {dotted(t) for t in getattr(n, "targets", [getattr(n, "target", n)])}
        }
        value = next(iter(bound.values())) if len(bound) == 1 else None
    if not isinstance(value, ast.List):
        return Cannot("its middleware is no plain list", given.lineno)
    makers = {dotted(e.func) for e in value.elts if isinstance(e, ast.Call)}
    if len(makers) == 1 and len(value.elts) == sum(isinstance(e, ast.Call) for e in value.elts):
        return _Listed(value, makers.pop() or "Middleware")
    return Cannot("its middleware is no plain list of Middleware(…)", given.lineno)


def _holder(tree: ast.Module, node: ast.expr) -> ast.stmt | None:
    """The statement of the module's own block that ``node`` lies in."""
    for statement in tree.body:
        if holds(statement, node):
            return statement
    return None


def _element(source: Source, value: ast.List, index: int, text: str) -> list[Edit] | None:
    """The element in front of the one at ``index``, on a line of its own where the others are."""
    spans = [(source.start(e), source.end(e)) for e in value.elts]
    begins = [source.starts[source.line_at(start) - 1] for start, _ in spans]
    own_line = all(not source.text[b:s].strip() for b, (s, _) in zip(begins, spans, strict=True))
    if not own_line:
        if index < len(spans):
            return [(spans[index][0], spans[index][0], f"{text}, ")]
        return [(spans[-1][1], spans[-1][1], f", {text}")]
    indent = source.text[begins[-1] : spans[-1][0]]
    ending = line_end_near(source.text, begins[-1])
    if index < len(spans):
        return [(begins[index], begins[index], f"{indent}{text},{ending}")]
    end = source.end(value) - 1
    behind = re.sub(r"#[^\r\n]*", "", source.text[spans[-1][1] : end])
    comma = [] if behind.lstrip().startswith(",") else [(spans[-1][1], spans[-1][1], ",")]
    close = source.starts[source.line_at(end) - 1]
    if source.text[close:end].strip():
        if len(behind) != end - spans[-1][1]:
            return None
        return [(spans[-1][1], spans[-1][1], f", {text}")]
    return [*comma, (close, close, f"{indent}{text},{ending}")]


def _unproven(
    source: Source, new: bytes, wanted: Wanted, expression: str, *, brought: bool
) -> str | None:
    """Why the new file isn't the old one plus the import and the middleware; None when it is."""
    try:
        tree = parse(new)
    except SyntaxError:
        return "it would not parse"
    if brought and not without_import(source.tree, tree, wanted.name):
        return "more than one import would change"
    added = 0
    for node in ast.walk(tree):
        for block in [tree.body] if node is tree else blocks_of(node):
            left = [s for s in block if not _adds(s, wanted.target, expression)]
            added += len(block) - len(left)
            block[:] = left
        if isinstance(node, ast.List):
            rest = [e for e in node.elts if not _names_first(e, expression)]
            added += len(node.elts) - len(rest)
            node.elts = rest
    if added != 1:
        return "it would not be added once"
    same = ast.dump(tree) == ast.dump(source.tree)
    return None if same else "more than the import and the middleware would change"


def _adds(statement: ast.stmt, target: str, expression: str) -> bool:
    """Whether a statement adds the class to the application."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    return (
        isinstance(call, ast.Call)
        and dotted(call.func) == f"{target}.add_middleware"
        and _names_first(call, expression)
    )


def _names_first(node: ast.expr, expression: str) -> bool:
    """Whether a call has the class as its first argument."""
    return isinstance(node, ast.Call) and bool(node.args) and dotted(node.args[0]) == expression


def _by_hand(source: Source, wanted: Wanted, reason: str, line: int | None = None) -> Cannot:
    """A refusal with the lines that do it by hand, where the application is made."""
    scope = (find_scope(source.tree, wanted.scope) or [source.tree])[-1]
    place = _place(source, wanted, scope)
    block, index = (
        beside(scope, wanted, includes=False)
        if isinstance(place, Cannot)
        else (place.block, place.index)
    )
    edits = put_in(source, block, index, _statements(source, wanted))
    inside = f"in {wanted.scope}() " if wanted.scope else ""
    return refuse_in(source, edits, reason, line, f"{inside}where {wanted.target} is made")


def _statements(source: Source, wanted: Wanted) -> tuple[str, str]:
    """The import of the class and the call that adds it."""
    name = imports.free_name(wanted.name, imports.names_in(source.tree))
    return imports.import_line(wanted.module, wanted.name, name), _call(wanted, name)


def _unnamed(source: Source, wanted: Wanted, made: ast.Call | None, line: int | None) -> Cannot:
    """A refusal with the lines that give the application a name first."""
    reason = "the application has no name where it is made"
    name = imports.free_name("app", imports.names_in(source.tree))
    lines = _statements(source, replace(wanted, target=name))
    edits = named(source, made, name, lines) if made else None
    if edits is None:
        return Cannot(f"{reason}: give it one", line)
    return refuse_in(source, edits, reason, line)


def _around(source: Source, wanted: Wanted, given: ast.expr, reason: str) -> Cannot:
    """A refusal with the lines that make one list of what ``middleware=`` is now and one more."""
    taken = imports.names_in(source.tree)
    name, maker = imports.free_name(wanted.name, taken), imports.free_name("Middleware", taken)
    lines = [imports.import_line(wanted.module, wanted.name, name)]
    known = [
        r.expression
        for module in ("starlette.middleware", "fastapi.middleware")
        for r in imports.reaching(source, module, "Middleware", "")
        if r.sure and r.statement in source.tree.body
    ]
    if known:
        maker = known[0]
    else:
        lines.insert(0, imports.import_line("starlette.middleware", "Middleware", maker))
    arguments = [name, *(f"{key}={value}" for key, value in wanted.code.items())]
    statement = _holder(source.tree, given)
    assert statement is not None, "a node of this very tree"
    body = source.tree.body
    edits = [
        *_longer(source, given, f"{maker}({', '.join(arguments)})"),
        *put_in(source, body, body.index(statement), lines),
    ]
    return refuse_in(source, edits, reason, given.lineno)


def _longer(source: Source, given: ast.expr, element: str) -> list[Edit]:
    """The edits that make a list with ``element`` as its last out of what is given."""
    start, end = source.start(given), source.end(given)
    if isinstance(given, ast.List) and given.elts:
        behind = source.end(given.elts[-1])
        return [(behind, behind, f", {element}")]
    if isinstance(given, ast.Constant | ast.List):
        return [(start, end, f"[{element}]")]
    if isinstance(given, ast.Name | ast.Tuple | ast.Call | ast.Attribute):
        return [(start, start, "[*"), (end, end, f", {element}]")]
    return [(start, start, "[*("), (end, end, f"), {element}]")]
