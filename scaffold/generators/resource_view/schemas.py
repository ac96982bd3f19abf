"""The schemas of a resource: what clients send and get, field by field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from scaffold.generators.resource_view.enums import (
    EnumView,
    enum_views,
    link_queries,
    own_names,
    schema_classes,
)
from scaffold.generators.resource_view.imports import Scope
from scaffold.generators.resource_view.literals import value_literal
from scaffold.generators.resource_view.models import (
    default_literal,
    python_type,
)
from scaffold.generators.resource_view.relations import Relations
from scaffold.spec.fields import Field, Key
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
_UNSORTED = ("bool", "enum", "json", "ref", "text", "uuid")


@dataclass(frozen=True)
class SchemaView:
    """What ``schemas/<plural>.py`` is made of: lines of each class, and the aliases before them.

    ``links`` are the names of the classes of queries for links, each with what it sorts by.
    """

    imports: str
    base: str
    paging: str
    aliases: tuple[str, ...]
    create: tuple[str, ...]
    update: tuple[str, ...]
    read: tuple[str, ...]
    query: tuple[str, ...]
    links: tuple[tuple[str, str], ...] = ()


def sorts(resource: Resource) -> tuple[str, ...]:
    """What a list can be sorted by: what has an index, an order and no nulls."""
    fields = (
        field.name
        for field in resource.fields
        if field.filterable and not field.optional and field.type not in _UNSORTED
    )
    return (resource.key[0].name, *(("created_at",) if resource.timestamps else ()), *fields)


def schema_view(
    resource: Resource, package: str, enums: Mapping[str, EnumView], relations: Relations
) -> SchemaView:
    """The schemas of ``resource`` in the package ``package``."""
    return _Schemas(resource, package, enums, relations).view()


def writable_fields(resource: Resource) -> tuple[Field, ...]:
    """What clients send of a new row, the parts of the key that they give included."""
    keys = (key for key in resource.key if key.given)
    return (*keys, *(field for field in resource.columns if not field.readonly))


def request_lines(
    resource: Resource, package: str, names: Iterable[str]
) -> tuple[tuple[str, ...], str]:
    """The lines of these fields in another schema than the resource's own, and their imports."""
    enums, plural = enum_views(resource), resource.name.snake_plural
    own = _Schemas(resource, package, enums, Relations())
    fields = {field.name: field for field in resource.fields}
    scope = Scope(fields)
    lines = []
    for name in names:
        if "[" in own.annotation(fields[name]):
            type_ = scope.name(f"{package}.schemas.{plural}", own.names[name])
        elif name in enums:
            type_ = scope.name(f"{package}.models.{plural}", enums[name].name)
        else:
            type_, _ = plain_type(fields[name], package, scope, enums)
        lines.append(f"{name}: {type_}")
    return tuple(lines), scope.lines(package)


def plain_type(
    field: Field, package: str, scope: Scope, enums: Mapping[str, EnumView]
) -> tuple[str, list[str]]:
    """The type of a field in a request, and what is checked besides."""
    types = f"{package}.types"
    if field.array:
        item = annotated(*plain_type(replace(field, array=False), package, scope, enums), scope)
        return f"{scope.builtin('list')}[{item}]", []
    if field.type in ("int", "bigint", "float"):
        return scope.name(types, _TYPES[field.type]), [scope.name(types, "Exact")]
    if field.type == "decimal" and field.precision is None:
        return scope.name(f"{package}.stored", "AnyDecimal"), []
    if field.type in ("datetime", "time") and field.scale is not None:
        seconds = f"{scope.name(f'{package}.stored', 'seconds')}({field.scale})"
        return scope.name(types, _TYPES[field.type]), [seconds]
    if field.type == "decimal":
        digits = f"{scope.name(types, 'Fixed')}({field.precision}, {field.scale})"
        return python_type(field, scope, enums), [digits]
    if field.type == "bool":
        return scope.name(types, "Flag"), []
    if field.type in _TYPES:
        checks = [scope.name(types, "Folded")] if field.folded else []
        return scope.name(types, _TYPES[field.type]), checks
    return python_type(field, scope, enums), []


def filter_type(field: Field, package: str, scope: Scope, enums: Mapping[str, EnumView]) -> str:
    """The type of a field where it comes as text, in a path or a query."""
    if field.type == "bool":
        return scope.builtin("bool")
    if field.type in ("int", "bigint", "float"):
        return scope.name(f"{package}.types", _TYPES[field.type])
    return annotated(*plain_type(field, package, scope, enums), scope)


def annotated(type_: str, checks: list[str], scope: Scope) -> str:
    """``type_`` with its checks."""
    if not checks:
        return type_
    return f"{scope.name('typing', 'Annotated')}[{', '.join((type_, *checks))}]"


class _Schemas:
    """Writes the schemas of one resource, and collects what they import."""

    def __init__(
        self,
        resource: Resource,
        package: str,
        enums: Mapping[str, EnumView],
        relations: Relations,
    ) -> None:
        self.resource = resource
        self.relations = relations
        self.package = package
        self.names = own_names(resource)
        self.scope = Scope(
            {
                *schema_classes(resource).values(),
                *link_queries(resource).values(),
                f"{resource.name.pascal}Include",
                *(name for field, name in self.names.items() if field not in enums),
                *(field.attribute for field in (*resource.key, *resource.fields)),
            }
        )
        models = f"{package}.models.{resource.name.snake_plural}"
        self.enums = {
            name: EnumView(self.scope.name(models, enum.name), enum.lines, enum.members, 0)
            for name, enum in enums.items()
        }
        self.types = f"{package}.types"

    def view(self) -> SchemaView:
        writable = writable_fields(self.resource)
        aliases = {field.name: self.annotation(field) for field in writable}
        types = {
            name: self.names[name] if "[" in annotation else annotation
            for name, annotation in aliases.items()
        }
        create = tuple(self._create_line(field, types[field.name]) for field in writable)
        update = tuple(
            self._update_line(field, types[field.name])
            for field in writable
            if not isinstance(field, Key)
        )
        read, query = tuple(self._read_lines()), tuple(self._query_lines())
        base = self.scope.name("pydantic", "BaseModel")
        paging = self.scope.name(f"{self.package}.pagination", "Paging")
        said = [f"{self.names[n]} = {text}" for n, text in aliases.items() if "[" in text]
        said += self._include()
        links = tuple(self._links())
        return SchemaView(
            self.scope.lines(self.package),
            *(base, paging, tuple(said), create, update, read, query, links),
        )

    def _include(self) -> Iterator[str]:
        """What answers can have of other resources; each is named once at most."""
        if names := [one.name for one in self.relations.references]:
            literal = self.scope.name("typing", "Literal")
            listed = ", ".join(f'"{name}"' for name in names)
            limit = f"{self.scope.name('pydantic', 'Field')}(max_length={len(names)})"
            type_ = f"{self.scope.builtin('list')}[{literal}[{listed}]]"
            yield f"{self._include_type} = {annotated(type_, [limit], self.scope)}"

    @property
    def _include_type(self) -> str:
        return f"{self.resource.name.pascal}Include"

    def _links(self) -> Iterator[tuple[str, str]]:
        for link in self.relations.links:
            literal = self.scope.name("typing", "Literal")
            key = link.target.key[0].name
            sort = f'sort: {literal}["{key}", "-{key}"] = "{key}"'
            yield link_queries(self.resource)[link.name], sort

    def annotation(self, field: Field) -> str:
        """The type of the field in a request, without what makes it optional."""
        plain, checks = self._plain(field)
        limits = self._limits(field)
        if limits:
            call = f"{self.scope.name('pydantic', 'Field')}({', '.join(limits)})"
            # A check that hides limits from the schema of the API comes after them.
            checks = [call, *checks]
        return annotated(plain, checks, self.scope)

    def _plain(self, field: Field) -> tuple[str, list[str]]:
        if field.type == "ref":
            return self._plain_key(self.relations.key_of(field))
        plain, checks = plain_type(field, self.package, self.scope, self.enums)
        if isinstance(field, Key) and field.type == "str":
            plain = self._own("Segment")
        return plain, checks

    def _plain_key(self, key: Key) -> tuple[str, list[str]]:
        """The type of a reference: what the paths of its target take too."""
        if key.numbered and key.stored is None:
            return self._own("Id"), [self._own("Exact")]
        return self._plain(key)

    def _limits(self, field: Field) -> list[str]:
        if field.type == "ref":
            field = self.relations.key_of(field)
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
        line = f"{field.attribute}: {type_}{_or_none(field)}"
        if field.filled:
            return self._update_line(field, type_)
        if field.default is not None:
            line += f" = {default_literal(field, self.scope, self.enums)}"
        elif field.optional:
            line += " = None"
        return line

    def _update_line(self, field: Field, type_: str) -> str:
        missing = self.scope.name("pydantic", "MISSING")
        line = f"{field.attribute}: {type_} | {missing}{_or_none(field)} = {missing}"
        return line

    def _read_lines(self) -> Iterator[str]:
        for key in self.resource.key:
            yield f"{key.name}: {self._read_type(key)}"
        for field in self.resource.columns:
            if not field.writeonly:
                type_ = self._read_type(field)
                yield f"{field.attribute}: {type_}{_or_none(field)}"
        if self.resource.timestamps:
            dt = self.scope.module("datetime", "dt")
            yield f"created_at: {dt}.datetime"
            yield f"updated_at: {dt}.datetime"

    def _read_type(self, field: Field) -> str:
        """What was checked on its way in needs no check on its way out."""
        if field.type == "ref":
            return python_type(self.relations.key_of(field), self.scope, self.enums)
        if field.array:  # any of which may be null
            item = python_type(replace(field, array=False), self.scope, self.enums)
            return f"{self.scope.builtin('list')}[{item} | None]"
        if field.type == "decimal" and field.precision is None:
            return self._plain(field)[0]
        if field.type == "time":  # the schema of a plain one demands an offset
            return self._own("Time")
        if field.type == "decimal" and (field.scale or 0) > _PLAIN_SCALE:
            return annotated(*self._plain(field), self.scope)
        return python_type(field, self.scope, self.enums)

    def _query_lines(self) -> Iterator[str]:
        if self.resource.key != (Key(),):
            variable, mapping = (
                self.scope.name("typing", "ClassVar"),
                self.scope.name("collections.abc", "Mapping"),
            )
            types = ", ".join(
                f'"{key.name}": {filter_type(key, self.package, self.scope, self.enums)}'
                for key in self.resource.key
            )
            any_ = self.scope.name("typing", "Any")
            yield f"row_key: {variable}[{mapping}[str, {any_}]] = {{{types}}}"
        literal = self.scope.name("typing", "Literal")
        both = ", ".join(f'"{name}", "-{name}"' for name in sorts(self.resource))
        yield f'sort: {literal}[{both}] = "{self.resource.key[0].name}"'
        if self.relations.references:
            call = f"{self.scope.name('pydantic', 'Field')}(default_factory=list)"
            yield f"include: {self._include_type} = {call}"
        for field in self.resource.columns:
            if field.filterable:
                yield f"{field.attribute}: {self._filter_type(field)} | None = None"

    def _filter_type(self, field: Field) -> str:
        if field.type == "ref":
            key = self.relations.key_of(field)
            if key.numbered:
                return self._own("Id")
            field = key
        return filter_type(field, self.package, self.scope, self.enums)


def _or_none(field: Field) -> str:
    return " | None" if field.optional else ""
