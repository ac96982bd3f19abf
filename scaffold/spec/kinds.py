"""The types of fields, as a table: what follows the type, what it refuses, what a text means in it.

A new type is one entry of ``KINDS``; a new modifier is one of ``MODIFIERS`` and an attribute of
``Field``. The readers turn a bound or a default into the value it means; they raise ValueError with
the end of a sentence ("is not …").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import date, datetime, time
    from decimal import Decimal
    from uuid import UUID

    from scaffold.spec.fields import Field

# Modifiers in their canonical order; True for those that take a value. ``default`` takes the rest.
MODIFIERS: Mapping[str, bool] = {
    "to": True,
    "optional": False,
    "unique": False,
    "index": False,
    "folded": False,
    "min": True,
    "max": True,
    "on_delete": True,
    "readonly": False,
    "writeonly": False,
    "default": True,
}
# What becomes of the rows that refer to a deleted one; the first where nothing is said.
ON_DELETE = ("restrict", "cascade", "set_null")
INTEGERS = {"int": (-(2**31), 2**31 - 1), "bigint": (-(2**63), 2**63 - 1)}  # both inclusive
MAX_PRECISION = 38
MAX_SCALE = 30  # MySQL's
DEFAULT_DIGITS = (10, 2)  # of a decimal that says nothing else
# Characters; PostgreSQL indexes at most 2,700 bytes of a row, MySQL 3,072, at up to 4 a character.
MAX_INDEXED = 512
MAX_VALUE = 64  # characters of an enum's value


@dataclass(frozen=True)
class Kind:
    """What one type means.

    ``argument`` is what may follow the type: a decimal's digits, an enum's values, the resource that
    many links go to. ``relates`` tells that values are keys of another resource. ``bounds`` says
    what min and max limit, if anything. ``length`` is the longest text in characters where nothing
    is said (None: no limit), ``longest`` and ``shortest`` limit what ``max`` may say. ``refuses``
    maps modifiers to reasons. ``clock`` tells that a bound may have a time with colons in it.
    """

    read: Callable[[str, Field], object]
    bounds: Literal["", "length", "value"] = ""
    argument: Literal["", "digits", "values", "target"] = ""
    length: int | None = None
    shortest: int = 1
    longest: int = 0
    refuses: Mapping[str, str] = field(default_factory=dict)
    clock: bool = False
    relates: bool = False


def _text(text: str, field: Field) -> str:
    unprintable(text)
    return text


def unprintable(text: str) -> None:
    """Raise ValueError when ``text`` has what no line of code, SQL or a terminal should hold."""
    import unicodedata

    for char in text:
        if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp"):
            raise ValueError(f"has the character U+{ord(char):04X}, which can't be printed")


def _whole(text: str, field: Field) -> int:
    if not re.fullmatch("0|-?[1-9][0-9]*", text):
        raise ValueError("is not a whole number, as 7 or -7")
    low, high = INTEGERS[field.type]
    if len(text) > 20 or not low <= int(text) <= high:
        raise ValueError(f"is outside {field.type}, {low} to {high}")
    return int(text)


def _float(text: str, field: Field) -> float:
    if not re.fullmatch(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?", text):
        raise ValueError("is not a number, as 7, -0.5 or 1e-9")
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise ValueError("is too large for a float")
    return value + 0.0  # -0.0 is 0.0


def _decimal(text: str, field: Field) -> Decimal:
    from decimal import Decimal

    found = re.fullmatch(r"-?(0|[1-9][0-9]*)(?:\.([0-9]+))?", text)
    if found is None:
        raise ValueError("is not a decimal number, as 7 or -0.50")
    whole, fraction = found[1].lstrip("0"), found[2] or ""
    before, after = (field.precision or 0) - (field.scale or 0), field.scale or 0
    if len(whole) > before or len(fraction) > after:
        raise ValueError(f"has more digits than {before} before and {after} after the point")
    value = Decimal(text)
    return value if value else abs(value)  # -0.00 is 0.00


def _bool(text: str, field: Field) -> bool:
    if text not in ("true", "false"):
        raise ValueError("is neither true nor false")
    return text == "true"


def _date(text: str, field: Field) -> date:
    from datetime import date

    if not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise ValueError("is not a date, as 2026-01-31")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("is not in the calendar") from None


_CLOCK = r"[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"


def _time(text: str, field: Field) -> time:
    from datetime import time

    if not re.fullmatch(_CLOCK, text):
        raise ValueError("is not a time, as 08:30 or 23:59:59")
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise ValueError("is on no clock") from None


def _datetime(text: str, field: Field) -> datetime:
    """The instant in UTC; a date alone is its midnight in UTC."""
    from datetime import UTC, datetime

    shape = rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}(T{_CLOCK}(Z|[+-][0-9]{{2}}:[0-9]{{2}}))?"
    if not re.fullmatch(shape, text):
        raise ValueError("is not a date or an instant with its offset, as 2026-01-31T08:30:00Z")
    try:
        value = datetime.fromisoformat(text)
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("is not in the calendar") from None


def _uuid(text: str, field: Field) -> UUID:
    from uuid import UUID

    if not re.fullmatch("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text):
        raise ValueError("is not a UUID of 32 digits 0-9a-f, as 8-4-4-4-12 with dashes")
    return UUID(text)


def _email(text: str, field: Field) -> str:
    found = re.fullmatch(
        r"(?P<local>[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*)"
        r"@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+(?P<top>[a-z]{2,63})",
        text,
    )
    special = ("arpa", "invalid", "local", "localhost", "onion", "test")
    if found is None or len(found["local"]) > 64 or found["top"] in special:
        raise ValueError("is not an e-mail address, as ada@example.com")
    return text


def _url(text: str, field: Field) -> str:
    label = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
    rest = r"[/?#][A-Za-z0-9._~:/?#@!$&'()*+,;=%-]*"
    if not re.fullmatch(rf"https?://{label}(\.{label})*({rest})?", text):
        raise ValueError("is not a web address, as https://example.com/page")
    return text


def _json(text: str, field: Field) -> object:
    import json

    def refuse(constant: str) -> None:
        raise ValueError(constant)

    unprintable(text)
    try:
        value: object = json.loads(text, parse_constant=refuse)
        plain = json.dumps(value, ensure_ascii=False, allow_nan=False)
        plain.encode()
    except (ValueError, RecursionError):
        raise ValueError('is not JSON, as [] or {"a": 1}') from None
    if "\\u0000" in plain:
        raise ValueError("has a NUL, which no database keeps")
    if value is None:
        raise ValueError("is null: an optional field is null without a default")
    return value


def _value(text: str, field: Field) -> str:
    if text not in field.values:
        raise ValueError(f"is none of {', '.join(field.values)}")
    return text


def _key(text: str, field: Field) -> object:
    raise ValueError("is no value: which rows there will be is not known")


_NO_ORDER = dict.fromkeys(("min", "max"), "it has neither a length nor an order")
_NO_INDEX = dict.fromkeys(("unique", "index"), "databases don't index values of any length")
_ONLY_MAX = {"min": "only its max can be set"}
_KEYS = dict.fromkeys(("min", "max", "default"), "its values are the keys of another resource")
_KEYS |= {"writeonly": "lists filter by it, and answers can include what it refers to"}
_LINKS = dict.fromkeys(
    ("optional", "unique", "index", "min", "max", "readonly", "writeonly", "default"),
    "its links are rows of a table of their own",
)

KINDS: Mapping[str, Kind] = {
    "str": Kind(_text, "length", length=255, longest=4000),
    "text": Kind(_text, "length", longest=1_000_000, refuses=_NO_INDEX),
    "int": Kind(_whole, "value"),
    "bigint": Kind(_whole, "value"),
    "float": Kind(_float, "value"),
    "decimal": Kind(_decimal, "value", "digits"),
    "bool": Kind(_bool, refuses=_NO_ORDER | {"unique": "there could never be more than two"}),
    "date": Kind(_date, "value"),
    "datetime": Kind(_datetime, "value", clock=True),
    "time": Kind(_time, "value", clock=True),
    "uuid": Kind(_uuid, refuses=_NO_ORDER),
    "email": Kind(_email, "length", length=254, shortest=32, longest=254, refuses=_ONLY_MAX),
    "url": Kind(_url, "length", length=2048, shortest=32, longest=2048, refuses=_ONLY_MAX),
    "json": Kind(_json, refuses=_NO_ORDER | _NO_INDEX),
    "enum": Kind(_value, argument="values", refuses=_NO_ORDER),
    "ref": Kind(_key, refuses=_KEYS, relates=True),
    "many": Kind(_key, argument="target", refuses=_LINKS, relates=True),
}

# What the same is called elsewhere; the errors translate.
ALSO_TYPES = {
    "array": "json", "belongs_to": "ref", "bigserial": "bigint", "boolean": "bool", "char": "str", "choice": "enum",
    "choices": "enum", "dict": "json", "double": "float", "fk": "ref", "foreign_key": "ref", "guid": "uuid", "integer": "int",
    "jsonb": "json", "link": "url", "list": "json", "long": "bigint", "m2m": "many", "mail": "email", "many_to_many": "many",
    "money": "decimal", "number": "float", "numeric": "decimal", "object": "json",
    "real": "float", "reference": "ref", "references": "ref", "smallint": "int", "string": "str", "timestamp": "datetime",
    "timestamptz": "datetime", "uri": "url", "varchar": "str",
}  # fmt: skip
ALSO_MODIFIERS = {
    "blank": "optional", "ge": "min", "gte": "min", "le": "max", "len": "max",
    "length": "max", "lte": "max", "max_length": "max", "min_length": "min",
    "null": "optional", "nullable": "optional", "read_only": "readonly", "write_only": "writeonly",
}  # fmt: skip
