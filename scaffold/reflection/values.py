"""Values that a column of a database may hold, and that no value of its type in Python stands for.

Rows that have one can only be served if the column is answered as text: an infinite date is no
date of Python's, nor is one of zeros.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Callable

from scaffold.reflection.schema import ColumnType

_FLOATS = frozenset({"REAL", "FLOAT", "DOUBLE", "DOUBLE_PRECISION", "NUMERIC", "DECIMAL"})
_DATES = frozenset({"DATE", "DATETIME", "TIMESTAMP"})
_KINDS = {
    **dict.fromkeys(_FLOATS, "number"), "DATE": "date", "DATETIME": "datetime",
    "TIMESTAMP": "datetime", "TIME": "time", "JSON": "json", "BOOLEAN": "bool", "BOOL": "bool",
    **dict.fromkeys(("CHAR", "NCHAR", "VARCHAR", "NVARCHAR", "TEXT", "CLOB"), "text"),
}  # fmt: skip


def unreadable(column: str, type_: ColumnType, system: str) -> str | None:
    """The SQL that is true of such values of ``column``; None where there can't be any.

    In SQLite it calls ``unreadable``, which is ``unreadable_value`` here.
    """
    if system == "sqlite":
        kind = _KINDS.get(type_.name)
        # As bytes: text that isn't UTF-8 never reaches a function.
        value = f"CAST({column} AS BLOB)" if kind == "text" else column
        return f"unreadable('{kind}', typeof({column}), {value})" if kind else None
    return _postgresql(column, type_) if system == "postgresql" else _mysql(column, type_)


def _postgresql(column: str, type_: ColumnType) -> str | None:
    if type_.item is not None and type_.name == "ARRAY":
        inner = _postgresql("item", type_.item)
        return inner and f"EXISTS (SELECT 1 FROM unnest({column}) AS item WHERE {inner})"
    if type_.item is not None:
        return _postgresql(column, type_.item)
    if type_.name in _FLOATS:
        return f"{column}::text IN ('NaN', 'Infinity', '-Infinity')"
    if type_.name in _DATES:
        zone = "+00" if type_.timezone else ""
        first, end = (f"'{day} 00:00{zone}'" for day in ("0001-01-01", "10000-01-01"))
        return f"({column} < {first} OR {column} >= {end})"
    return f"{column} >= '24:00'" if type_.name == "TIME" and not type_.timezone else None


def _mysql(column: str, type_: ColumnType) -> str | None:
    if type_.name in _DATES:
        return f"COALESCE(FROM_DAYS(TO_DAYS({column})) <> DATE({column}), {column} IS NOT NULL)"
    if type_.name == "TIME":
        return f"({column} < '00:00:00' OR {column} >= '24:00:00')"
    return f"{column} + 0 = 0" if type_.name == "ENUM" else None


def unreadable_value(kind: str, held: str, value: object) -> bool:
    """Whether SQLite's ``value``, of a column of this kind and ``held`` as this, can't be read."""
    if value is None or (held != "text" and kind not in ("number", "bool")):
        return False
    try:
        return not _READ[kind](value)
    except (ValueError, OverflowError, RecursionError):
        return True


def _day(value: object) -> bool:
    return dt.date.fromisoformat(str(value)) is not None


def _moment(value: object) -> bool:
    moment = dt.datetime.fromisoformat(str(value))
    return moment.tzinfo is None or moment.astimezone(dt.UTC) is not None


def _clock(value: object) -> bool:
    return dt.time.fromisoformat(str(value)).tzinfo is None


def _number(value: object) -> bool:
    return not isinstance(value, float) or math.isfinite(value)


def _truth(value: object) -> bool:
    return not isinstance(value, int) or value in (0, 1)


def _document(value: object) -> bool:
    json.dumps(json.loads(str(value)), allow_nan=False)
    return True


def _text(value: object) -> bool:
    return not isinstance(value, bytes) or value.decode() is not None


_READ: dict[str, Callable[[object], bool]] = {
    "date": _day, "datetime": _moment, "time": _clock, "number": _number, "bool": _truth,
    "json": _document, "text": _text,
}  # fmt: skip
