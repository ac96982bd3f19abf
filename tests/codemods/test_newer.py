"""Repositories for a newer Python than the one that scaffold runs on."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaffold.codemods import apply
from scaffold.codemods.newer import in_older_words
from scaffold.codemods.outcome import Patched
from scaffold.codemods.source import Source, parse, read_source

NEWER = {
    "except": "try:\n    pass\nexcept KeyError, ValueError:\n    pass\n",
    "generic function": "def first[T, *Ts](rows: list[T]) -> T: ...\n",
    "generic class": "class Box[T: (int, str) = int]:\n    pass\n",
    "generic on lines": "class Box[\n    T,\n    U,\n](Base):\n    pass\n",
    "type": "type Rows[T] = list[T]\n",
    "f-string": """name = f"é{rows["id"]}"; other = f'{f'{1}'}'\n""",
    "f-string on lines": 'name = f"{\n    rows\n}"\n',
    "strings": 'name = "a" f"{rows["id"]}" "b"\n',
    "strings on lines": 'name = ("a"\n    f"{rows["id"]}"\n    "b")\n',
    "template": 'page = t"<b>{name}</b>"\n',
}
AFTER = "app = FastAPI()\n"


@pytest.mark.parametrize("name", NEWER)
def test_what_follows_is_where_it_was(name: str) -> None:
    text = NEWER[name] + AFTER
    read = read_source(text.encode())
    assert isinstance(read, Source)
    last = read.tree.body[-1]
    assert read.code(last) == "app = FastAPI()"
    assert read.text == text


@pytest.mark.parametrize("name", NEWER)
def test_every_byte_keeps_its_place(name: str) -> None:
    text = NEWER[name] + AFTER
    older = in_older_words(text)
    assert older is not None
    assert len(older.encode()) == len(text.encode())
    assert older.count("\n") == text.count("\n")
    ast.parse(older, feature_version=(3, 11))


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_it_is_patched_like_any_other_file(newline: str) -> None:
    lines = ["from fastapi import FastAPI", "", *"".join(NEWER.values()).splitlines(), AFTER, ""]
    content = newline.join(lines).encode()
    arguments = {
        "module": "app.routers.orders", "name": "router", "alias": "orders_router",
        "target": "app", "scope": "", "package": "", "prefix": "", "tags": [],
    }  # fmt: skip
    outcome = apply("include_router", content, arguments)
    assert isinstance(outcome, Patched), outcome
    kept = outcome.content.replace(
        b"from app.routers.orders import router as orders_router" + newline.encode(), b""
    )
    for line in lines:
        assert line.strip().encode() in kept


def test_what_is_no_python_stays_none() -> None:
    assert in_older_words("def (:\n") is None
    with pytest.raises(SyntaxError) as error:
        parse("x = 1\ndef (:\n")
    assert error.value.lineno == 2


def test_the_standard_library_reads_as_it_is() -> None:
    """Nothing is replaced in what this Python reads, so the same tree comes out."""
    for module in (ast, sys.modules["argparse"], sys.modules["typing"]):
        text = Path(str(module.__file__)).read_text(encoding="utf-8")
        assert ast.dump(parse(text)) == ast.dump(ast.parse(text))


@given(st.text(alphabet="aé\u2028\x0c ", max_size=8), st.sampled_from(sorted(NEWER)))
def test_positions_hold_beside_any_text(comment: str, name: str) -> None:
    text = f"# {comment}\n{NEWER[name]}{AFTER}"
    read = read_source(text.encode())
    assert isinstance(read, Source)
    assert read.code(read.tree.body[-1]) == "app = FastAPI()"
