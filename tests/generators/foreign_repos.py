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


OLD_ASYNC = """
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import declarative_base, sessionmaker

engine = create_async_engine("sqlite+aiosqlite:///./test.db")
async_session = sessionmaker(engine, class_=AsyncSession, expire_on_commit=False)
Base = declarative_base()


async def get_db():
    async with async_session() as session:
        yield session
"""

OLD_ASYNC_ROUTER = """
from fastapi import APIRouter, Depends
from sqlalchemy import select

from app.db.session import get_db
from app.models.item import Item

router = APIRouter()


@router.get("/")
async def list_items(db=Depends(get_db)):
    return [item.title for item in (await db.execute(select(Item))).scalars()]
"""

SQLMODEL = """
from typing import Optional

from sqlmodel import Field, Session, SQLModel, create_engine

engine = create_engine("sqlite:///./test.db", connect_args={"check_same_thread": False})


class Item(SQLModel, table=True):
    id: Optional[int] = Field(default=None, primary_key=True)
    title: str


def get_session():
    with Session(engine) as session:
        yield session
"""

SQLMODEL_MAIN = """
from typing import Annotated

from fastapi import Depends, FastAPI
from sqlmodel import Session, SQLModel, select

from models import Item, engine, get_session

SessionDep = Annotated[Session, Depends(get_session)]

app = FastAPI()


@app.on_event("startup")
def make_tables():
    SQLModel.metadata.create_all(engine)


@app.get("/items")
def list_items(session: SessionDep):
    return session.exec(select(Item)).all()
"""

SQLMODEL_ASYNC = """
from collections.abc import AsyncGenerator
from typing import Annotated

from fastapi import Depends
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

engine = create_async_engine("sqlite+aiosqlite:///./test.db")


async def get_session() -> AsyncGenerator[AsyncSession, None]:
    async with AsyncSession(engine) as session:
        yield session


SessionDep = Annotated[AsyncSession, Depends(get_session)]
"""

FEATURE_ROUTER = """
from fastapi import APIRouter, Depends

from ..database import get_db
from .models import {model}

router = APIRouter(prefix="/{name}", tags=["{name}"])


@router.get("/")
def list_{name}(db=Depends(get_db)):
    return db.query({model}).count()
"""

FEATURE_MODEL = """
from sqlalchemy import Column, Integer

from ..database import Base


class {model}(Base):
    __tablename__ = "{name}"

    id = Column(Integer, primary_key=True)
"""

FACTORY_MAIN = """
from contextlib import asynccontextmanager

from fastapi import FastAPI

from app.api import api_router
from app.core.database import Base, engine


@asynccontextmanager
async def lifespan(app: FastAPI):
    Base.metadata.create_all(engine)
    yield


def create_app() -> FastAPI:
    app = FastAPI(lifespan=lifespan)
    app.include_router(api_router, prefix="/api/v1")
    return app
"""

FACTORY_ROUTE = """
from fastapi import APIRouter

from app.core.database import Session
from app.models import Item

router = APIRouter(prefix="/items", tags=["items"])


@router.get("")
def list_items() -> int:
    with Session() as session:
        return session.query(Item).count()
"""

FACTORY_DATABASE = """
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, sessionmaker

engine = create_engine("sqlite:///./test.db", connect_args={"check_same_thread": False})
Session = sessionmaker(engine)


class Base(DeclarativeBase):
    pass
"""

ONE_FILE = """
from fastapi import Depends, FastAPI
from sqlalchemy import Column, Integer, create_engine
from sqlalchemy.orm import Session, declarative_base, sessionmaker

engine = create_engine("sqlite:///./test.db", connect_args={"check_same_thread": False})
SessionLocal = sessionmaker(bind=engine)
Base = declarative_base()


class Item(Base):
    __tablename__ = "items"
    id = Column(Integer, primary_key=True)


def get_db():
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()


app = FastAPI()


@app.get("/items")
def count(db: Session = Depends(get_db)):
    return db.query(Item).count()
"""

BEGIN = """
from collections.abc import AsyncIterator

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, MappedAsDataclass

engine = create_async_engine("sqlite+aiosqlite:///./test.db")
sessions = async_sessionmaker(engine)


class Base(MappedAsDataclass, DeclarativeBase):
    pass


async def get_session() -> AsyncIterator[AsyncSession]:
    async with sessions.begin() as session:
        yield session
"""

DATACLASS_ITEM = MAPPED_ITEM.replace("(primary_key=True)", "(primary_key=True, init=False)")

CLASS_DATABASE = """
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import create_engine, func
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker


class Base(DeclarativeBase):
    id: Mapped[int] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Database:
    def __init__(self) -> None:
        self.engine = create_engine(
            "sqlite:///./test.db", connect_args={"check_same_thread": False}
        )
        self.factory = sessionmaker(self.engine)

    def get_session(self) -> Iterator[Session]:
        with self.factory() as session:
            yield session


db = Database()
engine = db.engine
"""

CLASS_ROUTER = """
from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session

from app.db import db
from app.models.item import Item

router = APIRouter(prefix="/items", tags=["items"])


@router.get("")
def list_items(session: Session = Depends(db.get_session)) -> int:
    return session.query(Item).count()
"""

STATE_MAIN = """
from fastapi import FastAPI, Request

from app.db import Base, SessionLocal, engine
from app.routers import items

Base.metadata.create_all(engine)
app = FastAPI()


@app.middleware("http")
async def give_session(request: Request, call_next):
    request.state.db = SessionLocal()
    try:
        return await call_next(request)
    finally:
        request.state.db.close()


app.include_router(items.router)
"""

STATE_DATABASE = (
    SYNC.partition("def get_db")[0]
    + """
def get_db(request: Request):
    return request.state.db
"""
)

MONGO = """
from fastapi import FastAPI
from motor.motor_asyncio import AsyncIOMotorClient

client = AsyncIOMotorClient("mongodb://localhost")
app = FastAPI()
"""

REPOS |= {
    "aggregate with a prefix, async SQLAlchemy 1.4": Repo(
        {
            "app/__init__.py": "",
            "app/main.py": "from fastapi import FastAPI\n\nfrom app.api.v1.api import api_router\n\n"
            'app = FastAPI()\napp.include_router(api_router, prefix="/api/v1")\n',
            "app/api/__init__.py": "",
            "app/api/v1/__init__.py": "",
            "app/api/v1/api.py": "from fastapi import APIRouter\n\n"
            "from app.api.v1.endpoints import item\n\napi_router = APIRouter()\n"
            'api_router.include_router(item.router, prefix="/items", tags=["items"])\n',
            "app/api/v1/endpoints/__init__.py": "",
            "app/api/v1/endpoints/item.py": OLD_ASYNC_ROUTER,
            "app/db/__init__.py": "",
            "app/db/session.py": OLD_ASYNC,
            "app/models/__init__.py": "from app.models.item import Item\n\n__all__ = ['Item']\n",
            "app/models/item.py": ITEM.format(base="app.db.session"),
            "app/crud/__init__.py": "",
            "app/crud/crud_item.py": "def nothing():\n    return None\n",
            "app/schemas/__init__.py": "",
            "app/schemas/item.py": ITEM_SCHEMA,
            "requirements.txt": PINS["sa14-v1-async"],
            "tests/test_index.py": TEST_ROUTE.format(main="app.main"),
        },
        "app.main:app",
        "app.db.session:Base",
        ("app/api/v1/endpoints/widget.py", "app/models/widget.py"),
        stack="sa14-v1-async",
        url="/api/v1/widgets",
        patched=frozenset({"app/api/v1/api.py", "app/models/__init__.py"}),
    ),
    "SQLModel in modules at the root, Pydantic 1": Repo(
        {"main.py": SQLMODEL_MAIN, "models.py": SQLMODEL, "requirements.txt": PINS["sqlmodel-v1"]},
        "main:app",
        "sqlmodel:SQLModel",
        ("widgets/router.py", "widgets/models.py"),
        stack="sqlmodel-v1",
    ),
    "async SQLModel": Repo(
        {
            "app/__init__.py": "",
            "app/main.py": MAIN,
            "app/deps.py": SQLMODEL_ASYNC,
            "app/models/__init__.py": "",
            "app/models/user.py": "from sqlmodel import Field, SQLModel\n\n\n"
            "class User(SQLModel, table=True):\n"
            "    id: int | None = Field(default=None, primary_key=True)\n    name: str\n",
            "app/routes.py": "from fastapi import APIRouter\n\nfrom app.deps import SessionDep\n\n"
            "router = APIRouter()\n\n\n@router.get('/x')\nasync def x(session: SessionDep):\n"
            "    return 1\n",
            "requirements.txt": PINS["sqlmodel-v2"],
            "tests/test_index.py": TEST_ROUTE.format(main="app.main"),
        },
        "app.main:app",
        "sqlmodel:SQLModel",
        ("app/routers/widgets.py", "app/models/widget.py"),
        stack="sqlmodel-v2",
    ),
    "a folder a feature, relative imports": Repo(
        {
            "pyproject.toml": "[tool.black]\nline-length = 79\n",
            "requirements.txt": PINS["sa20-v2"],
            "src/__init__.py": "",
            "src/main.py": "from fastapi import FastAPI\n\nfrom .database import Base, engine\n"
            "from .items.router import router as items_router\n"
            "from .users.router import router as users_router\n\n"
            "Base.metadata.create_all(engine)\napp = FastAPI()\n"
            "app.include_router(items_router)\napp.include_router(users_router)\n",
            "src/database.py": SYNC,
            **{
                f"src/{name}/{file}.py": text.format(name=name, model=model)
                for name, model in (("items", "Item"), ("users", "User"))
                for file, text in (
                    ("__init__", ""), ("router", FEATURE_ROUTER), ("models", FEATURE_MODEL),
                    ("service", ""),
                )
            },
        },
        "src.main:app",
        "src.database:Base",
        ("src/widgets/router.py", "src/widgets/models.py"),
        stack="sa20-v2",
    ),
    "a factory in a folder of a monorepo, a sessionmaker and nothing else": Repo(
        {
            "frontend/package.json": "{}",
            "backend/pyproject.toml": '[tool.poetry]\nname = "x"\n[tool.poetry.dependencies]\n'
            'python = "^3.11"\nfastapi = "*"\nsqlalchemy = "^2.0"\npydantic = "^2.0"\n',
            "backend/app/__init__.py": "",
            "backend/app/main.py": FACTORY_MAIN,
            "backend/app/api/__init__.py": "from fastapi import APIRouter\n\n"
            "from app.api.items import router as items_router\n\napi_router = APIRouter()\n"
            "api_router.include_router(items_router)\n",
            "backend/app/api/items.py": FACTORY_ROUTE,
            "backend/app/core/__init__.py": "",
            "backend/app/core/database.py": FACTORY_DATABASE,
            "backend/app/models.py": MAPPED_ITEM.format(base="app.core.database"),
            "backend/tests/test_index.py": TEST_ROUTE.replace("import app", "import create_app")
            .replace("(app)", "(create_app())").format(main="app.main"),
        },
        "app.main:create_app",
        "app.core.database:Base",
        ("backend/app/api/widgets.py", "backend/app/widgets/models.py"),
        root="backend",
        url="/api/v1/widgets",
    ),
    "all in one file": Repo(
        {"main.py": ONE_FILE, "requirements.txt": PINS["lock"]},
        "main:app",
        "main:Base",
        ("widgets/router.py", "widgets/models.py"),
    ),
    "sessions inside begin(), models as dataclasses": Repo(
        {
            "app/__init__.py": "",
            "app/main.py": including("app.routers.items"),
            "app/db.py": BEGIN,
            "app/models/__init__.py": "",
            "app/models/item.py": DATACLASS_ITEM.format(base="app.db"),
            "app/routers/__init__.py": "",
            "app/routers/items.py": ASYNC_ROUTER.format(
                session="app.db", models="app.models.item"
            ),
            "requirements.txt": PINS["lock"],
            "tests/test_index.py": TEST_ROUTE.format(main="app.main"),
        },
        "app.main:app",
        "app.db:Base",
        ("app/routers/widgets.py", "app/models/widget.py"),
    ),
    "a session by a method, a Base with columns": Repo(
        {
            "app/__init__.py": "",
            "app/main.py": including("app.routers.items", "from app.db import Base, engine"),
            "app/db.py": CLASS_DATABASE,
            "app/models/__init__.py": "",
            "app/models/item.py": "from sqlalchemy.orm import Mapped\n\nfrom app.db import Base\n\n\n"
            'class Item(Base):\n    __tablename__ = "items"\n    title: Mapped[str]\n',
            "app/routers/__init__.py": "",
            "app/routers/items.py": CLASS_ROUTER,
            "requirements.txt": PINS["sa20-v2"],
            "tests/test_index.py": TEST_ROUTE.format(main="app.main"),
        },
        "app.main:app",
        "app.db:Base",
        ("app/routers/widgets.py", "app/models/widget.py"),
        stack="sa20-v2",
    ),
    "a session on the request": Repo(
        {
            "app/__init__.py": "",
            "app/main.py": STATE_MAIN,
            "app/db.py": "from fastapi import Request\n" + STATE_DATABASE,
            "app/models/__init__.py": "",
            "app/models/item.py": ITEM.format(base="app.db"),
            "app/routers/__init__.py": "",
            "app/routers/items.py": ITEM_ROUTER.format(session="app.db", models="app.models.item"),
            "requirements.txt": PINS["sa14-v1"],
        },
        "app.main:app",
        "app.db:Base",
        ("app/routers/widgets.py", "app/models/widget.py"),
        stack="sa14-v1",
    ),
}  # fmt: skip
