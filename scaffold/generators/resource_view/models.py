"""The model of a resource: the lines of its class, and the imports of its module."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Context, Decimal

from scaffold.generators.resource_view.enums import EnumView
from scaffold.generators.resource_view.imports import Scope
from scaffold.generators.resource_view.literals import text_literal, value_literal
from scaffold.generators.resource_view.relations import Link, Relations
from scaffold.generators.resource_view.stored import filled_by, model_type, stored_type
from scaffold.spec.constraints import as_read
from scaffold.spec.fields import Field, Key
from scaffold.spec.kinds import INTEGERS
from scaffold.spec.naming import constraint_name
from scaffold.spec.resource import Existing, Resource

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
    """What ``models/<plural>.py`` is made of; ``lines`` are the class's body after its table.

    ``typing`` are the imports for annotations alone, ``tables`` the tables of links before it.
    """

    imports: str
    typing: tuple[str, ...]
    tables: tuple[str, ...]
    base: str
    enum_base: str
    table_arguments: tuple[str, ...]
    lines: tuple[str, ...]
    relationships: tuple[str, ...]


def python_type(field: Field, scope: Scope, enums: Mapping[str, EnumView]) -> str:
    """The type of the field's values in Python, without None."""
    if field.array:
        item = python_type(replace(field, array=False), scope, enums)
        return f"{scope.builtin('list')}[{item}]"
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


def model_view(
    resource: Resource, package: str, enums: Mapping[str, EnumView], relations: Relations
) -> ModelView:
    """The model of ``resource`` in the package ``package``."""
    scope = Scope(
        {
            resource.name.pascal,
            *(enum.name for enum in enums.values()),
            *(field.name for field in (*resource.key, *resource.fields)),
            *(field.attribute for field in resource.fields),
            *(one.back for one in relations.referrers),
            *(link.back for link in relations.linkers),
            *(link.variable for link in relations.links),
        }
    )
    builder = _Columns(resource, package, enums, scope, relations)
    lines = tuple(builder.lines())
    arguments = tuple(builder.table_arguments())
    related = _Relationships(resource, package, scope)
    relationships = tuple(related.lines(relations))
    tables = tuple(related.tables(relations))
    typing = scope.typing_lines(package)
    if typing:
        scope.name("typing", "TYPE_CHECKING")
    base = scope.name(f"{package}.database", "Base")
    enum_base = scope.name("enum", "StrEnum") if enums else ""
    return ModelView(
        scope.lines(package), typing, tables, base, enum_base, arguments, lines, relationships
    )


class _Columns:
    """Writes the columns of one model, and adds what they need to the imports."""

    def __init__(
        self,
        resource: Resource,
        package: str,
        enums: Mapping[str, EnumView],
        scope: Scope,
        relations: Relations,
    ) -> None:
        self.resource = resource
        self.relations = relations
        self.enums = enums
        self.scope = scope
        self.package = package
        self.types = f"{package}.types"
        self.mapped = scope.name("sqlalchemy.orm", "Mapped")
        self.column = scope.name("sqlalchemy.orm", "mapped_column")

    def lines(self) -> Iterator[str]:
        for key in self.resource.key:
            yield self._key_line(key)
        for field in self.resource.columns:
            yield self._field_line(field)
        if self.resource.timestamps:
            instant = f"{self.scope.module('datetime', 'dt')}.datetime"
            type_, now = self._own("UtcDateTime"), self._own("utc_now")
            yield self._line("created_at", instant, type_, f"default={now}", "index=True")
            yield self._line("updated_at", instant, type_, f"default={now}", f"onupdate={now}")

    def table_arguments(self) -> Iterator[str]:
        """What no column says: constraints that were there, or whose names would be too long."""
        existing = self.resource.existing
        yield from self._constraints(existing) if existing else ()
        for field in self.resource.columns:
            if field.stored is not None:
                continue
            column, table = field.attribute, self.resource.table
            if field.unique and altered_in_place(self.resource):
                name = text_literal(constraint_name("uq", table, column))
                yield f'{self._sa}.Index({name}, "{column}", unique=True)'
            elif field.unique and not _conventional("uq", self.resource, field):
                name = text_literal(constraint_name("uq", table, column))
                yield f'{self._sa}.UniqueConstraint("{column}", name={name})'
            elif field.indexed and not _conventional("ix", self.resource, field):
                name = text_literal(constraint_name("ix", table, column))
                yield f'{self._sa}.Index({name}, "{column}")'
        yield from self._place(existing) if existing else ()

    def _constraints(self, existing: Existing) -> Iterator[str]:
        """The constraints that were there, and have names."""
        for constraint in existing.constraints:
            if "name=" in constraint or constraint.startswith(("sa.Index", "sa.ForeignKey")):
                yield as_read(constraint).replace("sa.", f"{self._sa}.", 1)

    def _place(self, existing: Existing) -> Iterator[str]:
        """Where the table is, and that no migration makes it."""
        schema = f'"schema": {text_literal(existing.schema)}, ' if existing.schema else ""
        yield f'{{{schema}"info": {{"existing": True}}}}'

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
        elif key.filled and not numbered:
            arguments += filled_by(key, self.scope)
        if numbered and key.stored is None:
            column = self._own("BigIntegerKey")
        else:
            column = self._column_type(key)
        type_ = python_type(key, self.scope, self.enums)
        return self._line(key.name, type_, *_named(key), column, *arguments)

    def _field_line(self, field: Field) -> str:
        if field.type == "ref":
            key = self.relations.key_of(field)
            type_ = python_type(key, self.scope, self.enums)
            arguments = [*_named(field), self._foreign_key(field)]
            if field.stored is not None:  # the table's arguments have the foreign key
                arguments[-1] = stored_type(field, self.package, self.scope)
        else:
            type_ = python_type(field, self.scope, self.enums)
            arguments = [*_named(field), self._column_type(field)]
        if field.optional:
            type_ += " | None"
        elif field.type == "json":
            arguments.append("nullable=False")  # JsonValue has None in it
        if field.readonly and field.default is not None:
            literal = default_literal(field, self.scope, self.enums)
            arguments.append(f"default={factory(literal) or literal}")
        if field.filled:
            if field.optional and not field.readonly:
                arguments[-1] += ".evaluates_none()"  # null is null, and not what fills it
            arguments += filled_by(field, self.scope)
        if field.stored is not None or (field.unique and altered_in_place(self.resource)):
            pass  # the table's arguments have its constraints, under the names that they have
        elif field.unique and _conventional("uq", self.resource, field):
            arguments.append("unique=True")
        elif field.indexed and _conventional("ix", self.resource, field):
            arguments.append("index=True")
        return self._line(field.attribute, type_, *arguments)

    def _foreign_key(self, field: Field) -> str:
        """It has the type of the column that it refers to."""
        one = next(one for one in self.relations.references if one.field == field)
        arguments = [text_literal(f"{one.target.full_table}.{one.key.column_name}")]
        if not _conventional("fk", self.resource, field):
            name = constraint_name("fk", self.resource.table, field.attribute)
            arguments.append(f'name="{name}"')
        if (action := sql_action(field)) and not altered_in_place(self.resource):
            arguments.append(f'ondelete="{action}"')
        if one in self.relations.circular:
            arguments.append("use_alter=True")  # tables in a circle have no order without it
        return f"{self._sa}.ForeignKey({', '.join(arguments)})"

    def _column_type(self, field: Field) -> str:
        if field.stored is not None:
            name = self.enums[field.name].name if field.type == "enum" else ""
            return model_type(field, self.package, self.scope, name)
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


class _Relationships:
    """Writes both sides of the relations of one model; those of a target are the database's.

    It deletes or refuses as the foreign key says: no row is loaded for it.
    """

    def __init__(self, resource: Resource, package: str, scope: Scope) -> None:
        self.resource = resource
        self.package = package
        self.scope = scope

    def lines(self, relations: Relations) -> Iterator[str]:
        for one in relations.references:
            other, same = self._model(one.target)
            type_ = f'"{other} | None"' if one.field.optional else f'"{other}"'
            own = [f"foreign_keys={one.attribute}"] if one.several else []
            own += [f"remote_side={one.key.name}"] if one.to_itself else []
            yield self._line(one.name, type_, same, one.back, *own)
        for link in relations.links:
            other, same = self._model(link.target)
            own = [f"secondary={link.variable}", *_joins(link, link.own_column, link.other_column)]
            own.append("passive_deletes=True")
            yield self._line(link.name, f'list["{other}"]', same, link.back, *own)
        for one in relations.referrers:
            other, same = self._model(one.owner)
            type_ = f'"{other} | None"' if one.field.unique else f'list["{other}"]'
            keys = f'foreign_keys="{one.owner.name.pascal}.{one.attribute}"'
            own = [keys] if one.several else []
            own.append('passive_deletes="all"')
            yield self._line(one.back, type_, same, one.name, *own)
        for link in relations.linkers:
            other, same = self._model(link.owner)
            own = [f'secondary="{link.table}"', *_joins(link, link.other_column, link.own_column)]
            own.append("passive_deletes=True")
            yield self._line(link.back, f'list["{other}"]', same, link.name, *own)

    def tables(self, relations: Relations) -> Iterator[str]:
        for link in relations.links:
            sa = self.scope.module("sqlalchemy", "sa")
            base = self.scope.name(f"{self.package}.database", "Base")
            columns = ", ".join(self._link_columns(link, sa))
            yield f'{link.variable} = {sa}.Table("{link.table}", {base}.metadata, {columns})'

    def _link_columns(self, link: Link, sa: str) -> Iterator[str]:
        for column, side in ((link.own_column, link.owner), (link.other_column, link.target)):
            name = constraint_name("fk", link.table, column)
            given = "" if name == f"fk_{link.table}_{column}" else f', name="{name}"'
            target = text_literal(f"{side.full_table}.{side.key[0].column_name}")
            key = f'{sa}.ForeignKey({target}{given}, ondelete="CASCADE")'
            yield f'{sa}.Column("{column}", {key}, primary_key=True)'
        name = constraint_name("ix", link.table, link.other_column)
        yield f'{sa}.Index("{name}", "{link.other_column}")'

    def _model(self, other: Resource) -> tuple[str, str]:
        """The class of ``other`` in annotations, and in strings where that is another name."""
        name = other.name.pascal
        if other.name == self.resource.name:
            return name, ""
        local = self.scope.typing(f"{self.package}.models.{other.name.snake_plural}", name)
        return local, "" if local == name else f'"{name}"'

    def _line(self, name: str, type_: str, model: str, back: str, *own: str) -> str:
        mapped = self.scope.name("sqlalchemy.orm", "Mapped")
        call = self.scope.name("sqlalchemy.orm", "relationship")
        said = [model, f'back_populates="{back}"', *own, 'lazy="raise_on_sql"']
        return f"{name}: {mapped}[{type_}] = {call}({', '.join(part for part in said if part)})"


def _joins(link: Link, near: str, far: str) -> list[str]:
    """How a table is joined with itself: nothing else tells which side is which."""
    if not link.to_itself:
        return []
    key = f"{link.owner.name.pascal}.{link.owner.key[0].name}"
    table = f"{link.table}.c"
    return [
        f'primaryjoin="{key} == {table}.{near}"',
        f'secondaryjoin="{key} == {table}.{far}"',
    ]


def altered_in_place(resource: Resource) -> bool:
    """Whether columns are added where the table is, which SQLite allows without constraints.

    What is unique gets an index, and Alembic reads no ON DELETE of a column's own reference.
    """
    return resource.existing is not None and resource.existing.system == "sqlite"


def sql_action(field: Field) -> str:
    """What ON DELETE says; nothing where a deletion is refused."""
    return (field.on_delete or "").replace("_", " ").upper().replace("RESTRICT", "")


def _named(field: Field) -> list[str]:
    """The column's name where it is not the attribute's."""
    return [text_literal(field.column_name)] if field.column_name != field.attribute else []


def sql_type(field: Field) -> str:
    """The plain SQLAlchemy type of the column, as what follows ``sa.``."""
    if field.kind.bounds == "length" and field.type != "text":
        return f"String({field.length})"
    return {
        "text": "Text()", "int": "Integer()", "bigint": "BigInteger()", "float": "Double()",
        "bool": "Boolean()", "date": "Date()", "uuid": "Uuid()", "time": "Time()", "json": "JSON()",
    }[field.type]  # fmt: skip


def _conventional(kind: str, resource: Resource, field: Field) -> bool:
    name = constraint_name(kind, resource.table, field.attribute)
    return name == f"{kind}_{resource.table}_{field.attribute}"
