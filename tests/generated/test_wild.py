"""``add resource --from-database`` on databases as the world has them: ``tests/data/wild``."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.generated.adopted import compare, judge, new_project, server, sqlite_file, untold
from tests.generated.harness import Project

WILD = Path(__file__).parents[1] / "data" / "wild"
SCRIPTS = sorted(path.name for path in WILD.glob("*.sql"))
# Rows of the tables that have a resource: what is served is what is there.
ROWS = {
    "adventureworks.postgresql.sql": 21,
    "django.sqlite.sql": 17,
    "frameworks.postgresql.sql": 12,
    "northwind.sqlite.sql": 26,
    "odd.mysql.sql": 31,
    "odd.postgresql.sql": 38,
    "odd.sqlite.sql": 32,
    "rails.sqlite.sql": 8,
}
_SCHEMES = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql"}


def _adopt(made: Project, url: str) -> str:
    """Reads the database, twice: the second time changes nothing. What the first one said."""
    said = made.scaffold("add", "resource", "--from-database", url).stdout
    files = made.files()
    made.scaffold("add", "resource", "--from-database", url)
    assert made.files() == files
    return said


def test_every_script_is_counted() -> None:
    assert sorted(ROWS) == SCRIPTS


@pytest.mark.slow
def test_odd_names_and_values_are_served_and_told(tmp_path: Path) -> None:
    file = sqlite_file(tmp_path / "odd.sqlite", (WILD / "odd.sqlite.sql").read_text("utf-8"))
    before = file.read_bytes()
    made = new_project(tmp_path)
    said = _adopt(made, f"sqlite:///{file}")
    for note in (
        "moments.m: DATETIME in name, other values in some of its rows: taken as text",
        "nullkey: its key k is null in some rows: no resource",
        "pages_data: a part of another table, by which its rows are served",
        "ring_a.b: its reference to ring_b stays the database's alone",
        "tbl_orders: one of its columns has no name: no resource",
    ):
        assert f"note: {note}" in said
    assert untold(made, f"sqlite:///{file}", said) == []
    assert file.read_bytes() == before
    assert compare(made, f"sqlite+aiosqlite:///{file}") == ROWS["odd.sqlite.sql"]


@pytest.mark.full
@pytest.mark.parametrize("script", SCRIPTS)
def test_wild_databases(tmp_path: Path, script: str) -> None:
    system = script.split(".")[1]
    text = (WILD / script).read_text("utf-8")
    if system == "sqlite":
        file = sqlite_file(tmp_path / "wild.sqlite", text)
        made = new_project(tmp_path)
        said = _adopt(made, f"sqlite:///{file}")
        assert untold(made, f"sqlite:///{file}", said) == []
        assert compare(made, f"sqlite+aiosqlite:///{file}") == ROWS[script]
        judge(made, f"sqlite+aiosqlite:///{file}")
        return
    with server(system, text) as (url, app_url):
        made = new_project(tmp_path, system)
        said = _adopt(made, url)
        assert untold(made, re.sub("^[a-z]+", _SCHEMES[system], url), said) == []
        assert compare(made, app_url) == ROWS[script]
        judge(made, app_url)
