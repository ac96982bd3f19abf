"""``scaffold add resource``: model, schemas, repository, service, router, tests, migration."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Annotated, Any

from scaffold.api import (
    Action,
    Around,
    Context,
    JoinHeads,
    Next,
    PatchFile,
    Refuse,
    Remember,
    Resource,
    UsageError,
    Wire,
    asked_for,
    fielded,
    make_resource,
)
from scaffold.generators.resource_view import (
    Resources,
    ResourceView,
    change_view,
    referring_to,
    showing,
    targets_of,
    unrelated,
    unsafe,
    view,
    weave,
)

_SCHEMATHESIS = "schemathesis.toml"
_STATUSES = '["2xx", "3xx", "401", "403", "404", "409", "422", "429", "5xx"]'
_LAYERS = ("models", "repositories", "routers", "schemas", "services")


def resource(
    context: Context,
    name: Annotated[str, "What it is called: orders, Order, order-items."],
    *fields: Annotated[str, "NAME:TYPE[:MODIFIER…], e.g. total:decimal:10.2:min=0."],
    prefix: Annotated[
        str, "The path before the collection: by default /api/v1, or what other routers here get."
    ] = "",
    timestamps: Annotated[bool, "Without created_at and updated_at."] = True,
    bring_database: Annotated[
        bool, "A SQLite database of its own, where the project has another data layer."
    ] = False,
    **aspects: object,
) -> Iterator[Action]:
    """Add a resource: model, schemas, repository, service, router, tests, migration."""
    asked = asked_for(context.aspects.values(), aspects)
    ours = bool(context.record.by_generator("new"))
    if ours and bring_database:
        raise UsageError("--bring-database: this project has a database of its own")
    if ours and not prefix:
        prefix = "/api/v1"
    wanted = make_resource(name, fields, prefix=prefix, timestamps=timestamps, aspects=asked)
    around = Around(context.project.package, context.resources, context.record)
    wanted = fielded(wanted, context.aspects, around)
    known = context.resources.get(wanted.name.snake_plural)
    if known is not None and known.to_data() != wanted.to_data():
        plural = wanted.name.snake_plural
        yield Refuse(
            f"the resource {plural} is there with other fields or options: scaffold list shows them, "
            f"scaffold add field {plural} adds to them, scaffold remove resource {plural} takes it back"
        )
        return
    if ours:
        yield from change(context, known, wanted)
    else:
        yield from _foreign(context, known, wanted, bring_database=bring_database)


def change(context: Context, before: Resource | None, after: Resource) -> Iterator[Action]:
    """What makes the resource ``before`` (None: there is none) into ``after``.

    Its files are rendered again, which merges them with edits made since; its table gets a revision
    if columns differ.
    """
    if not context.record.by_generator("new"):
        yield from _foreign(context, before, after, bring_database=False)
        return
    plural = after.name.snake_plural
    resources = context.resources | {plural: after}
    refusals = [*_no_app(context), *(unsafe(before, after) if before else ())]
    refusals += unrelated(after, context.resources)
    refusals += _guarded(context, before, after, resources)
    if refusals:
        yield from refusals
        return
    package = context.project.package
    variables, missing = _variables(context, after, resources)
    if missing:
        yield from missing
        return
    yield from context.render("resource", variables, leave_out=["migrations"])
    yield from _others(context, before, after, resources)
    yield from _judged(context, before, after, variables["resource"])
    if before is None and after.existing is not None:
        yield from context.render("existing_table", variables)
    else:
        yield from _migration(context, before, after, resources, variables)
    if before is None or before.to_data() == after.to_data():
        yield Wire(f"{package}.routers.{plural}", "router", f"{plural}_router", prefix=after.prefix)
    yield Remember(after)
    yield Next(f"uv run pytest tests/test_{plural}.py", "the resource's own tests")


def _foreign(
    context: Context, before: Resource | None, after: Resource, *, bring_database: bool
) -> Iterator[Action]:
    """The same in a repository that scaffold did not make; only there its ways are imported."""
    from scaffold.generators import foreign

    yield from foreign.plan(context, before, after, bring_database=bring_database)


def refresh(context: Context, name: str) -> Iterator[Action]:
    """A resource's files rendered again, since what relates to it has changed."""
    variables, missing = _variables(context, context.resources[name], context.resources)
    yield from missing
    yield from context.render("resource", variables, leave_out=["migrations"])


def _guarded(
    context: Context, before: Resource | None, after: Resource, resources: Resources
) -> Iterator[Refuse]:
    """Why aspects don't let the resource be as it would be; what was so before stays."""
    around = Around(context.project.package, resources, context.record)
    for aspect in context.aspects.values():
        known = set(aspect.guard(before, around)) if before else set()
        yield from (Refuse(one) for one in aspect.guard(after, around) if one not in known)


def _no_app(context: Context) -> Iterator[Refuse]:
    """Why the application can't be told, if it can't."""
    for refusal in context.project.refusals:
        yield Refuse.told(refusal)


def _variables(
    context: Context, resource: Resource, resources: Resources
) -> tuple[dict[str, Any], tuple[Refuse, ...]]:
    """What the templates of a resource are rendered with; or why they can't be."""
    package = context.project.package
    around = Around(package, resources, context.record)
    woven, missing = weave(resource, context.aspects, around)
    seen = view(resource, package, resources)
    return {"resource": seen, "package": package, "woven": woven}, missing


def _judged(
    context: Context, before: Resource | None, after: Resource, seen: ResourceView
) -> Iterator[Action]:
    """What schemathesis can't know: which rows there are to refer to."""
    if context.tree.get(_SCHEMATHESIS) is None:
        return
    sent = [field for field in after.references if not field.readonly]
    if not sent and not (before and before.references):
        return
    arguments = {
        "paths": [after.path, f"{after.path}{seen.key.path}"],
        "methods": ["POST", "PATCH"],
        "reason": f"The rows that {after.name.title_plural} refer to may not be there.",
        "statuses": _STATUSES,
    }
    codemod = "add_operations" if sent else "remove_operations"
    yield PatchFile(_SCHEMATHESIS, codemod, arguments)


def _others(
    context: Context, before: Resource | None, after: Resource, resources: Resources
) -> Iterator[Action]:
    """The files of other resources that tell of this one: models and routers of what it relates
    to, tests that store its rows, and what must not show them to others from now on."""
    related = targets_of(after) | (targets_of(before) if before else frozenset())
    both = ("{{package}}/models", "{{package}}/routers", "tests")
    parts = {name: set(both) for name in related}
    for other in referring_to(after, resources) if before else ():
        parts.setdefault(other.name.snake_plural, set()).add("tests")
    if before and before.aspects != after.aspects:
        for other in showing(after, resources):
            parts[other.name.snake_plural] = {"tests", *(f"{{{{package}}}}/{p}" for p in _LAYERS)}
    for name in sorted(parts):
        variables, missing = _variables(context, resources[name], resources)
        yield from missing
        folders = {"migrations", "tests", *(f"{{{{package}}}}/{part}" for part in _LAYERS)}
        yield from context.render("resource", variables, leave_out=folders - parts[name])


def _migration(
    context: Context,
    before: Resource | None,
    after: Resource,
    resources: Resources,
    variables: dict[str, object],
) -> Iterator[Action]:
    """The revision on the one head there is, if the table changes."""
    if before is None:
        folder, title = "resource", f"create {after.table}"
        purpose = f"makes the table {after.table}"
    else:
        changed = change_view(before, after, resources)
        if changed is None:
            return
        folder, title, purpose = "resource_change", changed.title, changed.title
        variables = {"change": changed, "slug": changed.slug}
    alembic = context.project.alembic
    if alembic is None:
        yield Refuse("no Alembic set-up: looked for script_location in pyproject.toml")
        return
    yield JoinHeads()
    alembic = context.project.alembic or alembic
    if len(alembic.heads) > 1:
        return
    down = alembic.heads[0] if alembic.heads else None
    # The same command on the same head is the same revision, on every machine.
    revision = hashlib.sha256(f"{title} on {down}".encode()).hexdigest()[:12]
    yield from context.render(
        folder,
        variables | {"revision": revision, "down_revision": down},
        leave_out=["tests", "{{package}}"],
    )
    yield Next("uv run alembic upgrade head", purpose)
