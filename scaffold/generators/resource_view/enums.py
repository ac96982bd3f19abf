"""The enums of a resource, and names for them that are free whatever fields and values say."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from scaffold.generators.resource_view.literals import text_literal
from scaffold.spec.fields import Field
from scaffold.spec.naming import pascal
from scaffold.spec.reserved import AMBIGUOUS
from scaffold.spec.resource import Resource
from scaffold.spec.text import word_set

# What the modules of models and schemas import by name, whatever the resource.
_IMPORTED = word_set(
    """
    Annotated Any Base BaseModel BigIntegerKey ClassVar Date Decimal Email Exact ExactTime Field Fixed
    Flag Folded Instant Int32 Int64 Json JsonDocument JsonValue Literal LongDecimal LongText Mapped
    Mapping Number Paging Segment StrEnum Text Time UUID Url UtcDateTime
    """
)
_LEAST_LENGTH = 32  # so that a longer value, added later, still fits the column


@dataclass(frozen=True)
class EnumView:
    """One ``class OrderStatus(StrEnum)``: the lines of its body, its members' names by value."""

    name: str
    lines: tuple[str, ...]
    members: dict[str, str]
    length: int


def schema_classes(resource: Resource) -> dict[str, str]:
    """The schemas that every resource has, by what they are for."""
    parts = ("Create", "Query", "Read", "Update")
    return {part.lower(): f"{resource.name.pascal}{part}" for part in parts}


def link_queries(resource: Resource) -> dict[str, str]:
    """The schema of each list of links, by the field's name: ``OrderLabelsQuery``."""
    model = resource.name.pascal
    return {field.name: f"{model}{pascal(field.name)}Query" for field in resource.links}


def own_names(resource: Resource) -> dict[str, str]:
    """A free name for the class or alias of each field, by the field's name: ``OrderStatus``."""
    taken = {resource.name.pascal, *schema_classes(resource).values(), *_IMPORTED}
    taken |= {f"{resource.name.pascal}Include", *link_queries(resource).values()}
    names: dict[str, str] = {}
    keys = (key for key in resource.key if key.given)
    for field in (*keys, *resource.fields):
        name = f"{resource.name.pascal}{pascal(field.name)}"
        while name in taken:
            name += "Value"
        names[field.name] = name
        taken.add(name)
    return names


def enum_views(resource: Resource) -> dict[str, EnumView]:
    """The enums of a resource by the names of their fields."""
    names = own_names(resource)
    return {
        field.name: _enum_view(names[field.name], field)
        for field in (*resource.key, *resource.fields)
        if field.type == "enum" and field.name in names
    }


def _enum_view(name: str, field: Field) -> EnumView:
    members = dict(zip(field.values, _member_names(field.values), strict=True))
    lines = tuple(f"{member} = {text_literal(value)}" for value, member in members.items())
    return EnumView(name, lines, members, max(_LEAST_LENGTH, *map(len, field.values)))


def _member_names(values: Iterable[str]) -> list[str]:
    names: list[str] = []
    for value in values:
        plain = unicodedata.normalize("NFKD", value.upper())
        stem = re.sub("[^A-Z0-9]+", "_", re.sub("[\u0300-\u036f]", "", plain)).strip("_")
        if not stem or stem[0].isdigit() or stem in AMBIGUOUS or keyword.iskeyword(stem):
            stem = f"VALUE_{stem}".rstrip("_")
        name, number = stem, 2
        while name in names:
            name, number = f"{stem}_{number}", number + 1
        names.append(name)
    return names
