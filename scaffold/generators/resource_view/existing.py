"""The table of a resource as it was before the migrations: what tests make in their database."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from scaffold.generators.resource_view.imports import Scope
from scaffold.generators.resource_view.literals import text_literal
from scaffold.generators.resource_view.stored import table_type
from scaffold.spec.fields import Field, Key
from scaffold.spec.kinds import INTEGERS
from scaffold.spec.resource import Resource

# Defaults that every database of the system knows; functions of the owner's own are not there.
_KNOWN = re.compile(
    r"\(?'(?:[^']|'')*'\)?(?:::[\w .\"]+(?:\([\d, ]+\))?(?:\[\])?)?"
    r"|\(*'?-?[\d.]+'?\)*(?:::[\w ]+(?:\([\d, ]+\))?)?"
    r"|true|false|b'[01]+'|x'[0-9a-f]*'|now\(\)|uuid\(\)|gen_random_uuid\(\)|curdate\(\)|curtime\(\)"
    r"|\(?(?:date|time|datetime)\('now'(?:, ?'[a-z]+')?\)\)?"
    r"|(?:current_(?:timestamp|date|time)|localtimestamp)(?:\(\d*\))?"
    r"(?: on update current_timestamp(?:\(\d*\))?)?"
    r"|\(?'now'::text\)?::[a-z ]+|array\[\](?:::[a-z ]+)?\[?\]?",
    re.IGNORECASE,
)
_NEUTRAL = {
    "int": "0", "bigint": "0", "float": "0", "decimal": "0", "bool": "false", "date": "'1970-01-01'",
    "datetime": "'1970-01-01'", "time": "'00:00'", "json": "'{}'",
    "uuid": "'00000000-0000-0000-0000-000000000000'",
}  # fmt: skip


@dataclass(frozen=True)
class ExistingView:
    """What ``tests/existing/<plural>.py`` is made of: imports, and what the table consists of."""

    imports: str
    items: tuple[str, ...]


def existing_view(resource: Resource, package: str) -> ExistingView | None:
    """The table of ``resource``; None where a migration makes it."""
    if resource.existing is None:
        return None
    scope = Scope(())
    sa = scope.module("sqlalchemy", "sa")
    items = [_key(key, resource, package, scope) for key in resource.key]
    items += [_column(field, package, scope) for field in resource.fields]
    items += [one.replace("sa.", f"{sa}.", 1) for one in resource.existing.constraints]
    if resource.existing.schema:
        items.append(f"schema={text_literal(resource.existing.schema)}")
    scope.name("tests.existing", "TABLES")
    return ExistingView(scope.lines(package), tuple(items))


def _key(key: Key, resource: Resource, package: str, scope: Scope) -> str:
    numbered = key.filled and key.type in INTEGERS and key.default_sql is None
    alone = len(resource.key) == 1
    serial = [f"autoincrement={numbered}"] if key.type in INTEGERS and numbered != alone else []
    default = list(_default(key, scope))
    name, type_ = text_literal(key.column_name), table_type(key, package, scope)
    sa = scope.module("sqlalchemy", "sa")
    return f"{sa}.Column({', '.join([name, type_, 'primary_key=True', *serial, *default])})"


def _column(field: Field, package: str, scope: Scope) -> str:
    name, type_ = text_literal(field.column_name), table_type(field, package, scope)
    said = [name, type_, *_default(field, scope), f"nullable={field.optional}"]
    return f"{scope.module('sqlalchemy', 'sa')}.Column({', '.join(said)})"


def _default(field: Field, scope: Scope) -> Iterator[str]:
    """What fills the column; a plain value in place of what only the owner's database knows."""
    sa = scope.module("sqlalchemy", "sa")
    if field.computed_sql is not None:
        yield f"{sa}.Computed({text_literal(field.computed_sql)}, persisted={field.persisted})"
        return
    if not field.filled or (isinstance(field, Key) and field.default_sql is None):
        return
    sql = field.default_sql or ""
    if not _KNOWN.fullmatch(sql):
        if field.optional:
            return
        sql = _NEUTRAL.get(field.type, f"'{field.values[0] if field.values else ''}'")
    yield f"server_default={sa}.text({text_literal(sql)})"
