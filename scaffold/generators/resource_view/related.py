"""What the test module of a resource has for its relations: rows to refer to, tables of tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scaffold.generators.resource_view import targets
from scaffold.generators.resource_view.imports import Scope
from scaffold.generators.resource_view.relations import (
    Reference,
    Resources,
    links_of,
    references_of,
)
from scaffold.spec.resource import Resource


@dataclass(frozen=True)
class RowsView:
    """Rows that are stored before the tests: source. ``filled`` is what no client may send."""

    plural: str
    model: str
    schema: str
    body: str
    count: int
    filled: str


@dataclass(frozen=True)
class RelatedView:
    """``targets`` are stored before each test, ``sides`` before those of links.

    The others are lists without their brackets: references that rows can have, names for
    ``include``, references that can lead to the row itself, what a deletion does, and links.
    ``segment`` is KEY, the key of a target, as a part of its path.
    """

    targets: tuple[RowsView, ...]
    sides: tuple[RowsView, ...]
    references: str
    includes: str
    loops: str
    deletions: str
    links: str
    segment: str


def related_view(
    resource: Resource, package: str, resources: Resources, scope: Scope
) -> RelatedView:
    """The tests of the relations of ``resource``; what they import is added to ``scope``."""
    return _Related(resource, package, resources, scope).view()


def body_of(target: Resource, resource: Resource, resources: Resources, scope: Scope) -> str:
    """The function that makes the values of a row of ``target``, in the tests of ``resource``."""
    name = target.name
    if name == resource.name:
        return "body"
    if targets.tests_lead_to(target, resource, resources):  # each module imports the other
        return f"{scope.name('tests', f'test_{name.snake_plural}', f'{name.snake}_tests')}.body"
    return scope.name(f"tests.test_{name.snake_plural}", "body", f"{name.snake}_body")


class _Related:
    def __init__(
        self, resource: Resource, package: str, resources: Resources, scope: Scope
    ) -> None:
        self.resource = resource
        self.package = package
        self.resources = resources
        self.scope = scope
        self.stored = targets.stored_for(resource, resources)
        self.sides = targets.stored_for_links(resource, resources) if resource.links else ()

    def view(self) -> RelatedView:
        if self.resource.references or self.resource.links:
            self.scope.name("collections.abc", "Iterator")
            self.scope.name("sqlalchemy", "event")
            self.scope.name(f"{self.package}.database", "Database")
        return RelatedView(
            targets=tuple(map(self._rows, self.stored)),
            sides=tuple(map(self._rows, self.sides)),
            references=", ".join(self._references()),
            includes=_names([field.name for field in self.resource.references]),
            loops=_names([one.name for one in self._tested() if one.to_itself]),
            deletions=", ".join(self._deletions()),
            links=", ".join(self._links()),
            segment=self._segment(),
        )

    def _segment(self) -> str:
        if all(one.target.key[0].type != "str" for one in self._tested()):
            return "KEY"
        return f"{self.scope.name('urllib.parse', 'quote')}(str(KEY), safe='')"

    def _rows(self, stored: targets.Stored) -> RowsView:
        """The code that stores rows, under names that pytest doesn't take for tests."""
        name = stored.resource.name
        model = self._class(f"models.{name.snake_plural}", name.pascal)
        schema = self._class(f"schemas.{name.snake_plural}", f"{name.pascal}Create")
        keys = [f"{key.name}=number + 1" for key in stored.resource.key if not key.given]
        keys += [f"{field.attribute}=1" for field in stored.filled]
        filled = "".join(f"{key}, " for key in keys)
        body = body_of(stored.resource, self.resource, self.resources, self.scope)
        return RowsView(name.snake_plural, model, schema, body, stored.count, filled)

    def _class(self, module: str, name: str) -> str:
        alias = f"A{name}" if name.startswith("Test") else name
        return self.scope.name(f"{self.package}.{module}", name, alias)

    def _tested(self) -> list[Reference]:
        """The references that rows of the tests can have."""
        sent = targets.sent(self.resource, self.resources)
        return [
            one
            for one in references_of(self.resource, self.resources)
            if one in sent or (one.to_itself and not one.field.readonly)
        ]

    def _references(self) -> Iterator[str]:
        for one in self._tested():
            yield f"({_names([one.name, one.target.path])})"

    def _deletions(self) -> Iterator[str]:
        """What becomes of a row when the one that it refers to is deleted, where that is sure."""
        for one in self._tested():
            others = [
                other
                for resource in (*(rows.resource for rows in self.stored), self.resource)
                for other in targets.held(resource, self.resources)
                if other.target == one.target and other.field != one.field
            ]
            action = one.field.on_delete or "restrict"
            if action == "restrict" or not others:
                yield f"({_names([one.name, one.target.path, action])})"

    def _links(self) -> Iterator[str]:
        for link in links_of(self.resource, self.resources):
            parts = [link.segment, link.target.path, link.key, link.target.name.title]
            yield f"({_names(parts)})"


def _names(names: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
