"""Where the application object goes: the scopes in which some expression is that application."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from scaffold.codemods.source import FunctionNode, Source, dotted, find_scope, walk_scope
from scaffold.project.apps import App, scoped_statements
from scaffold.project.index import Index
from scaffold.project.names import refer

_LIMIT = 400


@dataclass(frozen=True)
class Caller:
    """A scope that hands the application on, in the call of ``callee`` at ``line``."""

    path: str
    scope: str
    line: int
    callee: str


@dataclass(frozen=True)
class Receiver:
    """``text`` is the application in the body of ``scope`` of ``path``.

    ``callers`` are the calls that it came through, the outermost first; ``startup`` says that
    the scope runs when the server starts, not when the module is imported.
    """

    path: str
    scope: str
    text: str
    callers: tuple[Caller, ...] = field(default=(), compare=False)
    startup: bool = field(default=False, compare=False)

    def inside(self, path: str, scope: str, text: str, line: int, callee: str) -> Receiver:
        """The same application in a function that this scope calls at ``line``."""
        callers = (*self.callers, Caller(self.path, self.scope, line, callee))
        return Receiver(path, scope, text, callers, self.startup)

    def beside(self, scope: str, text: str) -> Receiver:
        """The same application under another name or in another scope of the file."""
        callers = self.callers if scope == self.scope else ()
        return Receiver(self.path, scope, text, callers, self.startup)


def follow(index: Index, app: App) -> list[Receiver]:
    """Every scope that the application reaches by assignment, argument, attribute or return."""
    return index.fact(("flow", app), lambda: _followed(index, app))


def _followed(index: Index, app: App) -> list[Receiver]:
    found: list[Receiver] = []
    waiting = list(_origins(index, app))
    while waiting and len(found) < _LIMIT:
        receiver = waiting.pop(0)
        if receiver in found:
            continue
        found.append(receiver)
        source = index.source(receiver.path)
        if source is not None:
            waiting += _onward(index, source, receiver)
    return found


def _origins(index: Index, app: App) -> Iterator[Receiver]:
    if app.target:
        yield Receiver(app.path, app.scope, app.target)
    source = index.source(app.path)
    if source is None:
        return
    call = call_at(source, app)
    made = Receiver(app.path, app.scope, "")
    for keyword in call.keywords if call else ():
        if keyword.arg == "lifespan" and dotted(keyword.value):
            for receiver in _into(index, source, made, dotted(keyword.value) or "", 0, app.line):
                yield replace(receiver, callers=(), startup=True)
    if call is not None and not app.target:
        yield from _returned(source, made, call)
    if app.subclass:
        yield from _subclass(index, app)


def call_at(source: Source, app: App) -> ast.Call | None:
    """The call that makes the application."""
    for node in ast.walk(source.tree):
        here = isinstance(node, ast.Call) and node.lineno == app.line
        if here and isinstance(node, ast.Call) and dotted(node.func) == app.class_name:
            return node
    return None


def _subclass(index: Index, app: App) -> Iterator[Receiver]:
    """In a subclass of FastAPI, ``self`` is the application."""
    found = refer(index, app.path, app.class_name)
    if found and isinstance(found.statement, ast.ClassDef):
        for statement in found.statement.body:
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                yield Receiver(found.path, f"{found.name}.{statement.name}", "self")


def _onward(index: Index, source: Source, receiver: Receiver) -> Iterator[Receiver]:
    scope, text = receiver.scope, receiver.text
    bodies = find_scope(source.tree, scope)
    if not bodies:
        return
    for node in walk_scope(bodies[0]):
        match node:
            case ast.Assign(targets=targets, value=value) if dotted(value) == text:
                for target in targets:
                    yield from _stored(source, receiver, dotted(target))
            case ast.Call(func=func, args=args, keywords=keywords, lineno=line):
                called = dotted(func) or ""
                for position, argument in enumerate(args):
                    if dotted(argument) == text:
                        yield from _into(index, source, receiver, called, position, line)
                for keyword in keywords:
                    if keyword.arg and dotted(keyword.value) == text:
                        yield from _into(index, source, receiver, called, keyword.arg, line)
            case ast.Return(value=value) if value is not None and dotted(value) == text:
                yield from _returned(source, receiver, value)
    if not scope:
        yield from _globals(source, receiver)
    if text.startswith(("self.", "cls.")):
        yield from _stored(source, receiver, text)


def _globals(source: Source, receiver: Receiver) -> Iterator[Receiver]:
    """The functions of the file that use the module's own name."""
    root = receiver.text.split(".")[0]
    for scoped in scoped_statements(source.tree.body):
        node = scoped.statement
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        names = [n for n in walk_scope(node) if isinstance(n, ast.Name) and n.id == root]
        local = {a.arg for a in ast.walk(node.args) if isinstance(a, ast.arg)}
        if root in local or not names or any(isinstance(n.ctx, ast.Store) for n in names):
            continue
        yield receiver.beside(f"{scoped.scope}.{node.name}".lstrip("."), receiver.text)


def _stored(source: Source, receiver: Receiver, target: str | None) -> Iterator[Receiver]:
    """An assignment: the name in the same scope; an attribute in every method of the class."""
    if target is None:
        return
    yield receiver.beside(receiver.scope, target)
    owner = receiver.scope.rpartition(".")[0]
    if target.startswith(("self.", "cls.")) and owner:
        for node in find_scope(source.tree, owner):
            if isinstance(node, ast.ClassDef):
                for statement in node.body:
                    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                        yield receiver.beside(f"{owner}.{statement.name}", target)


def _into(
    index: Index, source: Source, receiver: Receiver, callee: str, argument: int | str, line: int
) -> Iterator[Receiver]:
    """The parameter of a function of this repository that takes the application."""
    for path, scope, function, bound in callees(
        index, source, receiver.path, receiver.scope, callee
    ):
        names = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
        if isinstance(argument, int):
            position = argument + bound
            if position < len(names):
                yield receiver.inside(path, scope, names[position], line, callee)
        elif argument in (*names, *(a.arg for a in function.args.kwonlyargs)):
            yield receiver.inside(path, scope, argument, line, callee)


def callees(
    index: Index, source: Source, path: str, scope: str, callee: str
) -> Iterator[tuple[str, str, FunctionNode, int]]:
    """(file, qualified name, function, number of bound arguments) for what a call may run."""
    if not callee:
        return
    if callee.startswith(("self.", "cls.")) and "." in scope:
        owner = scope.rpartition(".")[0]
        name = callee.split(".", 1)[1]
        for node in find_scope(source.tree, f"{owner}.{name}"):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                static = any(dotted(d) == "staticmethod" for d in node.decorator_list)
                yield path, f"{owner}.{name}", node, int(not static)
        return
    for prefix in (scope, scope.rpartition(".")[0]):
        if prefix and "." not in callee:
            for node in find_scope(source.tree, f"{prefix}.{callee}"):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield path, f"{prefix}.{callee}", node, 0
    owner, _, method = callee.rpartition(".")
    found = refer(index, path, callee)
    if found and isinstance(found.statement, ast.FunctionDef | ast.AsyncFunctionDef):
        yield found.path, found.name, found.statement, 0
    elif found and isinstance(found.statement, ast.ClassDef):
        yield from _method(found.path, found.statement, "__init__")
    elif owner:
        found = refer(index, path, owner)
        if found and isinstance(found.statement, ast.ClassDef):
            yield from _method(found.path, found.statement, method)


def _method(
    path: str, node: ast.ClassDef, name: str
) -> Iterator[tuple[str, str, FunctionNode, int]]:
    for statement in node.body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef) and statement.name == name:
            static = any(dotted(d) == "staticmethod" for d in statement.decorator_list)
            yield path, f"{node.name}.{name}", statement, int(not static)


def _returned(source: Source, receiver: Receiver, value: ast.expr) -> Iterator[Receiver]:
    """What callers in the same file assign a factory's result to."""
    function = receiver.scope.rpartition(".")[2]
    if not function:
        return
    if isinstance(value, ast.Call) and not _is_returned(source, receiver.scope, value):
        return
    for scoped in scoped_statements(source.tree.body):
        node = scoped.statement
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            called = dotted(node.value.func) or ""
            if called.rpartition(".")[2] == function:
                for target in node.targets:
                    text = dotted(target)
                    if text:
                        yield receiver.beside(scoped.scope, text)


def _is_returned(source: Source, scope: str, value: ast.Call) -> bool:
    for body in find_scope(source.tree, scope):
        for node in walk_scope(body):
            if isinstance(node, ast.Return) and node.value is value:
                return True
    return False


def importers(index: Index, receiver: Receiver) -> Iterator[Receiver]:
    """The files that import a module-level application and so may include routers on it."""
    if receiver.scope or "." in receiver.text:
        return
    for path, _ in index.containing(b"include_router", receiver.text.encode()):
        if path == receiver.path:
            continue
        source = index.source(path)
        if source is None:
            continue
        for scoped in scoped_statements(source.tree.body):
            node = scoped.statement
            if isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    if alias.name == receiver.text:
                        target = index.resolve(path, node.level, node.module or "")
                        if target == receiver.path:
                            yield Receiver(path, scoped.scope, alias.asname or alias.name)


def factories(index: Index, receiver: Receiver) -> Iterator[Receiver]:
    """What other files assign the result of a module-level factory to."""
    function = receiver.scope
    if not function or "." in function:
        return
    for path, _ in index.containing(function.encode() + b"(", b"include_router"):
        source = index.source(path)
        if source is None or path == receiver.path:
            continue
        for scoped in scoped_statements(source.tree.body):
            node = scoped.statement
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
                called = dotted(node.value.func) or ""
                found = refer(index, path, called) if called.endswith(function) else None
                if found and found.path == receiver.path and found.name == function:
                    for target in node.targets:
                        if dotted(target):
                            yield Receiver(path, scoped.scope, dotted(target) or "")
