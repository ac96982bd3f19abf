"""A file of commands: the words that a shell would make of each line, and where they stand."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaffold.spec.errors import UsageError
from scaffold.spec.lines import Line, read_lines, split_words


def test_comments_and_blank_lines_say_nothing() -> None:
    text = "\ufeff# shop\n\norders total:int  # money\r\n   \nitems --prefix /v2\n"
    assert list(read_lines(text, "s.txt")) == [
        Line("s.txt:3", ("orders", "total:int")),
        Line("s.txt:5", ("items", "--prefix", "/v2")),
    ]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("a color:str:default=#fff # c", ("a", "color:str:default=#fff")),
        ("a 'b:str:default=# no comment'", ("a", "b:str:default=# no comment")),
        ('a "x # y" z', ("a", "x # y", "z")),
        (r"a \#b c", ("a", "#b", "c")),
        (r"a 'x\' # y", ("a", "x\\")),
        (r'a "x\" # y"', ("a", 'x" # y')),
        ("a j:json:default='{\"a\": 1}'", ("a", 'j:json:default={"a": 1}')),
    ],
)
def test_words_are_those_of_a_shell(row: str, words: tuple[str, ...]) -> None:
    assert split_words(row, "x") == words


@pytest.mark.parametrize("row", ["a 'b", 'a "b', "a b\\"])
def test_what_does_not_end_is_told_with_its_place(row: str) -> None:
    with pytest.raises(UsageError, match=r"^s\.txt:2: no "):
        list(read_lines(f"\n{row}\n", "s.txt"))


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), min_size=1)))
def test_what_is_quoted_is_read_as_it_was(words: list[str]) -> None:
    assert split_words(shlex.join(words), "x") == tuple(words)
