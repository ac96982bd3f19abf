from __future__ import annotations

from typing import Any

import pytest

from scaffold.codemods import Already, Cannot, Patched, invert
from scaffold.codemods.router import include_router
from scaffold.codemods.unrouter import exclude_router
from tests.codemods.shapes import SHAPES, WIDGETS, split


def exclude(text: str, **changes: Any) -> Patched | Already | Cannot:
    return exclude_router(text.encode(), module="app.routers.widgets", package="app", **changes)


def solid(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


@pytest.mark.parametrize(
    "name", [n for n in SHAPES if "not included" not in n and "attach" not in n]
)
def test_takes_out_what_was_put_in(name: str) -> None:
    marked, changes = SHAPES[name]
    before, after = split(marked)
    outcome = invert("include_router", after.encode(), {**WIDGETS, **changes})
    if changes.get("call") or "TYPE_CHECKING" in name:
        assert isinstance(outcome, Patched | Cannot)
        return
    assert isinstance(outcome, Patched), outcome
    assert solid(outcome.content.decode()) == solid(before)


def test_moved_and_renamed_lines_are_found() -> None:
    outcome = exclude(
        "import os\nfrom .routers.widgets import router as w\n\n\ndef f(app):\n    print(1)\n"
        "    app.include_router(\n        router=w,\n        prefix='/x',\n    )  # mine\n"
    )
    assert outcome == Patched(b"import os\n\n\ndef f(app):\n    print(1)\n")


def test_nothing_there() -> None:
    assert exclude("app = 1\n") == Already()


KEPT = {
    "other names": "from app.routers.widgets import router, other\napp.include_router(router)\n",
    "used twice": "from app.routers.widgets import router as w\na.include_router(w)\nb.include_router(w)\n",
    "used otherwise": "from app.routers.widgets import router as w\na.include_router(w)\nprint(w)\n",
    "imported twice": "import app.routers.widgets\nfrom app.routers import widgets\n",
    "in a list": "from app.routers.widgets import router as w\nROUTERS = [w]\n",
    "shares a line": "x = 1; from app.routers.widgets import router as w\na.include_router(w)\n",
    "alone in its block": "from app.routers.widgets import router as w\ndef f():\n    a.include_router(w)\n",
    "alone in a branch": "from app.routers.widgets import router as w\nif 1:\n    a.include_router(w)\n",
    "a syntax error": "from app.routers.widgets import router as w\na.include_router(w\n",
}


@pytest.mark.parametrize("name", KEPT)
def test_leaves_alone(name: str) -> None:
    assert isinstance(exclude(KEPT[name]), Cannot)


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_add_then_remove_is_nothing_among_neighbours(ending: str) -> None:
    before = split(SHAPES["module app, neighbours sorted"][0])[0].replace("\n", ending).encode()
    added = include_router(before, **WIDGETS)
    assert isinstance(added, Patched)
    assert invert("include_router", added.content, WIDGETS) == Patched(before)
