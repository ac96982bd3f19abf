"""How a repository talks to its database: which library, its Base, its session dependency."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from scaffold.codemods.source import FunctionNode, dotted, walk_scope
from scaffold.project.index import Evidence, Index, is_aside
from scaffold.project.names import Found, module_statements, refer

_IMPORT = re.compile(rb"^[ \t]*(?:from|import)[ \t]+(\w+)", re.MULTILINE)
_OTHERS = {
    "tortoise": "Tortoise ORM", "motor": "MongoDB (motor)", "beanie": "MongoDB (Beanie)",
    "mongoengine": "MongoDB (MongoEngine)", "odmantic": "MongoDB (ODMantic)",
    "pymongo": "MongoDB (PyMongo)", "peewee": "Peewee", "pony": "Pony ORM", "piccolo": "Piccolo",
    "ormar": "ormar", "gino": "GINO", "databases": "databases", "edgedb": "EdgeDB",
    "gel": "Gel", "prisma": "Prisma", "django": "Django ORM",
}  # fmt: skip


@dataclass(frozen=True)
class Symbol:
    """A name to import: ``from module import name`` (the module's file; dots are the caller's)."""

    path: str
    name: str
    line: int
    is_async: bool = False

    @property
    def evidence(self) -> Evidence:
        """Where it is defined."""
        return Evidence(self.path, self.line, self.name)


@dataclass(frozen=True)
class Database:
    """``library`` is "sqlalchemy", "sqlmodel", the name of another one, or "" for none.

    ``session`` is the dependency function, ``alias`` an ``Annotated`` alias of it, ``base`` the
    declarative base that most models derive from (None with SQLModel); ``modern`` says whether
    models are written with ``Mapped[…]``.
    """

    library: str
    is_async: bool = False
    modern: bool = True
    base: Symbol | None = None
    session: Symbol | None = None
    alias: Symbol | None = None
    models: tuple[str, ...] = ()
    evidence: Evidence | None = None


def read_database(index: Index) -> Database:
    """The database layer of the application, told by its imports."""
    counts, first = _libraries(index)
    library = "sqlmodel" if counts["sqlmodel"] else "sqlalchemy" if counts["sqlalchemy"] else ""
    others = [n for n in _OTHERS if counts[n]]
    if others and not library:
        name = max(others, key=lambda n: counts[n])
        return Database(_OTHERS[name], evidence=first[name])
    if not library:
        return Database("")
    session, alias = _session(index)
    base, models, modern = _models(index)
    if others and base is None and session is None and not models:
        name = max(others, key=lambda n: counts[n])
        return Database(_OTHERS[name], evidence=first[name])
    if library == "sqlmodel" and base is not None and counts["sqlalchemy"] > counts["sqlmodel"]:
        library = "sqlalchemy"
    is_async = session.is_async if session else any(index.containing(b"AsyncSession"))
    return Database(library, is_async, modern, base, session, alias, models, first[library])


def _libraries(index: Index) -> tuple[Counter[str], dict[str, Evidence]]:
    counts: Counter[str] = Counter()
    first: dict[str, Evidence] = {}
    for path in index.modules:
        content = index.tree.read(path)
        if content is None or is_aside(path) or "/migrations/" in f"/{path}" or "alembic" in path:
            continue
        for match in _IMPORT.finditer(content):
            name = match[1].decode()
            counts[name] += 1
            if name not in first:
                first[name] = Evidence(path, content.count(b"\n", 0, match.start()) + 1)
    return counts, first


def _session(index: Index) -> tuple[Symbol | None, Symbol | None]:
    """The generator that most ``Depends(…)`` name and that makes a session; its Annotated alias."""
    uses: Counter[tuple[str, str]] = Counter()
    known: dict[tuple[str, str], Found] = {}
    aliases: Counter[tuple[str, str, int, str, str]] = Counter()
    for path, _ in index.containing(b"Depends("):
        source = index.source(path)
        if source is None or is_aside(path):
            continue
        for node in ast.walk(source.tree):
            name = _depended(node)
            found = refer(index, path, name) if name else None
            function = found.statement if found else None
            if (
                found
                and isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
                and _makes_session(function)
            ):
                uses[found.path, found.name] += 1
                known[found.path, found.name] = found
        for statement in module_statements(source.tree.body):
            if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value:
                for node in ast.walk(statement.value):
                    name = _depended(node)
                    found = refer(index, path, name) if name else None
                    target = (
                        statement.targets[0]
                        if isinstance(statement, ast.Assign)
                        else statement.target
                    )
                    if (
                        found
                        and isinstance(target, ast.Name)
                        and "Annotated" in ast.unparse(statement.value)
                    ):
                        aliases[path, target.id, statement.lineno, found.path, found.name] += 1
    if not uses:
        return None, None
    (path, name), _ = uses.most_common(1)[0]
    function = known[path, name].statement
    assert isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
    is_async = _yields_async(index, path, function)
    session = Symbol(path, name, function.lineno, is_async)
    own = [a for a in aliases if a[3:] == (path, name)]
    alias = Symbol(own[0][0], own[0][1], own[0][2], is_async) if own else None
    return session, alias


def _depended(node: ast.AST) -> str | None:
    if isinstance(node, ast.Call) and (dotted(node.func) or "").rpartition(".")[2] == "Depends":
        return dotted(node.args[0]) if node.args else None
    return None


def _makes_session(function: FunctionNode) -> bool:
    """Whether a dependency yields a database session."""
    text = ast.unparse(function)
    yields = any(isinstance(n, ast.Yield) for n in walk_scope(function))
    return yields and bool(re.search(r"[sS]ession|\bdb\b|DB", text))


def _yields_async(index: Index, path: str, function: FunctionNode) -> bool:
    """Whether the session is an AsyncSession: by annotation, else by the factory that is called."""
    if function.returns is not None and "Session" in ast.unparse(function.returns):
        return "AsyncSession" in ast.unparse(function.returns)
    for node in walk_scope(function):
        if isinstance(node, ast.Call) and dotted(node.func):
            name = dotted(node.func) or ""
            if name.rpartition(".")[2] in ("AsyncSession", "Session"):
                return name.endswith("AsyncSession")
            found = refer(index, path, name)
            if found and isinstance(found.statement, ast.Assign | ast.AnnAssign):
                text = ast.unparse(found.statement)
                if "sessionmaker" in text:
                    return "async" in text.lower()
    return any(isinstance(n, ast.AsyncWith) for n in walk_scope(function))


def _models(index: Index) -> tuple[Symbol | None, tuple[str, ...], bool]:
    """The base class of most models, the files that hold models, and whether they use Mapped."""
    bases: Counter[tuple[str, str, int]] = Counter()
    files: list[str] = []
    mapped = columns = 0
    for path in index.modules:
        content = index.tree.read(path) or b""
        if is_aside(path) or not (
            b"__tablename__" in content
            or b"table=True" in content
            or b"Column(" in content
            or b"Mapped[" in content
        ):
            continue
        source = index.source(path)
        mapped += content.count(b"mapped_column(") + content.count(b"Mapped[")
        columns += content.count(b"= Column(")
        for node in source.tree.body if source else ():
            if isinstance(node, ast.ClassDef) and _is_model(node):
                files.append(path)
                for base in node.bases:
                    found = refer(index, path, dotted(base) or "")
                    if found and _is_base(index, found):
                        bases[found.path, found.name, found.statement.lineno] += 1
    if not bases:
        bases.update(_declared_bases(index))
    symbol = Symbol(*bases.most_common(1)[0][0]) if bases else None
    return symbol, tuple(dict.fromkeys(files)), mapped >= columns


def _is_model(node: ast.ClassDef) -> bool:
    if any(k.arg == "table" for k in node.keywords):
        return True
    return any(
        (isinstance(s, ast.Assign) and any(dotted(t) == "__tablename__" for t in s.targets))
        or (isinstance(s, ast.AnnAssign) and "Mapped" in ast.unparse(s.annotation))
        or (
            isinstance(s, ast.Assign)
            and isinstance(s.value, ast.Call)
            and (dotted(s.value.func) or "").endswith("Column")
        )
        for s in node.body
    )


def _is_base(index: Index, found: Found, depth: int = 5) -> bool:
    """Whether a name is a declarative base, or an abstract class below one."""
    statement = found.statement
    if isinstance(statement, ast.Assign | ast.AnnAssign):
        return "declarative_base(" in ast.unparse(statement)
    if not isinstance(statement, ast.ClassDef) or depth == 0:
        return False
    if any("as_declarative" in ast.unparse(d) for d in statement.decorator_list):
        return True
    for base in statement.bases:
        name = dotted(base) or ""
        if name.rpartition(".")[2] in ("DeclarativeBase", "DeclarativeBaseNoMeta"):
            return True
        inner = refer(index, found.path, name)
        if inner and inner != found and _is_base(index, inner, depth - 1):
            return True
    return False


def _declared_bases(index: Index) -> Iterator[tuple[str, str, int]]:
    for path in index.modules:
        content = index.tree.read(path) or b""
        if is_aside(path) or not re.search(
            rb"declarative_base|DeclarativeBase|as_declarative", content
        ):
            continue
        source = index.source(path)
        for node in source.tree.body if source else ():
            names = [node.name] if isinstance(node, ast.ClassDef) else []
            if isinstance(node, ast.Assign):
                names = [t.id for t in node.targets if isinstance(t, ast.Name)]
            for name in names:
                if _is_base(index, Found(path, name, node)):
                    yield path, name, node.lineno
