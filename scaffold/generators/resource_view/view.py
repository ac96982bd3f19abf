"""The view of a resource that its templates are rendered with."""

from __future__ import annotations

from dataclasses import dataclass

from scaffold.generators.resource_view.enums import EnumView, enum_views
from scaffold.generators.resource_view.existing import ExistingView, existing_view
from scaffold.generators.resource_view.keys import KeyView, key_view
from scaffold.generators.resource_view.migrations import MigrationView, migration_view
from scaffold.generators.resource_view.models import ModelView, model_view
from scaffold.generators.resource_view.relations import (
    Link,
    Reference,
    Resources,
    relations_of,
)
from scaffold.generators.resource_view.schemas import SchemaView, schema_view
from scaffold.generators.resource_view.suite import SuiteView, suite_view
from scaffold.spec.resource import Resource

# Names that the functions of services and repositories have for other things.
_LOCALS = frozenset({"data", "field", "key", "lock", "page", "query", "self", "session", "value"})
_LOCALS |= {"request", "response", "router", "service", "status"}
_LOCALS |= {"answer", "body", "changes", "client", "create", "created", "database", "found"}
_LOCALS |= {
    "changes",
    "name",
    "other",
    "pages",
    "rows",
    "row",
    "sent",
    "answered",
    "shown",
    "refused",
    "url_of",
}


@dataclass(frozen=True)
class ResourceView:
    """Names in every form that a template needs, and the parts of each module.

    ``restricted`` tells that other rows can keep a row from being deleted.
    """

    snake: str
    plural: str
    pascal: str
    kebab_plural: str
    title: str
    title_plural: str
    variable: str
    table: str
    path: str
    key: KeyView
    timestamps: bool
    filters: tuple[str, ...]
    references: tuple[Reference, ...]
    links: tuple[Link, ...]
    restricted: bool
    filled: bool
    enums: tuple[EnumView, ...]
    model: ModelView
    schema: SchemaView
    migration: MigrationView
    suite: SuiteView
    existing: ExistingView | None


def variable_of(resource: Resource) -> str:
    """What one row is called in the functions of its modules."""
    name = resource.name.snake
    return f"{name}_row" if name in _LOCALS else name


def view(resource: Resource, package: str, resources: Resources | None = None) -> ResourceView:
    """What the templates of ``templates/resource`` need of ``resource``, in ``package``.

    ``resources`` are all that there are, by plural name: it relates to some, some to it.
    """
    name = resource.name
    enums = enum_views(resource)
    relations = relations_of(resource, resources or {})
    variable = variable_of(resource)
    return ResourceView(
        snake=name.snake,
        plural=name.snake_plural,
        pascal=name.pascal,
        kebab_plural=name.kebab_plural,
        title=name.title,
        title_plural=name.title_plural,
        variable=variable,
        table=resource.table,
        path=resource.path,
        key=key_view(resource, package, enums, variable),
        timestamps=resource.timestamps,
        filters=tuple(field.attribute for field in resource.columns if field.filterable),
        references=relations.references,
        links=relations.links,
        # Of a table that was there, the database may know referrers that have no field.
        restricted=resource.existing is not None
        or any(not one.field.on_delete for one in relations.referrers),
        filled=any(field.filled for field in resource.fields),
        enums=tuple(enums.values()),
        model=model_view(resource, package, enums, relations),
        schema=schema_view(resource, package, enums, relations),
        migration=migration_view(resource, enums, relations),
        suite=suite_view(resource, package, resources or {}),
        existing=existing_view(resource, package),
    )
