"""Resources of tables that were there before, which grow: nothing of the tables is lost by it."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.generated.adopted import new_project, server, sqlite_file
from tests.generated.harness import Project

# In PostgreSQL all of it lies in a schema; each system has names that need quotes.
TABLES = """
CREATE TABLE {s}"Customers" ("CustomerNo" {serial} PRIMARY KEY, "Full Name" VARCHAR(40) NOT NULL);
CREATE TABLE {s}"Order Items" (
    "OrderId" INTEGER NOT NULL, "Line No" INTEGER NOT NULL, "Qty" INTEGER DEFAULT 1 NOT NULL,
    "Sku" VARCHAR(20) NOT NULL{unique}, "Note" VARCHAR(30) DEFAULT 'none', "Customer" {key},
    "Total" INTEGER NOT NULL, "When" TIMESTAMP NOT NULL,{inner}
    PRIMARY KEY ("OrderId", "Line No"), CHECK ("Total" <> 13)
);
CREATE INDEX "IX Qty" ON {s}"Order Items" ("Qty");
INSERT INTO {s}"Customers" ("Full Name") VALUES ('Ada'), ('Bob');
INSERT INTO {s}"Order Items" VALUES (1, 1, 5, 'a', 'x', 1, 10, '2024-01-01 00:00:00'),
    (1, 2, 6, 'b', NULL, NULL, 11, '2024-01-01 00:00:00');
"""
TRIGGER = 'CREATE TRIGGER "Tr" AFTER DELETE ON "Order Items" BEGIN SELECT 1; END;'
REFERENCE = (
    ' CONSTRAINT "FK Customer" FOREIGN KEY ("Customer") REFERENCES {s}"Customers" ("CustomerNo"),'
    ' CONSTRAINT "UQ Sku" UNIQUE ("Sku"),'
)
GROWTH = (
    (
        "add field order_items discount:decimal:6.2:default=0 remark:text:default=it's "
        "seen_at:datetime:default=2024-02-29T23:59:59Z extra:json:default={} rank:int:index:default=1 "
        "ticket:str:max=20:optional:unique day:date:optional is_open:bool:default=true"
    ),
    "add relation order_items helper:ref:to=customers:optional:on_delete=set_null",
    "add resource labels name:str:max=20 customer:ref:optional",
    "add relation customers marks:many:labels",
    "add relation labels keeper:ref:to=customers:optional:unique",
    "remove field order_items qty note",
)
SHRINKING = "remove relation order_items customer"  # which SQLite can't without a copy


@contextmanager
def _sqlite(folder: Path) -> Iterator[tuple[str, str]]:
    script = TABLES.format(
        s="", serial="INTEGER", key='INTEGER REFERENCES "Customers"', unique=" UNIQUE", inner=""
    )
    file = sqlite_file(folder / "old.sqlite", script + TRIGGER)
    yield f"sqlite:///{file}", f"sqlite+aiosqlite:///{file}"


def _database(system: str, folder: Path) -> AbstractContextManager[tuple[str, str]]:
    if system == "sqlite":
        return _sqlite(folder)
    if system == "postgresql":
        s = '"My Sales".'
        inner = REFERENCE.format(s=s)
        made = TABLES.format(s=s, serial="SMALLSERIAL", key="SMALLINT", unique="", inner=inner)
        return server(system, 'CREATE SCHEMA "My Sales";' + made)
    made = TABLES.format(
        s="", serial="SMALLINT UNSIGNED AUTO_INCREMENT", key="SMALLINT UNSIGNED", unique="",
        inner=REFERENCE.format(s=""),
    )  # fmt: skip
    return server(system, made.replace('"', "`").replace("TIMESTAMP", "DATETIME"))


def _state(url: str) -> tuple[object, ...]:
    """The columns of the two tables, what holds them together, and their rows."""
    engine = sa.create_engine(
        re.sub("^postgresql", "postgresql+psycopg", re.sub("^mysql", "mysql+pymysql", url))
    )
    schema = "My Sales" if engine.dialect.name == "postgresql" else None
    found: list[object] = []
    with engine.connect() as connection:
        inspector = sa.inspect(connection)
        for name in ("Customers", "Order Items"):
            table = sa.Table(name, sa.MetaData(), autoload_with=connection, schema=schema)
            columns = sorted(table.c, key=lambda column: column.name)
            found.append([(c.name, str(c.type), c.nullable) for c in columns])
            found.append(sorted(str(i["name"]) for i in inspector.get_indexes(name, schema)))
            keys = inspector.get_foreign_keys(name, schema)
            found.append(sorted(str(k["constrained_columns"]) for k in keys))
            found.append(len(inspector.get_check_constraints(name, schema)))
            kept = [c for c in columns if c.name not in ("Qty", "Note", "Customer")]
            found.append(sorted(map(str, connection.execute(sa.select(*kept)))))
        if engine.dialect.name == "sqlite":
            found.append(
                connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE type = 'trigger'")
                .scalars()
                .all()
            )
    engine.dispose()
    return tuple(found)


def _grow(made: Project, url: str) -> None:
    made.scaffold("add", "resource", "--from-database", url)
    for command in GROWTH:
        made.scaffold(*command.split())
    done = made.scaffold(*SHRINKING.split(), check=False)
    if url.startswith("sqlite"):
        assert done.returncode == 3
        assert "Order Items.Customer is part of a constraint" in done.stderr
    else:
        assert done.returncode == 0, done.stderr


@pytest.mark.full
@pytest.mark.parametrize("system", ["sqlite", "postgresql", "mysql"])
def test_existing_tables_grow_and_shrink(tmp_path: Path, system: str) -> None:
    with _database(system, tmp_path) as (url, app_url):
        made = new_project(tmp_path, system)
        before = _state(url)
        _grow(made, url)
        environment = {"DATABASE_URL": app_url}
        made.python("-m", "ruff", "check", ".")
        made.python("-m", "ruff", "format", "--check", ".")
        made.python("-m", "mypy", "--strict", "app", "tests", "migrations")
        for target in ("head", "base", "head"):
            direction = "downgrade" if target == "base" else "upgrade"
            made.python("-m", "alembic", direction, target, env=environment)
            if target == "base":
                assert _state(url) == before
        made.python("-m", "alembic", "check", env=environment)
        made.python("-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", env=environment)
        for name in ("order_items", "labels"):
            if name == "labels":
                made.scaffold("remove", "relation", "customers", "marks")
            made.scaffold("remove", "resource", name)
        made.python("-m", "alembic", "upgrade", "head", env=environment)
        made.python("-m", "alembic", "check", env=environment)
        assert _state(url) == before


@pytest.mark.slow
def test_sqlite_alters_them_in_place(tmp_path: Path) -> None:
    with _sqlite(tmp_path) as (url, app_url):
        made = new_project(tmp_path)
        before = _state(url)
        _grow(made, url)
        done = made.scaffold("remove", "field", "order_items", "sku", check=False)
        assert done.returncode == 3
        assert "Order Items.Sku is part of a constraint" in done.stderr
        environment = {"DATABASE_URL": app_url}
        made.python("-m", "alembic", "upgrade", "head", env=environment)
        made.python("-m", "alembic", "check", env=environment)
        with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
            made_by = dict(connection.execute("SELECT name, sql FROM sqlite_master").fetchall())
            rows = connection.execute('SELECT "Total", rank, remark FROM "Order Items"').fetchall()
        connection.close()
        assert rows == [(10, 1, "it's"), (11, 1, "it's")]
        assert "Tr" in made_by
        assert 'CHECK ("Total" <> 13)' in made_by["Order Items"]
        made.scaffold("remove", "resource", "order_items")
        made.python("-m", "alembic", "upgrade", "head", env=environment)
        assert _state(url)[5:] == before[5:]
