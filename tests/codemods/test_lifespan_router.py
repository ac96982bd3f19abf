"""A lifespan carried by a router, where no function can take it."""

from __future__ import annotations

import asyncio
import importlib
from pathlib import Path
from typing import Any

import pytest

from scaffold.codemods import Already, Cannot, Patched, invert
from scaffold.codemods.lifespan_router import include_lifespan
from scaffold.codemods.router import include_router
from tests.codemods import hub
from tests.codemods.shapes import split
from tests.pasting import by_hand

HUB: dict[str, Any] = {"module": "app.hub", "name": "open_hub", "package": "app"}
CACHE: dict[str, Any] = {"module": "app.cache", "name": "open_cache", "package": "app"}
ROUTER: dict[str, Any] = {"module": "app.orders", "alias": "orders_router", "package": "app"}

SHAPES: dict[str, tuple[str, dict[str, Any]]] = {
    "handlers of events": (
        """
import fastapi
from app.items import router as items_router
+from app.hub import open_hub

app = fastapi.FastAPI()
app.include_router(items_router)
+app.include_router(fastapi.APIRouter(lifespan=open_hub))


@app.on_event("startup")
def start():
    print("up")
""",
        {},
    ),
    "a factory": (
        """
from fastapi import APIRouter, FastAPI
+
+from app.hub import open_hub

def create_app():
    app = FastAPI(lifespan=lambda app: other(app))
    app.include_router(APIRouter())
+    app.include_router(APIRouter(lifespan=open_hub))
    return app
""",
        {"scope": "create_app"},
    ),
}


@pytest.mark.parametrize("name", SHAPES)
def test_includes_a_router_that_carries_it(name: str) -> None:
    before, after = split(SHAPES[name][0])
    if name == "handlers of events":  # sorted among the project's own imports
        line = "from app.hub import open_hub\n"
        after = after.replace(line, "").replace("from app.items", line + "from app.items")
    arguments = {**HUB, **SHAPES[name][1]}
    assert include_lifespan(before.encode(), **arguments) == Patched(after.encode())
    assert isinstance(include_lifespan(after.encode(), **arguments), Already)
    back = invert("include_lifespan", after.encode(), arguments)
    assert isinstance(back, Patched)
    assert [r for r in back.content.splitlines() if r] == [
        r for r in before.encode().splitlines() if r
    ]


IMPORTS = {
    "from fastapi import FastAPI\n": "from fastapi import APIRouter, FastAPI\n",
    "from fastapi import status\n": "from fastapi import APIRouter, status\n",
    "from fastapi import (\n    Depends,\n    FastAPI,\n)\n": (
        "from fastapi import (\n    APIRouter,\n    Depends,\n    FastAPI,\n)\n"
    ),
}


@pytest.mark.parametrize("line", IMPORTS)
def test_joins_the_import_of_other_names(line: str) -> None:
    before = f"{line}\napp = make()\n".encode()
    outcome = include_lifespan(before, **HUB)
    assert isinstance(outcome, Patched)
    assert outcome.content.decode().startswith(IMPORTS[line])
    back = invert("include_lifespan", outcome.content, HUB)
    assert isinstance(back, Patched)
    assert back.content.replace(b"\n\n\n", b"\n\n") == before


@pytest.mark.parametrize(
    "text", ["from .fastapi import wrap\napp = 1\n", "app = 1\nfrom fastapi import FastAPI\n"]
)
def test_another_import_is_not_joined(text: str) -> None:
    outcome = include_lifespan(text.encode(), **HUB)
    assert isinstance(outcome, Patched)
    lines = outcome.content.decode().splitlines()
    assert lines.index("from fastapi import APIRouter") < lines.index("app = 1")
    assert all(line in lines for line in text.splitlines())


@pytest.mark.parametrize("block", ["if x:", "def f():"])
def test_alone_in_its_block_it_stays(block: str) -> None:
    text = f"{block}\n    app.include_router(APIRouter(lifespan=open_hub))\n"
    head = "from fastapi import APIRouter\n\nfrom app.hub import open_hub\n\n"
    assert isinstance(invert("include_lifespan", (head + text).encode(), HUB), Cannot)
    more = invert("include_lifespan", f"{head}{text}    pass\n".encode(), HUB)
    assert isinstance(more, Patched)
    assert more.content.decode().split() == f"{block} pass".split()


def test_any_order_gives_the_same_bytes_also_with_routers() -> None:
    before = b"from fastapi import FastAPI\n\n\ndef make():\n    app = FastAPI()\n    return app\n"
    results = set()
    for order in ((0, 1, 2), (2, 1, 0), (1, 0, 2), (1, 2, 0)):
        content = before
        for step in order:
            outcome = [
                lambda c: include_lifespan(c, **HUB, scope="make"),
                lambda c: include_lifespan(c, **CACHE, scope="make"),
                lambda c: include_router(c, **ROUTER, scope="make"),
            ][step](content)
            assert isinstance(outcome, Patched)
            content = outcome.content
        results.add(content)
    (only,) = results
    assert only.decode().endswith(
        "    app.include_router(orders_router)\n"
        "    app.include_router(APIRouter(lifespan=open_cache))\n"
        "    app.include_router(APIRouter(lifespan=open_hub))\n"
        "    return app\n"
    )


@pytest.mark.parametrize("content", [b"app = 1; x = 2", b"other = FastAPI()\n"])
def test_leaves_alone_with_the_lines_to_paste(content: bytes) -> None:
    outcome = include_lifespan(content, **HUB)
    assert isinstance(outcome, Cannot)
    assert "app.include_router(APIRouter(lifespan=open_hub))\n" in outcome.snippet
    assert isinstance(include_lifespan(by_hand(content, outcome), **HUB), Already)


def test_what_does_not_parse_is_told_by_its_line() -> None:
    outcome = include_lifespan(b"app = (\n", **HUB)
    assert isinstance(outcome, Cannot)
    assert (outcome.line, outcome.paste) == (1, ())


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_handlers_of_events_still_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = include_lifespan(
        b"from fastapi import FastAPI\napp = FastAPI()\n"
        b"from tests.codemods import hub\n"
        b'app.on_event("startup")(lambda: hub.LOG.append("up"))\n'
        b'app.on_event("shutdown")(lambda: hub.LOG.append("down"))\n',
        module="tests.codemods.hub",
        name="open_hub",
    )
    assert isinstance(code, Patched)
    log: list[str] = []
    monkeypatch.setattr(hub, "LOG", log)
    (tmp_path / "app_of_events.py").write_bytes(code.content)
    monkeypatch.syspath_prepend(tmp_path)
    app = importlib.import_module("app_of_events").app

    async def live() -> None:
        async with app.router.lifespan_context(app):
            log.append("runs")

    asyncio.run(live())
    assert log == ["up", "opened", "runs", "closed", "down"]
