"""``add resource --from-database``: a schema is read, and each table becomes a call of its own."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from scaffold import workspace
from scaffold.database import read_schema, redacted
from scaffold.record import read_record
from scaffold.reflection.resources import adopt
from scaffold.spec.resource import Resource, parse_prefix
from scaffold.workflow import Call


def calls_for(root: Path, url: str, tables: Sequence[str], prefix: str) -> list[Call]:
    """The calls that make resources of the tables at ``url``, those that all need first.

    What is recorded of them is the database's name, never its URL. Raises UsageError and
    MachineError as ``read_schema`` does.
    """
    from scaffold.generators.existing import existing_base, existing_resource

    prefix = parse_prefix(prefix)
    schema = read_schema(url, tables)
    record = read_record(workspace.open_tree(root))
    known = {name: Resource.from_data(data) for name, data in record.resources.items()}
    found = adopt(schema, known, prefix)
    origin = redacted(url)
    base = partial(existing_base, notes=found.notes)
    calls = [Call("resource", {"from_database": origin}, base)]
    for resource in found.resources:
        said = {"from_database": origin, "table": resource.full_table, **_prefix(prefix)}
        made = partial(existing_resource, wanted=resource)
        calls.append(Call("resource", {"name": resource.name.snake_plural, **said}, made))
    return calls


def _prefix(prefix: str) -> dict[str, str]:
    return {} if prefix == "/api/v1" else {"prefix": prefix}
