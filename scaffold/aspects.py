"""What a capability adds to single resources (owned, cached, …), contributed by its generator.

An aspect's options become options of ``add resource``, its data is part of the resource's spec, and
its seams are lines for named places of the resource's templates. Where several aspects have lines
for one place they come in the order of the aspects' names: the order of adding makes no difference.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from scaffold.record import Record
from scaffold.spec.errors import UsageError
from scaffold.spec.fields import parse_field, print_field
from scaffold.spec.resource import Resource

Module = Literal["model", "schemas", "repository", "service", "router", "tests"]
Data = Mapping[str, Any]


@dataclass(frozen=True)
class Seam:
    """Lines for the place ``place`` of a resource's template ``module``, and what they import.

    ``imports`` are statements (``from x import y``); they are merged into the module's own.
    """

    module: Module
    place: str
    lines: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()


@dataclass(frozen=True)
class Around:
    """What is around a resource: the package it is in, the other resources, and the record."""

    package: str
    resources: Mapping[str, Resource]
    record: Record


@dataclass(frozen=True)
class Aspect:
    """What the generator ``requires`` ("": none) adds to resources that ask for it.

    ``options`` has keyword-only parameters, read as a generator's are; it returns the aspect's data,
    ready for JSON, or None where it isn't asked for. ``weave`` tells what a resource with this data
    has at the seams of its templates, ``fields`` which fields, as they are written, it gets behind
    its own. ``guard`` tells why a resource, with the aspect or without, can't be as it is among the
    others; it is asked whenever one is added or changed.
    """

    name: str
    requires: str
    options: Callable[..., Data | None]
    weave: Callable[[Resource, Data, Around], Iterable[Seam]]
    fields: Callable[[Data, Around], Iterable[str]] = lambda data, around: ()
    guard: Callable[[Resource, Around], Iterable[str]] = lambda resource, around: ()

    @property
    def parameters(self) -> tuple[inspect.Parameter, ...]:
        """The parameters of ``options``, annotations as written."""
        return tuple(inspect.signature(self.options).parameters.values())

    def read(self, given: Mapping[str, object]) -> Data | None:
        """The aspect's data for the options in ``given`` that are its own; None: not asked for."""
        names = {parameter.name for parameter in self.parameters}
        return self.options(**{name: value for name, value in given.items() if name in names})


def fielded(resource: Resource, aspects: Mapping[str, Aspect], around: Around) -> Resource:
    """``resource`` with the fields that its aspects bring.

    Raises UsageError where it has one of that name in another shape.
    """
    fields = {field.name: field for field in resource.fields}
    for name, data in sorted(resource.aspects.items()):
        if name not in aspects or not isinstance(data, Mapping):
            continue
        for text in aspects[name].fields(data, around):
            field = parse_field(text)
            if fields.setdefault(field.name, field) != field:
                said = print_field(fields[field.name])
                raise UsageError(
                    f"field {field.name!r} is {said}, and the resource would get {text} by itself",
                    hint="leave it out, or choose another name",
                )
    return replace(resource, fields=tuple(fields.values()))


def asked_for(aspects: Iterable[Aspect], given: Mapping[str, object]) -> dict[str, Data]:
    """The data of each aspect that ``given``, by parameter name, asks for."""
    read = {aspect.name: aspect.read(given) for aspect in aspects}
    return {name: data for name, data in sorted(read.items()) if data is not None}
