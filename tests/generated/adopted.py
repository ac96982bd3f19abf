"""Projects over databases that were there before: made, adopted, judged."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import sqlalchemy as sa

from scaffold import workspace
from scaffold.record import read_record
from tests.generated.harness import Project, require

OWN = frozenset({"alembic_version"})
ROWS = Path(__file__).with_name("rows.py")


def new_project(folder: Path, database: str = "sqlite") -> Project:
    Project(folder).scaffold("new", "adopted", "--no-git", "--database", database)
    return Project(folder / "adopted")


def sqlite_file(path: Path, script: str) -> Path:
    connection = sqlite3.connect(path)
    connection.executescript(script)
    connection.close()
    return path


def judge(made: Project, url: str, *tests: str) -> None:
    """Tools are clean, Alembic sees no difference, every row is served as the database has it."""
    made.python("-m", "ruff", "check", ".")
    made.python("-m", "ruff", "format", "--check", ".")
    made.python("-m", "mypy", "--strict", "app", "tests", "migrations")
    compare(made, url)
    made.python(
        *("-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", *tests),
        env={"DATABASE_URL": url},
    )


def compare(made: Project, url: str) -> int:
    """Alembic sees no difference, and so many rows are served as the database has them."""
    environment = {"DATABASE_URL": url}
    made.python("-m", "alembic", "check", env=environment)
    done = made.python(str(ROWS), url, env=environment | {"PYTHONPATH": str(Path.cwd())})
    equal = re.search(r"(\d+) rows are equal", done.stdout)
    assert equal is not None, done.stdout
    return int(equal[1])


def untold(made: Project, url: str, said: str) -> list[str]:
    """The tables, views and columns of a database that no resource has, and that ``said`` never names."""
    specs = read_record(workspace.open_tree(made.root)).resources.values()
    has = {(one["existing"]["schema"], one["table"]): one for one in specs}
    missing = []
    engine = sa.create_engine(url)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sa.exc.SAWarning)
        inspector = sa.inspect(engine)
        for schema in _schemas(inspector):
            for table in (*inspector.get_table_names(schema), *inspector.get_view_names(schema)):
                name = f"{schema}.{table}" if schema else table
                spec = has.get((schema or "", table))
                if spec is None:
                    missing += [name] if f"note: {name}: " not in said and name not in OWN else []
                    continue
                fields = {
                    one.get("column") or one["name"] + "_id" * (one["type"] == "ref")
                    for one in (*spec["key"], *spec["fields"])
                }
                columns = {column["name"] for column in inspector.get_columns(table, schema)}
                lost = [f"{name}.{column}" for column in sorted(columns - fields)]
                missing += [one for one in lost if f"note: {one}: " not in said]
    engine.dispose()
    return missing


def _schemas(inspector: sa.Inspector) -> list[str | None]:
    if inspector.dialect.name != "postgresql":
        return [None]
    names = inspector.get_schema_names()
    return [None, *(n for n in names if n not in ("public", "information_schema"))]


@contextmanager
def server(database: str, script: str) -> Iterator[tuple[str, str]]:
    """A database of its own with this schema: the URL for a person, and the app's."""
    url = urlsplit(require(database)["DATABASE_URL"])
    name = f"scaffold_legacy_{os.getpid()}"
    tool = ["psql", "-q", "-v", "ON_ERROR_STOP=1", "-h", url.hostname or "", "-p", str(url.port)]
    tool += ["-U", url.username or "", "postgres"]
    inside = [*tool[:-1], name]
    if database == "mysql":
        tool = [
            "mysql",
            "--default-character-set=utf8mb4",
            "-h",
            url.hostname or "",
            "-P",
            str(url.port),
            "-u",
            url.username or "",
        ]
        inside = [*tool, name]
    for command, statement in (
        (tool, f"DROP DATABASE IF EXISTS {name}"),
        (tool, f"CREATE DATABASE {name}"),
        (inside, script),
    ):
        subprocess.run(command, input=statement, text=True, check=True, capture_output=True)
    try:
        scheme = "postgresql" if database == "postgresql" else "mysql"
        yield f"{scheme}://{url.netloc}/{name}", f"{url.scheme}://{url.netloc}/{name}"
    finally:
        subprocess.run(tool, input=f"DROP DATABASE {name}", text=True, check=True)
