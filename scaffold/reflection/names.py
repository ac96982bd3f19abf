"""Names of tables and columns as they were, turned into names as this code would have them.

The same names in the same order give the same result: the first to come keeps the plain form.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

from scaffold.spec.errors import UsageError
from scaffold.spec.naming import MAX_LENGTH, Name, parse_name, pascal, snake_case
from scaffold.spec.reserved import why_not_field

_SPOKEN = {
    "#": " number ", "$": " dollars ", "%": " percent ", "&": " and ", "+": " plus ", "@": " at ",
    "ß": "ss", "æ": "ae", "ø": "o", "Æ": "AE", "Ø": "O", "đ": "d", "ł": "l", "Ł": "L",
}  # fmt: skip
_TABLE_PREFIX = re.compile(r"^(?:tbl_?|t_)(?=[A-Za-z])", re.IGNORECASE)
_COLUMN_PREFIX = re.compile(r"^(?:pk|fk)_(?=[A-Za-z])", re.IGNORECASE)
_LONGEST = MAX_LENGTH - 8  # room for a plural, or for what tells twins apart


def resource_name(table: str, schema: str | None, taken: Collection[Name]) -> Name:
    """The resource of a table: ``InvoiceLine`` and ``tbl_invoice_lines`` are invoice lines."""
    plain = re.sub("^tbl(?=[A-Z])", "", table)
    words = _words(_TABLE_PREFIX.sub("", plain)) or _words(table) or "table"
    name = _name(words) or _name(f"{words} record")
    one = name.title if name else "table"
    tries = [one, *([f"{_words(schema)} {one}"] if schema else [])]
    tries += [f"{one} {number}" for number in range(2, 1000)]
    for text in tries:
        name = _name(text)
        if name is not None and not _clashes(name, taken):
            return name
    raise UsageError(f"no name is free for the table {table!r}")


def field_name(column: str, taken: Collection[str]) -> str:
    """The field of a column: ``UnitPrice`` and ``Unit Price`` are unit_price."""
    words = snake_case(_COLUMN_PREFIX.sub("", _latin(column)))
    words = words[:_LONGEST].strip("_") or "column"
    if not words[0].isalpha():
        words = f"column_{words}"
    if why_not_field(words):
        words = f"column_{words}" if why_not_field(f"{words}_") else f"{words}_"
    name, number = words, 2
    while _taken(name, taken):
        name, number = f"{words.rstrip('_')}_{number}", number + 1
    return name


def reference_name(column: str, target: Name, taken: Collection[str]) -> str:
    """The reference of a column: ``CustomerId`` is customer, ``reports_to`` is itself.

    Neither it nor the ``_id`` of it is ``taken``.
    """
    words = snake_case(_COLUMN_PREFIX.sub("", _latin(column)))[:_LONGEST].strip("_")
    plain = re.sub("(?:^|_)(?:id|fk|key|code|no|nr|num|uuid|guid)$", "", words)
    plain = plain if plain[:1].isalpha() and not why_not_field(plain) else target.snake
    name, number = plain, 2
    while _taken(name, taken) or _taken(f"{name}_id", taken):
        name, number = f"{plain}_{number}", number + 1
    return name


def _taken(name: str, taken: Collection[str]) -> bool:
    return pascal(name) in {pascal(other) for other in taken} or why_not_field(name) is not None


def _clashes(name: Name, taken: Collection[Name]) -> bool:
    forms = {form for other in taken for form in (other.snake_plural, other.pascal)}
    return name.snake_plural in forms or name.pascal in forms


def _name(text: str) -> Name | None:
    try:
        return parse_name(text)
    except UsageError:
        return None


def _words(text: str) -> str:
    """The words of a name, separated by spaces; "" where it has none in Latin letters."""
    words = snake_case(_latin(text)).replace("_", " ")
    words = words[:_LONGEST].strip()
    return f"table {words}" if words[:1].isdigit() else words


def _latin(text: str) -> str:
    spoken = "".join(_SPOKEN.get(char, char) for char in text)
    plain = unicodedata.normalize("NFKD", spoken).encode("ascii", "ignore").decode()
    return re.sub("[^A-Za-z0-9]+", "_", plain).strip("_")
