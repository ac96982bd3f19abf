"""Which fields can't be, each refusal by name: what the constructor of ``Field`` holds every one to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NoReturn

from scaffold.spec import reserved
from scaffold.spec.errors import UsageError
from scaffold.spec.kinds import (
    ALSO_TYPES,
    KINDS,
    MAX_INDEXED,
    MAX_PRECISION,
    MAX_SCALE,
    MAX_VALUE,
    ON_DELETE,
)
from scaffold.spec.naming import MAX_LENGTH, parse_name, snake_case
from scaffold.spec.text import nearest, quoted, refuse_misspelt

if TYPE_CHECKING:
    from scaffold.spec.fields import Field


def fail(name: str, reason: str, hint: str | None = None) -> NoReturn:
    """Raise the UsageError that says why the field ``name`` can't be."""
    raise UsageError(f"field {quoted(name)}: {reason}", hint=hint)


def refuse_type(name: str, type_: str) -> NoReturn:
    """Raise the UsageError for a type that there isn't, with the one that was meant."""
    near = nearest(type_, KINDS, ALSO_TYPES)
    meant = f"write {name}:{near}; " if near else ""
    fail(name, f"there is no type {quoted(type_)}", f"{meant}the types are {', '.join(KINDS)}")


def own_target(name: str) -> str | None:
    """The plural name of the resource that a reference called ``name`` means, if it can mean one."""
    try:
        return parse_name(name).snake_plural
    except UsageError:
        return None


def read_target(name: str, text: str) -> str:
    """The plural name of the resource that ``text`` names. Raises UsageError."""
    try:
        return parse_name(text).snake_plural
    except UsageError as error:
        fail(name, f"it can't refer to {quoted(text)}: {error.message}", error.hint)


def read(field: Field, modifier: str, text: str) -> Any:
    """The value that ``modifier=text`` means: a length for the bounds of texts, else of the type.

    Raises UsageError if it means none.
    """
    if modifier != "default" and field.kind.bounds == "length":
        return int(text)
    try:
        return field.kind.read(text, field)
    except ValueError as error:
        fail(field.name, f"{modifier}={quoted(text)} {error}")


def check_field(field: Field) -> None:
    """Raise a UsageError unless ``field`` can be, whatever its name means."""
    if not re.fullmatch("[a-z][a-z0-9_]*", field.name) or len(field.name) > MAX_LENGTH:
        raise UsageError(f"no field can be called {quoted(field.name)}")
    if field.type not in KINDS:
        refuse_type(field.name, field.type)
    _check_stored(field)
    _check_digits(field)
    _check_values(field)
    _check_target(field)
    for modifier, reason in field.kind.refuses.items():
        if getattr(field, modifier) not in (None, False):
            fail(field.name, f"{field.type} takes no {modifier}: {reason}")
    if field.kind.bounds == "length":
        _check_lengths(field)
    _check_bounds(field)
    _check_default(field)
    _check_together(field)


def check_field_name(name: str) -> None:
    """Raise a UsageError unless a new column, attribute and property can all be called so.

    A recorded one isn't held to it: what was generated once must stay readable.
    """
    refuse_misspelt(name, "field name", "a-z, 0-9 and _, as in unit_price", "_-")
    if not re.fullmatch("[a-z][a-z0-9_]*", name):
        snake = snake_case(name)
        raise UsageError(
            f"field name {quoted(name)} is not a-z, 0-9 and _ with a letter first",
            hint=f"write {snake}" if snake[:1].isalpha() else "begin it with a letter",
        )
    if len(name) > MAX_LENGTH:
        raise UsageError(
            f"field name {quoted(name)} is longer than {MAX_LENGTH} characters",
            hint="choose a shorter name",
        )
    if reason := reserved.why_not_field(name):
        raise UsageError(
            f"field name {quoted(name)} can't be used: {reason}",
            hint="choose another name, or add a word that tells more",
        )


# What SQLAlchemy calls a type: no other code comes out of a record.
_CALL = r"(sa|mysql|postgresql|own)\.[A-Za-z0-9_]+\(%s\)"
_PLAIN = r"[^()\[\]{};\n]*"
_STORED = _CALL % rf"(\"[^\"\\\n]*\"|{_PLAIN}|{_PLAIN}{_CALL % _PLAIN})"


def _check_stored(field: Field) -> None:
    if field.column is not None and not (field.column and field.column.isprintable()):
        fail(field.name, f"no column can be called {quoted(field.column)}")
    if field.stored is not None and not re.fullmatch(_STORED, field.stored):
        fail(field.name, f"{quoted(field.stored)} is no type of a column")
    if field.stored is None and (field.array or field.filled):
        fail(field.name, "only a column that is there already is an array, or filled")


def _check_digits(field: Field) -> None:
    given = (field.precision, field.scale)
    if field.stored is not None and given[0] is None:
        return  # as many as the column takes
    if field.kind.argument != "digits":
        if given != (None, None):
            fail(field.name, f"{field.type} has no digits after the point to count")
        return
    precision, scale = field.precision or 0, -1 if field.scale is None else field.scale
    if not (1 <= precision <= MAX_PRECISION and 0 <= scale <= min(precision, MAX_SCALE)):
        fail(
            field.name,
            f"decimal can't have {field.precision} digits, {field.scale} of them after the point",
            f"1 to {MAX_PRECISION} digits in all, up to {MAX_SCALE} of them after the point",
        )


def _check_values(field: Field) -> None:
    values = field.values
    if field.kind.argument != "values":
        if values:
            fail(field.name, f"{field.type} has no list of values")
        return
    if len(values) < 2:
        fail(field.name, "enum needs two values or more", f"write {field.name}:enum:red,green")
    for number, value in enumerate(values):
        if reason := _why_not_value(value):
            fail(field.name, f"the value {quoted(value)} {reason}")
        if value in values[:number]:
            fail(field.name, f"the value {quoted(value)} is there twice")


def _check_target(field: Field) -> None:
    if not field.kind.relates:
        if (field.to, field.on_delete) != (None, None):
            fail(field.name, f"{field.type} refers to no resource", f"write {field.name}:ref")
        return
    if field.to is None or not re.fullmatch("[a-z][a-z0-9_]*", field.to):
        written = f"{field.name}:many:RESOURCE"
        if field.type == "ref":
            written = f"{field.name}:ref:to=RESOURCE"
        fail(field.name, "it doesn't say which resource it refers to", f"write {written}")
    if field.type == "many":
        if field.on_delete is not None:
            fail(field.name, "many takes no on_delete: what is deleted loses its links")
        return
    if field.on_delete not in (None, *ON_DELETE):
        fail(
            field.name,
            f"on_delete={quoted(field.on_delete)} is none of {', '.join(ON_DELETE)}",
        )
    if field.on_delete == "set_null" and not field.optional:
        fail(field.name, "on_delete=set_null needs a field that can be null", "add optional")


def _why_not_value(value: str) -> str | None:
    if not value.isprintable() or set(value) & set(",:="):
        return "has a character that can't be in one"
    if not value or value != value.strip():
        return "is empty, or has a space at an end"
    return f"is longer than {MAX_VALUE} characters" if len(value) > MAX_VALUE else None


def _check_lengths(field: Field) -> None:
    kind = field.kind
    for modifier, text, least in (("min", field.min, 0), ("max", field.max, kind.shortest)):
        if text is None:
            continue
        if not re.fullmatch("0|[1-9][0-9]{0,9}", text) or not least <= int(text) <= kind.longest:
            fail(
                field.name,
                f"{modifier}={quoted(text)} is not a length that {field.type} can have",
                f"{modifier} is a number of characters, {least} to {kind.longest}",
            )
    if (field.unique or field.index) and (field.length or 0) > MAX_INDEXED:
        fail(
            field.name,
            f"max={field.max} is too long for databases to index",
            f"write max={MAX_INDEXED} or less, or leave unique and index out",
        )
    if field.min is not None and field.length is not None and int(field.min) > field.length:
        limit = f"max={field.max}" if field.max else f"the {field.length} that {field.type} takes"
        fail(field.name, f"min={field.min} is above {limit}")


def _check_bounds(field: Field) -> None:
    low, high = field.typed_min, field.typed_max
    if low is None or high is None:
        return
    if low > high:
        fail(field.name, f"min={field.min} is above max={field.max}")
    if field.unique and field.kind.bounds == "value" and low == high:
        fail(field.name, f"only {field.min} is allowed, and unique allows it once")


def _check_default(field: Field) -> None:
    if field.default is None:
        return
    value, low, high = field.typed_default, field.typed_min, field.typed_max
    if field.kind.bounds == "length":
        value, high = len(value), field.length
    if low is not None and value < low:
        fail(field.name, f"default={quoted(field.default)} is below min={field.min}")
    if high is not None and value > high:
        limit = f"max={field.max}" if field.max else f"the {high} characters of {field.type}"
        fail(field.name, f"default={quoted(field.default)} is above {limit}")


def _check_together(field: Field) -> None:
    if field.readonly and field.writeonly:
        fail(field.name, "readonly and writeonly together: nobody could ever set or see it")
    comes = field.optional or field.default is not None or field.filled or field.type == "ref"
    if field.readonly and not comes:
        fail(
            field.name,
            "readonly and required: nothing would ever fill it",
            "add optional, or default=… at the end",
        )
    if field.folded and field.type not in ("str", "email"):
        fail(field.name, f"{field.type} takes no folded: only names and addresses have twins")
    if field.folded and field.default is not None:
        fail(field.name, "folded with a default: write the default in its folded form, without it")
    if field.unique and field.default is not None:
        fail(field.name, "unique with a default: the second row to take it would be refused")
