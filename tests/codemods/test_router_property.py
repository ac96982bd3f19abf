"""Random module layouts, encodings and line ends: the rest of the file never moves a byte."""

from __future__ import annotations

import ast
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from scaffold.codemods import Already, Cannot, Patched
from scaffold.codemods.proof import check_patched
from scaffold.codemods.router import include_router
from scaffold.codemods.unrouter import exclude_router
from tests.codemods.shapes import WIDGETS

NAMES = ["alarms", "items", "users", "zebras", "Widgets2", "widgets_router", "router"]
HEADS = ['"""Doc é."""', "'one' 'two'", "# comment\n", "#!/usr/bin/env python", ""]
SETUP = [
    "import os",
    "import sys; sys.path.append('x')",
    "from dotenv import load_dotenv\nload_dotenv()",
    "from typing import (  # x\n    Any,\n    TYPE_CHECKING\n)",
    "if TYPE_CHECKING:\n    from app.routers.widgets import router as widgets_router",
    "try:\n    from app.routers import extra\nexcept ImportError:\n    extra = None",
    "from app.config import settings  # noqa",
    "from app.routers import (\n    alarms as loud,\n    items\n)  # isort: skip",
    "import app.routers.users",
    "__all__ = ['app']",
    "x = '''a\n  b\\\n'''",
    "\x0c",
    "def helper(): return 1; y = 2",
    "z = 1; \\\nw = 2",
]
AFTER = [
    "app.add_middleware(object)",
    "app.mount('/', object())",
    "app.mount('/static', object())",
    "@app.get('/{path:path}')\ndef spa(path): ...",
    "@app.get(\n    '/health'\n)\ndef health():\n    return {}  # é",
    "if settings:\n    app.mount('', object())",
    "for r in ():\n    app.include_router(r)",
    "with app:\n    app.include_router(object())",
    "# the end",
    "",
    "app = object(app)",
]


@st.composite
def modules(draw: st.DrawFn) -> tuple[bytes, dict[str, Any]]:
    """A module that makes ``app``, in a function or not, and the arguments that go with it."""
    names = draw(st.lists(st.sampled_from(NAMES), max_size=4, unique=True))
    body = ["app = FastAPI()"]
    body += draw(st.lists(st.sampled_from(AFTER), max_size=2))
    body += [
        f"app.include_router({n}.router{draw(st.sampled_from(['', ', tags=[1]  ']))})"
        for n in names
    ]
    body += draw(st.lists(st.sampled_from(AFTER), max_size=3))
    factory = draw(st.booleans())
    if factory:
        body = ["def create_app():", *_indented(body), "    return app", "", "app = create_app()"]
    future = draw(st.sampled_from(["", "from __future__ import annotations"]))
    head = [draw(st.sampled_from(HEADS)), future]
    head += draw(st.lists(st.sampled_from(SETUP), max_size=4))
    head += ["from fastapi import FastAPI", *(f"from app.routers import {n}" for n in names)]
    text = "\n".join([*head, *body])
    text = text.replace("    ", draw(st.sampled_from(["    ", "\t", "  "])))
    return _encoded(draw, text), {"scope": "create_app"} if factory else {}


def _indented(body: list[str]) -> list[str]:
    return ["    " + row for statement in body for row in statement.split("\n")]


def _encoded(draw: st.DrawFn, text: str) -> bytes:
    rows = text.split("\n")
    end = draw(st.sampled_from(["\n", "\r\n", "\r", "mixed"]))
    ends = draw(st.lists(st.sampled_from(["\n", "\r\n"]), min_size=len(rows), max_size=len(rows)))
    text = "".join(r + (e if end == "mixed" else end) for r, e in zip(rows, ends, strict=True))
    text = text if draw(st.booleans()) else text.rstrip("\r\n")
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "latin-1", "cp1252"]))
    cookie = "" if encoding.startswith("utf") else f"# coding: {encoding}\n"
    return (cookie + text).encode(encoding)


@given(modules())
def test_splice(case: tuple[bytes, dict[str, Any]]) -> None:
    content, changes = case
    arguments = {**WIDGETS, **changes}
    try:
        ast.parse(content)
    except SyntaxError:
        assert isinstance(include_router(content, **arguments), Cannot)
        return
    outcome = include_router(content, **arguments)
    if isinstance(outcome, Cannot):
        assert outcome.snippet
        return
    assert isinstance(outcome, Patched)
    assert check_patched(content, outcome.content, **arguments) is None
    assert isinstance(include_router(outcome.content, **arguments), Already)
    assert content.endswith((b"\n", b"\r")) == outcome.content.endswith((b"\n", b"\r"))
    back = exclude_router(outcome.content, module=WIDGETS["module"], package="app")
    assert isinstance(back, Patched), back
    assert _solid(back.content) == _solid(content)


def _solid(content: bytes) -> list[bytes]:
    """The lines that hold something: a section's blank line may stay behind."""
    return [row for row in content.replace(b"\r\n", b"\n").splitlines() if row.strip()]
