"""A section of a Markdown file, among others of its kind below one heading, and out again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from scaffold.codemods.lines import line_end_near
from scaffold.codemods.lines import rows as rows_of
from scaffold.codemods.outcome import Already, Cannot, Outcome, Patched

PARENT = "Capabilities"
"""The level-2 heading below which sections go, made at the end of the file for the first."""

_ATX = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*")
_BOM = "\ufeff"


@dataclass(frozen=True)
class Heading:
    """A heading: its level, its text, and the line (0-based) that it starts on."""

    level: int
    text: str
    line: int


def add_section(content: bytes, *, heading: str, text: str) -> Outcome:
    """Add ``### heading`` with ``text`` below the heading that all such sections share.

    Sections are kept in the order of their headings, so adding in any order gives the same file.
    Already when there is a section of that heading, whatever it says.
    """
    section = [f"### {heading}", "", *text.strip("\n").splitlines()]
    rows = _rows(content)
    if isinstance(rows, Cannot):
        return rows
    lines = [row.rstrip("\r\n") for row in rows]
    found = headings(lines)
    parent = next((h for h in found if h.level == 2 and h.text == PARENT), None)
    if parent is None:
        return Patched(_inserted(rows, len(rows), [f"## {PARENT}", "", *section]))
    end = _end(found, parent, len(rows))
    inner = [h for h in found if h.level == 3 and parent.line < h.line < end]
    there = next((h for h in inner if h.text == heading), None)
    if there is not None:
        return Already(there.line + 1)
    keys = [h.text.lower() for h in inner]
    behind = [h for h in inner if h.text.lower() > heading.lower()] if keys == sorted(keys) else []
    return Patched(_inserted(rows, behind[0].line if behind else end, section))


def remove_section(content: bytes, *, heading: str, text: str) -> Outcome:
    """Take out the section that ``add_section`` with the same arguments put in.

    Cannot when its text was edited. The shared heading goes with its last section.
    """
    rows = _rows(content)
    if isinstance(rows, Cannot):
        return rows
    lines = [row.rstrip("\r\n") for row in rows]
    found = headings(lines)
    section = next((h for h in found if h.level == 3 and h.text == heading), None)
    if section is None:
        return Already()
    start, end = section.line, _end(found, section, len(rows))
    if _solid(lines[start + 1 : end]) != _solid(text.splitlines()):
        return Cannot(f"the section {heading} was edited", start + 1)
    parent = max((h for h in found if h.level == 2 and h.line < start), key=lambda h: h.line)
    if parent.text == PARENT and not _solid([*lines[parent.line + 1 : start]]):
        last = _end(found, parent, len(rows)) == end
        start = parent.line if last else start
    return Patched(_cut(rows, start, end))


def remove_parent(content: bytes) -> bytes:
    """``content`` without the shared heading, where nothing is left below it."""
    rows = _rows(content)
    if isinstance(rows, Cannot):
        return content
    found = headings([row.rstrip("\r\n") for row in rows])
    for parent in found:
        end = _end(found, parent, len(rows))
        if (parent.level, parent.text) == (2, PARENT) and not _solid(rows[parent.line + 1 : end]):
            return _cut(rows, parent.line, end)
    return content


def _cut(rows: Sequence[str], start: int, end: int) -> bytes:
    """The file without these rows; at its end, without the blank ones above them."""
    if end == len(rows):
        while start and not rows[start - 1].strip():
            start -= 1
    return "".join([*rows[:start], *rows[end:]]).encode()


def headings(lines: Sequence[str]) -> list[Heading]:
    """The headings of a Markdown text, those inside fenced code left out."""
    found: list[Heading] = []
    fence = ""
    for number, line in enumerate(lines):
        opened = _FENCE.fullmatch(line)
        if fence:
            if opened and opened[1].startswith(fence) and not opened[2].strip():
                fence = ""
        elif opened and not (opened[1][0] == "`" and "`" in opened[2]):
            fence = opened[1]
        elif match := _ATX.fullmatch(line.removeprefix(_BOM)):
            found.append(Heading(len(match[1]), match[2], number))
        elif (match := _UNDERLINE.fullmatch(line)) and _titles(lines, number):
            above = lines[number - 1].strip()
            found.append(Heading(1 if match[1][0] == "=" else 2, above, number - 1))
    return found


def _titles(lines: Sequence[str], number: int) -> bool:
    """Whether the line above an underline is text that it makes a heading of."""
    above = lines[number - 1].strip() if number else ""
    return bool(above) and above[0] not in "#|>-*" and not lines[number - 1].startswith("    ")


def _end(found: Sequence[Heading], heading: Heading, length: int) -> int:
    """The line at which a heading's part of the file ends."""
    after = (h.line for h in found if h.line > heading.line and h.level <= heading.level)
    return next(after, length)


def _rows(content: bytes) -> list[str] | Cannot:
    """The lines with their ends."""
    try:
        return rows_of(content.decode())
    except UnicodeDecodeError as error:
        return Cannot(f"it is not UTF-8: {error.reason}: save it as UTF-8")


def _inserted(rows: Sequence[str], index: int, lines: Sequence[str]) -> bytes:
    """The file with ``lines`` in front of row ``index``, one blank line on either side."""
    before, after = list(rows[:index]), list(rows[index:])
    text = "".join(rows)
    ending = line_end_near(text, sum(map(len, before)))
    new = list(lines)
    if before and before[-1].strip():
        new = ["", *new]
    if before and not before[-1].endswith(("\n", "\r")):
        before[-1] += ending
    if after:
        new = [*new, ""]
    return "".join([*before, *(line + ending for line in new), *after]).encode()


def _solid(lines: Sequence[str]) -> list[str]:
    return [line.strip() for line in lines if line.strip()]
