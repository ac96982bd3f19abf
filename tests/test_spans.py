"""Spans: what a patch put in comes out again, and nothing else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scaffold.spans import diff_spans, take_back, without_blank

LINES = st.lists(st.sampled_from(["a", "b", "  c", "", "x = 1", "é"]), max_size=8)
ENDS = st.sampled_from(["\n", "\r\n"])


def _text(lines: list[str], end: str, last: bool) -> bytes:
    text = end.join(lines)
    return (text + (end if last and lines else "")).encode()


@given(LINES, LINES, ENDS, st.booleans(), st.booleans())
def test_taking_back_restores_every_byte(
    old: list[str], new: list[str], end: str, old_last: bool, new_last: bool
) -> None:
    before, after = _text(old, end, old_last), _text(new, end, new_last)
    taken = take_back(after, diff_spans(before, after))
    # Repeated lines may make a place ambiguous; then it is said, never guessed.
    assert taken.lost or taken.content == before


@given(LINES, st.integers(0, 8), st.integers(0, 8), ENDS)
def test_an_insertion_of_unique_lines_always_comes_out(
    old: list[str], first: int, second: int, end: str
) -> None:
    before = _text(old, end, True)
    new = list(old)
    new.insert(min(first, len(new)), "from app.routers.orders import router as orders_router")
    new.insert(min(second, len(new)), "app.include_router(orders_router)")
    after = _text(new, end, True)
    taken = take_back(after, diff_spans(before, after))
    assert (taken.content, taken.lost) == (before, ())


def test_edits_around_a_span_stay() -> None:
    before = b"import a\n\napp = A()\nend()\n"
    after = b"import a\nimport b\n\napp = A()\napp.add(b)\nend()\n"
    spans = diff_spans(before, after)
    edited = after.replace(b"import a\n", b"import a  # mine\n").replace(b"end()", b"stop()")
    taken = take_back(edited, spans)
    assert taken.content == b"import a  # mine\n\napp = A()\nstop()\n"
    assert taken.lost == ()


def test_an_edited_span_is_lost_and_left_alone() -> None:
    after = b"one\nadded(1)\ntwo\n"
    spans = diff_spans(b"one\ntwo\n", after)
    edited = after.replace(b"added(1)", b"added(2)")
    taken = take_back(edited, spans)
    assert taken.content == edited
    assert taken.lost == spans


def test_a_line_that_stands_twice_is_found_by_its_context() -> None:
    before = b"def a():\n    run()\n\n\ndef b():\n    pass\n"
    after = b"def a():\n    run()\n\n\ndef b():\n    run()\n    pass\n"
    assert take_back(after, diff_spans(before, after)).content == before


def test_a_replaced_line_comes_back() -> None:
    before, after = b"end", b"end\nmore\n"
    assert take_back(after, diff_spans(before, after)).content == before


def test_the_blank_line_above_a_group_of_imports_goes_with_the_last_of_them() -> None:
    before = b"import a\n\n\ndef f(): ...\n"
    first = before.replace(b"import a\n", b"import a\n\nimport own.b\n")
    (span,) = diff_spans(before, first)
    alone = before.replace(b"import a\n", b"import a\n\n")
    assert without_blank(alone, span) == before
    another = first.replace(b"own.b", b"own.c")
    assert without_blank(another, span) == another
    assert without_blank(before, span) == before


def test_a_blank_line_that_somebody_else_put_there_stays() -> None:
    (span,) = diff_spans(b"import a\n\nx = 1\n", b"import a\nimport b\n\nx = 1\n")
    text = b"import a\n\n\nx = 1\n"
    assert without_blank(text, span) == text
