"""What is known of a project, told fact by fact: the value, how sure it is, and where it was read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scaffold.project.dialect import Dialect
from scaffold.project.includes import Site, router_of
from scaffold.project.index import Evidence
from scaffold.project.locations import Home
from scaffold.project.pins import HOMES, VERSIONS
from scaffold.project.project import Project
from scaffold.project.wiring import checked, discovered, neighbour_keywords

SHOWN = 4
"""So many names of a list are told, the others are counted."""


@dataclass(frozen=True)
class Fact:
    """One fact. ``name`` is its key in ``[tool.scaffold]`` where it has one.

    ``confidence``: "stated" by the owner, "certain", "likely", "assumed" (nothing says so: it is
    what scaffold does then), or "none" where there is no such thing.
    """

    section: str
    name: str
    value: str
    confidence: str
    evidence: Evidence | None = None


def read_facts(project: Project) -> tuple[Fact, ...]:
    """All facts, in the order in which they are told.

    Raises:
        UsageError: what its pyproject.toml states can't be.
    """
    found = [*_application(project), *_routers(project)]
    if project.entry is not None:
        found += [*_database(project.dialect), *_code(project.dialect)]
    return tuple(_stated(project, fact) for fact in [*found, *_files(project)])


def _stated(project: Project, fact: Fact) -> Fact:
    pin = project.pins.get(fact.name)
    if pin is None or fact.name == "app":
        return fact
    return Fact(fact.section, fact.name, fact.value, "stated", pin.evidence)


def _application(project: Project) -> Iterator[Fact]:
    entry = project.entry
    for refusal in project.refusals:
        evidence = Evidence(refusal.path, refusal.line) if refusal.path else None
        yield Fact("application", "app", refusal.reason, "none", evidence)
    if entry is None:
        return
    stated = "stated" if "app" in project.pins else entry.confidence
    yield Fact("application", "app", entry.app.label, stated, entry.evidence)
    if entry.app.scope:
        made = f"by {entry.app.scope}()" if "." not in entry.app.scope else f"in {entry.app.scope}"
        yield Fact("application", "made", made, "certain", entry.app.evidence)
    sure = "likely" if project.root else "certain"
    yield Fact("application", "root", project.root or ".", sure)
    yield Fact("application", "package", project.package or "modules at the root", sure)
    dialect = project.dialect
    versions = (dialect.python, dialect.fastapi, dialect.sqlalchemy, dialect.pydantic_version)
    for name, version in zip(VERSIONS, versions, strict=True):
        if version is not None:
            yield Fact("application", name, str(version), "certain", version.evidence)
        elif name == "pydantic":
            told = f"{dialect.pydantic}, by how it is used"
            yield Fact("application", name, told, "likely")


def _routers(project: Project) -> Iterator[Fact]:
    entry, site = project.entry, project.site
    if entry is None:
        return
    if site is None:
        yield Fact("routers", "included", "nowhere: the application has no name", "none")
        return
    where = Evidence(site.path, site.includes[0].line if site.includes else entry.app.line)
    inside = f" in {site.scope}()" if site.scope else ""
    yield Fact("routers", "included", f"on {site.target}{inside} of {site.path}", "certain", where)
    if site.includes:
        yield Fact("routers", "neighbours", _neighbours(site), "certain")
        shared = neighbour_keywords(site)
        if shared:
            told = ", ".join(f"{name}={value}" for name, value in shared.items())
            yield Fact("routers", "all get", told, "certain")
    for problem, told in (
        (discovered(project.index, site), "found while running: a new one can't be wired surely"),
        (checked(project.index, entry.app), "checked at start-up: a new one may be refused"),
    ):
        if problem is not None:
            yield Fact("routers", "unsure", told, "none", problem)
    unknown = sum(1 for i in site.includes if router_of(project.index, i) is None)
    if unknown and unknown < len(site.includes):
        yield Fact("routers", "not followed", f"{unknown} of {len(site.includes)}", "likely")


def _neighbours(site: Site) -> str:
    names = list(dict.fromkeys(i.router for i in site.includes))
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def _database(dialect: Dialect) -> Iterator[Fact]:
    database = dialect.database
    if database.driver:
        told = f"none: SQL by hand, with {database.driver}"
        yield Fact("database", "database", told, "likely", database.evidence)
        return
    if not database.library:
        yield Fact("database", "database", "none", "certain")
        return
    known = database.library in ("sqlalchemy", "sqlmodel")
    yield Fact("database", "database", database.library, "certain", database.evidence)
    if not known:
        return
    kind = "AsyncSession" if database.is_async else "Session"
    sure = "certain" if database.session else "likely"
    yield Fact("database", "async", f"{str(database.is_async).lower()} ({kind})", sure)
    for name, symbol in (("session", database.session), ("base", database.base)):
        if symbol is not None:
            value = f"{symbol.path}:{symbol.name}"
            yield Fact("database", name, value, "certain", Evidence(symbol.path, symbol.line))
        elif name == "session" or database.library == "sqlalchemy":
            yield Fact("database", name, "none found", "none")
    if database.alias is not None:
        alias = database.alias
        value = f"{alias.path}:{alias.name}"
        yield Fact("database", "session alias", value, "certain", Evidence(alias.path, alias.line))
    written = "Mapped[…]" if database.modern else "Column(…)"
    if database.models:
        told = f"{written} in {len(database.models)} file(s)"
        yield Fact("database", "written with", told, "likely", Evidence(database.models[0]))


def _code(dialect: Dialect) -> Iterator[Fact]:
    style = dialect.style
    told = "relative" if dialect.relative_imports else "absolute"
    yield Fact("code", "imports", told, "likely")
    sure = "certain" if style.evidence else "assumed"
    yield Fact("code", "line_length", str(style.line_length), sure, style.evidence)
    yield Fact("code", "quote", "double" if style.quote == '"' else "single", "likely")
    for kind in (*HOMES, "tests"):
        home = dialect.homes.get(kind)
        if home is not None:
            sure = "likely" if home.evidence else "assumed"
            yield Fact("code", kind, _path(kind, home), sure, home.evidence)


def _path(kind: str, home: Home) -> str:
    if kind == "tests":  # their names follow pytest's rule, not the neighbours'
        return home.directory or "."
    return home.path("{singular}", "{plural}")


def _files(project: Project) -> Iterator[Fact]:
    manifest, settings, alembic = project.manifest, project.settings, project.alembic
    sure = "certain" if manifest else "none"
    yield Fact("files", "manifest", manifest or "none found", sure)
    if settings is not None:
        value, where = f"{settings.path}:{settings.name}", Evidence(settings.path, settings.line)
        yield Fact("files", "settings", value, "certain", where)
    else:
        yield Fact("files", "settings", "none found", "none")
    yield Fact("files", "dotenv", project.dotenv or "none found", _sure(project.dotenv))
    if alembic is None:
        yield Fact("files", "migrations", "none found", "none")
        return
    heads = ", ".join(alembic.heads) or "none yet"
    several = "heads" if len(alembic.heads) > 1 else "head"
    told = f"{alembic.versions} ({several}: {heads})"
    yield Fact("files", "migrations", told, "certain", alembic.evidence)


def _sure(found: str | None) -> str:
    return "certain" if found else "none"
