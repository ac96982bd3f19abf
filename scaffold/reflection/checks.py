"""What a CHECK constraint says of one column, where it is simple enough to be sure of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

_NAME = r'(?:"(?P<q>[^"]+)"|`(?P<b>[^`]+)`|\[(?P<s>[^\]]+)\]|(?P<p>[A-Za-z_][A-Za-z0-9_]*))'
_NUMBER = r"-?[0-9]+(?:\.[0-9]+)?"
_CAST = re.compile(r"::(?:character varying|double precision|[a-z_]+)(?:\([0-9, ]*\))?(?:\[\])?")
_COMPARED = re.compile(rf"{_NAME} ?(?P<op>>=|<=|>|<) ?(?P<value>{_NUMBER})")
_BETWEEN = re.compile(rf"{_NAME} between (?P<low>{_NUMBER}) and (?P<high>{_NUMBER})", re.IGNORECASE)
_ONE_OF = re.compile(
    rf"{_NAME} (?:in ?\((?P<list>.+)\)|= any ?\(+(?:array)? ?\[(?P<array>.+)\]\)+)", re.IGNORECASE
)
_JSON = re.compile(rf"json_valid\({_NAME}\)", re.IGNORECASE)
_TEXT = re.compile(r"'((?:[^']|'')*)'")


@dataclass(frozen=True)
class Limits:
    """What one column must be: at least, at most, one of, or JSON."""

    column: str
    least: Decimal | None = None
    above: bool = False
    most: Decimal | None = None
    below: bool = False
    values: tuple[str, ...] = ()
    json: bool = False


def limits_of(sql: str, columns: Mapping[str, str]) -> tuple[Limits, ...] | None:
    """What ``sql`` says, part by part; None where that is more than this module understands.

    ``columns`` are the names of columns by their lower case.
    """
    found: list[Limits] = []
    for part in _parts(_plain(sql)):
        limits = _limits(_plain(part), columns)
        if limits is None:
            return None
        found.append(limits)
    return tuple(found)


_NULL = re.compile(rf"(?P<rest>.+) or \(?{_NAME} is null\)?", re.IGNORECASE)


def _limits(text: str, columns: Mapping[str, str]) -> Limits | None:
    if null := _NULL.fullmatch(text):  # which every CHECK lets be
        limits = _limits(_plain(null["rest"]), columns)
        return limits if limits and limits.column == columns.get(_name(null).lower()) else None
    for pattern in (_BETWEEN, _COMPARED, _ONE_OF, _JSON):
        match = pattern.fullmatch(text)
        if match is None:
            continue
        said = match.groupdict()
        column = columns.get(_name(match).lower())
        if column is None:
            return None
        if pattern is _JSON:
            return Limits(column, json=True)
        if pattern is _BETWEEN:
            return Limits(column, Decimal(said["low"]), False, Decimal(said["high"]), False)
        if pattern is _COMPARED:
            value, strict = Decimal(said["value"]), len(said["op"]) == 1
            if said["op"][0] == ">":
                return Limits(column, least=value, above=strict)
            return Limits(column, most=value, below=strict)
        listed = said["list"] or said["array"]
        values = tuple(value.replace("''", "'") for value in _TEXT.findall(listed))
        return Limits(column, values=values) if not _TEXT.sub("", listed).strip(", ") else None
    return None


def _name(match: re.Match[str]) -> str:
    """The name that ``match`` has in one of its four forms."""
    return str(match["q"] or match["b"] or match["s"] or match["p"])


def _plain(sql: str) -> str:
    """Without casts, introducers, needless parentheses and white space."""
    text = re.sub(r"\s+", " ", _CAST.sub("", sql)).strip()
    text = re.sub(r"\b_utf8(?:mb[34])?(?=\\?')", "", text)
    text = re.sub(r"\(([A-Za-z_\"`][\w\"` ]*)\)(?= ?(?:[<>=]|in\b|between\b))", r"\1", text)
    text = re.sub(rf"\(({_NUMBER})\)", r"\1", text)
    while text.startswith("(") and _closing(text) == len(text) - 1:
        text = text[1:-1].strip()
    return text


def _closing(text: str) -> int:
    """Where the parenthesis that ``text`` begins with is closed."""
    depth, quoted = 0, False
    for place, char in enumerate(text):
        if char == "'":
            quoted = not quoted
        elif not quoted:
            depth += (char == "(") - (char == ")")
            if depth == 0:
                return place
    return -1


def _parts(text: str) -> list[str]:
    """What AND joins, outside of parentheses and texts; BETWEEN keeps its own."""
    parts, start, depth, quoted = [], 0, 0, False
    for place, char in enumerate(text):
        if char == "'":
            quoted = not quoted
        depth += ((char in "([") - (char in ")]")) if not quoted else 0
        if depth or quoted or text[place : place + 5].lower() != " and ":
            continue
        if re.search(r"between -?[\w.]+$", text[start:place], re.IGNORECASE):
            continue
        parts.append(text[start:place])
        start = place + 5
    return [*parts, text[start:]]
