"""What a column is in the grammar of fields: its type, its limits, and how it is stored.

``field_parts`` gives the arguments of a ``Field`` and says in one line what it can't keep.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from scaffold.reflection.schema import Column, ColumnType
from scaffold.spec.kinds import MAX_INDEXED, MAX_PRECISION, MAX_SCALE

_WHOLE: Mapping[str, int] = {
    "TINYINT": 8, "SMALLINT": 16, "INT2": 16, "MEDIUMINT": 24, "INTEGER": 32, "INT": 32, "BIGINT": 64,
}  # fmt: skip
_TEXTS = frozenset(
    [
        "CHAR",
        "VARCHAR",
        "NVARCHAR",
        "NCHAR",
        "TEXT",
        "CITEXT",
        "CLOB",
        "TINYTEXT",
        "MEDIUMTEXT",
        "LONGTEXT",
    ]
)
_BINARY = frozenset(
    ["BINARY", "VARBINARY", "TINYBLOB", "BLOB", "MEDIUMBLOB", "LONGBLOB", "BIT"]
)  # of MySQL, which takes no such value for text
_BYTES = {"TINYTEXT": 255, "TEXT": 65_535, "MEDIUMTEXT": 16_777_215}  # of MySQL
_FLOATS = frozenset(["REAL", "FLOAT", "DOUBLE", "DOUBLE_PRECISION"])
_LONGEST_STR = 4000  # characters; what is longer is text
_SINGLE = "340282346638528859811704183484516925440"  # the greatest float of 32 bits
_EXACT_DIGITS = 15  # that a number of SQLite holds
# Kinds of values that SQLite may hold in a column without harm to its type.
_FITTING: Mapping[str, frozenset[str]] = {
    "bigint": frozenset({"integer"}),
    "int": frozenset({"integer"}),
    "bool": frozenset({"integer"}),
    "float": frozenset({"integer", "real"}),
    "decimal": frozenset({"integer", "real"}),
    "str": frozenset({"text"}),
    "text": frozenset({"text"}),
    "json": frozenset({"text"}),
    "date": frozenset({"text"}),
    "datetime": frozenset({"text"}),
    "time": frozenset({"text"}),
}


@dataclass(frozen=True)
class Parts:
    """The arguments of a field (None: it can't be one), and a remark for the user."""

    said: Mapping[str, Any] | None
    note: str = ""


@dataclass
class _Column:
    column: Column
    system: str
    indexed: bool
    key: bool
    note: str = ""
    said: dict[str, Any] = field(default_factory=dict)

    @property
    def type(self) -> ColumnType:
        return self.column.type


def field_parts(column: Column, system: str, *, indexed: bool = False, key: bool = False) -> Parts:
    """What ``column`` of a database of ``system`` is as a field; ``indexed`` by itself or a key."""
    this = _Column(column, system, indexed, key)
    said = _mapped(this)
    if said is None:
        return Parts(None, this.note or f"the type {column.type.name} has no counterpart")
    said = {"stored": column.type.expression, **said}
    if system == "sqlite" and (other := column.seen - {"null"} - _fitting(said["type"])):
        said, this.note = _as_seen(column, other, key)
    elif column.unreadable and not _whole_after_all(this, said):
        said = _as_written(this, said["type"])
    return Parts(said, this.note)


def _whole_after_all(this: _Column, said: Mapping[str, Any]) -> bool:
    """Whether it was about truth values only, and the column is a number."""
    return this.type.name == "TINYINT" and said["type"] != "bool"


def _as_written(this: _Column, type_: str) -> dict[str, Any] | None:
    """A column of which some row has what is no value of the type: as the database writes it."""
    spec = this.type.sql
    if this.system == "sqlite" and type_ in ("str", "text"):
        this.note = "some of its text is not UTF-8"
        return None
    if this.system == "sqlite" and type_ in ("bool", "date", "datetime", "time", "json"):
        said, _ = _as_seen(this.column, frozenset({"other values"}), this.key)
        taken = "a number" if type_ == "bool" else "text"
        this.note = f"{spec} in name, other values in some of its rows: taken as {taken}"
        return said
    said = _as_text(this, anyway=True)
    answered = "" if said is None else ": answered as text, and can't be set"
    this.note = f"its rows hold what is no value of {spec}{answered}"
    return said


def _fitting(type_: str) -> frozenset[str]:
    return _FITTING.get(type_, frozenset({"blob", "integer", "real", "text"}))


def _as_seen(column: Column, other: frozenset[str], key: bool) -> tuple[dict[str, Any] | None, str]:
    """SQLite keeps what it is given, whatever the type: the column as its rows are."""
    kinds = column.seen - {"null"}
    held = " and ".join(sorted(other))
    spec = column.type.sql
    raw = {"stored": f'own.AsGiven("{spec}")'}
    note = f"{spec} in name, {held} in its rows"
    if kinds <= {"integer"}:
        return raw | {"type": "bigint"}, note
    if kinds <= {"integer", "real"}:
        return raw | {"type": "float"}, note
    if kinds <= {"text"}:
        return raw | ({"type": "str", "max": str(MAX_INDEXED)} if key else {"type": "text"}), note
    return None, f"{note}: no one type fits them"


def _mapped(this: _Column) -> dict[str, Any] | None:
    name = this.type.name
    for names, mapper in _MAPPERS:
        if name in names:
            return mapper(this)
    if not this.type.sql:
        this.note = "its type is not one that SQLAlchemy knows"
        return None
    return _as_text(this)


def _as_text(this: _Column, *, anyway: bool = False) -> dict[str, Any] | None:
    """What has no counterpart is read as the database writes it, and never set."""
    if this.key or (this.system == "sqlite" and not anyway):
        return None
    spec = this.type.sql.replace('"', "'")
    hexadecimal = this.system == "mysql" and this.type.name in _BINARY
    form, reader = ("hexadecimal", "AsHex") if hexadecimal else ("text", "AsText")
    this.note = f"{spec} is answered as {form}, and can't be set"
    return {"type": "text", "stored": f'own.{reader}("{spec}")', "readonly": True, "filled": True}


def _whole(this: _Column) -> dict[str, Any]:
    type_, bits = this.type, _WHOLE[this.type.name]
    if this.system == "sqlite":
        return {"type": "bigint"}
    if (
        type_.name == "TINYINT"
        and type_.precision == 1
        and not this.column.unreadable
        and not this.key
    ):
        return {"type": "bool", "stored": "sa.BOOLEAN()"}
    low, high = (0, 2**bits - 1) if type_.unsigned else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    said: dict[str, Any] = {"type": "bigint" if high > 2**31 - 1 else "int"}
    if type_.unsigned or bits < 32:
        said["min"] = str(low)
    if (high < 2**63 - 1 and bits not in (32, 64)) or (bits == 32 and type_.unsigned):
        said["max"] = str(high)
    return said


def _year(this: _Column) -> dict[str, Any]:
    return {"type": "int", "min": "1901", "max": "2155"}


def _bits(this: _Column) -> dict[str, Any] | None:
    length = this.type.length or 1
    if this.system != "mysql" or length > 62:
        return _as_text(this)
    return {"type": "bigint", "min": "0", "max": str(2**length - 1)}


def _decimal(this: _Column) -> dict[str, Any] | None:
    precision, scale = this.type.precision, this.type.scale or 0
    if this.system == "sqlite":
        if precision is None:
            return {"type": "float", "stored": f"sa.{this.type.name}(asdecimal=False)"}
        precision = min(precision, _EXACT_DIGITS)
        scale = min(scale, precision)
    said: dict[str, Any] = (
        {"type": "decimal", "min": "0"} if this.type.unsigned else {"type": "decimal"}
    )
    if precision is None:
        return None if this.key else said
    if precision > MAX_PRECISION or not 0 <= scale <= min(MAX_SCALE, precision):
        return _as_text(this)  # more digits than a request may have, or none before the point
    return said | {"precision": precision, "scale": scale}


def _float(this: _Column) -> dict[str, Any]:
    single = this.system == "postgresql" and this.type.name == "REAL"
    single = single or (this.system == "mysql" and this.type.name == "FLOAT")
    if not single:
        return {"type": "float"}
    return {"type": "float", "min": f"-{_SINGLE}", "max": _SINGLE}


def _text(this: _Column) -> dict[str, Any]:
    type_ = this.type
    length = type_.length or 0
    if this.system == "mysql" and type_.name in _BYTES:
        length = _BYTES[type_.name] // 4
    if not length or length > _LONGEST_STR:
        if this.indexed or this.key:
            return {"type": "str", "max": str(MAX_INDEXED)}
        return {"type": "text", "max": str(length)} if 0 < length <= 1_000_000 else {"type": "text"}
    said = {"type": "str", "max": str(length)}
    if type_.name in ("CHAR", "NCHAR") and this.system == "postgresql":
        this.note = f"has {length} characters, no fewer" if length > 1 else ""
        said["min"] = str(length)
    return said


def _clock(this: _Column) -> dict[str, Any] | None:
    type_ = this.type
    if "TIME" in type_.name and "DATE" not in type_.name and "STAMP" not in type_.name:
        if type_.timezone:
            return _as_text(this)
        return {"type": "time"} | _seconds(this)
    if type_.name == "DATE":
        return {"type": "date"}
    said: dict[str, Any] = {"type": "datetime"} | _seconds(this)
    if not type_.timezone:
        this.note = "has no time zone: taken as UTC"
    if this.system == "mysql" and type_.name == "TIMESTAMP":
        said |= {"min": "1970-01-02", "max": "2038-01-18"}
    return said


def _seconds(this: _Column) -> dict[str, Any]:
    scale = this.type.scale
    return {} if scale is None or scale >= 6 or this.system == "sqlite" else {"scale": scale}


def _boolean(this: _Column) -> dict[str, Any]:
    return {"type": "bool"}


def _uuid(this: _Column) -> dict[str, Any]:
    return {"type": "uuid"}


def _json(this: _Column) -> dict[str, Any]:
    return {"type": "json"}


def _enum(this: _Column) -> dict[str, Any] | None:
    from scaffold.spec.errors import UsageError
    from scaffold.spec.fields import Field

    try:
        Field("x", "enum", values=this.type.values)
    except UsageError as error:
        this.note = error.message.partition(": ")[2]
        return _as_text(this)
    return {"type": "enum", "values": this.type.values}


def _array(this: _Column) -> dict[str, Any] | None:
    item = this.type.item
    if item is None or this.key:
        return _as_text(this) if item else None
    inner = field_parts(Column(this.column.name, item), this.system, indexed=False, key=False).said
    if inner is None or inner["type"] in ("enum", "json") or inner.get("readonly"):
        return None
    return {**inner, "array": True}


def _domain(this: _Column) -> dict[str, Any] | None:
    item = this.type.item
    assert item is not None
    inner = field_parts(Column(this.column.name, item), this.system, key=this.key)
    this.note = inner.note
    if inner.said is None or "own." in inner.said["stored"]:
        return None
    name = this.type.values[0]
    return {**inner.said, "stored": f'postgresql.DOMAIN("{name}", {inner.said["stored"]})'}


_MAPPERS: tuple[tuple[frozenset[str], Callable[[_Column], dict[str, Any] | None]], ...] = (
    (frozenset(_WHOLE), _whole),
    (frozenset({"YEAR"}), _year),
    (frozenset({"BIT"}), _bits),
    (frozenset({"NUMERIC", "DECIMAL"}), _decimal),
    (_FLOATS, _float),
    (_TEXTS, _text),
    (frozenset({"DATE", "DATETIME", "TIMESTAMP", "TIME"}), _clock),
    (frozenset({"BOOLEAN", "BOOL"}), _boolean),
    (frozenset({"UUID", "UUID_"}), _uuid),
    (frozenset({"JSON", "JSONB"}), _json),
    (frozenset({"ENUM"}), _enum),
    (frozenset({"ARRAY"}), _array),
    (frozenset({"DOMAIN"}), _domain),
)
