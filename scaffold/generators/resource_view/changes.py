"""The Alembic revision that turns the table of one spec into that of another, as lines.

It is safe on a table with rows: they get the default of a new field, as one of the column that goes
again in the next statement, or by an update where databases keep no default of that type.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from scaffold.api import Field, Refuse, Resource
from scaffold.generators.resource_view.enums import EnumView, enum_views
from scaffold.generators.resource_view.imports import Scope
from scaffold.generators.resource_view.literals import text_literal, value_literal
from scaffold.generators.resource_view.migrations import (
    COLLATION,
    LinkTable,
    column_type,
    dialects_in,
    link_table,
    target_type,
    type_variables,
)
from scaffold.generators.resource_view.models import (
    EXACT,
    LONGEST_DOUBLE,
    default_value,
    sql_action,
)
from scaffold.generators.resource_view.relations import Reference, Resources, relations_of
from scaffold.generators.resource_view.schemas import sorts
from scaffold.generators.resource_view.stored import with_values
from scaffold.spec.constraints import Constraint, parse_constraint
from scaffold.spec.naming import constraint_name

# What rows get in a column that comes back without its values: a default as it is written.
_NEUTRAL: Mapping[str, str] = {
    "str": "", "text": "", "int": "0", "bigint": "0", "float": "0", "decimal": "0",
    "bool": "false", "date": "1970-01-01", "datetime": "1970-01-01", "time": "00:00",
    "uuid": "00000000-0000-0000-0000-000000000000", "email": "nobody@example.com",
    "url": "https://example.com/", "json": "{}",
}  # fmt: skip
# Types whose values MySQL takes for no default, or that each database writes in its own way.
_UPDATED: Mapping[str, str] = {
    "text": "sa.Text()", "json": "sa.JSON()", "datetime": "sa.DateTime(timezone=True)",
}  # fmt: skip
_LONGEST_SLUG = 60  # characters, as Alembic's own file names


@dataclass(frozen=True)
class Direction:
    """One function of a revision: the assignments it begins with, and its statements."""

    variables: tuple[str, ...]
    statements: tuple[str, ...]


@dataclass(frozen=True)
class ChangeView:
    """What ``migrations/versions/<revision>_<slug>.py`` is made of; ``title`` says what it does."""

    slug: str
    title: str
    imports: str
    upgrade: Direction
    downgrade: Direction


def change_view(before: Resource, after: Resource, resources: Resources) -> ChangeView | None:
    """The revision from ``before`` to ``after``; None where their tables are the same."""
    added, dropped = _missing(before, after), _missing(after, before)
    if not added and not dropped:
        return None
    scope = Scope(())
    scope.name("alembic", "op")
    back = [_refilled(field) for field in dropped]
    upgrade = _Statements(before, after, resources, scope).of(added, dropped)
    downgrade = _Statements(after, _with(before, back), resources, scope).of(back, added)
    title = _title(after, added, dropped)
    slug = "_".join(title.lower().replace(",", "").split())[:_LONGEST_SLUG].rstrip("_")
    return ChangeView(slug, title, scope.lines(""), upgrade, downgrade)


def unsafe(before: Resource, after: Resource) -> Iterator[Refuse]:
    """Why the table of ``before`` can't become that of ``after`` while it has rows."""
    for part in ("table", "key", "timestamps"):
        if getattr(before, part) != getattr(after, part):
            yield Refuse(f"{before.table}: a {part} can't change once there are rows")
    yield from _held_fast(before, after)
    known = {field.name: field for field in before.fields}
    for field in after.fields:
        old = known.get(field.name)
        if old is not None and _column(old, before) != _column(field, after):
            yield Refuse(
                f"the column of {field.name} would change with its values in it: "
                f"add a field of another name, and remove {field.name} when it is moved"
            )
        elif old is None and field.type != "many" and _lacks_values(field):
            yield Refuse(_why_lacking(field, after))


def _held_fast(before: Resource, after: Resource) -> Iterator[Refuse]:
    """Columns of an existing table that no migration of scaffold's can drop, and bring back."""
    existing = before.existing
    found = [parse_constraint(text) for text in existing.constraints] if existing else []
    held = {name for one in found if one.kind in ("unique", "foreignkey") for name in one.columns}
    for field in _missing(after, before):
        why = ""
        if existing and existing.system == "sqlite" and field.column_name in held:
            why = "is part of a constraint, which SQLite can't drop without copying the table"
        elif field.computed_sql is not None or (field.stored or "").startswith("own."):
            why = "is of a kind that only the database knows, so that it could not come back"
        if why:
            yield Refuse(
                f"{before.table}.{field.column_name} {why}: drop it by a migration of your own"
            )


def _lacks_values(field: Field) -> bool:
    """Whether rows that are there would have nothing in a new column that demands something."""
    return not field.optional and field.default is None


def _why_lacking(field: Field, resource: Resource) -> str:
    what, way = "without a default", "make it optional, or give default=…"
    if field.unique:
        what, way = "unique, so no default could fill it", "make it optional"
    if field.type == "ref":
        what, way = "can't refer to any one row by default", "make it optional"
    return f"{field.name} is required and {what}, and {resource.table} may have rows: {way}"


def _title(after: Resource, added: Sequence[Field], dropped: Sequence[Field]) -> str:
    names = ", ".join(field.name for field in added or dropped)
    if added and dropped:
        return f"Replace {', '.join(field.name for field in dropped)} by {names} in {after.table}"
    return f"{'Add' if added else 'Drop'} {names} {'to' if added else 'from'} {after.table}"


def _missing(here: Resource, there: Resource) -> list[Field]:
    """The fields of ``there`` that ``here`` has not."""
    names = {field.name for field in here.fields}
    return [field for field in there.fields if field.name not in names]


def _with(resource: Resource, fields: Sequence[Field]) -> Resource:
    """``resource`` with some of its fields as ``fields`` has them."""
    other = {field.name: field for field in fields}
    return replace(resource, fields=tuple(other.get(f.name, f) for f in resource.fields))


def _column(field: Field, resource: Resource) -> tuple[object, ...]:
    """What the database knows of a field."""
    if field.kind.relates or field.stored:
        kept = (field.type, field.to, field.on_delete, field.stored)
        return (*kept, field.optional, field.unique, field.indexed)
    ordered = field.name in sorts(resource)
    type_ = column_type(field, enum_views(resource), ordered=ordered)
    return type_, field.optional, field.unique, field.indexed


def _refilled(field: Field) -> Field:
    """The field as a column without its values comes back: required ones need something in it."""
    if field.type == "many" or field.default_sql is not None or not _lacks_values(field):
        return field
    if field.unique or field.type == "ref":  # no one value fits all rows
        return replace(field, optional=True)
    neutral = field.values[0] if field.type == "enum" else _NEUTRAL[field.type]
    return replace(field, default=neutral, min=None, max=field.max if field.length else None)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(map(text_literal, names))


class _Statements:
    """Writes the statements that lead from ``before`` to ``after``, and collects their imports."""

    def __init__(
        self, before: Resource, after: Resource, resources: Resources, scope: Scope
    ) -> None:
        self.table = after.table
        self.name = text_literal(after.table)
        self.existing = before.existing
        # What comes back with columns that were there before.
        self.returning = after.existing.constraints if after.existing else ()
        # SQLite alters it in place: a copy would lose triggers, CHECKs, and what else is there.
        self.in_place = self.existing is not None and self.existing.system == "sqlite"
        self.schema = after.existing.schema if after.existing else ""
        self.sorted = sorts(after)
        self.enums: Mapping[str, EnumView] = enum_views(after)
        self.before = relations_of(before, resources)
        self.after = relations_of(after, resources)
        # A counter of its own that a copy of the table in SQLite must have as well.
        self.counted = after.existing is None and len(after.key) == 1
        self.scope = scope
        self.sa = scope.module("sqlalchemy", "sa")

    def of(self, added: Sequence[Field], dropped: Sequence[Field]) -> Direction:
        """Add and drop columns, in as few passes over the table as can be, and tables of links."""
        new = [field for field in added if field.type != "many"]
        old = [field for field in dropped if field.type != "many"]
        links = [link_table(link) for link in self.after.links if link.field in added]
        returned = self._returned(new)
        statements = [
            *(
                f'op.drop_table("{link.table}")'
                for link in self.before.links
                if link.field in dropped
            ),
            *self._batch([*self._drops(old), *(self._add(f) for f in new)], copies=bool(old)),
            *self._updates(new),
            *self._indexes(new),  # before foreign keys: MySQL would make some of its own
            *(self._index_again(one) for one in returned if one.kind == "index"),
            *self._batch(
                [*self._afterwards(new), *filter(None, map(self._again, returned))], copies=True
            ),
            *(line for link in links for line in self._link(link)),
        ]
        variables = type_variables({field.type for field in new if field.stored is None})
        tables = [item for link in links for item in link.items]
        for dialect in dialects_in("\n".join([*variables, *tables])):
            self.scope.name("sqlalchemy.dialects", dialect)
        return Direction((*variables, *(COLLATION if links else ())), tuple(statements))

    def _batch(self, operations: Sequence[str], *, copies: bool) -> Iterator[str]:
        """``operations`` on the table; where SQLite copies it, its counter of keys is kept."""
        if not operations:
            return
        said = self._in_schema()
        if copies and self.counted:
            said += ', table_kwargs={"sqlite_autoincrement": True}'
        if self.in_place:
            said += ', recreate="never"'
        yield f"with op.batch_alter_table({self.name}{said}) as batch:"
        yield from (f"    batch.{operation}" for operation in operations)

    def _in_schema(self) -> str:
        return f", schema={text_literal(self.schema)}" if self.schema else ""

    def _drops(self, dropped: Sequence[Field]) -> Iterator[str]:
        yield from self._drops_of_old(dropped)
        for field in dropped:
            if field.stored is not None:
                continue
            column = field.attribute
            if field.type == "ref" and not self.in_place:
                name = text_literal(constraint_name("fk", self.table, column))
                yield f'drop_constraint({name}, type_="foreignkey")'
            if field.unique and not self.in_place:
                name = text_literal(constraint_name("uq", self.table, column))
                yield f'drop_constraint({name}, type_="unique")'
            elif field.unique or field.indexed:
                kind = "uq" if field.unique else "ix"
                yield f"drop_index({text_literal(constraint_name(kind, self.table, column))})"
        for field in dropped:
            yield f"drop_column({text_literal(field.column_name)})"

    def _drops_of_old(self, dropped: Sequence[Field]) -> Iterator[str]:
        """The constraints that were there before, references first: MySQL needs their indexes."""
        columns = {field.column_name for field in dropped if field.stored is not None}
        found = map(parse_constraint, self.existing.constraints if self.existing else ())
        gone = [one for one in found if one.name is not None and columns & set(one.columns)]
        for one in sorted(gone, key=lambda one: one.kind != "foreignkey"):
            if one.kind == "index":
                yield f"drop_index({text_literal(str(one.name))})"
            elif not self.in_place:
                yield f'drop_constraint({text_literal(str(one.name))}, type_="{one.kind}")'

    def _add(self, field: Field) -> str:
        arguments = [text_literal(field.column_name), self._type(field)]
        late = self._is_late(field)
        if field.type == "ref" and self.in_place:
            arguments.append(self._inline_reference(field))
        if field.default_sql is not None:
            arguments.append(f"server_default={self.sa}.text({text_literal(field.default_sql)})")
        elif field.default is not None and not late:
            arguments.append(f"server_default={self._default_text(field)}")
        column = f"{self.sa}.Column({', '.join(arguments)}, nullable={field.optional or late})"
        inline = ", inline_references=True" if field.type == "ref" and self.in_place else ""
        return f"add_column({column}{inline})"

    def _is_late(self, field: Field) -> bool:
        """Whether rows get their values by an update, and only then they must have one."""
        return field.type in _UPDATED and field.default_sql is None and not self.in_place

    def _inline_reference(self, field: Field) -> str:
        one = next(one for one in self.after.references if one.field == field)
        target = text_literal(f"{one.target.full_table}.{one.key.column_name}")
        action = sql_action(field)
        said = f', ondelete="{action}"' if action else ""
        return f"{self.sa}.ForeignKey({target}{said})"

    def _updates(self, added: Sequence[Field]) -> Iterator[str]:
        for field in () if self.in_place else added:
            if field.default is not None and field.type in _UPDATED:
                name = text_literal(field.column_name)
                column = f"{self.sa}.column({name}, {_UPDATED[field.type]})"
                value = value_literal(default_value(field), self.scope)
                rows = f"{self.sa}.table({self.name}, {column}{self._in_schema()})"
                yield f"op.execute({rows}.update().values({{{name}: {value}}}))"

    def _afterwards(self, added: Sequence[Field]) -> Iterator[str]:
        if self.in_place:
            return
        for field in added:
            name = text_literal(field.column_name)
            if self._is_late(field):
                if not field.optional:
                    type_ = self._type(field)
                    yield f"alter_column({name}, existing_type={type_}, nullable=False)"
            elif field.default is not None:
                yield f"alter_column({name}, server_default=None)"
        for one in self.after.references:
            if one.field in added and one.field.stored is None:
                yield self._reference(one)
        for field in added:
            if field.unique and field.stored is None:
                name = text_literal(constraint_name("uq", self.table, field.attribute))
                yield f"create_unique_constraint({name}, [{text_literal(field.column_name)}])"

    def _returned(self, added: Sequence[Field]) -> list[Constraint]:
        """The constraints that columns had before they were dropped, references last."""
        columns = {field.column_name for field in added if field.stored is not None}
        found = [one for one in map(parse_constraint, self.returning) if columns & {*one.columns}]
        return sorted(found, key=lambda one: one.kind == "foreignkey")

    def _index_again(self, one: Constraint) -> str:
        said = f"[{_listed(one.columns)}]{self._in_schema()}"
        said += ", unique=True" if ("unique", True) in one.words else ""
        return f"op.create_index({text_literal(str(one.name))}, {self.name}, {said})"

    def _again(self, one: Constraint) -> str | None:
        if self.in_place or one.kind not in ("unique", "foreignkey"):
            return None
        said = [text_literal(str(one.name))]
        if one.kind == "unique":
            return f"create_unique_constraint({said[0]}, [{_listed(one.columns)}])"
        schema, _, table = one.targets[0].rpartition(".")[0].rpartition(".")
        targets = _listed([target.rpartition(".")[2] for target in one.targets])
        said += [text_literal(table), f"[{_listed(one.columns)}]", f"[{targets}]"]
        said += [f"referent_schema={text_literal(schema)}"] if schema else []
        said += [f"{name}={value!r}".replace("'", '"') for name, value in one.words]
        return f"create_foreign_key({', '.join(said)})"

    def _reference(self, one: Reference) -> str:
        name = text_literal(constraint_name("fk", self.table, one.attribute))
        own, other = map(text_literal, (one.field.column_name, one.key.column_name))
        said = [name, text_literal(one.target.table), f"[{own}]", f"[{other}]"]
        if one.target.existing and one.target.existing.schema:
            said.append(f"referent_schema={text_literal(one.target.existing.schema)}")
        if action := sql_action(one.field):
            said.append(f'ondelete="{action}"')
        return f"create_foreign_key({', '.join(said)})"

    def _indexes(self, added: Sequence[Field]) -> Iterator[str]:
        for field in added:
            unique = field.unique and self.in_place
            if field.stored is None and (field.indexed or unique):
                kind = "uq" if unique else "ix"
                name = text_literal(constraint_name(kind, self.table, field.attribute))
                said = f"[{text_literal(field.column_name)}]{self._in_schema()}"
                said += ", unique=True" if unique else ""
                yield f"op.create_index({name}, {self.name}, {said})"

    def _link(self, link: LinkTable) -> Iterator[str]:
        items = ", ".join(link.items)
        yield f'op.create_table("{link.name}", {items}, mysql_collate=collation)'
        yield link.index

    def _type(self, field: Field) -> str:
        type_ = with_values(field.stored or "", field)
        type_ = f"postgresql.ARRAY({type_})" if field.array else type_
        if field.type == "ref" and not type_:
            type_ = target_type(self.after.target_of(field))
        for dialect in dialects_in(type_):
            self.scope.name("sqlalchemy.dialects", dialect)
        return type_ or column_type(field, self.enums, ordered=field.name in self.sorted)

    def _default_text(self, field: Field) -> str:
        """The default as every database reads it in quotes."""
        value: Any = default_value(field)
        match field.type:
            case "bool":
                return text_literal(str(int(value)))
            case "decimal":
                return self._decimal_text(field, value)
            case "uuid":
                return text_literal(value.hex)
            case "time":
                return text_literal(f"{value:%H:%M:%S.%f}")
            case "float":
                return text_literal(repr(value))
            case "json":
                return text_literal(json.dumps(value))
            case "datetime":
                return text_literal(f"{value:%Y-%m-%d %H:%M:%S.%f}")
        return text_literal(str(value))

    def _decimal_text(self, field: Field, value: Decimal) -> str:
        plain = text_literal(f"{value:f}")
        precision, scale = field.precision or 0, field.scale or 0
        if precision <= LONGEST_DOUBLE:
            return plain
        # SQLite has it as the text that the project's LongDecimal makes of it.
        shifted = int(EXACT.scaleb(value, scale)) + 10**precision
        kept = text_literal(str(shifted).zfill(precision + 1))
        return f'{kept} if op.get_context().dialect.name == "sqlite" else {plain}'
