from __future__ import annotations

import ast
from typing import Any

import pytest

from scaffold.codemods import Already, Cannot, Patched
from scaffold.codemods.proof import check_patched
from scaffold.codemods.router import include_router
from tests.codemods.shapes import SHAPES, WIDGETS, split
from tests.pasting import by_hand


def wire(text: str | bytes, **changes: Any) -> Patched | Already | Cannot:
    content = text.encode() if isinstance(text, str) else text
    return include_router(content, **{**WIDGETS, **changes})


@pytest.mark.parametrize("name", SHAPES)
def test_shape(name: str) -> None:
    marked, changes = SHAPES[name]
    before, after = split(marked)
    outcome = wire(before, **changes)
    assert isinstance(outcome, Patched), outcome
    assert outcome.content.decode() == after


@pytest.mark.parametrize("name", SHAPES)
def test_twice_is_once(name: str) -> None:
    marked, changes = SHAPES[name]
    assert isinstance(wire(split(marked)[1], **changes), Already)


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_other_line_ends(name: str, ending: str) -> None:
    marked, changes = SHAPES[name]
    before, after = split(marked)
    outcome = wire(before.replace("\n", ending), **changes)
    assert isinstance(outcome, Patched), outcome
    assert outcome.content.decode() == after.replace("\n", ending)


@pytest.mark.parametrize("name", SHAPES)
def test_bom_tabs_and_no_final_newline(name: str) -> None:
    marked, changes = SHAPES[name]
    before, after = (t.removesuffix("\n").replace("    ", "\t") for t in split(marked))
    bom = b"\xef\xbb\xbf"
    outcome = wire(bom + before.encode(), **changes)
    assert isinstance(outcome, Patched), outcome
    assert outcome.content == bom + after.encode()


@pytest.mark.parametrize("name", SHAPES)
def test_latin_1(name: str) -> None:
    marked, changes = SHAPES[name]
    before, after = split(marked)
    cookie = "# -*- coding: latin-1 -*-\n# né\n"
    outcome = wire((cookie + before).encode("latin-1"), **changes)
    assert isinstance(outcome, Patched), outcome
    assert outcome.content == (cookie + after).encode("latin-1")


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_is_proven(name: str) -> None:
    marked, changes = SHAPES[name]
    before, after = (t.encode() for t in split(marked))
    assert check_patched(before, after, **{**WIDGETS, **changes}) is None


WIRED = {
    "by module": "from app.routers import widgets\napp.include_router(widgets.router)\n",
    "by import": "import app.routers.widgets\nx.include_router(app.routers.widgets.router)\n",
    "by alias": "import app.routers.widgets as w\napp.include_router(w.router)\n",
    "other name": "from app.routers.widgets import router as r\napp.include_router(router=r)\n",
    "relative": "from .routers.widgets import router\napp.include_router(router, tags=[1])\n",
    "reformatted": "from app.routers.widgets import (\n    router as r,\n)\na.include_router(\n    r\n)\n",
    "in a list": "from app.routers.widgets import router as r\nROUTERS = [(r, '/x')]\n",
    "in a dict": "from app.routers.widgets import router as r\nROUTERS = {'w': r}\n",
    "in a function": "def f(app):\n    from app.routers import widgets\n    app.include_router(widgets.router)\n",
    "in a branch": "from app.routers import widgets\nif x:\n    app.include_router(widgets.router)\n",
    "by a helper": "from app.routers import widgets\nattach(app, widgets.router)\n",
    "from the package": "from app import routers\napp.include_router(routers.widgets.router)\n",
}


@pytest.mark.parametrize("name", WIRED)
def test_already_by_meaning(name: str) -> None:
    text = "from fastapi import FastAPI\napp = FastAPI()\n" + WIRED[name]
    assert isinstance(wire(text), Already)


REFUSED = {
    "a syntax error": ("app = FastAPI(\n", {}, 1),
    "a null byte": ("app = 1\0\n", {}, None),
    "no such scope": ("app = 1\n", {"scope": "create_app"}, None),
    "two such scopes": ("def f(app): 0\ndef f(app): 1\n", {"scope": "f"}, None),
    "no such target": ("api = 1\n", {}, None),
    "made in one branch only, used outside": (
        "for app in apps:\n    app.include_router(x)\n",
        {},
        None,
    ),
    "no line of its own": ("class A: app = FastAPI(); x = 1\n", {"scope": "A"}, 1),
    "crowded": ("app = FastAPI(); run(app)\n", {}, 1),
    "crowded by an include": ("app = FastAPI(); app.include_router(x); run(app)\n", {}, 1),
    "a function on a line": ("def f(): app = FastAPI(); return app\n", {"scope": "f"}, 1),
    "a branch on a line": ("if x: app = FastAPI(); run(app)\n", {}, 1),
    "bound by match": (
        "match x:\n    case 1:\n        app = FastAPI()\n        app.include_router(a)\n",
        {},
        None,
    ),
    "included behind a return": (
        "from app.routers import widgets\ndef f(app):\n    return app\n    f(widgets.router)\n",
        {"scope": "f"},
        4,
    ),
    "an unknown encoding": ("# coding: nonsense\napp = 1\n", {}, None),
}


@pytest.mark.parametrize("name", REFUSED)
def test_leaves_alone(name: str) -> None:
    text, changes, line = REFUSED[name]
    outcome = wire(text, **changes)
    assert isinstance(outcome, Cannot)
    assert outcome.line == line
    if name in ("a syntax error", "a null byte", "an unknown encoding"):
        assert not outcome.paste
        return
    assert "from app.routers.widgets import router as widgets_router\n" in outcome.snippet
    assert 'app.include_router(widgets_router, tags=["widgets"])\n' in outcome.snippet
    assert outcome.place
    after = by_hand(text.encode(), outcome)
    assert isinstance(wire(after.decode(), **changes), Already)
    ast.parse(after)


def test_long_lines_are_laid_out() -> None:
    text = "from fastapi import FastAPI\ndef create_app():\n    app = FastAPI()\n    return app\n"
    outcome = wire(text, scope="create_app", prefix="/api/v1", line_length=60)
    assert isinstance(outcome, Patched)
    assert outcome.content.decode() == (
        "from fastapi import FastAPI\n\n"
        "from app.routers.widgets import router as widgets_router\n"
        "def create_app():\n    app = FastAPI()\n"
        "    app.include_router(\n"
        '        widgets_router, prefix="/api/v1", tags=["widgets"]\n'
        "    )\n"
        "    return app\n"
    )


def test_mixed_line_ends_follow_the_neighbour() -> None:
    text = (
        b"from app.routers import alarms\r\napp = 1\napp.include_router(alarms.router)\r\nx = 1\n"
    )
    outcome = wire(text)
    assert isinstance(outcome, Patched)
    assert outcome.content == (
        b"from app.routers import alarms\r\n"
        b"from app.routers.widgets import router as widgets_router\r\n"
        b"app = 1\napp.include_router(alarms.router)\r\n"
        b'app.include_router(widgets_router, tags=["widgets"])\r\nx = 1\n'
    )


def test_form_feeds_stay() -> None:
    text = "from app.routers import alarms\n\x0c\napp = 1\n\x0capp.include_router(alarms.router)\n"
    outcome = wire(text)
    assert isinstance(outcome, Patched)
    added = outcome.content.decode().replace(text, "")
    assert outcome.content.count(b"\x0c") == 2
    assert added.endswith('app.include_router(widgets_router, tags=["widgets"])\n')
