"""Small repositories of our own that scaffold did not make: stacks, layouts and habits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Repo:
    """``files``; the stack they run on; ``app`` and ``base`` as ``module:name`` seen from ``root``.

    ``places`` are the paths of the new router and model, ``url`` where the router is served.
    """

    files: Mapping[str, str]
    app: str
    base: str
    places: tuple[str, str]
    stack: str = "lock"
    root: str = ""
    url: str = "/widgets"
    patched: frozenset[str] = field(default_factory=frozenset)


STACKS = {
    "lock": (),
    "sa14-v1": ("fastapi==0.95.2", "pydantic[email]<2", "sqlalchemy<2", "httpx<0.28"),
    "sa14-v1-async": (
        "fastapi==0.95.2", "pydantic[email]<2", "sqlalchemy[asyncio]<2", "aiosqlite", "httpx<0.28",
    ),
    "sa20-v2": ("fastapi==0.115.14", "pydantic[email]<2.12", "sqlalchemy[asyncio]==2.0.30",
                "aiosqlite", "httpx<0.28"),
    "sa20-v1": ("fastapi==0.99.1", "pydantic[email]<2", "sqlalchemy==2.0.30", "httpx<0.28"),
    "sqlmodel-v1": ("fastapi==0.95.2", "pydantic[email]<2", "sqlmodel==0.0.8", "httpx<0.28"),
    "sqlmodel-v2": ("fastapi==0.115.14", "pydantic[email]", "sqlmodel==0.0.22", "sqlalchemy<2.1",
                    "aiosqlite", "greenlet", "httpx<0.28"),
}  # fmt: skip

PINS = {
    "lock": "fastapi\nsqlalchemy>=2.1\npydantic>=2\naiosqlite\n",
    "sa14-v1": "fastapi==0.95.2\npydantic==1.10.26\nsqlalchemy==1.4.54\n",
    "sa14-v1-async": "fastapi==0.95.2\npydantic==1.10.26\nsqlalchemy==1.4.54\naiosqlite\n",
    "sa20-v2": "fastapi==0.115.14\npydantic==2.11.0\nsqlalchemy==2.0.30\naiosqlite\n",
    "sa20-v1": "fastapi==0.99.1\npydantic==1.10.26\nsqlalchemy==2.0.30\n",
    "sqlmodel-v1": "fastapi==0.95.2\npydantic==1.10.26\nsqlmodel==0.0.8\nsqlalchemy==1.4.41\n",
    "sqlmodel-v2": "fastapi==0.115.14\npydantic==2.11.0\nsqlmodel==0.0.22\naiosqlite\n",
}

MAIN = """
from fastapi import FastAPI

app = FastAPI()


@app.get("/")
def index():
    return {"up": True}
"""

SYNC = """
from sqlalchemy import create_engine
from sqlalchemy.orm import declarative_base, sessionmaker

engine = create_engine("sqlite:///./test.db", connect_args={"check_same_thread": False})
SessionLocal = sessionmaker(autocommit=False, autoflush=False, bind=engine)
Base = declarative_base()


def get_db():
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()
"""

ASYNC = """
from collections.abc import AsyncIterator

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

engine = create_async_engine("sqlite+aiosqlite:///./test.db")
session_factory = async_sessionmaker(engine, expire_on_commit=False)


class Base(DeclarativeBase):
    pass


async def get_session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session
"""

ITEM = """
from sqlalchemy import Column, Integer, String

from {base} import Base


class Item(Base):
    __tablename__ = "items"

    id = Column(Integer, primary_key=True)
    title = Column(String(50), nullable=False)
"""

MAPPED_ITEM = """
from sqlalchemy.orm import Mapped, mapped_column

from {base} import Base


class Item(Base):
    __tablename__ = "items"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
"""

ITEM_SCHEMA = """
from pydantic import BaseModel


class ItemOut(BaseModel):
    id: int
    title: str

    class Config:
        orm_mode = True
"""

ITEM_ROUTER = """
from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session

from {session} import get_db
from {models} import Item

router = APIRouter(prefix="/items", tags=["items"])


@router.get("/")
def list_items(db: Session = Depends(get_db)):
    return [{{"id": item.id, "title": item.title}} for item in db.query(Item).all()]
"""

ASYNC_ROUTER = """
from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from {session} import get_session
from {models} import Item

router = APIRouter(prefix="/items", tags=["items"])


@router.get("/")
async def list_items(session: Annotated[AsyncSession, Depends(get_session)]) -> list[str]:
    return [item.title for item in await session.scalars(select(Item))]
"""

TEST_ROUTE = """
import pytest
from fastapi.testclient import TestClient

from {main} import app


def test_index():
    assert TestClient(app).get("/openapi.json").status_code == 200
"""


def including(router: str, *lines: str) -> str:
    """A main.py that makes the tables and includes one router."""
    return "\n".join(
        [
            "from fastapi import FastAPI",
            "",
            *lines,
            f"from {router} import router as items_router",
            "",
            "Base.metadata.create_all(bind=engine)" if "engine" in " ".join(lines) else "",
            "app = FastAPI()",
            "app.include_router(items_router)",
            "",
        ]
    )


REPOS: dict[str, Repo] = {
    "no database": Repo(
        {"app/__init__.py": "", "app/main.py": MAIN, "requirements.txt": "fastapi\npydantic>=2\n"},
        "app.main:app",
        "app.database:Base",
        ("app/widgets/router.py", "app/widgets/models.py"),
    ),
    "no database, Pydantic 1, modules at the root": Repo(
        {"main.py": MAIN, "requirements.txt": "fastapi==0.95.2\npydantic==1.10.26\n"},
        "main:app",
        "database:Base",
        ("widgets/router.py", "widgets/models.py"),
        stack="sa14-v1",
    ),
    "layered, sync, classic": Repo(
        {
            "app/__init__.py": "",
            "app/main.py": including("app.routers.items", "from app.database import Base, engine"),
            "app/database.py": SYNC,
            "app/models/__init__.py": "",
            "app/models/item.py": ITEM.format(base="app.database"),
            "app/schemas/__init__.py": "",
            "app/schemas/item.py": ITEM_SCHEMA,
            "app/routers/__init__.py": "",
            "app/routers/items.py": ITEM_ROUTER.format(
                session="app.database", models="app.models.item"
            ),
            "requirements.txt": PINS["sa14-v1"],
            "tests/test_index.py": TEST_ROUTE.format(main="app.main"),
        },
        "app.main:app",
        "app.database:Base",
        ("app/routers/widgets.py", "app/models/widget.py"),
        stack="sa14-v1",
    ),
    "single files, SQLAlchemy 2 with Pydantic 1": Repo(
        {
            "app/__init__.py": "",
            "app/main.py": including("app.routes", "from app.database import Base, engine"),
            "app/database.py": SYNC,
            "app/models.py": ITEM.format(base="app.database"),
            "app/schemas.py": ITEM_SCHEMA,
            "app/routes.py": ITEM_ROUTER.format(session="app.database", models="app.models"),
            "requirements.txt": PINS["sa20-v1"],
        },
        "app.main:app",
        "app.database:Base",
        ("app/widgets/router.py", "app/widgets/models.py"),
        stack="sa20-v1",
    ),
    "layered, async, mapped": Repo(
        {
            "src/shop/__init__.py": "",
            "src/shop/main.py": including("shop.api.routes.items"),
            "src/shop/db.py": ASYNC,
            "src/shop/models/__init__.py": "",
            "src/shop/models/item.py": MAPPED_ITEM.format(base="shop.db"),
            "src/shop/api/__init__.py": "",
            "src/shop/api/routes/__init__.py": "",
            "src/shop/api/routes/items.py": ASYNC_ROUTER.format(
                session="shop.db", models="shop.models.item"
            ),
            "tests/test_index.py": TEST_ROUTE.format(main="shop.main"),
            "pyproject.toml": '[project]\nname = "shop"\nversion = "1"\nrequires-python = ">=3.11"\n'
            'dependencies = ["fastapi", "sqlalchemy>=2.1", "pydantic>=2", "aiosqlite"]\n',
        },
        "shop.main:app",
        "shop.db:Base",
        ("src/shop/api/routes/widgets.py", "src/shop/models/widget.py"),
        root="src",
    ),
}
