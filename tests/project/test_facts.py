from __future__ import annotations

from scaffold.project.facts import Fact, read_facts
from tests.project.repos import project

SHOP = {
    "backend/pyproject.toml": """
    [project]
    requires-python = ">=3.11"
    dependencies = ["fastapi>=0.100", "sqlalchemy>=2.0", "pydantic>=2.5"]
    [tool.ruff]
    line-length = 100
    """,
    "backend/Dockerfile": 'CMD ["uvicorn", "shop.main:app"]\n',
    "backend/alembic.ini": "[alembic]\nscript_location = migrations\n",
    "backend/migrations/versions/a.py": "revision = 'a1'\ndown_revision = None\n",
    "backend/shop/main.py": """
    from fastapi import FastAPI
    from shop.routers import alarms, items
    def create_app():
        app = FastAPI()
        app.include_router(alarms.router, prefix="/api")
        app.include_router(items.router, prefix="/api")
        return app
    app = create_app()
    """,
    "backend/shop/config.py": """
    from pydantic_settings import BaseSettings
    class Settings(BaseSettings):
        debug: bool = False
    """,
    "backend/shop/db.py": """
    from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
    from sqlalchemy.orm import DeclarativeBase
    sessions = async_sessionmaker(create_async_engine("sqlite+aiosqlite://"))
    class Base(DeclarativeBase): ...
    async def get_session():
        async with sessions() as session:
            yield session
    """,
    "backend/shop/routers/alarms.py": """
    from fastapi import APIRouter, Depends
    from shop.db import get_session
    router = APIRouter()
    @router.get("/alarms")
    async def read(session=Depends(get_session)): ...
    """,
    "backend/shop/routers/items.py": "from fastapi import APIRouter\nrouter = APIRouter()\n",
}


def facts(files: dict[str, str]) -> dict[str, Fact]:
    return {fact.name: fact for fact in read_facts(project(files))}


def test_each_fact_has_its_place_and_says_how_sure_it_is() -> None:
    found = facts(SHOP)
    shown = {n: (f.value, f.confidence, str(f.evidence or "")) for n, f in found.items()}
    assert shown == {
        "app": ("backend/shop/main.py:app", "certain", "backend/Dockerfile:1"),
        "made": ("by create_app()", "certain", "backend/shop/main.py:4"),
        "root": ("backend", "likely", ""),
        "package": ("shop", "likely", ""),
        "python": ("≥ 3.11", "certain", "backend/pyproject.toml:2"),
        "fastapi": ("≥ 0.100", "certain", "backend/pyproject.toml:3"),
        "sqlalchemy": ("≥ 2.0", "certain", "backend/pyproject.toml:3"),
        "pydantic": ("≥ 2.5", "certain", "backend/pyproject.toml:3"),
        "included": (
            "on app in create_app() of backend/shop/main.py", "certain", "backend/shop/main.py:5",
        ),
        "neighbours": ("alarms.router, items.router", "certain", ""),
        "all get": ("prefix='/api'", "certain", ""),
        "database": ("sqlalchemy", "certain", "backend/shop/db.py:1"),
        "async": ("true (AsyncSession)", "certain", ""),
        "session": ("backend/shop/db.py:get_session", "certain", "backend/shop/db.py:5"),
        "base": ("backend/shop/db.py:Base", "certain", "backend/shop/db.py:4"),
        "imports": ("absolute", "likely", ""),
        "line_length": ("100", "certain", "backend/pyproject.toml:5"),
        "quote": ("double", "likely", ""),
        "routers": ("backend/shop/routers/{plural}.py", "likely", "backend/shop/routers/alarms.py"),
        "manifest": ("backend/pyproject.toml", "certain", ""),
        "settings": ("backend/shop/config.py:Settings", "certain", "backend/shop/config.py:2"),
        "dotenv": ("none found", "none", ""),
        "migrations": (
            "backend/migrations/versions (head: a1)", "certain", "backend/alembic.ini:2",
        ),
    }  # fmt: skip


def test_what_is_stated_says_so() -> None:
    files = {**SHOP, "pyproject.toml": '[tool.scaffold]\nline_length = 79\nroot = "backend"\n'}
    found = facts(files)
    assert (found["line_length"].value, found["line_length"].confidence) == ("79", "stated")
    assert str(found["root"].evidence) == "pyproject.toml:3"
    app = facts({**files, "pyproject.toml": '[tool.scaffold]\napp = "backend/shop/main.py:app"\n'})
    assert (app["app"].confidence, str(app["app"].evidence)) == ("stated", "pyproject.toml:2")


def test_no_application_is_told_with_what_was_looked_for() -> None:
    found = facts({"tests/test_a.py": "from fastapi import FastAPI\napp = FastAPI()\n"})
    assert found["app"].confidence == "none"
    assert found["app"].value.startswith("only tests, documentation or samples make one")
    assert str(found["app"].evidence) == "tests/test_a.py:2"
    assert "database" not in found


def test_what_makes_wiring_unsure_is_told() -> None:
    main = """
    import importlib
    from fastapi import FastAPI
    app = FastAPI()
    for name in ["a", "b"]:
        app.include_router(importlib.import_module(name).router)
    """
    unsure = facts({"main.py": main})["unsure"]
    assert (unsure.confidence, str(unsure.evidence)) == ("none", "main.py:5")
    bare = facts({"main.py": "from fastapi import FastAPI\ndef make():\n    return FastAPI()\n"})
    assert bare["included"].value == "nowhere: the application has no name"


def test_another_database_and_many_neighbours() -> None:
    lines = [f"from routers import r{n}\n" for n in range(6)]
    lines += ["from fastapi import FastAPI\nimport tortoise\napp = FastAPI()\n"]
    lines += [f"app.include_router(r{n}.router)\n" for n in range(6)]
    files = {f"routers/r{n}.py": "from fastapi import APIRouter\nrouter = APIRouter()\n" for n in range(6)}  # fmt: skip
    found = facts({"main.py": "".join(lines), **files})
    assert found["neighbours"].value == "r0.router, r1.router, r2.router, r3.router and 2 more"
    assert (found["database"].value, "session" in found) == ("Tortoise ORM", False)
    assert (found["pydantic"].value, found["pydantic"].confidence) == (
        "2, by how it is used",
        "likely",
    )
