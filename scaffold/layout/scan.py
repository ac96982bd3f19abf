"""Find the logical lines whose layout may be wrong, without parsing the others."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scaffold.layout.nodes import Unsupported
from scaffold.layout.strings import LITERAL, string_end
from scaffold.layout.widths import text_width

# What is of no interest is skipped first: that is what makes this fast.
_TOKEN = re.compile(
    r"[^\"'#()\[\]{}\n\\]*+"
    rf"(?:(?P<string>{LITERAL})"
    r"|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<newline>\n)"
    r"|(?P<comment>#[^\n]*)|(?P<continued>\\\n)|(?P<stray>['\"\\]))",
    re.DOTALL,
)
_PREFIXES = {"", "r", "u", "b", "f", "br", "rb", "fr", "rf"}


def suspects(source: str, limit: int) -> Iterator[tuple[int, int]]:
    """Start and end of the logical lines that have a line longer than ``limit`` or brackets that
    another layout might not have.

    The start is that of the physical line, the end excludes the line end. Lines continued with a
    backslash are no suspects. Raises Unsupported for brackets that don't match and for a string
    that never ends.
    """
    narrow = source.isascii()
    for start, end, suspect in _logical_lines(source):
        if suspect or ((not narrow or end - start > limit) and _too_long(source[start:end], limit)):
            yield start, end


def _too_long(text: str, limit: int) -> bool:
    return any(text_width(line) > limit for line in text.split("\n"))


def _logical_lines(source: str) -> Iterator[tuple[int, int, bool]]:
    """Start, end, and whether the brackets call for a closer look."""
    start = line = position = text_end = 0
    brackets: list[_Bracket] = []
    suspect = continued = comment = False
    next_token = _TOKEN.match
    while match := next_token(source, position):
        position = match.end()
        kind = match.lastgroup
        if kind == "newline":
            line = position
            if brackets:
                brackets[-1].broken = True
                suspect = suspect or not (comment or source[position - 2] in ",([{")
            else:
                if not continued:
                    yield start, position - 1, suspect
                start = position
                suspect = continued = False
            comment = False
        elif kind == "open":
            brackets.append(_Bracket(position))
        elif kind == "close":
            if not brackets:
                raise Unsupported
            suspect = brackets.pop().is_suspect(source, line, position, brackets) or suspect
        elif kind == "string":
            quote = match.start("string")
            position = _string_end(source, match)
            adjacent = text_end > start and source[text_end:quote].strip().lower() in _PREFIXES
            suspect = suspect or adjacent or bool(brackets and "\n" in source[quote:position])
            text_end = position
        elif kind == "comment":
            comment = True
        elif kind == "continued":
            continued = True
        else:
            raise Unsupported
    if not continued and not brackets:
        yield start, len(source), suspect


def _string_end(source: str, match: re.Match[str]) -> int:
    """The end of the string that begins at ``match``, if it is one with expressions in it, too."""
    quote = match.start("string")
    prefix = source[max(quote - 2, 0) : quote].lower()
    if prefix[-1:] in ("f", "t") or prefix in ("fr", "tr"):
        return string_end(source, quote, formatted=True)
    return match.end()


class _Bracket:
    """An open bracket. ``broken``: a line ends in it, and not in a bracket within it."""

    __slots__ = ("broken", "position")

    def __init__(self, position: int) -> None:
        self.position = position
        self.broken = False

    def is_suspect(self, source: str, line: int, end: int, around: list[_Bracket]) -> bool:
        """Whether it is broken without a comma at its end, not broken with one, broken in one
        that isn't, or round and on one line around all that stands right of a word or operator.

        ``line`` is where the line begins on which it ends at ``end``.
        """
        if self.broken:
            comma = source[line : end - 1].isspace() or line == end - 1
            comma = comma and source[line - 2] == ","
            return not comma or bool(around and not around[-1].broken)
        if source[end - 2] == ",":
            return True
        if around or not source.startswith(" (", self.position - 2):
            return False
        return source[end : end + 1] in ("\n", ":", "")
