"""The ways of a repository as the seams at which the templates vary."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from scaffold.api import Context, Refuse
from scaffold.generators.resource_view.imports import Scope

DEFAULT_PYTHON = (3, 10)
# The tested matrix: the lowest of each that generated code is tried on, and the first beyond it.
MATRIX = {
    "Python": ((3, 8), (4,)),
    "FastAPI": ((0, 68), (1,)),
    "Pydantic": ((1, 8), (3,)),
    "SQLAlchemy": ((1, 4), (3,)),
}


@dataclass(frozen=True)
class Name:
    """A name of the repository to import: the dotted module from its root, and the name in it."""

    module: str
    name: str


@dataclass(frozen=True)
class Ways:
    """How code is written here.

    ``models`` is "mapped", "classic" (``Column``) or "sqlmodel"; ``session`` the name that a
    session comes by, as ``way`` says ("alias", "dependency", "factory", "engine"); ``depends``
    the dependency function behind it, ``ends`` who ends its transaction. ``annotated`` and ``unions`` tell whether ``Annotated[…, Depends(…)]`` and
    ``X | None`` are written.
    """

    is_async: bool
    models: str
    pydantic: int
    python: tuple[int, ...]
    annotated: bool
    unions: bool
    session: Name
    depends: Name
    way: str
    ends: str
    base: Name | None
    dataclass: bool
    own_database: bool
    async_sqlmodel: bool
    line_length: int
    quote: str
    newline: str
    relative: bool
    first_party: tuple[str, ...]

    @property
    def define(self) -> str:
        """How a function that reaches the database is defined."""
        return "async def" if self.is_async else "def"

    @property
    def wait(self) -> str:
        """What stands before a call that reaches the database."""
        return "await " if self.is_async else ""

    @property
    def utc(self) -> str:
        """The time zone UTC, of the module ``datetime`` as ``dt``."""
        return "dt.UTC" if self.python >= (3, 11) else "dt.timezone.utc"

    def optional(self, type_: str, scope: Scope) -> str:
        """A type or None."""
        if self.unions:
            return f"{type_} | None"
        return f"{scope.name('typing', 'Optional')}[{type_}]"

    def generic(self, name: str, scope: Scope) -> str:
        """``list`` or one of collections.abc, where it can be subscripted."""
        if name == "list":
            return name if self.python >= (3, 9) else scope.name("typing", "List")
        return scope.name("collections.abc" if self.python >= (3, 9) else "typing", name)

    def session_type(self, scope: Scope) -> str:
        """The class of the session."""
        if self.is_async and self.async_sqlmodel:
            return scope.name("sqlmodel.ext.asyncio.session", "AsyncSession")
        if self.is_async:
            return scope.name("sqlalchemy.ext.asyncio", "AsyncSession")
        module = "sqlmodel" if self.models == "sqlmodel" else "sqlalchemy.orm"
        return scope.name(module, "Session")


def module_of(path: str, root: str) -> str:
    """The dotted name of a file, seen from the directory that imports start from."""
    below = path[len(root) + 1 :] if root and path.startswith(root + "/") else path
    return below.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def unfit(context: Context) -> Iterator[Refuse]:
    """What of the stack lies outside the tested matrix, by name."""
    dialect = context.surroundings.dialect
    versions = {
        "Python": dialect.python,
        "FastAPI": dialect.fastapi,
        "Pydantic": dialect.pydantic_version,
        "SQLAlchemy": dialect.sqlalchemy,
    }
    for name, (low, beyond) in MATRIX.items():
        version = versions[name]
        if version is None or (name != "Python" and not version.exact):
            continue
        found = version.numbers
        if found < low or found >= beyond:
            span = (
                f"{'.'.join(map(str, low))} up to, but not including, {'.'.join(map(str, beyond))}"
            )
            yield Refuse(
                f"{name} {'.'.join(map(str, found))} is outside of what generated code is tested on: "
                f"{span}; if it is another one, state it in [tool.scaffold]",
                version.evidence.path,
                version.evidence.line,
            )


def read_ways(context: Context, database: str | None) -> Ways:
    """The ways of the repository; ``database`` is the module that scaffold brings, if it does."""
    project = context.surroundings
    dialect, access = project.dialect, project.access
    index, root = project.index, project.root
    python = _python(context)
    modern = (dialect.fastapi is None or dialect.fastapi.numbers >= (0, 95)) and python >= (3, 9)
    annotated = modern and (_writes_annotated(context) or dialect.pydantic == 2)
    ways = Ways(
        is_async=False,
        models="mapped" if dialect.pydantic == 2 and _has_mapped(context) else "classic",
        pydantic=dialect.pydantic,
        python=python,
        annotated=annotated,
        unions=python >= (3, 10),
        session=Name(database or "", "get_session"),
        depends=Name(database or "", "get_session"),
        way="dependency",
        ends="",
        base=Name(database or "", "Base"),
        dataclass=False,
        own_database=database is not None,
        async_sqlmodel=False,
        line_length=dialect.style.line_length,
        quote=dialect.style.quote,
        newline=_newline(context),
        relative=dialect.relative_imports,
        first_party=tuple(project.first_party),
    )
    if database is not None or access is None:
        return ways
    sqlmodel = dialect.database.library == "sqlmodel"
    mapped = dialect.database.modern and _has_mapped(context)
    symbol = access.base.symbol
    depends = access.session if access.way != "alias" else dialect.database.session
    assert depends is not None, "an alias is one of a dependency"
    return replace(
        ways,
        is_async=access.is_async,
        models="sqlmodel" if sqlmodel else "mapped" if mapped else "classic",
        annotated=annotated or access.way == "alias",
        session=Name(module_of(access.session.path, root), access.session.name),
        depends=Name(module_of(depends.path, root), depends.name),
        way=access.way,
        ends=access.ends,
        base=Name(module_of(symbol.path, root), symbol.name) if symbol else None,
        dataclass=access.base.dataclass,
        async_sqlmodel=any(True for _ in index.containing(b"sqlmodel.ext.asyncio")),
    )


def _python(context: Context) -> tuple[int, ...]:
    """The lowest Python: said somewhere, else what the code shows that it can be run on."""
    project = context.surroundings
    version = project.dialect.python
    if version is not None:
        return version.numbers[:2]
    unions = optionals = 0
    for path in project.index.modules:
        content = project.index.tree.read(path) or b""
        unions += content.count(b" | None")
        optionals += content.count(b"Optional[")
    if optionals > unions:
        return (3, 8) if project.dialect.pydantic == 1 else (3, 9)
    return DEFAULT_PYTHON if unions or project.dialect.pydantic == 2 else (3, 8)


def _has_mapped(context: Context) -> bool:
    """Whether the lowest SQLAlchemy has ``Mapped`` and ``mapped_column``."""
    version = context.surroundings.dialect.sqlalchemy
    if version is not None:
        return version.numbers >= (2,)
    return any(True for _ in context.surroundings.index.containing(b"mapped_column")) or not any(
        True for _ in context.surroundings.index.containing(b"declarative_base")
    )


def _writes_annotated(context: Context) -> bool:
    """Whether dependencies are written as ``Annotated[…, Depends(…)]`` more often than not."""
    annotated = defaults = 0
    for _, content in context.surroundings.index.containing(b"Depends("):
        defaults += content.count(b"= Depends(")
        annotated += content.count(b", Depends(")
    return annotated >= defaults


def _newline(context: Context) -> str:
    """What ends the lines of the file that includes the routers."""
    project = context.surroundings
    content = project.tree.read(project.site.path) if project.site else None
    return "\r\n" if content and b"\r\n" in content else "\n"
