"""Applications that scaffold did not make: where capabilities can be added, and where they can't."""

from __future__ import annotations

APP = """
from fastapi import FastAPI

app = FastAPI()


@app.on_event("startup")
async def start() -> None: ...
"""
FACTORY = """
from contextlib import asynccontextmanager

from fastapi import FastAPI


@asynccontextmanager
async def lifespan(app: FastAPI):
    yield


def create_app() -> FastAPI:
    app = FastAPI(lifespan=lifespan)
    return app
"""

# Files, the directory that imports start from, and what the names of modules begin with.
RUNNING: dict[str, tuple[dict[str, str], str, str]] = {
    "a package below a directory": (
        {
            "backend/app/__init__.py": "",
            "backend/app/main.py": APP,
            "backend/requirements.txt": "fastapi\n",
        },
        "backend/",
        "app.",
    ),
    "modules at the root": ({"main.py": APP, "requirements.txt": "fastapi\n"}, "", ""),
    "a factory": (
        {
            "shop/__init__.py": "",
            "shop/web.py": FACTORY,
            "pyproject.toml": '[project]\nname = "shop"\ndependencies = ["fastapi"]\n',
        },
        "",
        "shop.",
    ),
}

REFUSED: dict[str, tuple[dict[str, str], str]] = {
    "no application": ({"app/main.py": "x = 1\n"}, "no FastAPI application"),
    "Pydantic 1": ({"main.py": APP, "requirements.txt": "pydantic==1.10.2\n"}, "Pydantic 2"),
    "an old Python": (
        {"main.py": APP, "pyproject.toml": '[project]\nrequires-python = ">=3.9"\n'},
        "Python 3.11",
    ),
}
