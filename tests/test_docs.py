"""What the documents say is so: commands, flags, exit codes, the keys of ``--json``, the version."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from textwrap import dedent

import pytest

from scaffold import __version__
from scaffold.spec.errors import ExitCode

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
JSON = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")

# Each command with the row of the README's table that is about it.
COMMANDS = {
    ("new",): "new NAME",
    ("add", "resource"): "add resource NAME",
    ("cache",): "cache resource NAME",
    ("events",): "events resource NAME",
    ("protect",): "protect resource NAME",
    ("remove", "resource"): "remove resource NAME",
    ("undo",): "undo [RUN]",
    ("history",): "history",
    ("list",): "list",
    ("info",): "info",
    ("apply",): "apply PLAN",
}


def scaffold(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scaffold", *arguments],
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@cache
def flags(*command: str) -> frozenset[str]:
    """The long options that a command's help offers."""
    done = scaffold(*command, "--help")
    assert done.returncode == 0, done.stderr
    return frozenset(re.findall(r"(?<![\w-])--[a-z][a-z-]+", done.stdout.partition("Options:")[2]))


def table(header: str) -> list[list[str]]:
    """The rows of the README's table whose first column has this header."""
    lines = README.splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith(f"| {header} |"))
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
    return rows


def test_the_exit_codes_are_those_there_are() -> None:
    assert [int(code) for code, _ in table("code")] == [int(code) for code in ExitCode]


def test_every_command_is_in_the_table_and_the_other_way_round() -> None:
    shown = scaffold("--help").stdout.partition("Commands:")[2]
    there = set(re.findall(r"^  (\w+) ", shown, re.MULTILINE))
    documented = {re.findall(r"`scaffold (\w+)", row[0])[0] for row in table("command")}
    assert documented == there == {command[0] for command in COMMANDS}


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_flag_of_a_row_exists_and_the_other_way_round(command: tuple[str, ...]) -> None:
    (row,) = (
        row for row in table("command") if row[0].startswith(f"`scaffold {COMMANDS[command]}")
    )
    named = set(re.findall(r"--[a-z][a-z-]+", row[1].partition(":")[2]))
    assert named <= flags(*command)
    everywhere = set(re.findall(r"--[a-z][a-z-]+", _below_the_table()))
    assert flags(*command) - named <= everywhere


def test_every_flag_in_the_prose_exists() -> None:
    offered = flags().union(*(flags(*command) for command in COMMANDS))
    assert set(re.findall(r"--[a-z][a-z-]+", _below_the_table())) <= offered


def _below_the_table() -> str:
    """The paragraph on the options that many commands share."""
    return README.partition("\nEverywhere:")[2].partition("\n\n")[0]


def test_the_keys_of_json_are_documented(tmp_path: Path) -> None:
    made = json.loads(scaffold("new", "shop", "--no-git", "--json", cwd=tmp_path).stdout)
    listed = json.loads(scaffold("list", "--json", cwd=tmp_path / "shop").stdout)
    (tmp_path / "empty").mkdir()
    failed = json.loads(scaffold("add", "resource", "x", "--json", cwd=tmp_path / "empty").stdout)
    assert made["plan"]["files"]
    assert failed["error"]["reasons"]
    keys = {
        *made,
        *made["plan"],
        *made["plan"]["files"][0],
        *made["plan"]["next"][0],
        *listed,
        *failed["error"],
        *failed["error"]["reasons"][0],
        *failed["error"]["reasons"][0]["paste"][0],
    }
    text = JSON.partition("```\n")[2].partition("```")[0]
    # A quoted word before a colon, or in a bare list of keys, is a key.
    named = set(re.findall(r'"(\w+)":', text))
    for group in re.findall(r'\[\{("\w+"(?:, "\w+")*)\}\]', text):
        named |= set(re.findall(r'"(\w+)"', group))
    assert named - {"base64"} == keys


def test_the_error_codes_of_json_are_documented() -> None:
    from scaffold.spec.errors import ScaffoldError

    codes = {ScaffoldError.code, *(kind.code for kind in ScaffoldError.__subclasses__())}
    (line,) = (line for line in JSON.splitlines() if line.strip().startswith('"code":'))
    assert set(re.findall(r'"(\w+)"', line.partition(":")[2])) == codes


def test_the_changelog_has_this_version_or_what_is_to_come() -> None:
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings
    assert "Unreleased" in headings[0] or __version__ in headings[0]


def test_every_link_to_a_file_leads_somewhere() -> None:
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{path.name}: {target}"


SHOP = {
    "pyproject.toml": """
        [project]
        name = "shop"
        version = "1"
        requires-python = ">=3.11"
        dependencies = ["fastapi", "sqlalchemy>=2", "aiosqlite"]

        [tool.ruff]
        line-length = 100
        """,
    "Procfile": "web: uvicorn shop.main:app --app-dir src",
    "src/shop/__init__.py": "",
    "src/shop/main.py": """
        from fastapi import FastAPI

        from .orders.views import router as orders
        from .users.views import router as users

        app = FastAPI()
        app.include_router(orders, prefix="/api", tags=["orders"])
        app.include_router(users, prefix="/api", tags=["users"])
        """,
    "src/shop/db.py": """
        from collections.abc import AsyncIterator

        from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
        from sqlalchemy.orm import DeclarativeBase

        sessions = async_sessionmaker(create_async_engine("sqlite+aiosqlite:///shop.db"))


        class Base(DeclarativeBase):
            pass


        async def get_session() -> AsyncIterator[AsyncSession]:
            async with sessions() as session:
                yield session
        """,
}
for one in ("Order", "User"):
    SHOP |= {
        f"src/shop/{one.lower()}s/__init__.py": "",
        f"src/shop/{one.lower()}s/models.py": f"""
            from sqlalchemy.orm import Mapped, mapped_column

            from ..db import Base


            class {one}(Base):
                __tablename__ = "{one.lower()}s"

                id: Mapped[int] = mapped_column(primary_key=True)
            """,
        f"src/shop/{one.lower()}s/views.py": f"""
            from fastapi import APIRouter, Depends

            from ..db import get_session

            router = APIRouter(prefix="/{one.lower()}s")


            @router.get("")
            async def {one.lower()}s(session=Depends(get_session)) -> int:
                return 0
            """,
    }
SECOND = """
    from fastapi import FastAPI

    from shop.users.views import router

    app = FastAPI()
    app.include_router(router)
    """
PRINTED = re.findall(
    r"<!-- prints(, with a second application)?: ([^\n]+?) -->\n```text\n(.*?)^```$", README, re.DOTALL | re.MULTILINE
)  # fmt: skip


@pytest.mark.parametrize(("second", "command", "text"), PRINTED, ids=[c for _, c, _ in PRINTED])
def test_what_the_readme_shows_of_other_repositories_is_printed(
    tmp_path: Path, second: str, command: str, text: str
) -> None:
    files = {p: t for p, t in SHOP.items() if not (second and p == "Procfile")}
    files |= {"admin/main.py": SECOND} if second else {}
    for path, content in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(dedent(content).lstrip(), encoding="utf-8")
    done = scaffold(*command.split(), cwd=tmp_path)
    shown = f"$ scaffold {command}\n{done.stdout}{done.stderr}"
    assert "\n".join(row.rstrip() for row in shown.splitlines()) + "\n" == text


def test_all_that_is_shown_is_tried() -> None:
    assert len(PRINTED) == README.count("<!-- prints") == 3
