"""The fields of a resource as lines of a model, of schemas and of a migration, in their ways."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from decimal import Decimal

from scaffold.api import Field
from scaffold.generators.foreign.ways import Ways
from scaffold.generators.resource_view.imports import Scope
from scaffold.generators.resource_view.literals import text_literal, value_literal

PLAIN_TYPES = {
    "str": "str", "text": "str", "email": "str", "url": "str", "int": "int", "bigint": "int",
    "float": "float", "bool": "bool", "enum": "str",
}  # fmt: skip
_SQL_TYPES = {
    "text": "Text()", "int": "Integer()", "bigint": "BigInteger()", "float": "Float(53)",
    "bool": "Boolean()", "date": "Date()", "datetime": "UtcDateTime()", "time": "Time()",
    "uuid": "Uuid()", "json": "JSON()",
}  # fmt: skip
_INTEGERS = {"int": 2**31, "bigint": 2**63}
_URL = r"^https?://[^\s/?#]+([/?#]\S*)?$"
_LEAST_LENGTH = 32  # of an enum's column, so that a longer value, added later, still fits
_LARGEST = 1e308  # JSON has neither infinity nor NaN


def sql_type(field: Field, ways: Ways) -> str:
    """The SQLAlchemy type of a column, as what is called by that name in ``sqlalchemy``."""
    if field.type == "enum":
        return f"String({max(_LEAST_LENGTH, field.length or 0)})"
    if field.type == "decimal":
        return f"Numeric({field.precision}, {field.scale})"
    if field.type == "uuid" and ways.models == "classic":
        return "Guid()"
    if field.type == "json" and field.optional:
        return "JSON(none_as_null=True)"
    return _SQL_TYPES.get(field.type) or f"String({field.length})"


def python_type(field: Field, scope: Scope) -> str:
    """The type of a field's values in Python, without None."""
    if field.type in ("date", "datetime", "time"):
        return f"{scope.module('datetime', 'dt')}.{field.type}"
    if field.type == "decimal":
        return scope.name("decimal", "Decimal")
    if field.type == "uuid":
        return scope.name("uuid", "UUID")
    if field.type == "json":
        return scope.name("typing", "Any")
    return scope.builtin(PLAIN_TYPES[field.type])


def default_literal(field: Field, scope: Scope, ways: Ways) -> str:
    """A field's default as an expression."""
    value = field.typed_default
    if isinstance(value, Decimal):
        value = value.quantize(Decimal(1).scaleb(-(field.scale or 0)))
    return _literal(value, scope, ways)


def _literal(value: object, scope: Scope, ways: Ways) -> str:
    """A value as an expression that the lowest Python has."""
    if isinstance(value, Decimal) and "." not in f"{value:f}":
        return f"{scope.name('decimal', 'Decimal')}({value:f})"
    literal = value_literal(value, scope)
    if isinstance(value, datetime.datetime):
        return literal.replace(f"{scope.module('datetime', 'dt')}.UTC", ways.utc)
    return literal


def _made_new(literal: str) -> str:
    """``literal``, or what makes a new one each time where it can be changed."""
    return f"lambda: {literal}" if literal[0] in "[{" else literal


class Columns:
    """The columns of a model as lines, what they need added to ``scope``."""

    def __init__(self, ways: Ways, scope: Scope) -> None:
        self.ways = ways
        self.scope = scope
        if ways.models == "mapped":
            self.mapped = scope.name("sqlalchemy.orm", "Mapped")
            self.make = scope.name("sqlalchemy.orm", "mapped_column")
        elif ways.models == "classic":
            self.make = scope.name("sqlalchemy", "Column")
        else:
            self.field = scope.name("sqlmodel", "Field")

    def key(self) -> str:
        """The line of the key."""
        type_ = f"{self._sa('BigInteger')}().with_variant({self._sa('Integer')}(), 'sqlite')"
        type_ = type_.replace("'", '"')
        if self.ways.models == "sqlmodel":
            optional = self.ways.optional(self.scope.builtin("int"), self.scope)
            column = f"{self._sa('Column')}({type_}, primary_key=True)"
            return f"id: {optional} = {self.field}(default=None, sa_column={column})"
        arguments = [type_, "primary_key=True", *(["init=False"] if self.ways.dataclass else [])]
        return self._line("id", self.scope.builtin("int"), arguments)

    def of(self, field: Field) -> str:
        """The line of one field."""
        flags = ["unique=True"] if field.unique else ["index=True"] if field.index else []
        type_ = self._annotation(field)
        sql = self._typed(field)
        default = (
            default_literal(field, self.scope, self.ways)
            if field.readonly and field.default
            else ""
        )
        if self.ways.models == "sqlmodel":
            return self._sqlmodel_line(field, type_, sql, flags, default)
        if self.ways.models == "classic" or field.type == "json":
            flags.insert(0, f"nullable={field.optional}")
        return self._line(field.name, type_, [sql, *flags, *self._default(field, default)])

    def _annotation(self, field: Field) -> str:
        """The type of an attribute; a ``Column`` has none."""
        if self.ways.models == "classic":
            return ""
        type_ = python_type(field, self.scope)
        return self.ways.optional(type_, self.scope) if field.optional else type_

    def _default(self, field: Field, default: str) -> list[str]:
        """The arguments that give a column a value where nobody sends one."""
        if not self.ways.dataclass:
            return [f"default={_made_new(default)}"] if default else []
        if not field.readonly:
            return []
        if default:
            return ["init=False", f"insert_default={_made_new(default)}"]
        return ["init=False", "default=None"]

    def stamps(self) -> Iterator[str]:
        """The lines of ``created_at`` and ``updated_at``, by a function ``_now``."""
        type_ = f"{self.scope.module('datetime', 'dt')}.datetime"
        sql = "UtcDateTime()"
        for name, extra in (("created_at", []), ("updated_at", ["onupdate=_now"])):
            if self.ways.models == "sqlmodel":
                column = f"{self._sa('Column')}({', '.join([sql, 'nullable=False', *extra])})"
                yield f"{name}: {type_} = {self.field}(default_factory=_now, sa_column={column})"
                continue
            nullable = ["nullable=False"] if self.ways.models == "classic" else []
            made = (
                ["init=False", "insert_default=_now"] if self.ways.dataclass else ["default=_now"]
            )
            yield self._line(name, type_, [sql, *nullable, *made, *extra])

    def _line(self, name: str, type_: str, arguments: list[str]) -> str:
        annotation = f": {self.mapped}[{type_}]" if self.ways.models == "mapped" else ""
        return f"{name}{annotation} = {self.make}({', '.join(arguments)})"

    def _sqlmodel_line(
        self, field: Field, type_: str, sql: str, flags: list[str], default: str
    ) -> str:
        column = ", ".join([sql, f"nullable={field.optional}", *flags])
        arguments = [f"sa_column={self._sa('Column')}({column})"]
        if default and default[0] in "[{":
            arguments.insert(0, f"default_factory=lambda: {default}")
        elif default or field.optional:
            arguments.insert(0, f"default={default or None}")
        return f"{field.name}: {type_} = {self.field}({', '.join(arguments)})"

    def _typed(self, field: Field) -> str:
        name, _, arguments = sql_type(field, self.ways).partition("(")
        own = name in ("Guid", "UtcDateTime")
        return f"{name if own else self._sa(name)}({arguments}"

    def _sa(self, name: str) -> str:
        return self.scope.name("sqlalchemy", name)


class Properties:
    """The fields of schemas as lines, what they need added to ``scope``."""

    def __init__(self, ways: Ways, scope: Scope, aliases: dict[str, str]) -> None:
        self.ways = ways
        self.scope = scope
        self.aliases = aliases

    def request_type(self, field: Field) -> str:
        """The type of a field in a request."""
        if field.type == "enum":
            return self.aliases[field.name]
        if field.type == "email":
            return self.scope.name("pydantic", "EmailStr")
        return python_type(field, self.scope)

    def created(self, field: Field) -> str:
        """The line of a field in the schema of a new row."""
        type_ = self.request_type(field)
        type_ = self.ways.optional(type_, self.scope) if field.optional else type_
        default = ""
        if field.default is not None:
            default = default_literal(field, self.scope, self.ways)
        elif field.optional:
            default = "None"
        return self._line(field, type_, default)

    def updated(self, field: Field) -> str:
        """The line of a field in the schema of a change: what isn't sent stays."""
        return self._line(field, self.ways.optional(self.request_type(field), self.scope), "None")

    def answered(self, field: Field) -> str:
        """The line of a field in the schema of an answer."""
        type_ = python_type(field, self.scope)
        return f"{field.name}: {self.ways.optional(type_, self.scope) if field.optional else type_}"

    def _line(self, field: Field, type_: str, default: str) -> str:
        limits = [f"{name}={value}" for name, value in limits_of(field, self.ways, self.scope)]
        head = f"{field.name}: {type_}"
        if not limits:
            return f"{head} = {default}" if default else head
        missing = ["..."] if self.ways.pydantic == 1 else []
        first = [f"default={default}"] if default else missing
        return f"{head} = {self.scope.name('pydantic', 'Field')}({', '.join([*first, *limits])})"


def limits_of(field: Field, ways: Ways, scope: Scope) -> Iterator[tuple[str, str]]:
    """What limits a field's values, as keyword arguments of ``Field`` or ``Query``."""
    low, high = field.typed_min, field.typed_max
    if field.kind.bounds == "length":
        if low:
            yield "min_length", str(low)
        if field.length is not None and field.type != "email":
            yield "max_length", str(field.length)
        elif field.type == "email" and field.max is not None:
            yield "max_length", str(high)
        if field.type == "url":
            yield (
                "pattern" if ways.pydantic == 2 else "regex",
                "r" + text_literal(_URL).replace("\\\\", "\\"),
            )
        return
    if field.type in _INTEGERS:
        size = _INTEGERS[field.type]
        low, high = (-size if low is None else low), (size - 1 if high is None else high)
    if field.type == "decimal":
        yield "max_digits", str(field.precision)
        yield "decimal_places", str(field.scale)
    if field.type == "float" and ways.pydantic == 1:
        low, high = (-_LARGEST if low is None else low), (_LARGEST if high is None else high)
    if low is not None:
        yield "ge", _literal(low, scope, ways)
    if high is not None:
        yield "le", _literal(high, scope, ways)
    if field.type == "float" and ways.pydantic == 2:
        yield "allow_inf_nan", "False"
