"""``scaffold protect``: who may use a resource that is there already."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Literal

from scaffold.api import (
    Action,
    Around,
    Context,
    Refuse,
    UsageError,
    change_resource,
    fielded,
    parse_name,
)
from scaffold.generators.auth.aspects import ACCESS, options
from scaffold.generators.auth.guard import guard


def protect(
    context: Context,
    kind: Annotated[Literal["resource"], "What is protected."],
    name: Annotated[str, "The resource: orders."],
    *,
    owned: Annotated[
        bool, "Rows belong to who makes them: others get 404, admins see all."
    ] = False,
    require_auth: Annotated[bool, "For users who are logged in."] = False,
    require_role: Annotated[str, "For users who have this role, or one of these: a,b."] = "",
) -> Iterator[Action]:
    """Say who may use a resource: its files rendered again, edits merged, its tests for everybody."""
    data = options(owned=owned, require_auth=require_auth, require_role=require_role)
    if data is None:
        raise UsageError(
            "protect: nothing says for whom", hint="give --owned, --require-auth or --require-role"
        )
    plural = parse_name(name).snake_plural
    known = context.resources.get(plural)
    if known is None or "account" in known.aspects:
        there = ", ".join(context.resources) or "none"
        yield Refuse(
            f"scaffold made no resource {plural} here (there are: {there})"
            if known is None
            else f"{plural} is the resource of accounts, which is for administrators already"
        )
        return
    around = Around(context.project.package, context.resources, context.record)
    wanted = replace(known, aspects={**known.aspects, ACCESS.name: data})
    wanted = fielded(wanted, context.aspects, around)
    later = replace(around, resources={**around.resources, plural: wanted})
    shown = [
        reason
        for other in context.resources.values()
        if other != known and plural in {f.to for f in (*other.references, *other.links)}
        for reason in guard(other, later)
    ]
    if shown:
        yield from map(Refuse, shown)
        return
    yield from change_resource(context, known, wanted)
