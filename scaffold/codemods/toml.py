"""Where things stand in a TOML text. ``tomllib`` decides what it means; this only finds spans.

A small scanner for texts that are known to be valid: no parser at hand gives positions, and
writing a document back rewrites some valid files wrongly.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_BARE_END = re.compile(r"[\r\n#,\]}]|\Z")
_KEY_PART = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|\'([^\']*)\'|([A-Za-z0-9_-]+))\s*')


@dataclass(frozen=True)
class Assignment:
    """``key = value`` inside ``table``: where its line starts, where the value starts and ends."""

    table: tuple[str, ...]
    key: tuple[str, ...]
    start: int
    value: int
    end: int

    @property
    def path(self) -> tuple[str, ...]:
        """The full path of the value in the document."""
        return (*self.table, *self.key)


@dataclass(frozen=True)
class Header:
    """A ``[table]`` line; ``many`` for ``[[table]]``; ``end`` is behind its last bracket."""

    table: tuple[str, ...]
    start: int
    end: int
    many: bool


def scan(text: str) -> Iterator[Assignment | Header]:
    """The headers and assignments of a valid document, in order."""
    table: tuple[str, ...] = ()
    position = _skip_blank(text, 0)
    while position < len(text):
        if text[position] == "[":
            many = text.startswith("[[", position)
            table, end = _key(text, position + 1 + many)
            end += 1 + many
            yield Header(table, position, end, many)
        else:
            key, equals = _key(text, position)
            value = _skip_space(text, equals + 1)
            end = _value_end(text, value)
            yield Assignment(table, key, position, value, end)
        position = _skip_blank(text, end)


def inline(text: str, table: Assignment) -> Iterator[Assignment]:
    """The assignments of the inline table that is the value of ``table``."""
    position = _skip_blank(text, table.value + 1, also=",")
    while position < table.end - 1:
        key, equals = _key(text, position)
        value = _skip_space(text, equals + 1)
        end = _value_end(text, value)
        yield Assignment(table.path, key, position, value, end)
        position = _skip_blank(text, end, also=",")


def elements(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The spans of the values of the array that stands at ``start`` to ``end``."""
    found: list[tuple[int, int]] = []
    position = _skip_blank(text, start + 1, also=",")
    while position < end - 1:
        stop = _value_end(text, position)
        found.append((position, stop))
        position = _skip_blank(text, stop, also=",")
    return found


def _skip_space(text: str, position: int) -> int:
    while position < len(text) and text[position] in " \t":
        position += 1
    return position


def _skip_blank(text: str, position: int, also: str = "") -> int:
    """Behind white space, line ends and comments (and commas, inside an array)."""
    while position < len(text):
        if text[position] == "#":
            while position < len(text) and text[position] not in "\r\n":
                position += 1
        elif text[position] in " \t\r\n" or text[position] in also:
            position += 1
        else:
            break
    return position


def _key(text: str, position: int) -> tuple[tuple[str, ...], int]:
    """A dotted key and the offset behind it."""
    parts: list[str] = []
    while True:
        match = _KEY_PART.match(text, position)
        if not match:
            return tuple(parts), position
        parts.append(next(g for g in match.groups() if g is not None))
        position = match.end()
        if position >= len(text) or text[position] != ".":
            return tuple(parts), position
        position += 1


def _value_end(text: str, position: int) -> int:
    """The offset behind the value that starts at ``position``."""
    if position >= len(text):
        return position
    if text[position] in "\"'":
        return _string_end(text, position)
    if text[position] in "[{":
        return _nested_end(text, position)
    match = _BARE_END.search(text, position)
    end = match.start() if match else len(text)
    return position + len(text[position:end].rstrip())


def _string_end(text: str, position: int) -> int:
    quote = text[position]
    if text.startswith(quote * 3, position):
        end = position + 3
        while not text.startswith(quote * 3, end):
            end += 2 if quote == '"' and text[end] == "\\" else 1
        end += 3
        while text.startswith(quote, end):  # up to two quotes may end the content
            end += 1
        return end
    end = position + 1
    while text[end] != quote:
        end += 2 if quote == '"' and text[end] == "\\" else 1
    return end + 1


def _nested_end(text: str, position: int) -> int:
    depth = 0
    while True:
        character = text[position]
        if character in "\"'":
            position = _string_end(text, position)
            continue
        if character == "#":
            position = _skip_blank(text, position)
            continue
        depth += (character in "[{") - (character in "]}")
        position += 1
        if depth == 0:
            return position
