"""Several resources of one command, in an order in which each finds what it refers to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from scaffold.record import Record
from scaffold.spec.errors import UsageError
from scaffold.spec.fields import Field, parse_field, print_field
from scaffold.spec.naming import parse_name
from scaffold.spec.order import order_of
from scaffold.spec.resource import Resource
from scaffold.workflow import Call


@dataclass(frozen=True)
class _Said:
    """One resource as its line says it."""

    call: Call
    fields: tuple[Field, ...]

    def with_fields(self, fields: Sequence[Field]) -> Call:
        """The call that makes it with these fields alone."""
        texts = [print_field(one) for one in fields]
        return replace(self.call, arguments={**self.call.arguments, "fields": texts})


def arranged(calls: Sequence[Call], record: Record) -> list[Call]:
    """Calls of ``resource``, what is referred to first; circles are closed by fields at the end.

    What can't be read stays where it is, and is told when it is run.

    Raises:
        UsageError: a resource is there twice.
    """
    said: dict[str, _Said] = {}
    for call in calls:
        try:
            plural = parse_name(call.arguments["name"]).snake_plural
            fields = tuple(parse_field(text) for text in call.arguments.get("fields", ()))
        except UsageError:
            return list(calls)
        if plural in said:
            raise UsageError(f"{call.where}: {plural} is there twice", hint="leave one out")
        said[plural] = _Said(call, fields)
    there = {name: known for name in said if (known := _as_known(said[name], record, name))}
    ordered = order_of({name: one.fields for name, one in said.items() if name not in there})
    first, last = [there[name] for name in there], []
    for name in ordered.names:
        later = ordered.later.get(name, [])
        kept = [field for field in said[name].fields if field not in later]
        first.append(said[name].with_fields(kept) if later else said[name].call)
        if later:
            arguments = {"name": name, "fields": [print_field(one) for one in later]}
            last.append(replace(said[name].call, generator="field", arguments=arguments))
    return first + last


def _as_known(one: _Said, record: Record, name: str) -> Call | None:
    """The call for a resource that is there with these fields, in the order it has them."""
    data = record.resources.get(name)
    known = Resource.from_data(data).fields if data else ()
    if not known or {*known} != {*one.fields}:
        return None
    return one.with_fields(known)
