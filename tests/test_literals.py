"""Literals read back as the value they were made of, whatever it is."""

from __future__ import annotations

import ast
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from scaffold import literals
from scaffold.layout import format_python

# Every code point, lone surrogates included; and what has a meaning somewhere.
ANY_TEXT = st.text(st.characters() | st.sampled_from("\"'\\\0\n\r\t{}%$`#&<>[]()*_|~!-+.=:;,\x7f"))
TEXT = ANY_TEXT.filter(lambda text: not any(0xD800 <= ord(c) < 0xE000 for c in text))
PRINTABLE = TEXT.filter(str.isprintable)
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
CONSTANTS = st.none() | st.booleans() | NUMBERS | ANY_TEXT | st.binary()
PYTHON = st.recursive(
    CONSTANTS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(CONSTANTS, inner, max_size=3)
        | st.sets(st.text() | st.integers(), min_size=1, max_size=3)
    ),
    max_leaves=8,
)
DATA = st.recursive(
    st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@given(PYTHON)
def test_python_reads_back(value: object) -> None:
    read = ast.literal_eval(literals.python(value))
    assert read == value
    assert type(read) is type(value)


@given(ANY_TEXT)
def test_python_text_is_one_printable_line(text: str) -> None:
    assert literals.python(text).isprintable()


@pytest.mark.slow
@given(st.lists(PYTHON, min_size=20, max_size=20))
@settings(max_examples=25)
def test_python_is_what_ruff_leaves(
    tmp_path_factory: pytest.TempPathFactory, values: list[object]
) -> None:
    source = "".join(f"x = {literals.python(value)}\n" for value in values)
    source = format_python(source, 88)
    file: Path = tmp_path_factory.mktemp("literals") / "module.py"
    file.write_text(source)
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--quiet", "--no-cache"]
    subprocess.run([*command, str(file)], check=True)
    assert file.read_text() == source


@given(DATA)
def test_toml_reads_back(value: object) -> None:
    assert tomllib.loads(f"key = {literals.toml(value)}") == {"key": value}


@given(DATA | st.none())
def test_yaml_reads_back(value: object) -> None:
    assert yaml.safe_load(f"key: {literals.yaml(value)}") == {"key": value}


@given(PRINTABLE, st.sampled_from(["", "# ", "- ", "| "]))
@settings(max_examples=300)
def test_markdown_reads_back(text: str, before: str) -> None:
    source = f"{before}{literals.markdown(text)}"
    if before == "| ":
        source = f"|  |\n| --- |\n{source} |"
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    assert _content(parser.parse(source)) == " ".join(text.split())


def _content(tokens: list[Token]) -> str:
    """The text of all inline tokens; whatever is no text would be missing."""
    children = [child for token in tokens for child in token.children or ()]
    return "".join(child.content for child in children if child.type.startswith("text"))


@given(PRINTABLE)
def test_env_reads_back_in_a_shell(text: str) -> None:
    try:
        written = literals.env(text)
    except ValueError:
        assert set(text) & set("'\"\\$`")
        return
    assert shlex.split(f"KEY={written}") == [f"KEY={text}"]
    assert "${" not in text


EXACT = [
    (literals.python("it's"), '"it\'s"'),
    (literals.python('say "hi"'), "'say \"hi\"'"),
    (literals.python("'\""), '"\'\\""'),
    (literals.python((1,)), "(1,)"),
    (literals.python(set()), "set()"),
    (literals.python(1e16), "1e16"),
    (literals.python(b"\xff'"), 'b"\\xff\'"'),
    (literals.yaml(1e16), "1.0e+16"),
    (literals.markdown("order_items of my-shop"), "order_items of my-shop"),
    (literals.markdown("1. first\nand `code`"), "1\\. first and \\`code\\`"),
    (literals.env("postgresql+asyncpg://u@h:5432/db"), "postgresql+asyncpg://u@h:5432/db"),
    (literals.env("a b"), "'a b'"),
    (literals.env("it's"), '"it\'s"'),
]


@pytest.mark.parametrize(("written", "expected"), EXACT)
def test_how_it_is_written(written: str, expected: str) -> None:
    assert written == expected


def test_invisible_characters_are_escaped() -> None:
    written = literals.python("a\0\x1f\x7f\ud800\u202e\U000e0001é日")
    assert written == '"a\\x00\\x1f\\x7f\\ud800\\u202e\\U000e0001é日"'


@pytest.mark.parametrize("text", ["${HOME}", "a ${b}", 'it\'s "it"', "it's $5", "a\\'"])
def test_what_readers_of_environment_files_disagree_on_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no form that all can read"):
        literals.env(text)


@pytest.mark.parametrize("nothing", [float("nan"), float("inf"), object(), b"x"])
def test_what_has_no_literal_is_refused(nothing: object) -> None:
    for write in (literals.python, literals.toml, literals.yaml):
        if write is literals.python and nothing == b"x":
            continue
        with pytest.raises(ValueError, match="has no"):
            write(nothing)


@pytest.mark.parametrize("write", [literals.toml, literals.yaml, literals.markdown, literals.env])
def test_half_a_surrogate_pair_is_refused(write: object) -> None:
    assert callable(write)
    with pytest.raises(ValueError, match="ud800"):
        write("\ud800")
