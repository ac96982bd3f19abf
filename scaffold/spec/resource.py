"""The resource as data: what every generator renders from, and what the record keeps."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as part
from typing import NoReturn

from scaffold.spec import reserved
from scaffold.spec.constraints import parse_constraint
from scaffold.spec.errors import UsageError
from scaffold.spec.fields import Field, Key, parse_field
from scaffold.spec.naming import Name, parse_name, pascal
from scaffold.spec.shape import shaped
from scaffold.spec.text import quoted

_MAX_PREFIX = 200
_MAX_TABLE = 63
_NO_KEYS = frozenset({"json", "text"})
_SHAPE: dict[str, type] = {
    "name": dict, "table": str, "prefix": str, "timestamps": bool, "key": list, "fields": list,
    "aspects": dict, "existing": dict,
}  # fmt: skip
_EXISTING: dict[str, type] = {
    "system": str, "schema": str, "constraints": list, "together": list,
}  # fmt: skip


@dataclass(frozen=True)
class Existing:
    """What is known of a table that was there before, which no migration makes.

    ``system`` is sqlite, postgresql or mysql; ``schema`` is where it lies, if not in the default
    one; ``constraints`` are its constraints and
    indexes as SQLAlchemy writes them; ``together`` names fields that are unique only together.
    """

    schema: str = ""
    constraints: tuple[str, ...] = ()
    together: tuple[tuple[str, ...], ...] = ()
    system: str = ""

    def without(self, fields: Sequence[Field]) -> Existing:
        """What is left of it when the columns of ``fields`` are gone."""
        columns, attributes = {f.column_name for f in fields}, {f.attribute for f in fields}
        return replace(
            self,
            constraints=tuple(
                text
                for text in self.constraints
                if not columns & set(parse_constraint(text).columns)
            ),
            together=tuple(names for names in self.together if not attributes & set(names)),
        )

    def to_data(self) -> dict[str, object]:
        """All of it, ready for JSON."""
        return {
            "system": self.system,
            "schema": self.schema,
            "constraints": list(self.constraints),
            "together": [list(names) for names in self.together],
        }

    @classmethod
    def from_data(cls, data: object) -> Existing:
        """What ``to_data`` made ``data`` from. Raises UsageError."""
        said = shaped(data, "existing table", _EXISTING)
        together = tuple(tuple(map(str, names)) for names in said["together"])
        return cls(said["schema"], tuple(map(str, said["constraints"])), together, said["system"])


@dataclass(frozen=True)
class Resource:
    """A table, its API and all that is between them.

    ``table`` is its name in the database (``order_items`` where nothing is said), ``prefix`` the path
    before the collection, ``aspects`` what other generators add, ready for JSON. ``existing`` is
    said of a table that no migration makes. Raises UsageError for what can't be.
    """

    name: Name
    fields: tuple[Field, ...]
    key: tuple[Key, ...] = (Key(),)
    table: str = ""
    prefix: str = "/api/v1"
    timestamps: bool = True
    aspects: Mapping[str, object] = part(default_factory=dict, hash=False)
    existing: Existing | None = None

    def __post_init__(self) -> None:
        if not self.table:
            object.__setattr__(self, "table", self.name.snake_plural)
        _check_names(self)
        _check_columns(self)

    @property
    def columns(self) -> tuple[Field, ...]:
        """The fields that are columns of its table."""
        return tuple(field for field in self.fields if field.type != "many")

    @property
    def references(self) -> tuple[Field, ...]:
        """The fields that hold the key of a row of another resource, or of this one."""
        return tuple(field for field in self.fields if field.type == "ref")

    @property
    def links(self) -> tuple[Field, ...]:
        """The fields that are tables of links to another resource, or to this one."""
        return tuple(field for field in self.fields if field.type == "many")

    @property
    def full_table(self) -> str:
        """The table with its schema, as SQLAlchemy writes it: ``sales.orders``."""
        schema = self.existing.schema if self.existing else ""
        return f"{schema}.{self.table}" if schema else self.table

    @property
    def path(self) -> str:
        """The path of the collection: ``/api/v1/order-items``."""
        return f"{self.prefix}/{self.name.kebab_plural}"

    def to_data(self) -> dict[str, object]:
        """All of it, ready for JSON, in a stable order."""
        data: dict[str, object] = {
            "name": {"singular": self.name.snake, "plural": self.name.snake_plural},
            "table": self.table,
            "prefix": self.prefix,
            "timestamps": self.timestamps,
            "key": [key.to_data() for key in self.key],
            "fields": [field.to_data() for field in self.fields],
            "aspects": {name: self.aspects[name] for name in sorted(self.aspects)},
        }
        return data | ({"existing": self.existing.to_data()} if self.existing else {})

    @classmethod
    def from_data(cls, data: object) -> Resource:
        """The resource that ``to_data`` made ``data`` from. Raises UsageError."""
        said = shaped(data, "resource", _SHAPE, optional={"existing"})
        name = shaped(said["name"], "name", {"singular": str, "plural": str})
        return cls(
            name=Name(tuple(name["singular"].split("_")), tuple(name["plural"].split("_"))),
            fields=tuple(Field.from_data(item) for item in said["fields"]),
            key=tuple(Key.from_data(key) for key in said["key"]),
            table=said["table"],
            prefix=said["prefix"],
            timestamps=said["timestamps"],
            aspects=said["aspects"],
            existing=Existing.from_data(said["existing"]) if "existing" in said else None,
        )


def make_resource(
    name: str,
    fields: Sequence[str],
    *,
    prefix: str = "/api/v1",
    timestamps: bool = True,
    aspects: Mapping[str, object] | None = None,
) -> Resource:
    """The resource that a command line describes; without fields it has ``name:str``.

    Raises UsageError.
    """
    resource = Resource(
        name=parse_name(name),
        fields=tuple(parse_field(text) for text in fields or ("name:str",)),
        prefix=parse_prefix(prefix),
        timestamps=timestamps,
        aspects=aspects or {},
    )
    check_resource(resource)
    return resource


def check_resource(resource: Resource) -> None:
    """Raise a UsageError where a new or changed resource would collide with what is generated.

    A recorded one isn't held to it: what was generated once must stay readable.
    """
    if resource.path in reserved.PATHS:
        raise UsageError(
            f"the path {resource.path} is the app's own", hint="use another --prefix or name"
        )
    for field in resource.fields:
        if field.filterable and field.attribute in reserved.LIST_PARAMETERS:
            _refuse(field.name, "every list has a parameter of that name, so no filter can have it")
        if field.type == "ref":
            _check_reference(resource, field)
    if twice := _repeated(pascal(field.name) for field in resource.fields):
        alike = [quoted(field.name) for field in resource.fields if pascal(field.name) == twice]
        raise UsageError(
            f"fields {' and '.join(alike)} would both be {twice} in the code",
            hint="choose another name for one of them",
        )


def _check_reference(resource: Resource, field: Field) -> None:
    """What a reference of a new resource has to be, so that its rows can be made at all."""
    if field.name.endswith("_id"):
        _fail(field, f"the column would be {field.attribute}", f"write {field.name[:-3]}:ref")
    if field.to == resource.name.snake_plural and not field.optional:
        _fail(field, "the first row would need one to refer to", "add optional")
    if field.readonly and not field.optional and not resource.aspects:
        _fail(field, "readonly and required: nothing would ever fill it", "add optional")


def parse_prefix(text: str) -> str:
    """``text`` as a path before a collection: ``/api/v1``, or empty for none. Raises UsageError."""
    inner = text.removeprefix("/").removesuffix("/")
    if not inner:
        if text in ("", "/"):
            return ""
        raise UsageError(f"prefix {quoted(text)} has an empty part", hint="write /api/v1")
    for segment in inner.split("/"):
        if not re.fullmatch("[A-Za-z0-9._~-]+", segment) or not segment.strip("."):
            raise UsageError(
                f"prefix {quoted(text)} has the part {quoted(segment)}",
                hint="parts are letters, digits and . _ ~ -, as in /api/v1",
            )
    if len(inner) > _MAX_PREFIX:
        raise UsageError(
            f"prefix {quoted(text)} is longer than {_MAX_PREFIX} characters",
            hint="write a shorter one, as /api/v1",
        )
    return f"/{inner}"


def _check_names(resource: Resource) -> None:
    for form in (resource.name.snake, resource.name.snake_plural):
        if not re.fullmatch("[a-z][a-z0-9]*(_[a-z][a-z0-9]*)*", form):
            raise UsageError(f"no resource can be called {quoted(form)}")
    if resource.prefix != parse_prefix(resource.prefix):
        raise UsageError(f"prefix {quoted(resource.prefix)} is not of the form /api/v1")
    table = resource.table
    too_long = resource.existing is None and len(table.encode()) > _MAX_TABLE
    if not table.isprintable() or too_long:
        raise UsageError(f"no database has tables called {quoted(table)}")


def _check_columns(resource: Resource) -> None:
    if not resource.key:
        raise UsageError(f"resource {quoted(resource.name.snake)} has no key")
    for key in resource.key:
        if key.type in _NO_KEYS or key.array or key.optional:
            raise UsageError(f"no key can be {quoted(f'{key.name}:{key.type}')}")
    for field in resource.fields:
        if {field.name, field.attribute} & {key.name for key in resource.key}:
            _refuse(field.name, "that is the key, which every resource has by itself")
        if resource.timestamps and field.name in reserved.TIMESTAMPS:
            _refuse(field.name, "every resource has it by itself, unless --no-timestamps is given")
    names = [field.name for field in resource.fields]
    attributes = [field.attribute for field in resource.columns]
    for several in ([key.name for key in resource.key], names, attributes):
        if twice := _repeated(several):
            raise UsageError(f"field {quoted(twice)} is there twice", hint="leave one out")
    for field in resource.references:
        if field.name in attributes:
            _refuse(field.name, "a reference has that name already, its column another one")


def _fail(field: Field, reason: str, hint: str) -> NoReturn:
    raise UsageError(f"field {quoted(field.name)}: {reason}", hint=hint)


def _refuse(name: str, reason: str) -> NoReturn:
    raise UsageError(f"field {quoted(name)}: {reason}", hint="leave it out, or choose another name")


def _repeated(names: Iterable[str]) -> str | None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return None
