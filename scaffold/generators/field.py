"""``add field``, ``add relation`` and what removes them: a resource with other fields.

A relation is a field whose values are keys of another resource, so all of them go one way.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated

from scaffold.api import (
    Action,
    Context,
    Field,
    Refuse,
    Resource,
    UsageError,
    change_resource,
    check_resource,
    parse_field,
    parse_name,
    print_field,
)


def field(
    context: Context,
    name: Annotated[str, "The resource: orders."],
    *fields: Annotated[str, "NAME:TYPE[:MODIFIER…], e.g. discount:decimal:6.2:default=0."],
) -> Iterator[Action]:
    """Add fields to a resource: its files rendered again, and a migration."""
    if not fields:
        raise UsageError("no field is given", hint="write one, as discount:decimal:default=0")
    yield from _add(context, name, [parse_field(text) for text in fields])


def relation(
    context: Context,
    name: Annotated[str, "The resource: orders."],
    *relations: Annotated[
        str, "NAME:ref[:to=…] or NAME:many:RESOURCE, e.g. customer:ref:optional."
    ],
) -> Iterator[Action]:
    """Relate a resource to others: files of both sides rendered again, and a migration."""
    if not relations:
        raise UsageError("no relation is given", hint="write one, as customer:ref:optional")
    wanted = [parse_field(text) for text in relations]
    for one in wanted:
        if not one.kind.relates:
            raise UsageError(
                f"{one.name}:{one.type} relates to nothing",
                hint=f"write {one.name}:ref or {one.name}:many:…, or use scaffold add field",
            )
    yield from _add(context, name, wanted)


def _add(context: Context, name: str, wanted: list[Field]) -> Iterator[Action]:
    known = _known(context, name)
    if isinstance(known, Refuse):
        yield known
        return
    there = {field.name: field for field in known.fields}
    different = [f for f in wanted if f.name in there and there[f.name] != f]
    for other in different:
        yield Refuse(
            f"the field {other.name} is there as {print_field(there[other.name])}: "
            f"scaffold remove field {name} {other.name} drops it with its values"
        )
    new = tuple(one for one in wanted if one.name not in there)
    if not different:
        yield from _change(context, known, (*known.fields, *new))


def remove(
    context: Context,
    name: Annotated[str, "The resource: orders."],
    *fields: Annotated[str, "The names of the fields."],
) -> Iterator[Action]:
    """Take fields or relations out: files rendered again, and a migration that drops them."""
    if not fields:
        raise UsageError("no field is named", hint="write its name, as discount")
    known = _known(context, name)
    if isinstance(known, Refuse):
        yield known
        return
    kept = tuple(field for field in known.fields if field.name not in fields)
    if not kept:
        yield Refuse(f"{name} would have no field left: scaffold remove resource takes it out")
        return
    yield from _change(context, known, kept)


def _known(context: Context, name: str) -> Resource | Refuse:
    plural = parse_name(name).snake_plural
    known = context.resources.get(plural)
    if known is None:
        there = ", ".join(context.resources) or "none"
        return Refuse(f"scaffold made no resource {plural} here (there are: {there})")
    return known


def _change(context: Context, known: Resource, fields: tuple[Field, ...]) -> Iterator[Action]:
    gone = [one for one in known.fields if one not in fields]
    existing = known.existing and known.existing.without(gone)
    wanted = replace(known, fields=fields, existing=existing)
    check_resource(wanted)
    yield from change_resource(context, known, wanted)
