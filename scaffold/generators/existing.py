"""``scaffold add resource --from-database``: resources of tables that are there already."""

from __future__ import annotations

from collections.abc import Iterator

from scaffold.api import Action, Context, Next, Note, Refuse, Render, Resource
from scaffold.generators.resource import change

# Files of the base that are different where tables are older than the migrations.
_BASE = (
    "migrations/env.py.jinja",
    "tests/conftest.py.jinja",
    "tests/test_database.py.jinja",
    "tests/test_refusals.py.jinja",
    "{{package}}/refusals.py.jinja",
)


def existing_base(context: Context, notes: tuple[str, ...] = ()) -> Iterator[Action]:
    """What all resources of existing tables stand on, and what the user should know of them."""
    if not context.record.by_generator("new"):
        return  # the resources say why not
    package = context.project.package
    variables = {"package": package, "existing": True}
    yield from context.render("existing", variables)
    for name in _BASE:
        yield Render(f"project/{name}", variables)
    yield from (Note(note) for note in notes)
    yield Next("uv run alembic check", "with DATABASE_URL set to it: no difference")


def existing_resource(context: Context, wanted: Resource) -> Iterator[Action]:
    """The resource of one table; none where it is there in another shape."""
    known = context.resources.get(wanted.name.snake_plural)
    if known is not None and known.to_data() != wanted.to_data():
        yield Refuse(
            f"the resource {wanted.name.snake_plural} is there, and the table {wanted.table} is not "
            "as it was: scaffold remove resource takes it back, then it can be read again"
        )
        return
    yield from change(context, known, wanted)
