from __future__ import annotations

import pytest

from scaffold.chance import MARK, filled
from scaffold.codemods import Already, Cannot, Patched, apply, invert


def arguments(value: str = "1") -> dict[str, object]:
    return {"name": "KEY", "value": value}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"", b"KEY=1\n"),
        (b"A=1\n", b"A=1\nKEY=1\n"),
        (b"A=1", b"A=1\nKEY=1"),
        (b"A=1\r\n", b"A=1\r\nKEY=1\r\n"),
        (b"\xef\xbb\xbfA=1\n", b"\xef\xbb\xbfA=1\nKEY=1\n"),
        (b"# KEY=2\nMY_KEY=3\nKEYS=4\n", b"# KEY=2\nMY_KEY=3\nKEYS=4\nKEY=1\n"),
    ],
)
def test_a_variable_goes_to_the_end_and_out_again(before: bytes, after: bytes) -> None:
    assert apply("set_variable", before, arguments()) == Patched(after)
    assert isinstance(apply("set_variable", after, arguments()), Already)
    taken = invert("set_variable", after, arguments())
    assert isinstance(taken, Patched)
    assert taken.content.rstrip(b"\n") == before.rstrip(b"\n")
    assert invert("set_variable", before, arguments()) == Already()


@pytest.mark.parametrize("line", [b"KEY=2", b" export KEY = 2", b"KEY="])
def test_a_variable_that_is_set_is_left_alone(line: bytes) -> None:
    content = b"A=1\n" + line + b"\n"
    assert apply("set_variable", content, arguments()) == Already(2)
    assert isinstance(invert("set_variable", content, arguments()), Cannot)


def test_a_secret_is_known_by_its_check() -> None:
    marked = f"KEY={MARK}\n".encode()
    made = filled(marked, lambda length: "x" * length)
    assert invert("set_variable", made, arguments(MARK)) == Patched(b"")
    own = b"KEY=" + b"x" * 64 + b"\n"
    assert isinstance(invert("set_variable", own, arguments(MARK)), Cannot)


def test_what_is_no_utf8_is_refused() -> None:
    refused = apply("set_variable", b"\xff", arguments())
    assert isinstance(refused, Cannot)
    assert refused.reason.endswith("save it as UTF-8")
    assert isinstance(invert("set_variable", b"\xff", arguments()), Cannot)


def test_lines_of_a_value_set_nothing() -> None:
    content = b'CERT="a\nKEY=2\nb"\n'
    outcome = apply("set_variable", content, arguments())
    assert outcome == Patched(content + b"KEY=1\n")
    assert invert("set_variable", outcome.content, arguments()) == Patched(content)
