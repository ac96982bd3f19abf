"""Three-way merge: both sides' changes, or the lines that contradict each other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scaffold.merge import Merged, merge

TEXT = st.lists(st.sampled_from([b"a\n", b"b\n", b"c\n", b"\n"]), max_size=6).map(b"".join)


@given(TEXT, TEXT)
def test_one_side_alone_wins(base: bytes, changed: bytes) -> None:
    assert merge(base, base, changed).content == changed
    assert merge(base, changed, base).content == changed
    assert merge(base, changed, changed).content == changed


def test_changes_in_different_places_are_joined() -> None:
    merged = merge(b"1\n2\n3\n4\n5\n", b"mine\n2\n3\n4\n5\n", b"1\n2\n3\n4\nyours\n")
    assert merged.content == b"mine\n2\n3\n4\nyours\n"
    assert merged.conflicts == ()


def test_a_conflict_names_our_lines_and_keeps_both() -> None:
    merged = merge(b"1\n2\n3\n", b"1\nmine\n3\n", b"1\nyours\n3\n")
    assert merged.conflicts == ((2, 2),)
    assert b"<<<<<<< yours\nmine\n=======\nyours\n>>>>>>> scaffold\n" in merged.content


def test_markers_are_placed_and_shown_where_a_file_has_no_last_newline() -> None:
    merged = merge(b"1\n2", b"1\nmine", b"1\nyours")
    assert merged.content == b"1\n<<<<<<< yours\nmine\n=======\nyours\n>>>>>>> scaffold\n"
    assert merged.marked == ((2, 6),)
    assert merged.shown() == "<<<<<<< yours\nmine\n=======\nyours\n>>>>>>> scaffold"


def test_markers_that_somebody_left_are_no_conflict_of_ours() -> None:
    mine = b"<<<<<<< yours\n2\n3\n4\n5\n"
    merged = merge(b"1\n2\n3\n4\n5\n", mine, b"1\n2\n3\n4\nnew\n")
    assert merged.content == b"<<<<<<< yours\n2\n3\n4\nnew\n"
    assert merged.marked == merged.conflicts == ()


@given(TEXT, TEXT, TEXT)
def test_nothing_of_either_side_is_lost(base: bytes, ours: bytes, theirs: bytes) -> None:
    merged = merge(base, ours, theirs)
    lines = merged.content.splitlines()
    for mine, other in ((ours, theirs), (theirs, ours)):
        # What only one side added is there.
        for line in set(mine.splitlines()) - set(base.splitlines()) - set(other.splitlines()):
            assert line in lines
    assert len(merged.marked) == len(merged.conflicts)
    for first, last in merged.marked:
        assert lines[first - 1] == b"<<<<<<< yours"
        assert lines[last - 1] == b">>>>>>> scaffold"


def test_a_checkout_with_other_line_ends_is_no_edit() -> None:
    crlf = b"1\r\n2\r\n3\r\n"
    assert merge(b"1\n2\n3\n", crlf, b"1\n2\nx\n") == Merged(b"1\r\n2\r\nx\r\n")


def test_line_ends_are_kept() -> None:
    merged = merge(b"1\r\n2\r\n3\r\n4\r\n", b"1\r\n2\r\n3\r\nx\r\n", b"y\r\n2\r\n3\r\n4\r\n")
    assert merged.content == b"y\r\n2\r\n3\r\nx\r\n"
