"""The shop of the README, judged as its owners would: every tool clean, every database alike."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.generated.harness import Project, make_shop, require

pytestmark = pytest.mark.slow
DATABASES = ("sqlite", "postgresql", "mysql")


def test_ruff_has_nothing_to_say(shop: Project) -> None:
    shop.python("-m", "ruff", "check", ".")
    shop.python("-m", "ruff", "check", "--isolated", ".")


def test_ruff_format_would_change_nothing(shop: Project) -> None:
    shop.python("-m", "ruff", "format", "--check", ".")


def test_mypy_strict_is_clean(shop: Project) -> None:
    shop.python("-m", "mypy", "--strict", "app", "tests", "migrations")


@pytest.mark.parametrize("database", DATABASES)
def test_its_own_tests_pass(shop: Project, database: str) -> None:
    shop.python(
        "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", env=require(database)
    )


def test_its_own_tests_cover_the_app(shop: Project, tmp_path: Path) -> None:
    done = shop.python(
        *("-m", "pytest", "-q", "-p", "no:cacheprovider", "--cov=app", "--cov-branch"),
        *("--cov-report=term", "--cov-fail-under=95"),
        env={"COVERAGE_FILE": str(tmp_path / "coverage")},
    )
    assert "TOTAL" in done.stdout


@pytest.mark.parametrize("database", ["postgresql", "mysql"])
def test_a_project_for_another_database_passes_too(tmp_path: Path, database: str) -> None:
    shop = make_shop(tmp_path, "--database", database)
    environment = require(database)
    shop.python("-m", "ruff", "check", ".")
    shop.python("-m", "ruff", "format", "--check", ".")
    shop.python("-m", "mypy", "--strict", "app")
    shop.python("-m", "pytest", "-q", "-p", "no:cacheprovider", env=environment)


def test_minimal_passes_too(tmp_path: Path) -> None:
    shop = make_shop(tmp_path, "--minimal", "--package", "zeta")
    assert not (shop.root / "Dockerfile").exists()
    shop.python("-m", "ruff", "check", ".")
    shop.python("-m", "ruff", "format", "--check", ".")
    shop.python("-m", "mypy", "--strict", "zeta")
    shop.python("-m", "pytest", "-q", "-p", "no:cacheprovider")


@pytest.mark.full
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_schemathesis_finds_nothing(shop: Project, database: str, tmp_path: Path) -> None:
    from tests.generated.server import migrated, serving

    with (
        migrated(shop, require(database), tmp_path) as environment,
        serving(shop, environment) as base,
    ):
        shop.run(
            str(Path(sys.executable).with_name("schemathesis")),
            *("run", f"{base}/api/openapi.json", "--checks", "all", "--max-examples", "60"),
        )
