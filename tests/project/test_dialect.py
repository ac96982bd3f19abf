from __future__ import annotations

import pytest

from tests.project.repos import project

MAIN = """
from fastapi import FastAPI
from app.routers import alarms
app = FastAPI()
app.include_router(alarms.router)
"""
ASYNC = """
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
sessions = async_sessionmaker(create_async_engine("x"))
async def get_session():
    async with sessions() as session:
        yield session
"""
SYNC = """
from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker
SessionLocal = sessionmaker(bind=create_engine("x"))
def get_db():
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()
"""
USES = """
from typing import Annotated
from fastapi import APIRouter, Depends
from app.db import {name}
SessionDep = Annotated[object, Depends({name})]
router = APIRouter()
@router.get("/")
def read(db=Depends({name})): ...
"""
OLD_MODELS = """
from sqlalchemy import Column, Integer
from app.base import Base
class Alarm(Base):
    __tablename__ = "alarms"
    id = Column(Integer, primary_key=True)
"""
NEW_MODELS = """
from sqlalchemy.orm import Mapped, mapped_column
from app.base import Base
class Alarm(Base):
    __tablename__ = "alarms"
    id: Mapped[int] = mapped_column(primary_key=True)
"""


def repository(**files: str) -> dict[str, str]:
    return {
        "app/main.py": MAIN,
        **{(p if "/" in p else p.replace("__", "/")) + ".py": t for p, t in files.items()},
    }


STACKS = {
    "async SQLAlchemy 2": (
        {
            "app__db": ASYNC,
            "app__base": "from sqlalchemy.orm import DeclarativeBase\nclass Base(DeclarativeBase): ...\n",
            "app__models__alarm": NEW_MODELS,
            "app__routers__alarms": USES.format(name="get_session"),
        },
        ("sqlalchemy", True, True, "app/base.py:Base", "app/db.py:get_session", "SessionDep"),
    ),
    "sync SQLAlchemy 1.4": (
        {
            "app__db": SYNC,
            "app__base": "from sqlalchemy.orm import declarative_base\nBase = declarative_base()\n",
            "app__models__alarm": OLD_MODELS,
            "app__routers__alarms": USES.format(name="get_db").replace("SessionDep = ", "# "),
        },
        ("sqlalchemy", False, False, "app/base.py:Base", "app/db.py:get_db", None),
    ),
    "an async dependency with a sync session": (
        {
            "app__db": SYNC.replace("def get_db", "async def get_db"),
            "app__base": "from sqlalchemy.orm import declarative_base\nBase = declarative_base()\n",
            "app__models__alarm": OLD_MODELS,
            "app__routers__alarms": USES.format(name="get_db"),
        },
        ("sqlalchemy", False, False, "app/base.py:Base", "app/db.py:get_db", "SessionDep"),
    ),
    "an abstract base of the project's own": (
        {
            "app__base": "from sqlalchemy.orm import DeclarativeBase\nclass Root(DeclarativeBase): ...\n"
            "class Base(Root):\n    __abstract__ = True\n",
            "app__models__alarm": NEW_MODELS,
            "app__routers__alarms": "from fastapi import APIRouter\nrouter = APIRouter()\n",
        },
        ("sqlalchemy", False, True, "app/base.py:Base", None, None),
    ),
    "SQLModel": (
        {
            "app__db": "from sqlmodel import Session, create_engine\ndef get_db():\n"
            "    with Session(create_engine('x')) as session:\n        yield session\n",
            "app__models": "from sqlmodel import SQLModel\nclass Alarm(SQLModel, table=True):\n    id: int\n",
            "app__routers__alarms": USES.format(name="get_db"),
        },
        ("sqlmodel", False, True, None, "app/db.py:get_db", "SessionDep"),
    ),
    "tables without classes": (
        {
            "app__db": "from sqlalchemy import Column, Table\nusers = Table('u', m, Column('id'))\nx = Column('y')\n"
        },
        ("sqlalchemy", False, False, None, None, None),
    ),
    "MongoDB": (
        {"app__db": "from motor.motor_asyncio import AsyncIOMotorClient\n"},
        ("MongoDB (motor)", False, True, None, None, None),
    ),
    "none": ({}, ("", False, True, None, None, None)),
}


@pytest.mark.parametrize("name", STACKS)
def test_database(name: str) -> None:
    files, wanted = STACKS[name]
    database = project(repository(**files)).dialect.database
    symbols = [s and f"{s.path}:{s.name}" for s in (database.base, database.session)]
    alias = database.alias.name if database.alias else None
    assert (database.library, database.is_async, database.modern, *symbols, alias) == wanted
    assert (database.evidence is None) == (name == "none")


@pytest.mark.parametrize(
    ("files", "version"),
    [
        ({"requirements.txt": "pydantic==1.10.2\n"}, 1),
        ({"uv.lock": 'name = "pydantic"\nversion = "2.9.1"\n'}, 2),
        ({"app/x.py": "from pydantic import validator\n@validator('x')\ndef f(): ...\n"}, 1),
        ({"app/x.py": "from pydantic import ConfigDict\n"}, 2),
        ({}, 2),
    ],
)
def test_pydantic(files: dict[str, str], version: int) -> None:
    assert project({**repository(), **files}).dialect.pydantic == version


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({"pyproject.toml": '[project]\nrequires-python = ">=3.10,<4"\n'}, "≥ 3.10"),
        ({"pyproject.toml": '[tool.poetry.dependencies]\npython = "^3.9"\n'}, "≥ 3.9"),
        ({".python-version": "3.12.1\n"}, "3.12"),
        ({}, "None"),
    ],
)
def test_python(files: dict[str, str], found: str) -> None:
    assert str(project({**repository(), **files}).dialect.python) == found


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({"requirements.txt": "SQLAlchemy==1.4.40\n"}, "1.4.40"),
        ({"requirements/base.txt": "sqlalchemy[asyncio] >= 2.0.1, <3 # x\n"}, "≥ 2.0.1"),
        ({"pyproject.toml": '[project]\ndependencies = ["a", "sqlalchemy~=2.0"]\n'}, "≥ 2.0"),
        ({"pyproject.toml": '[tool.poetry.dependencies]\nsqlalchemy = "^1.4"\n'}, "≥ 1.4"),
        ({"pyproject.toml": '[tool.poetry.dependencies]\nsqlalchemy = {version = "^2"}\n'}, "≥ 2"),
        ({"poetry.lock": '[[package]]\nname = "sqlalchemy"\nversion = "2.0.30"\n'}, "2.0.30"),
        ({"Pipfile.lock": '{"default": {"sqlalchemy": {"version": "==1.4.2"}}}'}, "1.4.2"),
        ({"requirements.txt": "sqlalchemy-utils==1\n"}, "None"),
        ({"requirements.txt": "sqlalchemy<2\n"}, "None"),
    ],
)
def test_locked_or_lowest(files: dict[str, str], found: str) -> None:
    version = project({**repository(), **files}).dialect.sqlalchemy
    assert str(version) == found
    assert version is None or version.evidence.line or "Pipfile" in version.evidence.path


@pytest.mark.parametrize(
    ("files", "length", "quote"),
    [
        ({}, 88, '"'),
        (
            {
                "pyproject.toml": "[tool.ruff]\nline-length = 120\nformat = {quote-style = 'single'}\n"
            },
            120,
            "'",
        ),
        ({"pyproject.toml": "[tool.black]\nline_length = 79\n"}, 79, '"'),
        ({"ruff.toml": "line-length = 100\n"}, 100, '"'),
        ({".flake8": "[flake8]\nmax-line-length = 99  # x\n"}, 99, '"'),
        ({"setup.cfg": "[flake8]\nmax_line_length = 90\n"}, 90, '"'),
        ({".editorconfig": "[*.{py,md}]\nmax_line_length = 110\n"}, 110, '"'),
        ({"app/main.py": MAIN + "x = ['a', 'b', \"c\"]\n"}, 88, "'"),
        (
            {"pyproject.toml": "[tool.black]\n", "app/main.py": MAIN + "x = ['a', 'b', \"c\"]\n"},
            88,
            '"',
        ),
    ],
)
def test_style(files: dict[str, str], length: int, quote: str) -> None:
    style = project({**repository(), **files}).dialect.style
    assert (style.line_length, style.quote) == (length, quote)


INIT = {"app/__init__": ""}


def test_relative_imports() -> None:
    relative = repository(
        **INIT, app__a="from . import b\n", app__b="from .c import d\nfrom .e import f\n"
    )
    assert project(relative).dialect.relative_imports
    assert not project(repository(**INIT, app__a="from app import b\n")).dialect.relative_imports


LEAF = "from fastapi import APIRouter\nrouter = APIRouter()\n"


@pytest.mark.parametrize(
    ("paths", "singular", "plural", "path"),
    [
        (
            ["app/routers/users.py", "app/routers/items.py"],
            "widget",
            "widgets",
            "app/routers/widgets.py",
        ),
        (["app/api/user.py", "app/api/item.py"], "widget", "widgets", "app/api/widget.py"),
        (
            ["app/a/user_router.py", "app/a/item_router.py"],
            "widget",
            "widgets",
            "app/a/widget_router.py",
        ),
        (
            ["app/users/router.py", "app/items/router.py"],
            "widget",
            "widgets",
            "app/widgets/router.py",
        ),
        (["app/user/views.py", "app/item/views.py"], "widget", "widgets", "app/widget/views.py"),
        ([], "widget", "widgets", "app/routers/widgets.py"),
    ],
)
def test_where_routers_live(paths: list[str], singular: str, plural: str, path: str) -> None:
    names = [p.removesuffix(".py").replace("/", ".") for p in paths]
    main = "from fastapi import FastAPI\n" + "".join(f"import {n}\n" for n in names)
    main += "app_ = FastAPI()\n" + "".join(f"app_.include_router({n}.router)\n" for n in names)
    facts = project({"app/main.py": main, **dict.fromkeys(paths, LEAF)})
    assert facts.dialect.homes["routers"].path(singular, plural) == path


def test_where_the_other_kinds_live() -> None:
    files = repository(
        app__models__user="from app.base import Base\nclass User(Base):\n    __tablename__ = 'users'\n",
        app__schemas__users="from pydantic import BaseModel\nclass User(BaseModel): ...\n",
        app__services__user_service="class UserService: ...\n",
        app__crud__user="def get(): ...\n",
        tests__api__test_users="def test_x(): ...\n",
    )
    homes = project(files).dialect.homes
    assert homes["models"].path("widget", "widgets") == "app/models/widget.py"
    assert homes["schemas"].path("widget", "widgets") == "app/schemas/widgets.py"
    assert homes["services"].directory == "app/services"
    assert homes["repositories"].directory == "app/crud"
    assert homes["tests"].directory == "tests/api"


@pytest.mark.parametrize(
    ("text", "driver"),
    [
        ("import asyncpg\nasync def start():\n    return await asyncpg.create_pool('x')\n", "asyncpg"),
        ("from psycopg_pool import ConnectionPool\nimport psycopg\np = ConnectionPool()\n", "psycopg"),
        ("import sqlite3\ndb = sqlite3.connect('x')\n", "sqlite3"),
        ("import sqlite3\nclass Wrong(sqlite3.Error): ...\n", ""),  # opens nothing
        ("from app.asyncpg import connect\nconnect()\n", ""),
    ],
)  # fmt: skip
def test_sql_by_hand_is_told_by_what_connects(text: str, driver: str) -> None:
    database = project(repository(app__store=text)).dialect.database
    assert (database.library, database.driver) == ("", driver)
    assert (database.evidence is not None) == bool(driver)
    aside = {**repository(), "tests/helper.py": text}
    assert project(aside).dialect.database.driver == ""
