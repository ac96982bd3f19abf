"""Every FastAPI construction of a repository: where it is made and what it is called there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from scaffold.codemods.imports import runtime_statements
from scaffold.codemods.source import FunctionNode, Source, blocks, dotted, walk_scope
from scaffold.project.index import Evidence, Index, is_aside

_HOME = {"fastapi", "fastapi.applications"}
_MAKES = re.compile(rb"FastAPI\s*\(|FastAPI\s+as\s|class\s+\w+\s*\([^)]*FastAPI")


@dataclass(frozen=True)
class App:
    """One construction. ``target`` is what it is assigned to (``app``, ``self.app``; "" if it is
    only returned or passed on), in the body of ``scope`` ("" the module, else a qualified name).
    """

    path: str
    line: int
    scope: str
    target: str
    class_name: str = "FastAPI"
    subclass: bool = False

    @property
    def evidence(self) -> Evidence:
        """Where it is made."""
        return Evidence(self.path, self.line, f"{self.target or 'return'} = {self.class_name}(…)")

    @property
    def label(self) -> str:
        """How ``--app`` names it."""
        return f"{self.path}:{self.target or self.scope}"


@dataclass(frozen=True)
class Scoped:
    """A statement with the qualified name of the function or class whose body it stands in."""

    scope: str
    owners: tuple[FunctionNode | ast.ClassDef, ...]
    statement: ast.stmt


def scoped_statements(
    body: list[ast.stmt],
    scope: str = "",
    owners: tuple[FunctionNode | ast.ClassDef, ...] = (),
) -> Iterator[Scoped]:
    """Every statement of a module at any depth, with its scope."""
    for statement in body:
        yield Scoped(scope, owners, statement)
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inner = f"{scope}.{statement.name}" if scope else statement.name
            yield from scoped_statements(statement.body, inner, (*owners, statement))
        else:
            for block in blocks(statement):
                yield from scoped_statements(block, scope, owners)


def find_apps(index: Index, *, aside: bool = False) -> list[App]:
    """All constructions of the application's own files, or of tests and samples (``aside``)."""
    found: list[App] = []
    subclasses: set[str] = set()
    for path, content in index.containing(b"FastAPI"):
        source = None
        if is_aside(path) == aside and _MAKES.search(content):
            source = index.source(path)
        if source is not None:
            names = fastapi_names(source)
            found += constructions(source, path, names)
            subclasses.update(subclass_names(source, names))
    for name in sorted(subclasses):
        for path, _ in index.containing(name.encode() + b"("):
            source = index.source(path) if is_aside(path) == aside else None
            if source is not None:
                found += constructions(source, path, {name}, subclass=True)
    return found


def apps_in(index: Index, path: str) -> list[App]:
    """The constructions of one file."""
    source = index.source(path)
    if source is None:
        return []
    names = fastapi_names(source)
    below = set(subclass_names(source, names))
    return [
        *constructions(source, path, names),
        *constructions(source, path, below, subclass=True),
    ]


def fastapi_names(source: Source) -> set[str]:
    """The expressions that mean the class ``FastAPI`` in a file."""
    names: set[str] = set()
    for statement in runtime_statements(source.tree.body):
        if isinstance(statement, ast.ImportFrom) and statement.module in _HOME:
            names |= {a.asname or a.name for a in statement.names if a.name == "FastAPI"}
        elif isinstance(statement, ast.Import):
            names |= {f"{a.asname or a.name}.FastAPI" for a in statement.names if a.name in _HOME}
    return names


def subclass_names(source: Source, names: set[str]) -> list[str]:
    """The classes of a file that derive from one of ``names``."""
    return [
        scoped.statement.name
        for scoped in scoped_statements(source.tree.body)
        if isinstance(scoped.statement, ast.ClassDef)
        and any(dotted(base) in names for base in scoped.statement.bases)
    ]


def constructions(
    source: Source, path: str, names: set[str], *, subclass: bool = False
) -> list[App]:
    """The calls of one of ``names`` in a file, with what each is assigned to."""
    if not names:
        return []
    found: list[App] = []
    lines = _lines_with(source, {name.rpartition(".")[2] for name in names})
    for scoped in scoped_statements(source.tree.body):
        if list(blocks(scoped.statement)) and not isinstance(scoped.statement, ast.With):
            continue
        first, last = scoped.statement.lineno, scoped.statement.end_lineno or 0
        if not any(first <= line <= last for line in lines):
            continue
        for node in _own_nodes(scoped.statement):
            if isinstance(node, ast.Call) and dotted(node.func) in names:
                target = _target(scoped.statement, node)
                name = dotted(node.func) or ""
                found.append(App(path, node.lineno, scoped.scope, target, name, subclass))
    return found


def _lines_with(source: Source, words: set[str]) -> list[int]:
    """The lines that hold one of ``words``: what stands on others needn't be looked through."""
    pattern = "|".join(re.escape(word) for word in sorted(words))
    return [source.line_at(match.start()) for match in re.finditer(pattern, source.text)]


def _own_nodes(statement: ast.stmt) -> Iterator[ast.AST]:
    if isinstance(statement, ast.With):
        for item in statement.items:
            yield from ast.walk(item)
    else:
        yield from walk_scope(statement)


def _target(statement: ast.stmt, call: ast.Call) -> str:
    """What the call's own value is assigned to; "" when it is wrapped, passed on or returned."""
    for node in ast.walk(statement):
        match node:
            case ast.NamedExpr(target=ast.Name(id=name), value=value) if value is call:
                return name
            case ast.Assign(targets=targets, value=value) if _is_value(value, call):
                return dotted(targets[0]) or ""
            case ast.AnnAssign(target=target, value=value) if value and _is_value(value, call):
                return dotted(target) or ""
    return ""


def _is_value(value: ast.expr, call: ast.Call) -> bool:
    """Whether the value is the call itself, or may be (``FastAPI() if a else FastAPI(b)``)."""
    if isinstance(value, ast.IfExp):
        return _is_value(value.body, call) or _is_value(value.orelse, call)
    if isinstance(value, ast.BoolOp):
        return any(_is_value(v, call) for v in value.values)
    return value is call
