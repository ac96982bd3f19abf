"""How a repository talks to its database: which library, its Base, its session dependency."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from scaffold.codemods.source import FunctionNode, dotted, walk_scope
from scaffold.project.index import (
    Evidence,
    Index,
    importable,
    is_aside,
    is_migration,
    line_starts,
)
from scaffold.project.names import Found, names_of, refer

_IMPORTS = (re.compile(rb"from[ \t]+(\w+)"), re.compile(rb"import[ \t]+(\w+)"))
_DEPENDS = re.compile(rb"\bDepends\(\s*([A-Za-z_][\w.]*)")
_MODEL = re.compile(rb"__tablename__|table\s*=\s*True|\bMapped\[|=\s*(?:\w+\.)?Column\(")
_MARKS = (b"__tablename__", b"Mapped[", b"Column(", b"True")  # quicker to rule a file out by
_CLASS = re.compile(rb"^class[ \t]+\w+[ \t]*\(([^)]*)\)[ \t]*:", re.MULTILINE)
_OTHER_SESSION = re.compile(r"ClientSession|requests\.|aiohttp|httpx|boto|neo4j|driver\.session")
_ON_REQUEST = re.compile(r"\.state\.(db|session|db_session)$")
_DECLARED = re.compile(rb"declarative_base\(|DeclarativeBase|as_declarative")
_OTHERS = {
    "tortoise": "Tortoise ORM", "motor": "MongoDB (motor)", "beanie": "MongoDB (Beanie)",
    "mongoengine": "MongoDB (MongoEngine)", "odmantic": "MongoDB (ODMantic)",
    "pymongo": "MongoDB (PyMongo)", "peewee": "Peewee", "pony": "Pony ORM", "piccolo": "Piccolo",
    "ormar": "ormar", "gino": "GINO", "databases": "databases", "edgedb": "EdgeDB",
    "gel": "Gel", "prisma": "Prisma", "django": "Django ORM",
}  # fmt: skip


_DRIVERS = (
    "asyncpg", "psycopg", "psycopg2", "aiopg", "aiosqlite", "sqlite3", "aiomysql", "asyncmy", "pymysql",
    "MySQLdb", "mysql", "pyodbc", "oracledb", "cx_Oracle", "duckdb",
)  # fmt: skip
_CONNECTS = re.compile(rb"\b(connect|create_pool|(Async)?ConnectionPool)\s*\(")


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
    models are written with ``Mapped[…]``. ``driver`` is what connects where SQL is written by hand.
    """

    library: str
    is_async: bool = False
    modern: bool = True
    base: Symbol | None = None
    session: Symbol | None = None
    alias: Symbol | None = None
    models: tuple[str, ...] = ()
    evidence: Evidence | None = None
    driver: str = ""


def read_database(index: Index, root: str = "") -> Database:
    """The database layer of the application, told by the imports of what it can import itself."""
    counts, first = _libraries(index, root)
    library = "sqlmodel" if counts["sqlmodel"] else "sqlalchemy" if counts["sqlalchemy"] else ""
    others = [n for n in _OTHERS if counts[n]]
    if others and not library:
        name = max(others, key=lambda n: counts[n])
        return Database(_OTHERS[name], evidence=first[name])
    if not library:
        driver = next((n for n in _DRIVERS if n in first and _connects(index, root, n)), "")
        return Database("", evidence=first.get(driver), driver=driver)
    session, alias = _session(index, root)
    base, models, modern = _models(index, root)
    if others and base is None and session is None and not models:
        name = max(others, key=lambda n: counts[n])
        return Database(_OTHERS[name], evidence=first[name])
    if library == "sqlmodel" and base is not None and counts["sqlalchemy"] > counts["sqlmodel"]:
        library = "sqlalchemy"
    is_async = session.is_async if session else any(index.containing(b"AsyncSession"))
    return Database(library, is_async, modern, base, session, alias, models, first[library])


def _connects(index: Index, root: str, driver: str) -> bool:
    """Whether a module that imports a driver opens a connection or a pool."""
    return any(
        usable(root, path) and _CONNECTS.search(content)
        for path, content in index.containing(driver.encode())
    )


def usable(root: str, path: str) -> bool:
    """Whether new code can import what a file defines: below the root, of the application itself."""
    return importable(root, path) and not is_aside(path) and not is_migration(path)


def _libraries(index: Index, root: str) -> tuple[Counter[str], dict[str, Evidence]]:
    counts: Counter[str] = Counter()
    first: dict[str, Evidence] = {}
    for path in index.modules:
        content = index.tree.read(path)
        below = path.startswith(f"{root}/" if root else "")
        if content is None or not below or is_aside(path) or is_migration(path):
            continue
        for match in (m for pattern in _IMPORTS for m in line_starts(pattern, content)):
            name = match[1].decode()
            counts[name] += 1
            if name not in first:
                first[name] = Evidence(path, content.count(b"\n", 0, match.start()) + 1)
    return counts, first


def _session(index: Index, root: str) -> tuple[Symbol | None, Symbol | None]:
    """The dependency that most ``Depends(…)`` name and that gives a session; its Annotated alias.

    The names are counted in the bytes; a file is parsed only to see what a name means.
    """
    uses: Counter[Symbol] = Counter()
    aliases: dict[Symbol, Symbol] = {}
    for (name, _), paths in _depended(index).items():
        found = _dependency(index, paths[0], name)
        if found is None or not usable(root, found.path):
            continue
        uses[found] += len(paths)
        for path in dict.fromkeys(paths):
            alias = _alias(index, path, name)
            if alias is not None and usable(root, path) and found not in aliases:
                aliases[found] = alias
    if not uses:
        return None, None
    best = uses.most_common(1)[0][0]
    return best, aliases.get(best)


def _dependency(index: Index, path: str, name: str) -> Symbol | None:
    """The function, or the method of a class or of a module's instance, that gives a session."""
    found = refer(index, path, name)
    if found is not None:
        function, dependency = found.statement, found.name
    else:
        owner, _, method = name.rpartition(".")
        found = refer(index, path, owner) if owner else None
        function, dependency = (
            (method_of(found, method), f"{found.name}.{method}") if found else (None, "")
        )
    if found is None or not isinstance(function, FunctionNode) or not makes_session(function):
        return None
    is_async = is_async_session(index, found.path, function)
    return Symbol(found.path, dependency, function.lineno, is_async)


def method_of(found: Found, name: str) -> ast.stmt | None:
    """The method of a class, or of the class that a module-level name is an instance of."""
    statement: ast.stmt | None = found.statement
    if isinstance(statement, ast.Assign | ast.AnnAssign) and isinstance(statement.value, ast.Call):
        made = refer(found.index, found.path, dotted(statement.value.func) or "")
        statement = made.statement if made else None
    body = statement.body if isinstance(statement, ast.ClassDef) else []
    return next((n for n in body if isinstance(n, FunctionNode) and n.name == name), None)


def _depended(index: Index) -> dict[tuple[str, bytes], list[str]]:
    """For each name inside ``Depends(…)`` and the module that it is imported from, its files."""
    found: dict[tuple[str, bytes], list[str]] = {}
    for path, content in index.containing(b"Depends("):
        if is_aside(path):
            continue
        for match in _DEPENDS.finditer(content):
            root = re.escape(match[1].split(b".")[0])
            pattern = (
                rb"from[ \t]+([\w.]+)[ \t]+import[ \t]*(?:\([^)]*\b|[^\r\n(]*\b)" + root + rb"\b"
            )
            source = re.search(pattern, content)
            module = source[1] if source else b""
            where = module if module and not module.startswith(b".") else path.encode()
            found.setdefault((match[1].decode(), where), []).append(path)
    return found


def _alias(index: Index, path: str, name: str) -> Symbol | None:
    """The module-level ``Alias = Annotated[…, Depends(name)]`` of a file."""
    content = index.tree.read(path) or b""
    pattern = rb"^(\w+)\s*(?::[^=\n]+)?=\s*(?:\w+\.)?Annotated\[[^=]{1,200}?Depends\(\s*"
    match = re.search(pattern + re.escape(name.encode()) + rb"\b", content, re.MULTILINE)
    if match is None:
        return None
    return Symbol(path, match[1].decode(), content.count(b"\n", 0, match.start()) + 1)


def makes_session(function: FunctionNode) -> bool:
    """Whether a dependency gives a database session: by its annotation, else by what it gives."""
    if function.returns is not None:
        returned = ast.unparse(function.returns)
        if "sessionmaker" in returned.lower() or _OTHER_SESSION.search(returned):
            return False
        if re.search(r"Session\b", returned):
            return True
    if any("session" in m.lower() and not _OTHER_SESSION.search(m) for m in _yielded(function)):
        return True
    returned_too = [n.value for n in walk_scope(function) if isinstance(n, ast.Return) and n.value]
    return any(_ON_REQUEST.search(dotted(value) or "") for value in returned_too)


def _yielded(function: FunctionNode) -> Iterator[str]:
    """What the values that a generator yields are made by: ``SessionLocal``, ``sessions.begin``."""
    nodes = list(walk_scope(function))
    yielded = [n.value for n in nodes if isinstance(n, ast.Yield | ast.YieldFrom) and n.value]
    names = {dotted(v) for v in yielded} - {None}
    made: list[ast.expr | None] = list(yielded)
    for node in nodes:
        if isinstance(node, ast.withitem) and node.optional_vars is not None:
            made += [node.context_expr] if dotted(node.optional_vars) in names else []
        elif (isinstance(node, ast.Assign) and names & {dotted(t) for t in node.targets}) or (
            isinstance(node, ast.AnnAssign) and node.value and dotted(node.target) in names
        ):
            made.append(node.value)
        elif isinstance(node, ast.For | ast.AsyncFor) and dotted(node.target) in names:
            made.append(node.iter)
    for value in made:
        if isinstance(value, ast.Call):
            yield dotted(value.func) or ""


def is_async_session(index: Index, path: str, function: FunctionNode) -> bool:
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


def _models(index: Index, root: str) -> tuple[Symbol | None, tuple[str, ...], bool]:
    """The base class of most models, the files that hold models, and whether they use Mapped.

    Classes are found in the bytes; a file is parsed only to see what a base means.
    """
    uses: Counter[str] = Counter()
    sample: dict[str, str] = {}
    files: list[str] = []
    mapped = columns = 0
    for path in index.modules:
        content = index.tree.read(path) or b""
        if not any(m in content for m in _MARKS) or not usable(root, path):
            continue
        if not _MODEL.search(content):
            continue
        mapped += content.count(b"mapped_column(") + content.count(b"Mapped[")
        columns += content.count(b"= Column(")
        bases = _model_bases(content)
        files += [path] if bases else []
        for name in bases:
            uses[name] += 1
            sample.setdefault(name, path)
    symbol = None
    for name, _ in uses.most_common():
        found = refer(index, sample[name], name)
        if not found or not usable(root, found.path):
            continue
        if _is_base(index, found) and (statement := found.statement):
            symbol = Symbol(found.path, found.name, statement.lineno)
            break
    return symbol or _declared_base(index, root), tuple(files), mapped >= columns


def _model_bases(content: bytes) -> list[str]:
    """The base classes of the models that a file's bytes define; ``""`` for SQLModel tables."""
    found: list[str] = []
    classes = list(_CLASS.finditer(content))
    ends = [*(c.start() for c in classes[1:]), len(content)]
    for match, end in zip(classes, ends, strict=False):
        body = content[match.end() : end]
        bases = match[1].decode("utf-8", "replace")
        if "table=True" in bases.replace(" ", ""):
            found.append("")
        elif _MODEL.search(body) and "DeclarativeBase" not in bases and b"__abstract__" not in body:
            found += [b.strip() for b in bases.split(",") if "=" not in b and b.strip()]
    return found


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


def _declared_base(index: Index, root: str) -> Symbol | None:
    """The first declarative base of the project, used by a model or not."""
    for path, content in index.containing(b"eclarative"):
        if not usable(root, path) or not _DECLARED.search(content):
            continue
        for name, bound in (names_of(index, path) or {}).items():
            found = Found(index, path, name)
            statement = found.statement if any(isinstance(b, ast.stmt) for b in bound) else None
            if statement is not None and _is_base(index, found):
                return Symbol(path, name, statement.lineno)
    return None
