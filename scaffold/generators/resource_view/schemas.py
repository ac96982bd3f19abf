"""The schemas of a resource: what clients send and get, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from scaffold.generators.resource_view.enums import EnumView, own_names, schema_classes
from scaffold.generators.resource_view.imports import Scope
from scaffold.generators.resource_view.literals import value_literal
from scaffold.generators.resource_view.models import (
    default_literal,
    python_type,
)
from scaffold.spec.fields import Field
from scaffold.spec.resource import Resource

# The types of requests, in the project's types.py; those of numbers are the same in a query, but
# for the check that refuses text.
_TYPES: Mapping[str, str] = {
    "str": "Text", "text": "Text", "email": "Email", "url": "Url", "int": "Int32",
    "bigint": "Int64", "float": "Number", "date": "Date", "time": "Time", "datetime": "Instant",
    "json": "Json",
}  # fmt: skip
# The longest text that a type takes by itself; other limits are said field by field.
_LENGTHS = {"email": 254, "url": 2048}
_PLAIN_SCALE = 6  # with more decimals, Python may write a Decimal as 1E-7
_UNSORTED = ("bool", "enum", "json", "text", "uuid")


@dataclass(frozen=True)
class SchemaView:
    """What ``schemas/<plural>.py`` is made of: lines of each class, and the aliases before them."""

    imports: str
    base: str
    paging: str
    aliases: tuple[str, ...]
    create: tuple[str, ...]
    update: tuple[str, ...]
    read: tuple[str, ...]
    query: tuple[str, ...]


def sorts(resource: Resource) -> tuple[str, ...]:
    """What a list can be sorted by: what has an index, an order and no nulls."""
    fields = (
        field.name
        for field in resource.fields
        if field.filterable and not field.optional and field.type not in _UNSORTED
    )
    keys = (key.name for key in resource.key)
    return (*keys, *(("created_at",) if resource.timestamps else ()), *fields)


def schema_view(resource: Resource, package: str, enums: Mapping[str, EnumView]) -> SchemaView:
    """The schemas of ``resource`` in the package ``package``."""
    return _Schemas(resource, package, enums).view()


class _Schemas:
    """Writes the schemas of one resource, and collects what they import."""

    def __init__(self, resource: Resource, package: str, enums: Mapping[str, EnumView]) -> None:
        self.resource = resource
        self.package = package
        self.names = own_names(resource)
        self.scope = Scope(
            {
                *schema_classes(resource).values(),
                *(self.names[field.name] for field in resource.fields if field.name not in enums),
                *(field.name for field in resource.fields),
            }
        )
        models = f"{package}.models.{resource.name.snake_plural}"
        self.enums = {
            name: EnumView(self.scope.name(models, enum.name), enum.lines, enum.members, 0)
            for name, enum in enums.items()
        }
        self.types = f"{package}.types"

    def view(self) -> SchemaView:
        writable = [field for field in self.resource.fields if not field.readonly]
        aliases = {field.name: self._annotation(field) for field in writable}
        types = {
            name: self.names[name] if "[" in annotation else annotation
            for name, annotation in aliases.items()
        }
        create = tuple(self._create_line(field, types[field.name]) for field in writable)
        update = tuple(self._update_line(field, types[field.name]) for field in writable)
        read, query = tuple(self._read_lines()), tuple(self._query_lines())
        base = self.scope.name("pydantic", "BaseModel")
        paging = self.scope.name(f"{self.package}.pagination", "Paging")
        said = (f"{self.names[n]} = {text}" for n, text in aliases.items() if "[" in text)
        return SchemaView(
            self.scope.lines(self.package), base, paging, tuple(said), create, update, read, query
        )

    def _annotation(self, field: Field) -> str:
        """The type of the field in a request, without what makes it optional."""
        plain, checks = self._plain(field)
        limits = self._limits(field)
        if limits:
            call = f"{self.scope.name('pydantic', 'Field')}({', '.join(limits)})"
            # A check that hides limits from the schema of the API comes after them.
            checks = [call, *checks]
        return self._annotated(plain, checks)

    def _annotated(self, type_: str, checks: list[str]) -> str:
        if not checks:
            return type_
        return f"{self.scope.name('typing', 'Annotated')}[{', '.join((type_, *checks))}]"

    def _plain(self, field: Field) -> tuple[str, list[str]]:
        if field.type in ("int", "bigint", "float"):
            return self._own(_TYPES[field.type]), [self._own("Exact")]
        if field.type == "decimal":
            digits = f"{self._own('Fixed')}({field.precision}, {field.scale})"
            return python_type(field, self.scope, self.enums), [digits]
        if field.type == "bool":
            return self._own("Flag"), []
        if field.type in _TYPES:
            checks = [self._own("Folded")] if field.folded else []
            return self._own(_TYPES[field.type]), checks
        return python_type(field, self.scope, self.enums), []

    def _limits(self, field: Field) -> list[str]:
        low, high = field.typed_min, field.typed_max
        if field.kind.bounds == "length":
            length = field.length if field.length != _LENGTHS.get(field.type) else None
            named = {"min_length": low or None, "max_length": length}
        else:
            named = {"ge": low, "le": high}
        return [
            f"{name}={self._limit(value)}" for name, value in named.items() if value is not None
        ]

    def _limit(self, value: object) -> str:
        if isinstance(value, Decimal) and value == int(value):
            return str(int(value))
        return value_literal(value, self.scope)

    def _own(self, name: str) -> str:
        return self.scope.name(self.types, name)

    def _create_line(self, field: Field, type_: str) -> str:
        line = f"{field.name}: {type_}{_or_none(field)}"
        if field.default is not None:
            line += f" = {default_literal(field, self.scope, self.enums)}"
        elif field.optional:
            line += " = None"
        return line

    def _update_line(self, field: Field, type_: str) -> str:
        missing = self.scope.name("pydantic", "MISSING")
        line = f"{field.name}: {type_} | {missing}{_or_none(field)} = {missing}"
        return line

    def _read_lines(self) -> Iterator[str]:
        for key in self.resource.key:
            yield f"{key.name}: {self.scope.builtin('int')}"
        for field in self.resource.fields:
            if not field.writeonly:
                type_ = self._read_type(field)
                yield f"{field.name}: {type_}{_or_none(field)}"
        if self.resource.timestamps:
            dt = self.scope.module("datetime", "dt")
            yield f"created_at: {dt}.datetime"
            yield f"updated_at: {dt}.datetime"

    def _read_type(self, field: Field) -> str:
        """What was checked on its way in needs no check on its way out."""
        if field.type == "time":  # the schema of a plain one demands an offset
            return self._own("Time")
        if field.type == "decimal" and (field.scale or 0) > _PLAIN_SCALE:
            return self._annotated(*self._plain(field))
        return python_type(field, self.scope, self.enums)

    def _query_lines(self) -> Iterator[str]:
        literal = self.scope.name("typing", "Literal")
        both = ", ".join(f'"{name}", "-{name}"' for name in sorts(self.resource))
        yield f'sort: {literal}[{both}] = "{self.resource.key[0].name}"'
        for field in self.resource.fields:
            if field.filterable:
                line = f"{field.name}: {self._filter_type(field)} | None = None"
                yield line

    def _filter_type(self, field: Field) -> str:
        if field.type == "bool":
            return self.scope.builtin("bool")
        plain, checks = self._plain(field)
        said = field.type == "decimal" or field.folded
        return self._annotated(plain, checks) if said else plain


def _or_none(field: Field) -> str:
    return " | None" if field.optional else ""
