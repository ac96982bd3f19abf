"""How new code reaches a repository's database: its session, who ends the transaction, its Base."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from scaffold.codemods.source import FunctionNode, dotted, walk_scope
from scaffold.project.database import (
    Database,
    Symbol,
    is_async_session,
    makes_session,
    usable,
)
from scaffold.project.index import Index
from scaffold.project.names import Found, Imported, Names, names_of, refer

_MAKERS = ("sessionmaker", "async_sessionmaker")
_ENGINES = ("create_engine", "create_async_engine")
_COLUMNS = ("Column", "mapped_column")
_NO_COLUMNS = ("column_property", "relationship", "synonym", "composite")
_OVERRIDDEN = {"id", "created_at", "updated_at"}
"""What new models have by these names takes the place of what their base brings."""
_DEFAULTS = ("default", "server_default", "default_factory", "insert_default")


@dataclass(frozen=True)
class Base:
    """What models derive from. ``symbol`` is None for SQLModel itself.

    ``dataclass`` tells that models are dataclasses (``MappedAsDataclass``); ``columns`` are those
    that every model gets, by name, with whether a row can do without a value; ``schema`` tells
    that tables are put into a schema of the database.
    """

    symbol: Symbol | None
    dataclass: bool = False
    columns: tuple[tuple[str, bool], ...] = ()
    schema: bool = False


@dataclass(frozen=True)
class Access:
    """``way`` is "alias" (an Annotated alias), "dependency" (a function for ``Depends``),
    "factory" (a sessionmaker) or "engine"; ``session`` is that name.

    ``ends`` says who ends the transaction: "begin" when the session comes inside ``begin()``,
    "commit" when the dependency commits after the request, "" when the code that writes does.
    """

    way: str
    session: Symbol
    is_async: bool
    ends: str
    base: Base


def read_access(index: Index, database: Database, root: str = "") -> Access | None:
    """The way to the database that a new router can take; None when none can be followed."""
    if database.library not in ("sqlalchemy", "sqlmodel"):
        return None
    base = _base(index, database)
    if base is None:
        return None
    if database.session is not None:
        ends = _ends(index, database.session)
        way, symbol = ("alias", database.alias) if database.alias else ("", None)
        way, symbol = (way, symbol) if symbol else ("dependency", database.session)
        assert symbol is not None
        return Access(way, symbol, database.session.is_async, ends, base)
    given = _unused(index, root)
    if given is not None:
        return Access("dependency", given, given.is_async, _ends(index, given), base)
    for way, names in (("factory", _MAKERS), ("engine", _ENGINES)):
        found = sorted(
            _made(index, root, names), key=lambda s: (s.name.startswith("_"), s.path, s.line)
        )
        if found:
            return Access(way, found[0], found[0].is_async, "", base)
    return None


def _made(index: Index, root: str, makers: tuple[str, ...]) -> Iterator[Symbol]:
    """The module-level names that a call of one of ``makers`` is assigned to.

    A function or method of the repository's own may be called so and give something else.
    """
    for path, content in index.containing(makers[0].encode()):
        if not usable(root, path) or b"(" not in content:
            continue
        names = names_of(index, path) or {}
        for name, bound in names.items():
            statement = next((b for b in reversed(bound) if isinstance(b, ast.stmt)), None)
            if not isinstance(statement, ast.Assign | ast.AnnAssign):
                continue
            value = statement.value
            if not isinstance(value, ast.Call):
                continue
            if _last(value.func) in makers and _of_library(names, value.func):
                is_async = "async" in ast.unparse(value).lower()
                yield Symbol(path, name, statement.lineno, is_async)


def _of_library(names: Names, called: ast.expr) -> bool:
    """Whether what is called was imported from SQLAlchemy or SQLModel."""
    root = (dotted(called) or "").partition(".")[0]
    return any(
        isinstance(bound, Imported)
        and bound.level == 0
        and bound.module.partition(".")[0] in ("sqlalchemy", "sqlmodel")
        for bound in [*names.get(root, ()), *names.get("*", ())]
    )


def _unused(index: Index, root: str) -> Symbol | None:
    """A function that yields a session and could be a dependency, though no route asks for it yet."""
    for path, _ in index.containing(b"yield", b"ession"):
        if not usable(root, path):
            continue
        for name, bound in (names_of(index, path) or {}).items():
            function = next((b for b in reversed(bound) if isinstance(b, ast.stmt)), None)
            if (
                isinstance(function, FunctionNode)
                and not (function.decorator_list or function.args.args or function.args.kwonlyargs)
                and any(isinstance(node, ast.Yield) for node in walk_scope(function))
                and makes_session(function)
            ):
                is_async = is_async_session(index, path, function)
                return Symbol(path, name, function.lineno, is_async)
    return None


def _ends(index: Index, session: Symbol) -> str:
    """Who ends the transaction of a session dependency, told by what its body calls.

    Functions and methods of its own file are followed by their names.
    """
    source = index.source(session.path)
    functions = (
        {n.name: n for n in ast.walk(source.tree) if isinstance(n, FunctionNode)} if source else {}
    )
    waiting, seen = [session.name.rpartition(".")[2]], set[str]()
    while waiting:
        name = waiting.pop()
        if name in seen or name not in functions:
            continue
        seen.add(name)
        for node in walk_scope(functions[name]):
            if isinstance(node, ast.Call):
                waiting.append(_called(node.func))
                seen |= {"begin", "commit"} & {_called(node.func)}
    return "begin" if "begin" in seen else "commit" if "commit" in seen else ""


def _called(node: ast.expr) -> str:
    """The last name of what is called, whatever it is looked up on."""
    return node.attr if isinstance(node, ast.Attribute) else _last(node)


def _base(index: Index, database: Database) -> Base | None:
    """The base of new models: the nearest to that of most models which brings no columns.

    Else one whose columns new models have themselves; else the topmost.
    """
    if database.library == "sqlmodel":
        return Base(None)
    if database.base is None:
        return None
    found = Found(index, database.base.path, database.base.name)
    bases = [_read_base(one, chain) for one, chain in _bases(index, found) if one.statement]
    for allowed in (set(), _OVERRIDDEN):
        for base in bases:
            if {name for name, _ in base.columns} <= allowed:
                return base
    return bases[-1] if bases else Base(database.base)


def _bases(index: Index, found: Found) -> Iterator[tuple[Found, list[Found]]]:
    """Each declarative base that a class is made of, the class first, with what is above each."""
    for one in _chain(index, found):
        chain = list(_chain(index, one))
        if _declarative(chain):
            yield one, chain


def _read_base(one: Found, chain: list[Found]) -> Base:
    statement = one.statement
    assert statement is not None
    columns = dict(c for above in chain for c in _columns(above.statement))
    symbol = Symbol(one.path, one.name, statement.lineno)
    return Base(symbol, _dataclass(chain), tuple(columns.items()), any(map(_schema, chain)))


def _chain(index: Index, found: Found, depth: int = 6) -> Iterator[Found]:
    """A class and those it derives from, as far as they are the repository's own."""
    yield found
    statement = found.statement
    values: list[ast.expr] = []
    if isinstance(statement, ast.ClassDef):
        values = statement.bases
    elif isinstance(statement, ast.Assign | ast.AnnAssign) and isinstance(
        statement.value, ast.Call
    ):
        values = [k.value for k in statement.value.keywords if k.arg == "cls"]
    for value in values if depth else ():
        above = refer(index, found.path, dotted(value) or "")
        if above is not None and above != found:
            yield from _chain(index, above, depth - 1)


def _declarative(chain: list[Found]) -> bool:
    """Whether a class, with those above it, is a declarative base and no mere mixin."""
    for one in chain:
        statement = one.statement
        if isinstance(statement, ast.Assign | ast.AnnAssign):
            return "declarative_base(" in ast.unparse(statement)
        if isinstance(statement, ast.ClassDef) and (
            any("as_declarative" in ast.unparse(d) for d in statement.decorator_list)
            or any(_last(b).startswith("DeclarativeBase") for b in statement.bases)
        ):
            return True
    return False


def _dataclass(chain: list[Found]) -> bool:
    return any(
        isinstance(one.statement, ast.ClassDef)
        and any(_last(base) == "MappedAsDataclass" for base in one.statement.bases)
        for one in chain
    )


def _columns(statement: ast.stmt | None) -> Iterator[tuple[str, bool]]:
    """The columns that a class brings, and whether a row can do without a value of each."""
    for node in statement.body if isinstance(statement, ast.ClassDef) else ():
        name, value, annotation = "", None, ""
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            name, value, annotation = node.target.id, node.value, ast.unparse(node.annotation)
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name, value = node.targets[0].id, node.value
        elif isinstance(node, FunctionNode) and any(
            "declared_attr" in ast.unparse(d) for d in node.decorator_list
        ):
            name, annotation = node.name, "Mapped[Any]"
            returned = [n.value for n in walk_scope(node) if isinstance(n, ast.Return)]
            value = returned[0] if returned else None
        called = _last(value.func) if isinstance(value, ast.Call) else ""
        if name.startswith("__") or called in _NO_COLUMNS:
            continue
        if not (called in _COLUMNS or "Mapped[" in annotation):
            continue
        keywords = {k.arg: k.value for k in value.keywords} if isinstance(value, ast.Call) else {}
        optional = (
            not keywords.keys().isdisjoint(_DEFAULTS)
            or "None" in annotation
            or "Optional" in annotation
            or (called == "Column" and "nullable" not in keywords)
        )
        yield name, optional or "primary_key" in keywords


def _schema(found: Found) -> bool:
    content = found.index.tree.read(found.path) or b""
    return re.search(rb"MetaData\([^)]*schema\s*=|[\"']schema[\"']\s*:", content) is not None


def _last(node: ast.AST) -> str:
    return (dotted(node) or "").rpartition(".")[2]
