"""A file of commands: a line each, in the words of a shell, with comments and blank lines."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from scaffold.spec.errors import UsageError


@dataclass(frozen=True)
class Line:
    """The words of one line; ``where`` is its file and number, as ``schema.txt:3``."""

    where: str
    words: tuple[str, ...]


def read_lines(text: str, name: str) -> Iterator[Line]:
    """The lines of the file ``name`` that say something.

    Raises UsageError, with file and line, for a quotation that doesn't end.
    """
    for number, row in enumerate(re.split("\r\n|\r|\n", text.removeprefix("\ufeff")), 1):
        if words := split_words(row, f"{name}:{number}"):
            yield Line(f"{name}:{number}", words)


def split_words(row: str, where: str) -> tuple[str, ...]:
    """The words of one line as a shell has them: quotes, backslashes, a comment at the end.

    Raises UsageError, which begins with ``where``, for a quotation that doesn't end.
    """
    try:
        return tuple(shlex.split(row[: _comment(row)]))
    except ValueError as error:
        said = str(error).lower()
        raise UsageError(f"{where}: {said}", hint="end the quotation, or escape it") from error


def _comment(row: str) -> int:
    """Where the comment of a line begins, or the line's end.

    It is at the start of a word, as in a shell, so that ``default=#fff`` is none.
    """
    quote, starts, place = "", True, 0
    while place < len(row):
        char = row[place]
        if char == "#" and starts and not quote:
            return place
        if char == "\\" and quote != "'":
            place += 1
        elif char == quote:
            quote = ""
        elif char in "'\"" and not quote:
            quote = char
        starts = char.isspace()
        place += 1
    return len(row)
