"""The Alembic revision that creates the table of a resource, as lines."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from scaffold.generators.resource_view.enums import EnumView
from scaffold.generators.resource_view.models import LONGEST_DOUBLE, sql_type
from scaffold.generators.resource_view.schemas import sorts
from scaffold.spec.fields import Field
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


@dataclass(frozen=True)
class MigrationView:
    """What ``migrations/versions/<revision>_create_<table>.py`` is made of.

    ``variables`` are assignments, ``items`` the columns and constraints of the table, ``indexes``
    calls; ``mysql`` tells whether types of that dialect are named.
    """

    variables: tuple[str, ...]
    items: tuple[str, ...]
    indexes: tuple[str, ...]
    mysql: bool


def migration_view(resource: Resource, enums: Mapping[str, EnumView]) -> MigrationView:
    """The revision of ``resource``."""
    types = {field.type for field in (*resource.key, *resource.fields)}
    if resource.timestamps:
        types.add("datetime")
    variables = type_variables(types)
    return MigrationView(
        variables,
        tuple(_items(resource, enums)),
        tuple(_indexes(resource)),
        any("mysql." in variable for variable in variables),
    )


def type_variables(types: Collection[str]) -> tuple[str, ...]:
    """The assignments of the variables that columns of these types of fields name."""
    used = [_VARIABLES[type_] for type_ in _VARIABLES if type_ in types]
    return tuple(f"{name} = {expression}" for name, expression in used)


def _items(resource: Resource, enums: Mapping[str, EnumView]) -> Iterator[str]:
    sorted_by = sorts(resource)
    for key in resource.key:
        type_ = 'sa.BigInteger().with_variant(sa.Integer(), "sqlite")'
        if key.given or key.type not in INTEGERS:
            type_ = column_type(key, enums, ordered=key.name in sorted_by)
        numbered = not key.given and key.type in INTEGERS
        alone = len(resource.key) == 1
        serial = f", autoincrement={numbered}" * (key.type in INTEGERS and numbered != alone)
        yield f'sa.Column("{key.name}", {type_}, nullable=False{serial})'
    for field in resource.fields:
        type_ = column_type(field, enums, ordered=field.name in sorted_by)
        yield f'sa.Column("{field.name}", {type_}, nullable={field.optional})'
    if resource.timestamps:
        for name in ("created_at", "updated_at"):
            yield f'sa.Column("{name}", instant, nullable=False)'
    keys = ", ".join(f'"{key.name}"' for key in resource.key)
    yield f'sa.PrimaryKeyConstraint({keys}, name="{constraint_name("pk", resource.table)}")'
    for field in resource.fields:
        if field.unique:
            name = constraint_name("uq", resource.table, field.name)
            yield f'sa.UniqueConstraint("{field.name}", name="{name}")'


def _indexes(resource: Resource) -> Iterator[str]:
    names = [field.name for field in resource.fields if field.index and not field.unique]
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
