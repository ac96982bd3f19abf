"""Three-way merge: both sides' changes, or the lines that contradict each other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scaffold.merge import merge

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


def test_line_ends_are_kept() -> None:
    merged = merge(b"1\r\n2\r\n3\r\n4\r\n", b"1\r\n2\r\n3\r\nx\r\n", b"y\r\n2\r\n3\r\n4\r\n")
    assert merged.content == b"y\r\n2\r\n3\r\nx\r\n"
