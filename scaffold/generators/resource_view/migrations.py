"""The Alembic revision that creates the table of a resource, as lines."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from scaffold.generators.resource_view.enums import EnumView, enum_views
from scaffold.generators.resource_view.literals import text_literal
from scaffold.generators.resource_view.models import LONGEST_DOUBLE, sql_action, sql_type
from scaffold.generators.resource_view.relations import Link, Relations
from scaffold.generators.resource_view.schemas import sorts
from scaffold.spec.fields import Field, Key
from scaffold.spec.kinds import INTEGERS
from scaffold.spec.naming import constraint_name
from scaffold.spec.resource import Resource

# Types that take a line to say, by the variable that says it once a revision.
_VARIABLES: Mapping[str, tuple[str, str]] = {
    "datetime": (
        "instant",
        'sa.DateTime(timezone=True).with_variant(mysql.DATETIME(fsp=6), "mysql")',
    ),
    "time": ("clock", 'sa.Time().with_variant(mysql.TIME(fsp=6), "mysql")'),
    "text": ("long_text", 'sa.Text().with_variant(mysql.LONGTEXT(), "mysql")'),
    "json": ("json", 'sa.JSON().with_variant(sa.Text(), "sqlite")'),
}

# How ``collation`` is found, which tables of a revision name.
COLLATION = (
    'mariadb = getattr(op.get_context().dialect, "is_mariadb", False)',
    'collation = "utf8mb4_nopad_bin" if mariadb else "utf8mb4_0900_bin"',
)


@dataclass(frozen=True)
class MigrationView:
    """What ``migrations/versions/<revision>_create_<table>.py`` is made of.

    ``variables`` are assignments, ``items`` the columns and constraints of the table, ``indexes``
    calls; ``dialects`` are those whose types are named.
    """

    variables: tuple[str, ...]
    items: tuple[str, ...]
    indexes: tuple[str, ...]
    dialects: tuple[str, ...]
    links: tuple[LinkTable, ...] = ()


@dataclass(frozen=True)
class LinkTable:
    """A table of links: its columns and constraints, and its index."""

    name: str
    items: tuple[str, ...]
    index: str


def migration_view(
    resource: Resource, enums: Mapping[str, EnumView], relations: Relations
) -> MigrationView:
    """The revision of ``resource``."""
    types = {field.type for field in (*resource.key, *resource.fields)}
    if resource.timestamps:
        types.add("datetime")
    variables = type_variables(types)
    items = tuple(_items(resource, enums, relations))
    links = tuple(map(link_table, relations.links))
    said = "\n".join([*variables, *items, *(item for link in links for item in link.items)])
    return MigrationView(variables, items, tuple(_indexes(resource)), dialects_in(said), links)


def dialects_in(source: str) -> tuple[str, ...]:
    """The dialects of SQLAlchemy that ``source`` names types of."""
    return tuple(sorted(set(re.findall(r"\b(mysql|postgresql)\.[A-Z]", source))))


def type_variables(types: Collection[str]) -> tuple[str, ...]:
    """The assignments of the variables that columns of these types of fields name."""
    used = [_VARIABLES[type_] for type_ in _VARIABLES if type_ in types]
    return tuple(f"{name} = {expression}" for name, expression in used)


def _items(
    resource: Resource, enums: Mapping[str, EnumView], relations: Relations
) -> Iterator[str]:
    sorted_by = sorts(resource)
    for key in resource.key:
        numbered = not key.given and key.type in INTEGERS
        alone = len(resource.key) == 1
        serial = f", autoincrement={numbered}" * (key.type in INTEGERS and numbered != alone)
        type_ = key_type(resource, key, enums)
        yield f'sa.Column("{key.name}", {type_}, nullable=False{serial})'
    for field in resource.columns:
        if field.type == "ref":
            type_ = target_type(relations.target_of(field))
        else:
            type_ = column_type(field, enums, ordered=field.name in sorted_by)
        yield f'sa.Column("{field.attribute}", {type_}, nullable={field.optional})'
    if resource.timestamps:
        for name in ("created_at", "updated_at"):
            yield f'sa.Column("{name}", instant, nullable=False)'
    keys = ", ".join(f'"{key.name}"' for key in resource.key)
    yield f'sa.PrimaryKeyConstraint({keys}, name="{constraint_name("pk", resource.table)}")'
    for one in relations.references:
        yield _foreign_key(resource.table, one.attribute, one.target, sql_action(one.field))
    for field in resource.columns:
        if field.unique:
            name = constraint_name("uq", resource.table, field.attribute)
            yield f'sa.UniqueConstraint("{field.attribute}", name="{name}")'


def _foreign_key(table: str, column: str, target: Resource, action: str) -> str:
    name = constraint_name("fk", table, column)
    said = f', ondelete="{action}"' if action else ""
    referred = text_literal(f"{target.full_table}.{target.key[0].column_name}")
    return f'sa.ForeignKeyConstraint(["{column}"], [{referred}], name="{name}"{said})'


def link_table(link: Link) -> LinkTable:
    """The table of ``link``."""
    sides = ((link.own_column, link.owner), (link.other_column, link.target))
    columns = [
        f'sa.Column("{column}", {target_type(side)}, nullable=False)' for column, side in sides
    ]
    keys = ", ".join(f'"{column}"' for column, _ in sides)
    columns.append(f'sa.PrimaryKeyConstraint({keys}, name="{constraint_name("pk", link.table)}")')
    columns += [_foreign_key(link.table, column, side, "CASCADE") for column, side in sides]
    name = constraint_name("ix", link.table, link.other_column)
    index = f'op.create_index("{name}", "{link.table}", ["{link.other_column}"])'
    return LinkTable(link.table, tuple(columns), index)


def key_type(resource: Resource, key: Key, enums: Mapping[str, EnumView]) -> str:
    """The type of a column of the key of ``resource``."""
    if key.stored is not None and key.type != "enum" and not key.stored.startswith("own."):
        return key.stored
    if key.given or key.type not in INTEGERS:
        return column_type(key, enums, ordered=key.name in sorts(resource))
    return 'sa.BigInteger().with_variant(sa.Integer(), "sqlite")'


def target_type(target: Resource) -> str:
    """The type of the columns that refer to ``target``."""
    return key_type(target, target.key[0], enum_views(target))


def _indexes(resource: Resource) -> Iterator[str]:
    names = [field.attribute for field in resource.columns if field.indexed]
    if resource.timestamps:
        names.append("created_at")
    for name in names:
        index = constraint_name("ix", resource.table, name)
        yield f'op.create_index("{index}", "{resource.table}", ["{name}"])'


def column_type(field: Field, enums: Mapping[str, EnumView], *, ordered: bool) -> str:
    """The type of a column; texts that sort lists do so by code point on PostgreSQL too."""
    if field.type in _VARIABLES:
        return _VARIABLES[field.type][0]
    if field.type == "enum":
        return f"sa.String({enums[field.name].length})"
    if field.type == "decimal":
        plain = f"sa.Numeric({field.precision}, {field.scale})"
        if (field.precision or 0) <= LONGEST_DOUBLE:
            return plain
        return f'{plain}.with_variant(sa.String({(field.precision or 0) + 1}), "sqlite")'
    plain = f"sa.{sql_type(field)}"
    if ordered and plain.startswith("sa.String("):
        collated = plain.replace(")", ', collation="C")')
        return f'{plain}.with_variant({collated}, "postgresql")'
    return plain
