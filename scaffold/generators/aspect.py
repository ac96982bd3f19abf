"""What a capability adds to a resource that is there already, or takes from it again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from scaffold.api import Action, Context, Refuse, UsageError, change_resource, parse_name


def set_aspect(
    context: Context, what: str, name: str, aspect: str, data: Mapping[str, Any] | None
) -> Iterator[Action]:
    """The resource with ``data`` for the aspect, or without the aspect (None)."""
    if what != "resource":
        raise UsageError(f"{what!r} is no kind of thing that there is", hint=f"resource {name}")
    plural = parse_name(name).snake_plural
    known = context.resources.get(plural)
    if known is None:
        there = ", ".join(context.resources) or "none"
        yield Refuse(f"scaffold made no resource {plural} here (there are: {there})")
        return
    aspects = {key: value for key, value in known.aspects.items() if key != aspect}
    if data is not None:
        aspects[aspect] = dict(data)
    yield from change_resource(context, known, replace(known, aspects=aspects))
