"""A dialect with what the owner of a repository states in place of what was guessed."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import replace

from scaffold.codemods.source import FunctionNode
from scaffold.project.database import Database, Symbol, is_async_session
from scaffold.project.dialect import Dialect
from scaffold.project.index import Evidence, Index
from scaffold.project.launch import locate
from scaffold.project.locations import Home
from scaffold.project.names import Found, refer
from scaffold.project.pins import HOME, HOMES, VERSIONS, Pin
from scaffold.project.style import Style
from scaffold.project.versions import Version, numbers
from scaffold.spec.errors import UsageError

Pins = Mapping[str, Pin]


def state_dialect(index: Index, dialect: Dialect, pins: Pins, root: str) -> Dialect:
    """``dialect`` with its pinned facts.

    Raises:
        UsageError: a pin names what there isn't, or a directory that can't be imported.
    """
    versions = {name: _version(pins[name]) for name in VERSIONS if name in pins}
    pydantic = versions.get("pydantic")
    relative = dialect.relative_imports
    if "imports" in pins:
        relative = pins["imports"].value == "relative"
    return replace(
        dialect,
        database=_database(index, dialect.database, pins),
        style=state_style(dialect.style, pins),
        relative_imports=relative,
        pydantic=min(pydantic.numbers[0], 2) if pydantic else dialect.pydantic,
        pydantic_version=pydantic or dialect.pydantic_version,
        python=versions.get("python", dialect.python),
        fastapi=versions.get("fastapi", dialect.fastapi),
        sqlalchemy=versions.get("sqlalchemy", dialect.sqlalchemy),
        homes={**dialect.homes, **dict(_homes(pins, root))},
    )


def state_style(style: Style, pins: Pins) -> Style:
    """``style`` with its pinned facts."""
    length, quote = pins.get("line_length"), pins.get("quote")
    return Style(
        int(length.value) if length else style.line_length,
        {"single": "'", "double": '"'}[str(quote.value)] if quote else style.quote,
        length.evidence if length else style.evidence,
    )


def symbol_at(index: Index, pin: Pin) -> Found:
    """The definition that a pin such as ``app/database.py:get_session`` names.

    Raises:
        UsageError: there is none.
    """
    where, _, name = str(pin.value).partition(":")
    if where.endswith(".py"):
        path: str | None = f"{pin.base}/{where}".lstrip("/")
    else:
        located = locate(index, where, pin.evidence.path or "pyproject.toml")
        path = located[0] if located else None
    if path is None or index.tree.get(path) is None:
        raise UsageError(f"{pin.told}: there is no {where}", hint="name a file or module there is")
    found = refer(index, path, name)
    if found is None or found.statement is None:
        raise UsageError(f"{pin.told}: {path} defines no {name}", hint="name what it defines")
    return found


def _database(index: Index, database: Database, pins: Pins) -> Database:
    library = pins.get("database")
    session = _session(index, pins["session"]) if "session" in pins else database.session
    base = _symbol(symbol_at(index, pins["base"])) if "base" in pins else database.base
    is_async = session.is_async if session and "session" in pins else database.is_async
    if "async" in pins:
        is_async = bool(pins["async"].value)
    name = database.library
    if library is not None:
        name = "" if library.value == "none" else str(library.value)
    elif name not in ("sqlalchemy", "sqlmodel") and ("base" in pins or "session" in pins):
        name = "sqlalchemy"
    return replace(
        database,
        library=name,
        is_async=is_async,
        base=base if name else None,
        session=replace(session, is_async=is_async) if session and name else None,
        alias=database.alias if name and session == database.session else None,
        evidence=library.evidence if library else database.evidence,
    )


def _session(index: Index, pin: Pin) -> Symbol:
    found = symbol_at(index, pin)
    if not isinstance(found.statement, FunctionNode):
        raise UsageError(
            f"{pin.told}: {found.name} is no function", hint="name the dependency that gives it"
        )
    is_async = is_async_session(index, found.path, found.statement)
    return replace(_symbol(found), is_async=is_async)


def _symbol(found: Found) -> Symbol:
    assert isinstance(found.statement, ast.stmt)
    return Symbol(found.path, found.name, found.statement.lineno)


def _version(pin: Pin) -> Version:
    found = numbers(str(pin.value))
    assert found is not None  # the rule of its key says so
    return Version(found, False, pin.evidence)


def _homes(pins: Pins, root: str) -> Iterator[tuple[str, Home]]:
    for kind in (*HOMES, "tests"):
        pin = pins.get(kind)
        match = HOME.fullmatch(pin.path) if pin else None
        if pin is None or match is None:
            continue
        directory = match["directory"]
        below = directory.removeprefix(f"{root}/" if root else "")
        if kind != "tests" and not all(part.isidentifier() for part in below.split("/")):
            raise UsageError(
                f"{pin.told}: {directory} can't be imported from {root or 'the root'}",
                hint="name a directory of modules",
            )
        plural, feature = match["form"] != "singular", match["feature"] or ""
        yield kind, Home(directory, match["suffix"] or "", plural, feature, pin.evidence)


def stated_file(index: Index, pin: Pin) -> str:
    """The file that a pin names.

    Raises:
        UsageError: there is none.
    """
    if index.tree.read(pin.path) is None:
        raise UsageError(f"{pin.told}: there is no {pin.path}", hint="name a file that there is")
    return pin.path


def stated_evidence(pins: Pins, name: str) -> Evidence | None:
    """Where a fact is stated; None where it is guessed."""
    return pins[name].evidence if name in pins else None
