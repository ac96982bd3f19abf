"""The shop with accounts, judged as a security reviewer would: every tool, database and attack."""

from __future__ import annotations

import re
import shutil
import sqlite3
import sys
from pathlib import Path

import httpx2
import pytest

from tests.generated.harness import Project, make_shop, require
from tests.generated.server import migrated, serving

pytestmark = pytest.mark.slow
DATABASES = ("sqlite", "postgresql", "mysql")


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The shop whose users have become accounts, and other resources theirs."""
    shop = make_shop(tmp_path_factory.mktemp("guarded"))
    shop.scaffold("add", "auth")
    shop.scaffold("protect", "resource", "orders", "--owned")
    shop.scaffold("protect", "resource", "products", "--require-role", "admin,moderator")
    shop.scaffold("add", "resource", "lines", "order:ref", "count:int", "--owned")
    shop.scaffold("add", "resource", "notes", "--require-auth")
    shop.scaffold("add", "resource", "labels", "name:str:unique", "--owned")
    shop.scaffold("add", "resource", "bundles", "name:str", "labels:many:labels", "--owned")
    return shop


@pytest.fixture(scope="module")
def joined(guarded: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The same with all that can be added."""
    shop = Project(tmp_path_factory.mktemp("joined") / "shop")
    shutil.copytree(guarded.root, shop.root)
    for capability in ("websocket", "cache", "ratelimit"):
        shop.scaffold("add", capability)
    shop.scaffold("add", "resource", "pages", "title:str", "--require-auth", "--cache", "--events")
    shop.scaffold(
        *("add", "resource", "parcels", "order:ref", "weight:int"),
        *("--owned", "--cache", "--events"),
    )
    return shop


def judge(project: Project, package: str = "app") -> None:
    project.python("-m", "ruff", "check", ".")
    project.python("-m", "ruff", "check", "--isolated", ".")
    project.python("-m", "ruff", "format", "--check", ".")
    project.python("-m", "mypy", "--strict", package, "tests", "migrations", "conftest.py")


def attack(project: Project, *arguments: str, env: dict[str, str] | None = None) -> None:
    project.python("-m", "pytest", "-q", "-W", "error", *arguments, env=env)


def test_the_tools_have_nothing_to_say(guarded: Project) -> None:
    judge(guarded)


def test_attacks_fail(guarded: Project) -> None:
    attack(guarded, "tests/auth", "tests/test_main.py")


def test_each_route_answers_whom_it_should(guarded: Project) -> None:
    attack(guarded, "tests", "-k", "access or rows_of_others or migrations or defaults")


def test_every_item_of_the_checklist_names_tests_that_are_there(guarded: Project) -> None:
    text = (guarded.root / "docs/security.md").read_text()
    tests = "".join(path.read_text() for path in guarded.root.glob("tests/**/test_*.py"))
    rows = [line for line in text.splitlines() if line.startswith("| API")]
    assert {row.split()[1] for row in rows} >= {f"API{number}" for number in range(1, 11)}
    for name in re.findall(r"`(test_\w+)(?:\*?)`", text):
        assert re.search(rf"def {name}", tests), name


def test_rows_that_are_there_get_one_form_or_stay(tmp_path: Path) -> None:
    shop = Project(tmp_path / "shop")
    Project(tmp_path).scaffold("new", "shop", "--no-git", "--minimal")
    shop.scaffold("add", "resource", "users", "email:email:unique", "age:int")
    shop.python("-m", "alembic", "upgrade", "head")
    rows = [
        (number, mail, 7, "2026", "2026") for number, mail in enumerate(("Ada@x.org", "b@x.org"))
    ]
    with sqlite3.connect(shop.root / "app.db") as database:
        database.executemany("INSERT INTO users VALUES (?, ?, ?, ?, ?)", rows)
    shop.scaffold("add", "auth")
    with sqlite3.connect(shop.root / "app.db") as database:
        database.execute("INSERT INTO users VALUES (7, 'ADA@X.org', 7, '2026', '2026')")
    twins = shop.python("-m", "alembic", "upgrade", "head", check=False)
    assert "email means several users: ada@x.org" in twins.stderr
    with sqlite3.connect(shop.root / "app.db") as database:
        database.execute("DELETE FROM users WHERE id = 7")
    shop.python("-m", "alembic", "upgrade", "head")
    shop.python("-m", "alembic", "check")
    with sqlite3.connect(shop.root / "app.db") as database:
        found = database.execute("SELECT email, role, is_active FROM users ORDER BY id").fetchall()
    assert found == [("ada@x.org", "user", 1), ("b@x.org", "user", 1)]


@pytest.mark.full
@pytest.mark.parametrize("database", DATABASES)
def test_all_tests_pass_on_all_databases(joined: Project, database: str, tmp_path: Path) -> None:
    judge(joined)
    attack(
        joined,
        *("--cov=app", "--cov-branch", "--cov-fail-under=95"),
        env={**require(database), "COVERAGE_FILE": str(tmp_path / "coverage")},
    )


@pytest.mark.full
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_schemathesis_finds_nothing_with_a_token(
    joined: Project, database: str, tmp_path: Path
) -> None:
    """As an administrator, whose own session alone is left alone."""
    with (
        migrated(joined, require(database), tmp_path) as own,
        serving(joined, own | {"RATE_LIMIT_QUOTA": "1000000000", "LOG_LEVEL": "WARNING"}) as base,
    ):
        joined.python("-c", _ADMINISTRATOR, env=own)
        form = {"username": "root@example.com", "password": _PASSWORD}
        response = httpx2.post(f"{base}/api/v1/auth/token", data=form, timeout=30)
        assert response.status_code == 200, response.text
        joined.run(
            str(Path(sys.executable).with_name("schemathesis")),
            *("run", f"{base}/api/openapi.json", "--checks", "all", "--max-examples", "30"),
            *("--header", f"Authorization: Bearer {response.json()['access_token']}"),
            *("--exclude-path-regex", "/auth/logout"),
        )


_PASSWORD = "correct horse battery staple"
# Of a number that no example is: else one deletes whom the token is of.
_ADMINISTRATOR = f"""
import asyncio
from sqlalchemy import text
from app.auth.__main__ import Admin, create_admin
from app.config import get_settings
from app.database import open_database

async def main() -> None:
    url = get_settings().database_url
    data = {{"email": "root@example.com", "username": "root", "password": {_PASSWORD!r}}}
    await create_admin(url, Admin.model_validate(data))
    async with open_database(url) as database, database.transaction() as session:
        await session.execute(text("DELETE FROM login_sessions"))
        await session.execute(text("DELETE FROM credentials"))
        await session.execute(text("UPDATE users SET id = 4611686018427387905"))
    await create_admin(url, Admin.model_validate(data))

asyncio.run(main())
"""


@pytest.mark.full
@pytest.mark.parametrize(
    "fields",
    [
        (),
        ("email:email:unique",),
        (
            *("email:email:unique", "full_name:str:min=5", "age:int", "born:date", "vip:bool"),
            *("kind:enum:a,b", "username:str:min=6:max=20:unique", "price:decimal:6.2"),
        ),
    ],
)
def test_other_users_make_accounts_too(tmp_path: Path, fields: tuple[str, ...]) -> None:
    Project(tmp_path).scaffold("new", "shop", "--no-git", "--package", "core")
    shop = Project(tmp_path / "shop")
    if fields:
        shop.scaffold("add", "resource", "members", *fields)
    shop.scaffold("add", "auth", "--users", "members")
    judge(shop, "core")
    attack(shop)


@pytest.mark.full
def test_nobody_can_tell_by_the_time_who_has_an_account(guarded: Project) -> None:
    attack(guarded, "-m", "timing", "tests/auth")
