"""The rows that test data refers to: which references have a value, and what must be stored first.

Rows that are stored have the keys 1, 2, … and the values that the tests of their own resource send,
so that a reference is a number from 1 on wherever it is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from scaffold.generators.resource_view.imports import Scope
from scaffold.generators.resource_view.relations import (
    Reference,
    Resources,
    leads_back,
    links_of,
    references_of,
)
from scaffold.spec.fields import Field
from scaffold.spec.resource import Resource

FEW = 2  # rows that many others refer to
SEVERAL = 6  # rows that one other each refers to


@dataclass(frozen=True)
class Stored:
    """Rows 1 to ``count`` of ``resource``; ``filled`` are references that no client may send."""

    resource: Resource
    count: int
    filled: tuple[Field, ...]


def held(resource: Resource, resources: Resources) -> tuple[Reference, ...]:
    """The references that have a value in test data: all but optional ones that lead back.

    Rows behind those would be rows of the resource itself, where its tests expect their own alone.
    """
    return tuple(
        one
        for one in references_of(resource, resources)
        if not one.field.optional or not (one.field.readonly or leads_back(one, resources))
    )


def sent(resource: Resource, resources: Resources) -> tuple[Reference, ...]:
    """Those of them that a client sends."""
    return tuple(one for one in held(resource, resources) if not one.field.readonly)


def rows_of(one: Reference, resources: Resources) -> int:
    """How many rows of its target the test data of a reference uses."""
    several = one.field.unique or _tells_apart(one)
    return min(SEVERAL if several else FEW, room(one.target, resources))


def _tells_apart(one: Reference) -> bool:
    """Whether it is the first of references that differ together, which nothing else helps."""
    fields = {field.attribute: field for field in (*one.owner.key, *one.owner.columns)}
    return any(
        names[0] == one.attribute and all(fields[name].type == "ref" for name in names)
        for names in together(one.owner)
    )


def room(resource: Resource, resources: Resources) -> int:
    """How many rows of test data can be, no two alike in what must differ."""
    from scaffold.generators.resource_view import samples

    refs = sent(resource, resources)
    counts = [rows_of(one, resources) for one in refs if one.field.unique]
    for field in resource.columns:
        if field.unique and not field.readonly and field.type != "ref":
            counts.append(samples.varied(field, Scope(())).count)
    fields = {field.attribute: field for field in (*resource.key, *resource.columns)}
    for names in together(resource):
        several = [
            samples.varied(fields[name], Scope(()), ties=False).count
            for name in names
            if fields[name].type != "ref" and not fields[name].readonly
        ]
        several += [rows_of(one, resources) for one in refs if one.attribute in names]
        counts.append(max(several, default=samples.SPAN))
    return min(counts, default=samples.SPAN)


def together(resource: Resource) -> tuple[tuple[str, ...], ...]:
    """The attributes that must differ from row to row, not each but together."""
    given = tuple(key.name for key in resource.key if key.given)
    return (*(resource.existing.together if resource.existing else ()), *([given] if given else []))


def stored_for(resource: Resource, resources: Resources) -> tuple[Stored, ...]:
    """What must be stored before the rows of ``resource``, in an order in which it can be."""
    return _stored([resource], resources)[:-1]


def stored_for_links(resource: Resource, resources: Resources) -> tuple[Stored, ...]:
    """What tests of links need besides that: rows of its own, and rows to link them to."""
    links = links_of(resource, resources)
    there = {one.resource.name for one in stored_for(resource, resources)}
    needed = _stored([resource, *(link.target for link in links)], resources)
    return tuple(one for one in needed if one.resource.name not in there)


def tests_lead_to(resource: Resource, other: Resource, resources: Resources) -> bool:
    """Whether the tests of ``resource`` import those of ``other``, maybe by way of more."""
    seen: dict[str, Resource] = {}
    ahead = [resource]
    while ahead:
        one = ahead.pop()
        if seen.setdefault(one.name.snake_plural, one) is one:
            needed = stored_for(one, resources)
            needed += stored_for_links(one, resources) if one.links else ()
            ahead += [
                stored.resource
                for stored in needed
                if stored.resource.name.snake_plural not in seen
            ]
    return other.name.snake_plural in seen.keys() - {resource.name.snake_plural}


def _stored(wanted: Iterable[Resource], resources: Resources) -> tuple[Stored, ...]:
    """``wanted`` and all that they need, what is needed before what needs it."""
    order: dict[str, Resource] = {}
    counts: dict[str, int] = {}

    def visit(resource: Resource, count: int) -> None:
        name = resource.name.snake_plural
        counts[name] = max(counts.get(name, 0), count)
        for one in held(resource, resources):
            visit(one.target, rows_of(one, resources))
        order.setdefault(name, resource)

    for resource in wanted:
        visit(resource, min(FEW, room(resource, resources)))
    return tuple(
        Stored(resource, counts[name], tuple(_filled(resource, resources)))
        for name, resource in order.items()
    )


def _filled(resource: Resource, resources: Resources) -> Iterator[Field]:
    for one in held(resource, resources):
        if one.field.readonly:
            yield one.field
