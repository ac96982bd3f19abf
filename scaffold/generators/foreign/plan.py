"""What adds a resource to a repository that scaffold did not make, or why it can't be done."""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from scaffold.api import (
    Action,
    AddDependency,
    Context,
    CreateFile,
    JoinHeads,
    Next,
    Note,
    PatchFile,
    Refuse,
    Remember,
    Render,
    Resource,
    Wire,
)
from scaffold.generators.foreign.fields import PLAIN_TYPES
from scaffold.generators.foreign.view import View
from scaffold.generators.foreign.ways import Ways, module_of, read_ways, unfit
from scaffold.generators.resource_view.imports import Scope

_TYPES = {*PLAIN_TYPES, "date", "datetime", "time", "decimal", "uuid", "json"}
_PARAMETERS = ("offset", "select", "service", "statement")
_DIGITS = 15  # of a number with a point, on SQLite
_SETTINGS = re.compile(r"\.(py|ya?ml|toml)$|(^|/)[^/]*\.?env[^/]*$|(^|/)Dockerfile$")
_DATABASES = ("database", "sql_database", "resource_database")


@dataclass(frozen=True)
class Files:
    """Where everything goes: paths by kind, new packages, and our own database, if there is one."""

    paths: Mapping[str, str]
    packages: tuple[str, ...]
    database: str | None
    test: str
    no_test: str


def plan(
    context: Context, before: Resource | None, after: Resource, *, bring_database: bool
) -> Iterator[Action]:
    """What makes the resource ``before`` (None: there is none) into ``after``.

    A resource that was given a database of its own keeps it.
    """
    bring_database = bring_database or _brought(context, after.name.snake_plural)
    refusals = [*_refusals(context, before, after, bring_database)]
    if refusals:
        yield from refusals
        return
    files = _files(context, after, bring_database)
    root = context.surroundings.root
    ways = read_ways(context, module_of(files.database, root) if files.database else None)
    refusals = [*_unheld(after, ways), *_circular(context, ways), *_hidden(context, files)]
    refusals += _unfilled(context, after, ways)
    if refusals:
        yield from refusals
        return
    modules = {kind: module_of(path, root) for kind, path in files.paths.items()}
    tops = {module_of(p, root).split(".")[0] for p in (*files.paths.values(), files.database or "")}
    first_party = (*ways.first_party, *sorted(tops - {"", *ways.first_party}))
    view = View(after, replace(ways, first_party=first_party), modules)
    yield from _code(context, view, files)
    yield from _dependencies(context, view, files)
    yield from _table(context, view, files)
    yield from _wire(context, after, view)
    yield Remember(after)
    yield from _test(view, files)


def _brought(context: Context, plural: str) -> bool:
    """Whether the run that made a resource was told to bring a database."""
    runs = [run for run in context.record.in_effect if plural in run.resources]
    return any(run.arguments.get("bring_database") is True for run in runs)


def _refusals(
    context: Context, before: Resource | None, after: Resource, bring_database: bool
) -> Iterator[Refuse]:
    """What can be told before the ways are read."""
    project = context.surroundings
    for refusal in project.refusals:
        yield Refuse.told(refusal)
    if project.entry is None:
        return
    yield from _inner(context, project.entry.app.path)
    yield from unfit(context)
    if before is not None and before.to_data() != after.to_data():
        yield Refuse(
            "a resource can be changed only in projects that scaffold made: here its files are "
            "yours to edit"
        )
    for name in sorted(after.aspects):
        yield Refuse(f"--{name} needs the base that scaffold new makes: leave it out")
    database = project.dialect.database
    if database.library not in ("", "sqlalchemy", "sqlmodel") and not bring_database:
        evidence = database.evidence
        yield Refuse(
            f"the data layer here is {database.library}: resources are written for SQLAlchemy and "
            "SQLModel; --bring-database adds a SQLite database of their own",
            evidence.path if evidence else None,
            evidence.line if evidence else None,
        )


def _inner(context: Context, path: str) -> Iterator[Refuse]:
    """A refusal where the application is one that scaffold made, in a directory below."""
    parts = path.split("/")[:-1]
    for end in range(1, len(parts) + 1):
        directory = "/".join(parts[:end])
        if context.tree.is_directory(f"{directory}/.scaffold/runs"):
            yield Refuse(
                f"scaffold made the project in {directory}: run it there (--root {directory})"
            )


def _unheld(resource: Resource, ways: Ways) -> Iterator[Refuse]:
    """What the resource asks for and this stack can't hold, by name."""
    if [(key.name, key.type) for key in resource.key] != [("id", "bigint")]:
        yield Refuse("only a key id:bigint can be made in a project that scaffold did not make")
    for field in resource.fields:
        if field.type not in _TYPES:
            yield Refuse(
                f"the field {field.name}: {field.type} needs the base that scaffold new makes: "
                f"here there are {', '.join(sorted(_TYPES))}"
            )
        if field.type == "decimal" and (field.precision or 0) > _DIGITS and ways.own_database:
            yield Refuse(
                f"the field {field.name}: SQLite keeps {_DIGITS} digits, not {field.precision}: "
                f"write decimal:{_DIGITS}.{field.scale}"
            )
        if field.filterable and field.name in _PARAMETERS:
            yield Refuse(
                f"the field {field.name}: a list has something else of that name: give it another"
            )
        if field.type == "email" and field.max is not None and ways.pydantic == 1:
            yield Refuse(
                f"the field {field.name}: Pydantic 1 can't limit the length of an e-mail: leave max= out"
            )


def _of_base(context: Context, resource: Resource, ways: Ways) -> dict[str, bool]:
    """The columns that the base of models adds to those of the resource, and whether each may be
    left without a value."""
    access = context.surroundings.access
    if access is None or ways.own_database:
        return {}
    own = {"id", *(f.name for f in resource.fields)}
    own |= {"created_at", "updated_at"} if resource.timestamps else set()
    return {name: optional for name, optional in access.base.columns if name not in own}


def _unfilled(context: Context, resource: Resource, ways: Ways) -> Iterator[Refuse]:
    """A refusal where the base of models wants values that nothing would give."""
    wanted = [n for n, optional in _of_base(context, resource, ways).items() if not optional]
    access = context.surroundings.access
    if wanted and access and access.base.symbol:
        symbol = access.base.symbol
        yield Refuse(
            f"{symbol.name} gives every model the column {wanted[0]}, which needs a value: name it "
            'among the fields, or state another base = "file.py:Name" in [tool.scaffold]',
            symbol.path,
            symbol.line,
        )


def _circular(context: Context, ways: Ways) -> Iterator[Refuse]:
    """A refusal where the new files import the file that imports them, before it has what they need."""
    project = context.surroundings
    site, needed = project.site, _from_site(context, ways)
    if site is None or not needed or context.no_wire:
        return
    content = project.tree.read(site.path) or b""
    includes = [include.line for include in site.includes]
    place = min(includes) if includes else project.entry.app.line if project.entry else 0
    if b"__main__" in content or (not site.scope and max(needed.values()) > place):
        names = " and ".join(needed)
        yield Refuse(
            f"{names}: defined in the file that includes the routers, which the new router imports: "
            "neither can come first; move them to a module of their own",
            site.path,
            max(needed.values()),
        )


def _from_site(context: Context, ways: Ways) -> dict[str, int]:
    """What the new files import from the file that includes the routers, with its line."""
    project = context.surroundings
    if project.site is None or project.access is None or ways.own_database:
        return {}
    symbols = [project.access.session, project.access.base.symbol]
    symbols.append(project.dialect.database.session)
    return {s.name: s.line for s in symbols if s and s.path == project.site.path}


def _hidden(context: Context, files: Files) -> Iterator[Refuse]:
    """A refusal where a new top-level module would hide a library of the same name.

    Who pasted the lines that wire the new router imports what is new, and no library.
    """
    project = context.surroundings
    new = {module_of(path, project.root): path for path in files.paths.values()}
    tops = {module.split(".")[0]: path for module, path in new.items()}
    for top, path in tops.items():
        if top in context.project.first_party:
            continue
        used = re.compile(
            rb"^\s*(?:from|import)\s+(" + top.encode() + rb"(?:\.\w+)*)\b", re.MULTILINE
        )
        if top in sys.stdlib_module_names or any(
            match[1].decode() not in new
            for _, content in project.index.containing(top.encode())
            for match in used.finditer(content)
        ):
            yield Refuse(
                f"a top-level module {top} would hide the library of that name: give the resource "
                "another, or state where routers go in [tool.scaffold]",
                path,
            )


def _files(context: Context, resource: Resource, bring_database: bool) -> Files:
    project = context.surroundings
    name = resource.name
    placement = project.placement(name.snake, name.snake_plural)
    assert placement is not None, "an application was found"
    database = None
    if bring_database or project.access is None:
        database = _free(context, placement.base)
    is_async = database is None and project.access is not None and project.access.is_async
    suite = project.suite_place(name.snake_plural, is_async=is_async)
    return Files(placement.paths, placement.packages, database, suite.path, suite.reason)


def _free(context: Context, base: str) -> str:
    """Where our own database goes: a module name that nothing there has."""
    tree = context.surroundings.index.tree
    stems = [f"{base}/{name}".lstrip("/") for name in _DATABASES]
    free = [
        s for s in stems if tree.get(f"{s}.py") is None and next(iter(tree.walk(s)), None) is None
    ]
    return f"{free[0] if free else stems[-1]}.py"


def _code(context: Context, view: View, files: Files) -> Iterator[Action]:
    ways = view.ways
    for directory in files.packages:
        yield CreateFile(f"{directory}/__init__.py", b"", shared=True)
    if files.database:
        yield _render("database.py", files.database, _database(context, view), ways, shared=True)
    on_router = context.surroundings.on_router
    prefix = (view.resource.prefix if on_router else "") + f"/{view.resource.name.kebab_plural}"
    shared: dict[str, object] = {"resource": view, "ways": ways, "prefix": prefix}
    repository = "repository_async.py" if ways.is_async else "repository_sync.py"
    ends = "flush" if ways.ends else "commit"
    for kind, template, more in (
        ("models", "model.py", {"model": view.model()}),
        ("schemas", "schemas.py", {"schema": view.schema()}),
        ("repositories", repository, {"repository": view.repository(), "ends": ends}),
        ("services", "service.py", {"service": view.service()}),
        ("routers", "router.py", {"router": view.router()}),
    ):
        yield _render(template, files.paths[kind], shared | more, ways)
    if files.test:
        yield _render("test.py", files.test, shared | {"test": view.test()}, ways)


def _render(
    template: str, path: str, variables: Mapping[str, object], ways: Ways, *, shared: bool = False
) -> Render:
    return Render(
        f"foreign/{template}.jinja",
        variables,
        path,
        line_length=ways.line_length,
        quote=ways.quote,
        newline=ways.newline,
        shared=shared,
    )


def _database(context: Context, view: View) -> dict[str, object]:
    """What our own database module is made of."""
    scope = Scope(())
    ways = view.ways
    scope.module("os", "os")
    scope.name("threading", "Lock")
    scope.name("sqlalchemy", "create_engine")
    names = ["Session", "sessionmaker"]
    names.append("DeclarativeBase" if ways.models == "mapped" else "declarative_base")
    for name in names:
        scope.name("sqlalchemy.orm", name)
    for name in ("CreateIndex", "CreateTable"):
        scope.name("sqlalchemy.schema", name)
    iterator = ways.generic("Iterator", scope)
    project = context.surroundings
    taken = any(
        b"DATABASE_URL" in (project.tree.read(p) or b"") for p in project.index.called(_SETTINGS)
    )
    return {
        "setting": "RESOURCES_DATABASE_URL" if taken else "DATABASE_URL",
        "database": {"imports": scope.lines(), "iterator": iterator},
        "ways": ways,
    }


def _dependencies(context: Context, view: View, files: Files) -> Iterator[Action]:
    needed = []
    if files.database:
        needed.append("sqlalchemy>=2.0" if view.ways.models == "mapped" else "sqlalchemy>=1.4")
    if "email" in view.types:
        needed.append("email-validator>=1.1")
    if context.project.manifest is None:
        if needed:
            yield Note(f"no file declares the dependencies here: install {', '.join(needed)}")
        return
    yield from (AddDependency(requirement) for requirement in needed)


def _table(context: Context, view: View, files: Files) -> Iterator[Action]:
    """Who makes the table: our own database, a revision, their ``create_all``, or nobody yet."""
    project = context.surroundings
    if files.database:
        yield Note(
            f"{_why_brought(context)}: {files.database} brings SQLite for the resources, "
            "and makes their tables when a session is first asked for"
        )
        return
    yield from _gathered(context, view, files)
    alembic = context.project.alembic
    if alembic is None:
        made = next((p for p, _ in project.index.containing(b".create_all")), None)
        if made is None:
            yield Note(f"nothing here makes tables: the table {view.table} is yours to make")
        return
    yield JoinHeads()
    alembic = context.project.alembic or alembic
    if len(alembic.heads) > 1:
        return
    access = project.access
    if access and (access.base.schema or _of_base(context, view.resource, view.ways)):
        what = "the schema" if access.base.schema else "columns"
        yield Note(f"no revision was written: the base of models brings {what} of its own")
        command = f'alembic revision --autogenerate -m "create {view.table}"'
        yield Next(command, f"writes what makes the table {view.table}")
        yield Next("alembic upgrade head", f"makes the table {view.table}")
        return
    down = alembic.heads[0] if alembic.heads else None
    there = _revision_made(context, view)
    seed = f"create {view.table} on {down}"
    revision = hashlib.sha256(seed.encode()).hexdigest()[:12]
    if there is None:
        beside = project.tree.is_directory(f"{project.root}/alembic".lstrip("/"))
        revised = view.revision(beside=beside)
        variables: dict[str, object] = {"resource": view, "migration": revised}
        yield _render(
            "revision.py",
            f"{alembic.versions}/{revision}_create_{view.table}.py",
            variables | {"revision": revision, "down_revision": down},
            view.ways,
        )
    yield Next("alembic upgrade head", f"makes the table {view.table}")


def _why_brought(context: Context) -> str:
    """What of a database is here, and why new code doesn't go to it."""
    database = context.surroundings.dialect.database
    if context.surroundings.access is not None:
        return "--bring-database was asked for"
    where = f" ({database.evidence})" if database.evidence else ""
    if database.driver:
        return f"the SQL here is written by hand, with {database.driver}{where}"
    if database.library in ("sqlalchemy", "sqlmodel"):
        return (
            f"{database.library}{where} gives no session that can be followed (state session and "
            "base in [tool.scaffold] to use yours)"
        )
    if database.library:
        return f"the data layer here is {database.library}{where}"
    return "no database layer was found"


def _gathered(context: Context, view: View, files: Files) -> Iterator[Action]:
    """The model's import in the file that brings all of them together."""
    project = context.surroundings
    path = project.gathering(files.paths["models"])
    if path is None:
        return
    arguments = {
        "module": project.written(view.modules["models"], path),
        "name": view.pascal,
        "package": module_of(path, project.root).rpartition(".")[0]
        if not path.endswith("/__init__.py")
        else module_of(path, project.root),
        "first_party": list(view.ways.first_party),
        "comment": "  # noqa: F401" if _marked(project.tree.read(path), path) else "",
    }
    yield PatchFile(path, "import_name", arguments)


def _marked(content: bytes | None, path: str) -> bool:
    """Whether an import that nothing uses is marked for linters: in packages where others are."""
    return (
        not path.endswith("__init__.py")
        or re.search(rb"import .*# *noqa", content or b"") is not None
    )


def _revision_made(context: Context, view: View) -> str | None:
    """The revision of this resource that an earlier run made."""
    ending = f"_create_{view.table}.py"
    for run in context.record.in_effect:
        if view.plural in run.resources:
            return next((path for path in run.files if path.endswith(ending)), None)
    return None


def _wire(context: Context, resource: Resource, view: View) -> Iterator[Action]:
    prefix = None
    if resource.prefix and not context.surroundings.on_router:
        prefix = resource.prefix
    late = bool(_from_site(context, view.ways))
    yield Wire(view.modules["routers"], "router", f"{view.plural}_router", prefix, late=late)


def _test(view: View, files: Files) -> Iterator[Action]:
    if files.test:
        yield Next(f"pytest {files.test}", "the resource's own tests")
    else:
        yield Note(f"no test was written: {files.no_test}")
