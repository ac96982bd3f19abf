"""What is patched is run: an odd module has afterwards, once, what was put in, or a clean refusal."""

from __future__ import annotations

import asyncio
import runpy
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI

from scaffold.codemods import Already, Cannot, Patched, apply
from tests.codemods.odd import SHAPES
from tests.pasting import pasted

ENTERED: list[FastAPI] = []


class Limit:
    """A middleware that does nothing."""

    def __init__(self, app: Any) -> None:
        self.app = app


@asynccontextmanager
async def open_hub(app: FastAPI) -> AsyncIterator[None]:
    ENTERED.append(app)
    yield


def router(path: str) -> APIRouter:
    made = APIRouter()
    made.add_api_route(path, lambda: 1)
    return made


@pytest.fixture
def modules(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the odd modules import."""
    routers = {name: router(f"/{name}") for name in ("items", "users", "widgets")}
    made: dict[str, dict[str, Any]] = {
        "app": {},
        "app.routers": {},
        **{f"app.routers.{name}": {"router": one} for name, one in routers.items()},
        "app.limits": {"Limit": Limit},
        "app.hub": {"open_hub": open_hub},
        "app.config": {"settings": SimpleNamespace(debug=True, extra=False)},
        "dotenv": {"load_dotenv": lambda: None},
        "uvicorn": {"run": lambda app, **_: app.openapi()},
    }
    for name, contents in made.items():
        module = ModuleType(name)
        module.__path__ = []
        vars(module).update(contents)
        monkeypatch.setitem(sys.modules, name, module)
        above, _, last = name.rpartition(".")
        if above:
            setattr(sys.modules[above], last, module)


def run(content: bytes, scope: str, folder: Path) -> FastAPI:
    """The application that a module makes."""
    (folder / "main.py").write_bytes(content)
    names = runpy.run_path(str(folder / "main.py"), run_name="app.main")
    made = names[scope.split(".")[0]]() if scope else names["app"]
    app = getattr(made, "app", made)
    assert isinstance(app, FastAPI)
    return app


def routed(app: FastAPI) -> int:
    return [*app.openapi()["paths"]].count("/w/widgets")


def limited(app: FastAPI) -> int:
    return sum(one.cls is Limit for one in app.user_middleware)


def opened(app: FastAPI) -> int:
    async def live() -> None:
        async with app.router.lifespan_context(app):
            pass

    ENTERED.clear()
    asyncio.run(live())
    return ENTERED.count(app)


CODEMODS: dict[str, tuple[dict[str, Any], Callable[[FastAPI], int]]] = {
    "include_router": (
        {"module": "app.routers.widgets", "alias": "widgets_router", "prefix": "/w"},
        routed,
    ),
    "add_middleware": ({"module": "app.limits", "name": "Limit"}, limited),
    "include_lifespan": ({"module": "app.hub", "name": "open_hub"}, opened),
}
FORMS: dict[str, Callable[[str], bytes]] = {
    "as it is": str.encode,
    "CRLF": lambda text: text.replace("\n", "\r\n").encode(),
    "mixed ends": lambda text: text.replace("\n", "\r\n", text.count("\n") // 2).encode(),
    "a BOM": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "no final newline": lambda text: text.rstrip("\n").encode(),
    "tabs": lambda text: text.replace("    ", "\t").encode(),
    "form feeds": lambda text: text.replace("\ndef ", "\n\f\ndef ").encode(),
    "a cookie": lambda text: (
        b"#!/usr/bin/python\n# coding: latin-1\n# \xe9\n" + text.encode("latin-1")
    ),
}


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("codemod", CODEMODS)
@pytest.mark.usefixtures("modules")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_an_odd_module_runs_with_what_was_put_in(name: str, codemod: str, tmp_path: Path) -> None:
    text, scope, target = SHAPES[name]
    arguments, count = CODEMODS[codemod]
    given = {**arguments, "target": target, "scope": scope, "package": "app"}
    kinds = set()
    for form, shaped in FORMS.items():
        content = shaped(text)
        assert count(run(content, scope, tmp_path)) == 0, form
        outcome = apply(codemod, content, given)
        kinds.add(type(outcome))
        assert not isinstance(outcome, Already), form
        if isinstance(outcome, Patched):
            after = outcome.content
        else:
            assert outcome.paste, (form, outcome)
            blocks = [(one.line, one.over, one.text) for one in outcome.paste]
            encoding = "latin-1" if form == "a cookie" else "utf-8"
            bom = "\ufeff" * (form == "a BOM")
            after = (bom + pasted(content.decode(encoding).removeprefix(bom), blocks)).encode(
                encoding
            )
        assert count(run(after, scope, tmp_path)) == 1, (form, after.decode("latin-1"))
        assert isinstance(apply(codemod, after, given), Already), form
    assert kinds in ({Patched}, {Cannot})
