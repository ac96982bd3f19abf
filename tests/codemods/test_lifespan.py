"""A context manager entered in lifespan functions of every shape, and taken out again."""

from __future__ import annotations

import ast
import textwrap
from typing import Any

import pytest

from scaffold.codemods import Already, Cannot, Patched, invert, tidy
from scaffold.codemods.lifespan import enter_lifespan
from tests.pasting import by_hand

HUB: dict[str, Any] = {"module": "app.hub", "name": "open_hub", "package": "app"}
CACHE: dict[str, Any] = {"module": "app.cache", "name": "open_cache", "package": "app"}

HEAD = "from contextlib import asynccontextmanager\n\nfrom app.database import open_database\n"
IMPORT = "from app.hub import open_hub\n"

SHAPES = {
    "alone in a with": (
        "    async with open_database() as app.state.database:\n        yield\n",
        "    async with open_database() as app.state.database, open_hub(app):\n        yield\n",
    ),
    "a with that gets too long": (
        "    async with open_database(settings.database_url) as app.state.database:\n        yield\n",
        (
            "    async with (\n        open_database(settings.database_url) as app.state.database,\n"
            "        open_hub(app),\n    ):\n        yield\n"
        ),
    ),
    "an item a line, comments kept": (
        (
            "    async with (  # all of it\n        open_database() as db,  # first\n"
            "        open_cache(app),  # mine\n        open_zoo(app)\n    ):\n        yield {'db': db}\n"
        ),
        (
            "    async with (  # all of it\n        open_database() as db,  # first\n"
            "        open_cache(app),  # mine\n        open_hub(app),\n        open_zoo(app)\n"
            "    ):\n        yield {'db': db}\n"
        ),
    ),
    "an item a line, no comma behind the last": (
        "    async with (\n        open_database() as db,\n        open_cache(app)\n    ):\n        yield\n",
        (
            "    async with (\n        open_database() as db,\n        open_cache(app),\n"
            "        open_hub(app),\n    ):\n        yield\n"
        ),
    ),
    "no with": (
        "    await start()\n    yield  # runs\n    await stop()\n",
        "    await start()\n    async with open_hub(app):\n        yield  # runs\n    await stop()\n",
    ),
    "tried, and yielding state": (
        "    try:\n        yield {\n            'a': 1,\n        }\n    finally:\n        stop()\n",
        (
            "    try:\n        async with open_hub(app):\n            yield {\n                'a': 1,\n"
            "            }\n    finally:\n        stop()\n"
        ),
    ),
    "not alone in its with": (
        "    async with open_database():\n        print('up')\n        yield\n",
        (
            "    async with open_database():\n        print('up')\n        async with open_hub(app):\n"
            "            yield\n"
        ),
    ),
    "a with that isn't async": (
        "    with tracing():\n        yield\n",
        "    with tracing():\n        async with open_hub(app):\n            yield\n",
    ),
    "a header broken by hand": (
        "    async with a() as b, \\\n            c() as d:\n        yield\n",
        (
            "    async with a() as b, \\\n            c() as d:\n        async with open_hub(app):\n"
            "            yield\n"
        ),
    ),
}


def lifespan(body: str, head: str = HEAD) -> str:
    return f"{head}\n\n@asynccontextmanager\nasync def lifespan(app):\n{body}"


def enter(content: bytes, **changes: Any) -> Patched | Already | Cannot:
    return enter_lifespan(content, **{**HUB, **changes})


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("name", SHAPES)
def test_enters_around_the_yield(name: str, ending: str) -> None:
    body, expected = SHAPES[name]
    before = lifespan(body).replace("\n", ending).encode()
    after = lifespan(expected, HEAD + IMPORT).replace("\n", ending).encode()
    assert enter(before) == Patched(after)
    assert isinstance(enter(after), Already)


@pytest.mark.parametrize("name", SHAPES)
def test_the_inverse_takes_it_out(name: str) -> None:
    body, expected = SHAPES[name]
    outcome = invert("enter_lifespan", lifespan(expected, HEAD + IMPORT).encode(), HUB)
    assert isinstance(outcome, Patched)
    kept = body.replace("open_cache(app)\n", "open_cache(app),\n")  # the comma that came with it
    assert outcome.content.decode() == lifespan(kept)


@pytest.mark.parametrize("name", SHAPES)
def test_any_order_gives_the_same_bytes(name: str) -> None:
    before = lifespan(SHAPES[name][0].replace("open_cache(app)", "open_bar(app)")).encode()
    both = []
    for first, second in ((HUB, CACHE), (CACHE, HUB)):
        outcome = enter_lifespan(before, **first)
        assert isinstance(outcome, Patched)
        both.append(enter_lifespan(outcome.content, **second))
    assert isinstance(both[0], Patched)
    assert both[0] == both[1]


def test_a_method_a_nested_function_and_another_name_for_the_application() -> None:
    text = textwrap.dedent(
        """
        class Server:
        \tasync def life(self, application):
        \t\tyield

        def make():
            async def inner(_):
                yield
        """
    )
    method = enter(text.encode(), function="Server.life")
    assert isinstance(method, Patched)
    assert "\t\tasync with open_hub(application):\n\t\t\tyield\n" in method.content.decode()
    nested = enter(text.encode(), function="make.inner")
    assert isinstance(nested, Patched)
    assert "        async with open_hub(_):\n            yield\n" in nested.content.decode()


def test_a_name_that_is_taken() -> None:
    outcome = enter(lifespan("    open_hub = 1\n    yield\n").encode())
    assert isinstance(outcome, Patched)
    assert "from app.hub import open_hub as open_hub_2\n" in outcome.content.decode()
    assert "async with open_hub_2(app):" in outcome.content.decode()


THERE = {
    "in a stack": "    await stack.enter_async_context(open_hub(app))\n    yield\n",
    "handed on": "    async with combined(open_hub)(app):\n        yield\n",
}


@pytest.mark.parametrize("name", THERE)
def test_what_is_entered_already_stays(name: str) -> None:
    assert isinstance(enter(lifespan(THERE[name], HEAD + IMPORT).encode()), Already)


REFUSED = {
    "two yields": "    if app.debug:\n        yield\n    else:\n        yield\n",
    "a yield in a branch": "    if app.debug:\n        yield\n",
    "a yield in a loop": "    for _ in range(1):\n        yield\n",
    "a yield in an expression": "    got = yield\n",
    "no yield": "    return\n",
    "a shared line": "    start(); yield\n",
    "between others": "    start(); yield 1; stop()\n",
    "a string beside it": "    a = '''b\n    c'''\n    if a:\n        yield\n",
    "a syntax error": "    yield (\n",
}


@pytest.mark.parametrize("name", REFUSED)
def test_leaves_alone_with_the_lines_to_paste(name: str) -> None:
    outcome = enter(lifespan(REFUSED[name]).encode())
    assert isinstance(outcome, Cannot)
    if name == "a syntax error":
        assert outcome.line
        assert not outcome.paste
        return
    assert "from app.hub import open_hub\n" in outcome.snippet
    assert "async with open_hub(app):\n" in outcome.snippet
    after = by_hand(lifespan(REFUSED[name]).encode(), outcome)
    assert isinstance(enter(after), Already)
    ast.parse(after)


KEPT = {
    "bound to a name": "    async with open_hub(app) as hub:\n        yield\n",
    "used twice": "    async with open_hub(app):\n        yield\n\n\nprint(open_hub)\n",
    "laid out by hand": "    async with open_hub(app), \\\n        other():\n        yield\n",
}


@pytest.mark.parametrize("name", KEPT)
def test_the_inverse_leaves_alone(name: str) -> None:
    content = lifespan(KEPT[name], HEAD + IMPORT).encode()
    assert isinstance(invert("enter_lifespan", content, HUB), Cannot)


def test_the_inverse_has_nothing_to_do() -> None:
    assert invert("enter_lifespan", lifespan("    yield\n").encode(), HUB) == Already()


ONE_A_LINE = "    async with (\n        open_database() as db,\n    ):\n        yield\n"


def test_what_was_laid_out_for_others_is_laid_out_as_it_was() -> None:
    removed = b"    async with open_database() as db:\n"
    there, before = (
        lifespan(body).encode() for body in (ONE_A_LINE, removed.decode() + "        yield\n")
    )
    assert tidy("enter_lifespan", there, removed, b"") == before
    for other in (b"    async with open_zoo() as db:\n", b"    yield\n", b"", b"  async with (\n"):
        assert tidy("enter_lifespan", there, other, b"") == there
    assert tidy("add_section", there, removed, b"") == there
