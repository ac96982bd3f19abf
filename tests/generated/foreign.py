"""Applications that scaffold did not make, of every shape that capabilities are added to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Shape:
    """``files``; where imports start from; what a server runs, and how the application is named."""

    files: dict[str, str]
    root: str = "."
    served: str = "app.main:app"
    options: tuple[str, ...] = ()


_PACKAGE = {"app/__init__.py": "", "requirements.txt": "fastapi\n"}

SHAPES = {
    "no lifespan": Shape(
        {
            **_PACKAGE,
            "app/main.py": """
from fastapi import FastAPI

app = FastAPI()


@app.get("/ping")
async def ping() -> str:
    return "pong"
""",
        },
    ),
    "lifespan that yields state": Shape(
        {
            **_PACKAGE,
            "app/main.py": """
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, str]]:
    app.state.greeting = "pong"
    yield {"lived": "yes"}
    app.state.greeting = ""


app = FastAPI(lifespan=lifespan)


@app.get("/ping")
async def ping(request: Request) -> str:
    assert request.state.lived == "yes"
    return str(request.app.state.greeting)
""",
        },
    ),
    "on_event handlers": Shape(
        {
            **_PACKAGE,
            "app/main.py": """
from fastapi import FastAPI, Request

app = FastAPI()


@app.on_event("startup")
async def start() -> None:
    app.state.greeting = "pong"


@app.on_event("shutdown")
def stop() -> None:
    app.state.greeting = ""


@app.get("/ping")
async def ping(request: Request) -> str:
    return str(request.app.state.greeting)
""",
        },
    ),
    "factory in src": Shape(
        {
            "src/shop/__init__.py": "",
            "src/shop/web.py": """
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.greeting = "pong"
    yield


def create_app() -> FastAPI:
    app = FastAPI(lifespan=lifespan)

    @app.get("/ping")
    async def ping() -> str:
        return str(app.state.greeting)

    return app
""",
            "pyproject.toml": """
[project]
name = "shop"
version = "1"
requires-python = ">=3.11"
dependencies = ["fastapi"]
""",
        },
        root="src",
        served="shop.web:create_app",
    ),
    "mounted application": Shape(
        {
            **_PACKAGE,
            "app/main.py": """
from fastapi import FastAPI

from app.api import api

app = FastAPI(docs_url=None)
app.mount("/api", api)


@app.get("/ping")
async def ping() -> str:
    return "pong"
""",
            "app/api.py": """
from fastapi import FastAPI

api = FastAPI()


@api.get("/inner")
async def inner() -> str:
    return "inner"
""",
        },
        options=("--app", "app/main.py:app"),
    ),
    "routers in a helper": Shape(
        {
            **_PACKAGE,
            "app/main.py": """
from fastapi import FastAPI

from app.routes import register

app = FastAPI()
register(app)
""",
            "app/routes.py": """
from fastapi import APIRouter, FastAPI

router = APIRouter()


@router.get("/ping")
async def ping() -> str:
    return "pong"


def register(app: FastAPI) -> None:
    app.include_router(router)
""",
        },
    ),
    "relative imports below a directory": Shape(
        {
            "backend/app/__init__.py": "",
            "backend/app/main.py": """
from fastapi import FastAPI

from .routers import ping

app = FastAPI()
app.include_router(ping.router)
""",
            "backend/app/routers/__init__.py": "",
            "backend/app/routers/ping.py": """
from fastapi import APIRouter

router = APIRouter()


@router.get("/ping")
async def get_ping() -> str:
    return "pong"
""",
            "backend/requirements.txt": "fastapi\n",
        },
        root="backend",
    ),
    "sync modules at the root": Shape(
        {
            "main.py": """
from fastapi import FastAPI

app = FastAPI(title="sync")


@app.get("/ping")
def ping() -> str:
    return "pong"
""",
            "requirements.txt": "fastapi\n",
            "test_main.py": """
from fastapi.testclient import TestClient

from main import app


def test_ping() -> None:
    with TestClient(app) as client:
        assert client.get("/ping").json() == "pong"
""",
        },
        served="main:app",
    ),
    "lifespan of another file": Shape(
        {
            **_PACKAGE,
            "app/lifecycle.py": """
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.greeting = "pong"
    try:
        yield
    finally:
        app.state.greeting = ""
""",
            "app/main.py": """
from fastapi import FastAPI

from app.lifecycle import lifespan

app = FastAPI(lifespan=lifespan)


@app.get("/ping")
async def ping() -> str:
    return str(app.state.greeting)
""",
        },
    ),
}
