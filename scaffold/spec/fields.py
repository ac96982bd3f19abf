"""A field of a resource: what it is, and the text ``name:type[:modifier…]`` that says so.

Every ``Field`` that exists is a possible one: its constructor refuses the others, but for names that
only a new field can't have. Parsing a printed field gives it back, and printing a parsed one gives
the canonical text: modifiers in the order of ``MODIFIERS``, the digits of a decimal always said.
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from typing import Any, NoReturn, Self

from scaffold.spec.checks import (
    check_field,
    check_field_name,
    fail,
    own_target,
    read,
    read_target,
    refuse_type,
)
from scaffold.spec.errors import UsageError
from scaffold.spec.kinds import (
    ALSO_MODIFIERS,
    DEFAULT_DIGITS,
    KINDS,
    MAX_INDEXED,
    MODIFIERS,
    ON_DELETE,
    Kind,
)
from scaffold.spec.shape import shaped
from scaffold.spec.text import nearest, quoted


@dataclass(frozen=True)
class Field:
    """One column, attribute, property of the JSON and, if ``filterable``, filter of the list.

    A ``ref`` is the column, attribute and property ``<name>_id`` with the key of a row of ``to``, and
    a relationship ``name``; a ``many`` has no column, but a table of links. ``to`` is the plural name
    of a resource, that of the field's own name where a ``ref`` says nothing.

    ``min``, ``max`` and ``default`` are as written; ``typed_…`` are the values that they mean.
    Lengths are in characters. What is ``folded`` is kept in the one form of all that looks the same.
    Of a table that was there before, ``column`` is the name in the database where that is another
    one, ``stored`` the column's type as SQLAlchemy writes it, ``array`` tells that it holds any
    number of such values, and ``filled`` that the database fills it where nothing is said,
    by ``default_sql`` or, always, ``computed_sql`` if there is such a thing
    (``persisted``: which is kept, not computed again).
    Raises UsageError for what can't be.
    """

    name: str
    type: str
    precision: int | None = None
    scale: int | None = None
    values: tuple[str, ...] = ()
    optional: bool = False
    unique: bool = False
    index: bool = False
    folded: bool = False
    min: str | None = None
    max: str | None = None
    readonly: bool = False
    writeonly: bool = False
    default: str | None = None
    column: str | None = None
    stored: str | None = None
    array: bool = False
    filled: bool = False
    to: str | None = None
    on_delete: str | None = None
    default_sql: str | None = None
    computed_sql: str | None = None
    persisted: bool = False

    def __post_init__(self) -> None:
        if self.type == "ref" and self.to is None:
            object.__setattr__(self, "to", own_target(self.name))
        check_field(self)

    @property
    def kind(self) -> Kind:
        """What the type means."""
        return KINDS[self.type]

    @property
    def attribute(self) -> str:
        """What holds the value in Python and JSON: the name, of a reference ``<name>_id``."""
        return f"{self.name}_id" if self.type == "ref" else self.name

    @property
    def column_name(self) -> str:
        """What the column is called in the database."""
        return self.column or self.attribute

    @property
    def indexed(self) -> bool:
        """Whether the column has an index other than that of a unique one."""
        return (self.index or self.type == "ref") and not self.unique

    @property
    def filterable(self) -> bool:
        """Whether lists can be filtered by it: indexed, unique or enum, and not writeonly."""
        indexed = self.unique or self.indexed or self.type == "enum"
        return indexed and not self.writeonly and not self.array

    @property
    def length(self) -> int | None:
        """The longest text it takes, in characters; None where it is no text or has no limit."""
        if self.type == "enum":
            return max(map(len, self.values))
        if self.kind.bounds != "length":
            return None
        if self.max is not None:
            return int(self.max)
        if self.kind.length is not None and (self.unique or self.index):
            return min(self.kind.length, MAX_INDEXED)
        return self.kind.length

    @property
    def typed_min(self) -> Any:
        """The least value, or the least length of a text (int); None where nothing was said."""
        return None if self.min is None else read(self, "min", self.min)

    @property
    def typed_max(self) -> Any:
        """The greatest value, or the greatest length of a text; None where nothing was said."""
        return None if self.max is None else read(self, "max", self.max)

    @property
    def typed_default(self) -> Any:
        """The default as a Python value; None where there is none."""
        return None if self.default is None else read(self, "default", self.default)

    def to_data(self) -> dict[str, object]:
        """What was said about it, ready for JSON; all else is as the constructor has it."""
        said = {
            part.name: getattr(self, part.name)
            for part in dataclasses.fields(self)
            if getattr(self, part.name) != part.default
        }
        return said | {"values": list(self.values)} if self.values else said

    @classmethod
    def from_data(cls, data: object) -> Self:
        """The field that ``to_data`` made ``data`` from. Raises UsageError."""
        shape = {part.name: _SHAPE[part.name] for part in dataclasses.fields(cls)}
        said = shaped(data, "field", shape, optional=set(_SHAPE) - {"name", "type"})
        values = said.get("values", [])
        if not all(type(value) is str for value in values):
            raise UsageError("a recorded field has values that are not text")
        return cls(**{**said, "values": tuple(values)})


_SHAPE: dict[str, type] = {
    "name": str, "type": str, "precision": int, "scale": int, "values": list, "optional": bool,
    "unique": bool, "index": bool, "folded": bool, "min": str, "max": str, "readonly": bool,
    "writeonly": bool, "default": str, "column": str, "stored": str, "array": bool, "filled": bool,
    "default_sql": str, "computed_sql": str, "persisted": bool, "given": bool, "to": str,
    "on_delete": str,
}  # fmt: skip


@dataclass(frozen=True)
class Key(Field):
    """One column of the primary key: ``given`` by clients, or else by the database."""

    name: str = "id"
    type: str = "bigint"
    given: bool = False

    @property
    def numbered(self) -> bool:
        """Whether the database numbers the rows, from 1 on."""
        return self.type == "bigint" and not self.given and self.stored is None

    def to_data(self) -> dict[str, object]:
        """What was said about it, its name and type in any case."""
        return {"name": self.name, "type": self.type} | super().to_data()


def print_field(field: Field) -> str:
    """The canonical text of ``field``."""
    parts = [field.name, field.type]
    if field.kind.argument == "digits":
        parts.append(f"{field.precision}.{field.scale}")
    elif field.kind.argument == "values":
        parts.append(",".join(field.values))
    elif field.kind.argument == "target":
        parts.append(field.to or "")
    for modifier, takes_value in MODIFIERS.items():
        value = getattr(field, modifier)
        if modifier == "to" and (field.type == "many" or value == own_target(field.name)):
            continue
        if takes_value and value is not None:
            parts.append(f"{modifier}={value}")
        elif value is True:
            parts.append(modifier)
    return ":".join(parts)


def parse_field(text: str) -> Field:
    """The field that ``name:type[:modifier…]`` describes. Raises UsageError."""
    name, left = _cut(text)
    check_field_name(name)
    if not left:
        raise UsageError(f"field {quoted(text)} has no type", hint=f"write {name}:str")
    type_, left = _cut(left)
    if type_ not in KINDS:
        refuse_type(name, type_)
    kind, said = KINDS[type_], dict[str, Any]()
    if kind.argument:
        left = _read_argument(name, kind, said, left)
    while left is not None:
        left = _read_modifier(name, kind, said, left)
    return Field(name=name, type=type_, **said)


def _cut(text: str) -> tuple[str, str | None]:
    """The part before the first colon, and what follows it (None: there is no colon)."""
    head, colon, tail = text.partition(":")
    return head, tail if colon else None


def _read_argument(name: str, kind: Kind, said: dict[str, Any], left: str | None) -> str | None:
    """Read what belongs to the type into ``said``; the text that is left."""
    head, tail = _cut(left or "")
    if kind.argument == "values":
        said["values"] = tuple(head.split(",")) if head else ()
        return tail
    if kind.argument == "target":
        said["to"] = read_target(name, head) if head else None
        return tail
    said["precision"], said["scale"] = DEFAULT_DIGITS
    digits = re.fullmatch("([0-9]{1,3})(?:[.]([0-9]{1,3}))?", head)
    if digits is None:
        return left
    said["precision"], said["scale"] = int(digits[1]), int(digits[2] or 0)
    return tail


def _read_modifier(name: str, kind: Kind, said: dict[str, Any], left: str) -> str | None:
    """Read one modifier into ``said``; the text that is left."""
    head, tail = _cut(left)
    modifier, equals, value = head.partition("=")
    if modifier not in MODIFIERS:
        _refuse_modifier(name, kind, head)
    if modifier in said:
        fail(name, f"{modifier} is said twice")
    if MODIFIERS[modifier] != bool(equals):
        written = f"{modifier}=…" if MODIFIERS[modifier] else modifier
        fail(name, f"{quoted(head)} is not how {modifier} is written", f"write {written}")
    if modifier == "default":
        said["default"] = left.removeprefix("default=")
        return None
    while equals and kind.clock and tail is not None and tail[:1].isdigit():
        part, tail = _cut(tail)  # no modifier begins with a digit, so it is the time's
        value += f":{part}"
    said[modifier] = _read_value(name, modifier, value) if equals else True
    return tail


def _read_value(name: str, modifier: str, value: str) -> str | None:
    """What is kept of ``modifier=value``: one text for one meaning."""
    if modifier == "to":
        return read_target(name, value)
    return None if (modifier, value) == ("on_delete", ON_DELETE[0]) else value


def _refuse_modifier(name: str, kind: Kind, head: str) -> NoReturn:
    if not head:
        fail(name, "there is a ':' with nothing after it", "leave it out")
    if head == "required":
        fail(name, "every field is required unless it is optional", "leave 'required' out")
    near = nearest(head.partition("=")[0], MODIFIERS, ALSO_MODIFIERS)
    if re.fullmatch("[0-9]{1,7}", head) and kind.bounds == "length":
        near = f"max={head}"
    elif near and MODIFIERS[near]:
        near += "=…"
    meant = f"write {near}; " if near else ""
    known = ", ".join(
        f"{m}=…" if takes_value else m
        for m, takes_value in MODIFIERS.items()
        if m not in kind.refuses and (kind.relates or m not in ("to", "on_delete"))
    )
    fail(name, f"there is no modifier {quoted(head)}", f"{meant}the modifiers are {known}")
