"""String literals as text: where they end, and how implicitly concatenated ones are joined."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scaffold.layout.nodes import Unsupported

LITERAL = (
    r'"""[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*"""'
    r"|'''[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*'''"
    r'|"(?!"")[^"\\\n]*(?:\\.[^"\\\n]*)*"'
    r"|'(?!'')[^'\\\n]*(?:\\.[^'\\\n]*)*'"
)
_LITERAL = re.compile(LITERAL, re.DOTALL)
# Formatted strings whose expressions hold neither braces nor the quote: nearly all of them.
_FORMATTED = re.compile(
    r'"""(?:[^"\\{}]|\\.|"(?!"")|\{\{|\}\}|\{[^"\\{}]*\})*"""'
    r"|'''(?:[^'\\{}]|\\.|'(?!'')|\{\{|\}\}|\{[^'\\{}]*\})*'''"
    r'|"(?!"")(?:[^"\\{}\n]|\\.|\{\{|\}\}|\{[^"\\{}\n]*\})*"'
    r"|'(?!'')(?:[^'\\{}\n]|\\.|\{\{|\}\}|\{[^'\\{}\n]*\})*'",
    re.DOTALL,
)
_OPENING = re.compile(r"([A-Za-z]{0,2})('''|\"\"\"|'|\")")
_IN_FIELD = re.compile(r"(?:(?<!\w)([A-Za-z]{1,2}))?(['\"])|[()\[\]{}:]")
_ESCAPE_OR_QUOTE = re.compile(r"\\(.)|['\"]", re.DOTALL)


def string_end(source: str, opening: int, *, formatted: bool) -> int:
    """The index behind the literal whose opening quote is at ``opening``.

    Raises Unsupported if it never ends.
    """
    match = (_FORMATTED if formatted else _LITERAL).match(source, opening)
    if match is not None:
        return match.end()
    if not formatted:
        raise Unsupported
    *_, (_, start, text) = _pieces(source, opening)
    return start + len(text) + len(_opening(source, opening)[1])


def is_formatted(prefix: str) -> bool:
    """Whether a literal with this prefix has expressions in it."""
    return any(letter in "fFtT" for letter in prefix)


def join_strings(parts: tuple[str, ...]) -> str | None:
    """The one literal that means the same as ``parts``; None if they can't be on one line."""
    openings = [_opening(part, 0) for part in parts]
    prefixes = {prefix.lower() for prefix, _ in openings}
    if not (prefixes <= {"", "f"} or prefixes == {"b"}):
        return None
    if any(len(quote) == 3 for _, quote in openings):
        return None
    pieces: list[tuple[bool, str]] = []
    for part, (prefix, _) in zip(parts, openings, strict=True):
        if prefix in "fF" and prefix:
            pieces += ((field, text) for field, _, text in _pieces(part, 1))
        else:
            text = part[len(prefix) + 1 : -1]
            pieces.append((False, _double_braces(text) if "f" in prefixes else text))
    literals = "".join(text for field, text in pieces if not field)
    quote = "'" if literals.count('"') > literals.count("'") else '"'
    if any(quote in text or "\\" in text for field, text in pieces if field):
        return None
    body = "".join(text if field else _requote(text, quote) for field, text in pieces)
    return "".join(prefixes - {""}) + quote + body + quote


def with_quote(text: str, quote: str) -> str:
    """A literal in other quotes, if it means the same without an escape more or less.

    Those of the expressions in it become the other ones, as they must before Python 3.12.
    """
    prefix, opening = _opening(text, 0)
    if len(opening) == 3 or opening == quote or "\\" in text or text.count(opening) != 2:
        return text
    if not is_formatted(prefix):
        return text if quote in text else text.replace(opening, quote)
    pieces = list(_pieces(text, len(prefix)))
    told = any(field and re.search(r"=\s*[!:}]", piece) for field, _, piece in pieces)
    if told or any(not field and quote in piece for field, _, piece in pieces):
        return text
    return text.translate({ord(opening): quote, ord(quote): opening})


def _opening(source: str, position: int) -> tuple[str, str]:
    match = _OPENING.match(source, position)
    if match is None:
        raise Unsupported
    return match[1], match[2]


def _double_braces(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _requote(text: str, quote: str) -> str:
    """``text`` with exactly those quotes escaped that must be between two ``quote``."""

    def replace(match: re.Match[str]) -> str:
        found = match[1] or match[0]
        if found == quote:
            return "\\" + found
        return found if found in "'\"" else match[0]

    return _ESCAPE_OR_QUOTE.sub(replace, text)


def _pieces(source: str, opening: int) -> Iterator[tuple[bool, int, str]]:
    """The literal parts (False) and replacement fields (True) of a formatted string, with their
    indices; a literal part is the last."""
    quote = _opening(source, opening)[1]
    start = position = opening + len(quote)
    while not source.startswith(quote, position):
        if position >= len(source):
            raise Unsupported
        character = source[position]
        if character == "\\" or source[position : position + 2] in ("{{", "}}"):
            position += 2
        elif character == "{":
            yield False, start, source[start:position]
            start = _field_end(source, position + 1)
            yield True, position, source[position:start]
            position = start
        else:
            position += 1
    yield False, start, source[start:position]


def _field_end(source: str, position: int) -> int:
    """The index behind the replacement field whose contents begin at ``position``."""
    depth = 0
    while match := _IN_FIELD.search(source, position):
        found = match[0]
        position = match.end()
        if match[2]:
            position = string_end(source, match.start(2), formatted=is_formatted(match[1] or ""))
        elif found in "([{":
            depth += 1
        elif depth:
            depth -= found != ":"
        elif found == "}":
            return position
        else:
            return _spec_end(source, position)
    raise Unsupported


def _spec_end(source: str, position: int) -> int:
    """The index behind the replacement field whose format spec begins at ``position``."""
    while position < len(source):
        if source[position] == "}":
            return position + 1
        if source[position] == "{":
            position = _field_end(source, position + 1)
        else:
            position += 1
    raise Unsupported
