"""The Alembic revision that turns the table of one spec into that of another, as lines.

It is safe on a table with rows: they get the default of a new field, as one of the column that goes
again in the next statement, or by an update where databases keep no default of that type.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from scaffold.api import Field, Refuse, Resource
from scaffold.generators.resource_view.enums import EnumView, enum_views
from scaffold.generators.resource_view.imports import Scope
from scaffold.generators.resource_view.literals import text_literal, value_literal
from scaffold.generators.resource_view.migrations import column_type, type_variables
from scaffold.generators.resource_view.models import EXACT, LONGEST_DOUBLE, default_value
from scaffold.generators.resource_view.schemas import sorts
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


def change_view(before: Resource, after: Resource) -> ChangeView | None:
    """The revision from ``before`` to ``after``; None where their tables are the same."""
    added, dropped = _missing(before, after), _missing(after, before)
    if not added and not dropped:
        return None
    scope = Scope(())
    scope.name("alembic", "op")
    upgrade = _Statements(after, scope).of(added, dropped, before)
    downgrade = _Statements(before, scope).of([_refilled(field) for field in dropped], added, after)
    title = _title(after, added, dropped)
    slug = "_".join(title.lower().replace(",", "").split())[:_LONGEST_SLUG].rstrip("_")
    return ChangeView(slug, title, scope.lines(""), upgrade, downgrade)


def unsafe(before: Resource, after: Resource) -> Iterator[Refuse]:
    """Why the table of ``before`` can't become that of ``after`` while it has rows."""
    for part in ("table", "key", "timestamps"):
        if getattr(before, part) != getattr(after, part):
            yield Refuse(f"{before.table}: a {part} can't change once there are rows")
    known = {field.name: field for field in before.fields}
    relations = {field for field in (*before.fields, *after.fields) if field.kind.relates}
    if changed := relations - ({*before.fields} & {*after.fields}):
        names = ", ".join(sorted(field.name for field in changed))
        yield Refuse(f"{names}: relations come with their resource, and stay as they are")
        return
    for field in after.fields:
        old = known.get(field.name)
        if old is not None and _column(old, before) != _column(field, after):
            yield Refuse(
                f"the column of {field.name} would change with its values in it: "
                f"add a field of another name, and remove {field.name} when it is moved"
            )
        elif old is None and not field.optional and field.default is None:
            what = "unique, so no default could fill it" if field.unique else "without a default"
            way = "make it optional" + ("" if field.unique else ", or give default=…")
            yield Refuse(
                f"{field.name} is required and {what}, and {after.table} may have rows: {way}"
            )


def _title(after: Resource, added: Sequence[Field], dropped: Sequence[Field]) -> str:
    names = ", ".join(field.name for field in added or dropped)
    if added and dropped:
        return f"Replace {', '.join(field.name for field in dropped)} by {names} in {after.table}"
    return f"{'Add' if added else 'Drop'} {names} {'to' if added else 'from'} {after.table}"


def _missing(here: Resource, there: Resource) -> list[Field]:
    """The fields of ``there`` that ``here`` has not."""
    names = {field.name for field in here.fields}
    return [field for field in there.fields if field.name not in names]


def _column(field: Field, resource: Resource) -> tuple[object, ...]:
    """What the database knows of a field."""
    if field.kind.relates:
        return (field,)
    ordered = field.name in sorts(resource)
    type_ = column_type(field, enum_views(resource), ordered=ordered)
    return type_, field.optional, field.unique, field.index and not field.unique


def _refilled(field: Field) -> Field:
    """The field as a column without its values comes back: required ones need something in it."""
    if field.optional or field.default is not None:
        return field
    if field.unique:  # no one value fits all rows
        return replace(field, optional=True)
    neutral = field.values[0] if field.type == "enum" else _NEUTRAL[field.type]
    return replace(field, default=neutral, min=None, max=field.max if field.length else None)


class _Statements:
    """Writes the statements that lead to ``resource``, and collects what they import."""

    def __init__(self, resource: Resource, scope: Scope) -> None:
        self.table = resource.table
        self.sorted = sorts(resource)
        self.enums: Mapping[str, EnumView] = enum_views(resource)
        self.one_key = len(resource.key) == 1
        self.scope = scope
        self.sa = scope.module("sqlalchemy", "sa")

    def of(self, added: Sequence[Field], dropped: Sequence[Field], old: Resource) -> Direction:
        """Add and drop columns, in as few passes over the table as can be."""
        first = [*self._drops(dropped), *(self._add(field) for field in added)]
        later = list(self._afterwards(added))
        copies = bool(dropped)
        statements = [
            *self._batch(first, copies=copies),
            *self._updates(added),
            *self._batch(later, copies=True),
            *self._indexes(added),
        ]
        types = {field.type for field in added}
        variables = type_variables(types)
        if any("mysql." in variable for variable in variables):
            self.scope.name("sqlalchemy.dialects", "mysql")
        return Direction(variables, tuple(statements))

    def _batch(self, operations: Sequence[str], *, copies: bool) -> Iterator[str]:
        """``operations`` on the table; where SQLite copies it, its counter of keys is kept."""
        if not operations:
            return
        kept = ', table_kwargs={"sqlite_autoincrement": True}' if copies and self.one_key else ""
        yield f'with op.batch_alter_table("{self.table}"{kept}) as batch:'
        yield from (f"    batch.{operation}" for operation in operations)

    def _drops(self, dropped: Sequence[Field]) -> Iterator[str]:
        for field in dropped:
            if field.unique:
                name = constraint_name("uq", self.table, field.name)
                yield f'drop_constraint("{name}", type_="unique")'
            elif field.index:
                yield f'drop_index("{constraint_name("ix", self.table, field.name)}")'
        for field in dropped:
            yield f'drop_column("{field.name}")'

    def _add(self, field: Field) -> str:
        arguments = [f'"{field.name}"', self._type(field)]
        if field.default is not None and field.type not in _UPDATED:
            arguments.append(f"server_default={self._default_text(field)}")
        nullable = field.optional or field.type in _UPDATED
        return f"add_column({self.sa}.Column({', '.join(arguments)}, nullable={nullable}))"

    def _updates(self, added: Sequence[Field]) -> Iterator[str]:
        for field in added:
            if field.default is not None and field.type in _UPDATED:
                name = text_literal(field.name)
                column = f"{self.sa}.column({name}, {_UPDATED[field.type]})"
                value = value_literal(default_value(field), self.scope)
                rows = f'{self.sa}.table("{self.table}", {column})'
                yield f"op.execute({rows}.update().values({{{name}: {value}}}))"

    def _afterwards(self, added: Sequence[Field]) -> Iterator[str]:
        for field in added:
            if field.type in _UPDATED:
                if not field.optional:
                    type_ = self._type(field)
                    yield f'alter_column("{field.name}", existing_type={type_}, nullable=False)'
            elif field.default is not None:
                yield f'alter_column("{field.name}", server_default=None)'
        for field in added:
            if field.unique:
                name = constraint_name("uq", self.table, field.name)
                yield f'create_unique_constraint("{name}", ["{field.name}"])'

    def _indexes(self, added: Sequence[Field]) -> Iterator[str]:
        for field in added:
            if field.index and not field.unique:
                name = constraint_name("ix", self.table, field.name)
                yield f'op.create_index("{name}", "{self.table}", ["{field.name}"])'

    def _type(self, field: Field) -> str:
        return column_type(field, self.enums, ordered=field.name in self.sorted)

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
