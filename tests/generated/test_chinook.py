"""Chinook, a real schema with real rows, rebuilt by commands alone and judged like the shop."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from tests.generated.chinook import load_and_read_back, make
from tests.generated.harness import Project, require
from tests.generated.server import migrated, serving

DATABASES = ("sqlite", "postgresql", "mysql")
ROWS = 15_607


@pytest.fixture(scope="module")
def chinook(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project; tests read it and run it, none changes it."""
    return make(tmp_path_factory.mktemp("chinook"))


@pytest.mark.slow
def test_some_rows_are_read_back_as_they_were_sent(chinook: Project, tmp_path: Path) -> None:
    with migrated(chinook, {}, tmp_path) as environment, serving(chinook, environment) as base:
        assert asyncio.run(load_and_read_back(base, rows=12)) > 80


@pytest.mark.slow
def test_tools_have_nothing_to_say(chinook: Project) -> None:
    chinook.python("-m", "ruff", "check", ".")
    chinook.python("-m", "ruff", "check", "--isolated", ".")
    chinook.python("-m", "ruff", "format", "--check", ".")
    chinook.python("-m", "mypy", "--strict", "app", "tests", "migrations")


@pytest.mark.full
@pytest.mark.parametrize("database", DATABASES)
def test_all_rows_are_read_back_as_they_were_sent(
    chinook: Project, database: str, tmp_path: Path
) -> None:
    with (
        migrated(chinook, require(database), tmp_path) as environment,
        serving(chinook, environment) as base,
    ):
        assert asyncio.run(load_and_read_back(base)) == ROWS
        chinook.python("-m", "alembic", "check", env=environment)


@pytest.mark.full
@pytest.mark.parametrize("database", DATABASES)
def test_its_own_tests_pass_and_cover_the_app(
    chinook: Project, database: str, tmp_path: Path
) -> None:
    chinook.python(
        *("-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider"),
        *("--cov=app", "--cov-branch", "--cov-report=term", "--cov-fail-under=95"),
        env=require(database) | {"COVERAGE_FILE": str(tmp_path / "coverage")},
    )


@pytest.mark.full
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_schemathesis_finds_nothing(chinook: Project, database: str, tmp_path: Path) -> None:
    with (
        migrated(chinook, require(database), tmp_path) as environment,
        serving(chinook, environment) as base,
    ):
        chinook.run(
            str(Path(sys.executable).with_name("schemathesis")),
            *("run", f"{base}/api/openapi.json", "--checks", "all", "--max-examples", "15"),
        )
