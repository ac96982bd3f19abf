"""Whole lines put into a text of any kind with the line ends that are used around them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True)
class Insertion:
    """``text`` goes in front of the character at ``offset``."""

    offset: int
    text: str


def rows(text: str) -> list[str]:
    """The lines of a text with their ends; form feeds and the like, which Python splits at, are none."""
    found: list[str] = []
    start = 0
    for match in LINE_END.finditer(text):
        found.append(text[start : match.end()])
        start = match.end()
    return [*found, text[start:]] if start < len(text) else found


def line_start(text: str, offset: int) -> int:
    """The offset at which the line of ``offset`` starts."""
    return max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1


def next_line(text: str, offset: int) -> int:
    """The offset behind the end of the line of ``offset`` (the text's end on its last line)."""
    match = LINE_END.search(text, offset)
    return match.end() if match else len(text)


def line_end_near(text: str, offset: int) -> str:
    """The line end in front of ``offset``, else the last before it, the next, or ``\\n``."""
    above = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset))
    if above >= 0:
        crlf = above > 0 and text[above - 1 : above + 1] == "\r\n"
        return "\r\n" if crlf else text[above]
    match = LINE_END.search(text, offset)
    return match.group() if match else "\n"


def whole_lines(text: str, offset: int, lines: Sequence[str]) -> Insertion:
    """``lines`` (without ends) put in at the line boundary ``offset``.

    Behind a last line that has no end, the text still has none afterwards.
    """
    ending = line_end_near(text, offset)
    if offset == len(text) and offset and not text.endswith(("\n", "\r")):
        return Insertion(offset, ending + ending.join(lines))
    return Insertion(offset, "".join(line + ending for line in lines))


def splice(text: str, insertions: Iterable[Insertion]) -> str:
    """``text`` with ``insertions`` made; those at one place keep their order."""
    pieces: list[str] = []
    done = 0
    for insertion in sorted(insertions, key=lambda i: i.offset):
        pieces += [text[done : insertion.offset], insertion.text]
        done = insertion.offset
    return "".join([*pieces, text[done:]])


def cut(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """``text`` without ``spans``, which must not overlap."""
    pieces: list[str] = []
    done = 0
    for start, end in sorted(spans):
        pieces.append(text[done:start])
        done = end
    return "".join([*pieces, text[done:]])


def replace(text: str, edits: Iterable[tuple[int, int, str]]) -> str:
    """``text`` with each ``(start, end, new)`` in place of its span; spans must not overlap."""
    pieces: list[str] = []
    done = 0
    for start, end, new in sorted(edits, key=lambda edit: edit[:2]):
        pieces += [text[done:start], new]
        done = end
    return "".join([*pieces, text[done:]])
