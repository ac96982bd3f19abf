"""The model of a resource: the lines of its class, and the imports of its module."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal

from scaffold.generators.resource_view.enums import EnumView
from scaffold.generators.resource_view.imports import Scope
from scaffold.generators.resource_view.literals import value_literal
from scaffold.spec.fields import Field, Key
from scaffold.spec.kinds import INTEGERS
from scaffold.spec.naming import constraint_name
from scaffold.spec.resource import Resource

# Digits that a double holds exactly, which is all that SQLite has for numbers with a point.
LONGEST_DOUBLE = 15
EXACT = Context(prec=100)  # more digits than any column has
_PYTHON_TYPES: Mapping[str, str] = {
    "str": "str", "text": "str", "email": "str", "url": "str", "int": "int", "bigint": "int",
    "float": "float", "bool": "bool",
}  # fmt: skip
_OWN_TYPES: Mapping[str, str] = {
    "text": "LongText", "datetime": "UtcDateTime", "time": "ExactTime", "json": "JsonDocument",
}  # fmt: skip


@dataclass(frozen=True)
class ModelView:
    """What ``models/<plural>.py`` is made of; ``lines`` are the class's body after its table."""

    imports: str
    base: str
    enum_base: str
    table_arguments: tuple[str, ...]
    lines: tuple[str, ...]


def python_type(field: Field, scope: Scope, enums: Mapping[str, EnumView]) -> str:
    """The type of the field's values in Python, without None."""
    if field.type == "enum":
        return enums[field.name].name
    if field.type in ("date", "datetime", "time"):
        return f"{scope.module('datetime', 'dt')}.{field.type}"
    if field.type == "decimal":
        return scope.name("decimal", "Decimal")
    if field.type == "uuid":
        return scope.name("uuid", "UUID")
    if field.type == "json":
        return scope.name("pydantic", "JsonValue")
    return scope.builtin(_PYTHON_TYPES[field.type])


def default_value(field: Field) -> object:
    """The field's default in the form that the types of the project give it: 7 is 7.00."""
    value = field.typed_default
    if isinstance(value, Decimal):
        return EXACT.quantize(value, Decimal(1).scaleb(-(field.scale or 0)))
    if field.type == "url" and isinstance(value, str):
        return re.sub(r"^(https?://[^/?#]+)(?=[?#]|$)", r"\1/", value)
    return value


def default_literal(field: Field, scope: Scope, enums: Mapping[str, EnumView]) -> str:
    """The field's default as an expression."""
    if field.type == "enum":
        enum = enums[field.name]
        return f"{enum.name}.{enum.members[field.typed_default]}"
    return value_literal(default_value(field), scope)


def factory(literal: str) -> str | None:
    """What makes a new value each time, where ``literal`` is a list or a dict; else None."""
    if literal[0] not in "[{":
        return None
    return {"[]": "list", "{}": "dict"}.get(literal, f"lambda: {literal}")


def model_view(resource: Resource, package: str, enums: Mapping[str, EnumView]) -> ModelView:
    """The model of ``resource`` in the package ``package``."""
    scope = Scope(
        {
            resource.name.pascal,
            *(enum.name for enum in enums.values()),
            *(field.name for field in (*resource.key, *resource.fields)),
        }
    )
    builder = _Columns(resource, package, enums, scope)
    lines = tuple(builder.lines())
    arguments = tuple(builder.table_arguments())
    base = scope.name(f"{package}.database", "Base")
    enum_base = scope.name("enum", "StrEnum") if enums else ""
    return ModelView(scope.lines(package), base, enum_base, arguments, lines)


class _Columns:
    """Writes the columns of one model, and adds what they need to the imports."""

    def __init__(
        self, resource: Resource, package: str, enums: Mapping[str, EnumView], scope: Scope
    ) -> None:
        self.resource = resource
        self.enums = enums
        self.scope = scope
        self.types = f"{package}.types"
        self.mapped = scope.name("sqlalchemy.orm", "Mapped")
        self.column = scope.name("sqlalchemy.orm", "mapped_column")

    def lines(self) -> Iterator[str]:
        for key in self.resource.key:
            yield self._key_line(key)
        for field in self.resource.fields:
            yield self._field_line(field)
        if self.resource.timestamps:
            instant = f"{self.scope.module('datetime', 'dt')}.datetime"
            type_, now = self._own("UtcDateTime"), self._own("utc_now")
            yield self._line("created_at", instant, type_, f"default={now}", "index=True")
            yield self._line("updated_at", instant, type_, f"default={now}", f"onupdate={now}")

    def table_arguments(self) -> Iterator[str]:
        """The constraints whose conventional names are too long for a database."""
        for field in self.resource.fields:
            if field.unique and not _conventional("uq", self.resource, field):
                kind, name = (
                    "UniqueConstraint",
                    constraint_name("uq", self.resource.table, field.name),
                )
                yield f'{self._sa}.{kind}("{field.name}", name="{name}")'
            elif field.index and not field.unique and not _conventional("ix", self.resource, field):
                name = constraint_name("ix", self.resource.table, field.name)
                yield f'{self._sa}.Index("{name}", "{field.name}")'

    @property
    def _sa(self) -> str:
        return self.scope.module("sqlalchemy", "sa")

    def _own(self, name: str) -> str:
        return self.scope.name(self.types, name)

    def _line(self, name: str, type_: str, *arguments: str) -> str:
        given = ", ".join(argument for argument in arguments if argument)
        return f"{name}: {self.mapped}[{type_}] = {self.column}({given})"

    def _key_line(self, key: Key) -> str:
        numbered = not key.given and key.type in INTEGERS
        alone = len(self.resource.key) == 1
        arguments = ["primary_key=True"]
        if key.type in INTEGERS and numbered != alone:
            arguments.append(f"autoincrement={numbered}")
        if numbered and key.stored is None:
            column = self._own("BigIntegerKey")
        else:
            column = self._column_type(key)
        return self._line(key.name, python_type(key, self.scope, self.enums), column, *arguments)

    def _field_line(self, field: Field) -> str:
        type_ = python_type(field, self.scope, self.enums)
        arguments = [self._column_type(field)]
        if field.optional:
            type_ += " | None"
        elif field.type == "json":
            arguments.append("nullable=False")  # JsonValue has None in it
        if field.readonly and field.default is not None:
            literal = default_literal(field, self.scope, self.enums)
            arguments.append(f"default={factory(literal) or literal}")
        if field.unique and _conventional("uq", self.resource, field):
            arguments.append("unique=True")
        elif field.index and not field.unique and _conventional("ix", self.resource, field):
            arguments.append("index=True")
        return self._line(field.name, type_, *arguments)

    def _column_type(self, field: Field) -> str:
        if field.type in _OWN_TYPES:
            return self._own(_OWN_TYPES[field.type])
        if field.type == "enum":
            enum = self.enums[field.name]
            return f"{self._own('choice')}({enum.name}, {enum.length})"
        if field.type == "decimal":
            long = (field.precision or 0) > LONGEST_DOUBLE
            type_ = self._own("LongDecimal") if long else f"{self._sa}.Numeric"
            return f"{type_}({field.precision}, {field.scale})"
        return f"{self._sa}.{sql_type(field)}"


def sql_type(field: Field) -> str:
    """The plain SQLAlchemy type of the column, as what follows ``sa.``."""
    if field.kind.bounds == "length" and field.type != "text":
        return f"String({field.length})"
    return {
        "text": "Text()", "int": "Integer()", "bigint": "BigInteger()", "float": "Double()",
        "bool": "Boolean()", "date": "Date()", "uuid": "Uuid()", "time": "Time()", "json": "JSON()",
    }[field.type]  # fmt: skip


def _conventional(kind: str, resource: Resource, field: Field) -> bool:
    name = constraint_name(kind, resource.table, field.name)
    return name == f"{kind}_{resource.table}_{field.name}"
