"""The lines of a dotenv file that set a variable, values of several lines included."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_VARIABLE = re.compile(
    r"[ \t]*(?P<mark>#[ \t]*)?(?:export[ \t]+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*"
)
_INSIDE = {
    '"': re.compile(r'(?:[^"\\]|\\.)*"', re.DOTALL),
    "'": re.compile(r"(?:[^'\\]|\\.)*'", re.DOTALL),
}


@dataclass(frozen=True)
class Variable:
    """``NAME=…`` in rows ``first`` up to, but not including, ``end`` (0-based).

    ``mark`` says that it is commented out.
    """

    name: str
    mark: bool
    first: int
    end: int
    value: str


def variables(rows: Sequence[str]) -> list[Variable]:
    """The variables that the rows of a file, each with its line end, set or would set."""
    found: list[Variable] = []
    number = 0
    while number < len(rows):
        match = _VARIABLE.match(rows[number])
        end = number + 1
        if match:
            value = rows[number][match.end() :]
            closing = None if match["mark"] else _INSIDE.get(value[:1])
            rest = "".join([value, *rows[end:]]) if closing else ""
            if closing and (inside := closing.match(rest, 1)):
                while len(value) < inside.end():
                    value += rows[end]
                    end += 1
            found.append(Variable(match["name"], bool(match["mark"]), number, end, value.strip()))
        number = end
    return found
