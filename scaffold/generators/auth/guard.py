"""What a resource must not show: rows of a protected one that it refers to.

``include`` and the lists of links show rows of other resources; so one that refers to a protected
resource must be protected as much.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scaffold.api import Around, Field, Resource
from scaffold.generators.auth.account import ADMIN


def access(resource: Resource) -> Mapping[str, Any] | None:
    """Who may use it: what the aspect says, administrators for accounts, None for everybody."""
    if "account" in resource.aspects:
        return {"owned": False, "roles": [ADMIN]}
    found = resource.aspects.get("access")
    return found if isinstance(found, Mapping) else None


def guard(resource: Resource, around: Around) -> Iterator[str]:
    """Why ``resource`` would show rows to people who may not see them."""
    own = access(resource)
    plural = resource.name.snake_plural
    for field in (*resource.references, *resource.links):
        target = resource if field.to == plural else around.resources.get(field.to or "")
        theirs = access(target) if target else None
        if target is None or theirs is None or _shows_enough(own, theirs, field):
            continue
        who, way = _only_for(theirs)
        shown = f"{field.name} of {plural} refers to {field.to}, whose rows are for {who} alone"
        yield f"{shown}, and would show them to others: give {plural} {way} too"


def _only_for(theirs: Mapping[str, Any]) -> tuple[str, str]:
    """Who may see rows, and the option that keeps others out."""
    if theirs["owned"]:
        return "their owners", "--owned"
    if theirs["roles"]:
        return " and ".join(theirs["roles"]), f"--require-role {','.join(theirs['roles'])}"
    return "users", "--require-auth"


def _shows_enough(own: Mapping[str, Any] | None, theirs: Mapping[str, Any], field: Field) -> bool:
    """Whether who may use the one may see the rows of the other."""
    if own is None:
        return False
    if field.name == "owner" and own["owned"]:
        return True  # each sees themselves
    if theirs["owned"] and not own["owned"]:
        return False
    return not theirs["roles"] or (bool(own["roles"]) and set(own["roles"]) <= set(theirs["roles"]))
