"""``scaffold add resource``: model, schemas, repository, service, router, tests, migration."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Annotated

from scaffold.api import (
    Action,
    Around,
    Context,
    Next,
    Refuse,
    Remember,
    Resource,
    Wire,
    asked_for,
    make_resource,
)
from scaffold.generators.resource_view import view, weave


def resource(
    context: Context,
    name: Annotated[str, "What it is called: orders, Order, order-items."],
    *fields: Annotated[str, "NAME:TYPE[:MODIFIER…], e.g. total:decimal:10.2:min=0."],
    prefix: Annotated[str, "The path before the collection."] = "/api/v1",
    timestamps: Annotated[bool, "Without created_at and updated_at."] = True,
    **aspects: object,
) -> Iterator[Action]:
    """Add a resource: model, schemas, repository, service, router, tests, migration."""
    asked = asked_for(context.aspects.values(), aspects)
    wanted = make_resource(name, fields, prefix=prefix, timestamps=timestamps, aspects=asked)
    plural = wanted.name.snake_plural
    known = context.resources.get(plural)
    refusals = [*_other_fields(wanted, known), *_not_ours(context)]
    if refusals:
        yield from refusals
        return
    package = context.project.package
    around = Around(package, context.resources, context.record)
    woven, missing = weave(wanted, context.aspects, around)
    if missing:
        yield from missing
        return
    variables = {"resource": view(wanted, package), "package": package, "woven": woven}
    yield from context.render("resource", variables, leave_out=["migrations"])
    if known is None:
        yield from _migration(context, wanted, variables)
    yield Wire(f"{package}.routers.{plural}", "router", f"{plural}_router", prefix=wanted.prefix)
    yield Remember(wanted)
    yield Next("uv run alembic upgrade head", f"makes the table {wanted.table}")
    yield Next(f"uv run pytest tests/test_{plural}.py", "the new resource's own tests")


def _other_fields(wanted: Resource, known: Resource | None) -> Iterator[Refuse]:
    """A refusal where the resource is there in another shape."""
    if known is not None and known.to_data() != wanted.to_data():
        plural = wanted.name.snake_plural
        yield Refuse(
            f"the resource {plural} is there with other fields or options: "
            f"scaffold list shows them, scaffold remove resource {plural} takes it back",
        )


def _not_ours(context: Context) -> Iterator[Refuse]:
    """A refusal in a project that has not the base which the templates stand on."""
    project = context.project
    if project.refusals:
        for refusal in project.refusals:
            yield Refuse(refusal.reason, refusal.path, refusal.line)
        return
    if not context.record.by_generator("new"):
        yield Refuse(
            "scaffold did not make this project (no run of scaffold new in .scaffold/runs): "
            "a resource needs the base that scaffold new makes"
        )


def _migration(
    context: Context, wanted: Resource, variables: dict[str, object]
) -> Iterator[Action]:
    """The revision on the one head there is."""
    alembic = context.project.alembic
    if alembic is None:
        yield Refuse("no Alembic set-up: looked for script_location in pyproject.toml")
        return
    if len(alembic.heads) > 1:
        yield Refuse(
            f"the migrations have {len(alembic.heads)} heads ({', '.join(alembic.heads)}): "
            "join them with alembic merge heads",
            path=alembic.versions,
        )
        return
    down = alembic.heads[0] if alembic.heads else None
    seed = f"create {wanted.table} on {down}"
    # The same command on the same head is the same revision, on every machine.
    revision = hashlib.sha256(seed.encode()).hexdigest()[:12]
    yield from context.render(
        "resource",
        variables | {"revision": revision, "down_revision": down},
        leave_out=["tests", "{{package}}"],
    )
