"""What a resource must not show: rows of a protected one that it refers to.

``include`` and the lists of links show rows of other resources; so one that refers to a protected
resource must be protected as much. Where rows have owners, nobody may refer to those of others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scaffold.api import Around, Field, Resource, Seam
from scaffold.generators.auth.account import ADMIN
from scaffold.generators.resource_view import variable_of

_CHECK = '''
async def check_references(self, {row}: {model}) -> None:
    """Nobody refers to rows that they don't see."""
    if self.owner_id is None:
        return
'''
_ONE = """\
    if {row}.{attribute} is not None:
        owner = select({target}.owner_id).where({target}.{key} == {row}.{attribute})
        if await self.session.scalar(owner) != self.owner_id:
            raise Invalid("{attribute} does not exist", "{attribute}")
"""


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
        if field.type == "many" and theirs["owned"]:
            yield f"{shown}, and would let others link and read them"
        else:
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
    if theirs["owned"] and (not own["owned"] or field.type == "many"):
        return False
    return not theirs["roles"] or (bool(own["roles"]) and set(own["roles"]) <= set(theirs["roles"]))


def owned_references(resource: Resource, around: Around) -> tuple[tuple[Field, Resource], ...]:
    """The references to rows that have owners, each with its target."""
    known = {**around.resources, resource.name.snake_plural: resource}
    pairs = ((field, known[field.to]) for field in resource.references if field.to in known)
    return tuple((field, target) for field, target in pairs if (access(target) or {}).get("owned"))


def reference_seams(resource: Resource, around: Around) -> Iterator[Seam]:
    """Nobody refers to rows of others."""
    row, model = variable_of(resource), resource.name.pascal
    found = owned_references(resource, around)
    if not found:
        return
    text = _CHECK.format(row=row, model=model)
    for field, target in found:
        key, name = target.key[0].name, target.name.pascal
        text += _ONE.format(row=row, attribute=field.attribute, target=name, key=key)
    imports = {
        f"from {around.package}.models.{target.name.snake_plural} import {target.name.pascal}"
        for _, target in found
    }
    needs = (f"from {around.package}.errors import Invalid", *sorted(imports))
    yield Seam("repository", "methods", tuple(text.splitlines()), needs)
    call = f"await self.repository.check_references({row})"
    yield Seam("service", "creating", (call,))
    yield Seam("service", "updating", (call,))
