"""Capabilities of a generated project, together and alone: judged as its owners would."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

import pytest

from tests.generated.harness import Project, require
from tests.generated.server import migrated, serving

pytestmark = pytest.mark.slow

NAMES = ("auth", "cache", "ratelimit", "websocket")
COMBINATIONS = [
    ",".join(names)
    for count in range(1, len(NAMES) + 1)
    for names in itertools.combinations(NAMES, count)
]
# What a shell may hold, and what tests must not use: nobody listens there, nobody gets far so.
SHELL = {"REDIS_URL": "redis://127.0.0.1:1", "RATE_LIMIT_QUOTA": "1", "CI": "true"}
OPTIONS = ("-q", "-W", "error", "-p", "no:cacheprovider")


def make(folder: Path, names: str) -> Project:
    """A shop of one resource that uses what is there."""
    Project(folder).scaffold("new", "shop", "--no-git", "--with", names)
    shop = Project(folder / "shop")
    aspects = {"auth": "--require-auth", "cache": "--cache", "websocket": "--events"}
    asked = [option for name, option in aspects.items() if name in names.split(",")]
    shop.scaffold("add", "resource", "orders", "code:str:max=9:unique", *asked)
    return shop


def judge(shop: Project) -> None:
    shop.python("-m", "ruff", "check", ".")
    shop.python("-m", "ruff", "check", "--isolated", ".")
    shop.python("-m", "ruff", "format", "--check", ".")
    shop.python("-m", "mypy", "--strict", "app", "tests", "migrations")


def test_cache_and_limits(tmp_path: Path) -> None:
    shop = make(tmp_path, "cache,ratelimit")
    judge(shop)
    own = ("test_orders.py", "test_caching.py", "test_caching_tables.py", "test_limits.py")
    shop.python("-m", "pytest", *OPTIONS, *(f"tests/{file}" for file in own), env=SHELL)


@pytest.mark.full
@pytest.mark.parametrize("names", COMBINATIONS)
def test_every_combination(tmp_path: Path, names: str) -> None:
    shop = make(tmp_path, names)
    judge(shop)
    shop.python("-m", "pytest", *OPTIONS, env=SHELL)


@pytest.mark.full
@pytest.mark.parametrize("database", ["postgresql", "mysql"])
def test_everything_on_other_databases(tmp_path: Path, database: str) -> None:
    environment = require(database)
    shop = make(tmp_path, ",".join(NAMES))
    shop.python("-m", "pytest", *OPTIONS, env={**SHELL, **environment})


def test_with_is_new_and_then_add(tmp_path: Path) -> None:
    check_with(tmp_path, [("cache", "websocket")])


@pytest.mark.full
def test_with_is_new_and_then_add_for_all_pairs(tmp_path: Path) -> None:
    check_with(tmp_path, [*itertools.permutations(NAMES, 2), NAMES])


def check_with(folder: Path, wanted: list[tuple[str, ...]]) -> None:
    for names in wanted:
        made = []
        for way in ("with", "add"):
            place = folder / f"{'-'.join(names)}-{way}"
            place.mkdir()
            at_once = ("--with", ",".join(names)) if way == "with" else ()
            Project(place).scaffold("new", "shop", "--no-git", *at_once)
            shop = Project(place / "shop")
            for name in names if way == "add" else ():
                shop.scaffold("add", name)
            made.append(
                {
                    path: content
                    for path, content in shop.files().items()
                    if not path.startswith((".scaffold/", "migrations/versions/"))
                }
            )
        assert made[0] == made[1], names
        assert len(made[0]) > 50


@pytest.mark.full
@pytest.mark.parametrize("names", [names for names in COMBINATIONS if "auth" not in names])
def test_schemathesis_finds_nothing(tmp_path: Path, names: str) -> None:
    """With accounts it needs a token: test_auth.py has one."""
    shop = make(tmp_path, names)
    quiet = {"RATE_LIMIT_QUOTA": "1000000000", "LOG_LEVEL": "WARNING"}
    with (
        migrated(shop, {}, tmp_path) as environment,
        serving(shop, environment | quiet) as base,
    ):
        shop.run(
            str(Path(sys.executable).with_name("schemathesis")),
            *("run", f"{base}/api/openapi.json", "--checks", "all", "--max-examples", "30"),
        )
