"""The key of a resource: how paths, functions and links say which row is meant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scaffold.generators.resource_view.enums import EnumView
from scaffold.generators.resource_view.imports import Scope
from scaffold.generators.resource_view.models import python_type
from scaffold.generators.resource_view.schemas import filter_type
from scaffold.spec.fields import Key
from scaffold.spec.resource import Resource

# Names that a function of the router has for other things.
_PARAMETERS = frozenset({"data", "include", "query", "request", "response", "service"})
_WRITTEN_ALIKE = frozenset({"bigint", "float", "int", "uuid"})  # in a path and by str()


@dataclass(frozen=True)
class KeyView:
    """How one row is meant: ``names`` are the attributes, in the order of the path.

    ``path`` is what follows the collection's, ``parameters`` those of a function that takes it,
    ``argument`` what such a function passes on, ``annotation`` the type of that, ``location`` the
    path of a row that is there. ``router_imports`` are what the router needs to say these,
    ``imports`` what the annotation needs.
    """

    names: tuple[str, ...]
    path: str
    parameters: str
    argument: str
    annotation: str
    location: str
    router_imports: str
    imports: str


def key_view(
    resource: Resource, package: str, enums: Mapping[str, EnumView], variable: str
) -> KeyView:
    """The key of ``resource`` in the package ``package``; ``variable`` holds a row of it."""
    return _Keys(resource, package, enums, variable).view()


class _Keys:
    def __init__(
        self, resource: Resource, package: str, enums: Mapping[str, EnumView], variable: str
    ) -> None:
        self.resource = resource
        self.package = package
        self.variable = variable
        self.plural = resource.name.snake_plural
        self.enums = enums

    def view(self) -> KeyView:
        router, service = Scope(()), Scope(())
        typed = [
            (self._parameter(key), path_type(key, self.package, router, self._enums(router)))
            for key in self.resource.key
        ]
        names = [name for name, _ in typed]
        links = "/".join(f"{{{self._link(key, router)}}}" for key in self.resource.key)
        annotation = self._annotation(service)
        return KeyView(
            names=tuple(key.name for key in self.resource.key),
            path="".join(f"/{{{name}}}" for name in names),
            parameters=", ".join(f"{name}: {type_}" for name, type_ in typed),
            argument=names[0] if len(names) == 1 else f"({', '.join(names)})",
            annotation=annotation,
            location=f'f"{{request.url.path}}/{links}"',
            router_imports=router.lines(self.package),
            imports=service.lines(self.package),
        )

    def _parameter(self, key: Key) -> str:
        """What the path calls it: ``order_id`` where the column is ``id``."""
        name = f"{self.resource.name.snake}_id" if key.name == "id" else key.name
        return f"{name}_key" if name in {*_PARAMETERS, self.variable} else name

    def _annotation(self, scope: Scope) -> str:
        """The type of a key in Python, as services and repositories take it."""
        enums = self._enums(scope)
        types = [python_type(key, scope, enums) for key in self.resource.key]
        return types[0] if len(types) == 1 else f"tuple[{', '.join(types)}]"

    def _link(self, key: Key, scope: Scope) -> str:
        """A part of the path of a row, escaped where it could need that."""
        value = f"{self.variable}.{key.name}"
        if key.type in _WRITTEN_ALIKE:
            return value
        quote = scope.name("urllib.parse", "quote")
        if key.type in ("date", "datetime", "time", "decimal", "bool"):
            value = f"{scope.name('pydantic_core', 'to_jsonable_python')}({value})"
            if key.type in ("bool", "decimal"):
                value = f"str({value})"
        return f"{quote}({value}, safe='')"

    def _enums(self, scope: Scope) -> dict[str, EnumView]:
        models = f"{self.package}.models.{self.plural}"
        used = {key.name for key in self.resource.key}
        return {
            name: EnumView(scope.name(models, enum.name), enum.lines, enum.members, enum.length)
            for name, enum in self.enums.items()
            if name in used
        }


def path_type(key: Key, package: str, scope: Scope, enums: Mapping[str, EnumView]) -> str:
    """The type of a path's parameter, which is text until it is read."""
    if key.numbered:
        return scope.name(f"{package}.types", "Id")
    return filter_type(key, package, scope, enums)
