"""Where routers are included: on the application, on an aggregate router, in a helper, in a loop."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from scaffold.codemods.places import carried
from scaffold.codemods.source import Scope, blocks, dotted, find_scope, walk_scope, written
from scaffold.project.flow import Receiver
from scaffold.project.index import Evidence, Index, is_aside
from scaffold.project.names import Found, refer


@dataclass(frozen=True)
class Include:
    """One router included: the expression, and the keyword arguments of the call (source text).

    ``named_in`` is the file that the expression stands in, if that isn't the call's own.
    """

    path: str
    line: int
    router: str
    keywords: Mapping[str, str] = field(default_factory=dict)
    looped: bool = False
    conditional: bool = False
    named_in: str = ""

    @property
    def evidence(self) -> Evidence:
        """Where the call is."""
        return Evidence(self.path, self.line, f"include_router({self.router})")


@dataclass(frozen=True)
class Site:
    """A scope in which routers are included on one receiver, or could be (no ``includes``).

    ``call`` is how a neighbour does it where that isn't ``target.include_router({})``: a helper
    of the project's own, ``{}`` standing for the router. ``before`` names the functions called
    there that register what would take every path.
    """

    path: str
    scope: str
    target: str
    includes: tuple[Include, ...] = ()
    call: str = ""
    before: tuple[str, ...] = ()


def site_of(index: Index, receiver: Receiver) -> Site:
    """The includes on a receiver in its own scope.

    A function that includes its own parameter is a helper: the site is where it is called.
    """
    source = index.source(receiver.path)
    found: list[Include] = []
    call = ""
    for scope in find_scope(source.tree, receiver.scope) if source else ():
        parameters = _parameters(scope)
        for statement, looped, conditional in _simple(scope.body):
            for node in walk_scope(statement):
                if not isinstance(node, ast.Call):
                    continue
                if dotted(node.func) == f"{receiver.text}.include_router":
                    loop = looped or _loop_of(statement, node)
                    found += _read(index, receiver.path, scope, parameters, node, loop, conditional)
                elif (helper := _helper(index, receiver, node)) is not None:
                    router, call = helper
                    found.append(
                        Include(receiver.path, node.lineno, router, {}, False, conditional)
                    )
    return Site(receiver.path, receiver.scope, receiver.text, tuple(found), call)


def _simple(
    block: list[ast.stmt], looped: ast.AST | None = None, conditional: bool = False
) -> Iterator[tuple[ast.stmt, ast.AST | None, bool]]:
    """The simple statements of a scope with the loop and the branch that they stand in."""
    for statement in block:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        inner = list(blocks(statement))
        if not inner:
            yield statement, looped, conditional
        loop = isinstance(statement, ast.For | ast.AsyncFor | ast.While)
        branch = conditional or isinstance(statement, ast.If | ast.Match)
        for below in inner:
            yield from _simple(below, statement if loop else looped, branch)


def _loop_of(statement: ast.stmt, call: ast.Call) -> ast.AST | None:
    """The comprehension around a call."""
    for node in walk_scope(statement):
        if isinstance(node, ast.ListComp | ast.GeneratorExp | ast.SetComp) and call in walk_all(
            node
        ):
            return node.generators[0]
    return None


def walk_all(node: ast.AST) -> list[ast.AST]:
    """Every node below ``node``, as a list for membership tests."""
    return list(ast.walk(node))


def _read(
    index: Index,
    path: str,
    scope: Scope,
    parameters: set[str],
    call: ast.Call,
    loop: ast.AST | None,
    conditional: bool,
) -> list[Include]:
    """The includes that one call stands for: itself, or each element of the list it loops over.

    ``parameters`` are those of the function that it stands in: what they hold can't be told.
    """
    keywords = {k.arg: written(k.value) for k in call.keywords if k.arg}
    router = written(call.args[0]) if call.args else keywords.pop("router", "")
    if carried(router):
        return []  # a lifespan, not a router
    if loop is None:
        if router.split(".")[0].split("(")[0] in parameters:
            return _given(index, path, scope, call, router, parameters)
        return [Include(path, call.lineno, router, keywords, False, conditional)]
    iterated = getattr(loop, "iter", None)
    if iterated is not None and (dotted(iterated) or "").split(".")[0] in parameters:
        return []
    where, elements = _elements(index, path, iterated)
    if not elements:
        return [Include(path, call.lineno, router, keywords, True, conditional)]
    return [Include(path, call.lineno, e, keywords, True, conditional, where) for e in elements]


def _given(
    index: Index, path: str, scope: Scope, call: ast.Call, router: str, parameters: set[str]
) -> list[Include]:
    """The router that the one caller of a factory hands to it; none to a helper, or to several."""
    target = (dotted(call.func) or "").split(".")[0]
    if target in parameters or not isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef):
        return []
    names = [a.arg for a in scope.args.args]
    found: set[tuple[str, str]] = set()
    for caller, _ in index.containing(f"{scope.name}(".encode()):
        source = None if is_aside(caller) else index.source(caller)
        for node in ast.walk(source.tree) if source else ():
            called = dotted(node.func) if isinstance(node, ast.Call) else None
            if not isinstance(node, ast.Call) or not called or not called.endswith(scope.name):
                continue
            meant = refer(index, caller, called)
            if meant is not None and (meant.path, meant.name) == (path, scope.name):
                given: dict[str | None, ast.expr] = dict(zip(names, node.args, strict=False))
                given |= {k.arg: k.value for k in node.keywords}
                found.add((caller, dotted(given.get(router, ast.Constant(0))) or ""))
    if len(found) != 1 or not all(text for _, text in found):
        return []
    ((caller, text),) = found
    keywords = {k.arg: written(k.value) for k in call.keywords if k.arg and k.arg != "router"}
    return [Include(path, call.lineno, text, keywords, named_in=caller)]


def _parameters(scope: Scope) -> set[str]:
    if not isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef):
        return set()
    return {a.arg for a in ast.walk(scope.args) if isinstance(a, ast.arg)} - {"self", "cls"}


def _elements(index: Index, path: str, iterated: ast.AST | None) -> tuple[str, list[str]]:
    """The file and the elements of the list that a loop runs over, as far as they are names."""
    name = dotted(iterated) if iterated is not None else None
    if name is not None:
        found = refer(index, path, name)
        if found and isinstance(found.statement, ast.Assign | ast.AnnAssign):
            path, iterated = found.path, found.statement.value
    if not isinstance(iterated, ast.List | ast.Tuple | ast.Set):
        return path, []
    return path, [text for e in iterated.elts if (text := dotted(e))]


def _helper(index: Index, receiver: Receiver, call: ast.Call) -> tuple[str, str] | None:
    """The router that a call hands to a helper of the project, and the call with ``{}`` for it."""
    values = [*call.args, *(k.value for k in call.keywords)]
    if not any(dotted(v) == receiver.text for v in values) or not dotted(call.func):
        return None
    found = refer(index, receiver.path, dotted(call.func) or "")
    function = found.statement if found else None
    if not isinstance(function, ast.FunctionDef):
        return None
    target, router = _helped(function)
    names = [a.arg for a in function.args.args]
    given: dict[str | None, ast.expr] = dict(zip(names, call.args, strict=False))
    given |= {k.arg: k.value for k in call.keywords}
    if not target or dotted(given.get(target, ast.Constant(0))) != receiver.text:
        return None
    if router not in given or any(n not in (target, router) for n in _required(function)):
        return None
    arguments = [
        ("" if position else f"{name}=") + (receiver.text if name == target else "{}")
        for name, position in ((n, n in names[: len(call.args)]) for n in (target, router))
    ]
    if names.index(router) < names.index(target):
        arguments.reverse()
    return ast.unparse(given[router]), f"{dotted(call.func)}({', '.join(arguments)})"


def _helped(function: ast.FunctionDef) -> tuple[str, str]:
    """The parameters that a helper includes in and includes; empty when it is none."""
    names = [a.arg for a in function.args.args]
    for node in walk_scope(function):
        if isinstance(node, ast.Call) and (dotted(node.func) or "").endswith(".include_router"):
            target = (dotted(node.func) or "").removesuffix(".include_router")
            values = [*node.args[:1], *(k.value for k in node.keywords if k.arg == "router")]
            router = dotted(values[0]) if values else None
            if target in names and router in names:
                return target, router or ""
    return "", ""


def _required(function: ast.FunctionDef) -> list[str]:
    arguments = function.args.args
    required = arguments[: len(arguments) - len(function.args.defaults)]
    needed = [
        a
        for a, d in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
        if d is None
    ]
    return [a.arg for a in (*required, *needed)]


def router_of(index: Index, include: Include) -> Found | None:
    """The definition of an included router, imports followed; None for loops and other calls."""
    expression = include.router
    called = expression.endswith(")")
    if called:
        node = ast.parse(expression, mode="eval").body
        expression = (dotted(node.func) or "") if isinstance(node, ast.Call) else ""
    return refer(index, include.named_in or include.path, expression) if expression else None


def aggregate(index: Index, include: Include) -> Site | None:
    """The site at which an included router itself includes others; None for a leaf."""
    found = router_of(index, include)
    if found is None or b"include_router" not in (index.tree.read(found.path) or b""):
        return None
    if isinstance(found.statement, ast.FunctionDef | ast.AsyncFunctionDef):
        for node in walk_scope(found.statement):
            if isinstance(node, ast.Return) and node.value is not None and dotted(node.value):
                text = dotted(node.value) or ""
                site = site_of(index, Receiver(found.path, found.name, text))
                return site if site.includes else None
        return None
    site = site_of(index, Receiver(found.path, "", found.name))
    return site if site.includes else None
