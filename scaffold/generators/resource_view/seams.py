"""The seams of a resource's templates, filled with what its aspects have for them."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from scaffold.api import Around, Aspect, Refuse, Resource, Seam
from scaffold.generators.resource_view.imports import Scope


@dataclass(frozen=True)
class Woven:
    """The seams of one resource; a place that no aspect has lines for is empty."""

    package: str
    seams: tuple[Seam, ...] = ()

    def lines(self, module: str, place: str) -> tuple[str, ...]:
        """The lines at one place of a module's template."""
        here = (s for s in self.seams if s.module == module and s.place == place)
        return tuple(line for seam in here for line in seam.lines)

    def joined(self, module: str, place: str) -> str:
        """What follows the last of a call's arguments or parameters: ``, a=1, b=2``, or nothing."""
        return "".join(f", {line}" for line in self.lines(module, place))

    def imports(self, module: str, own: str) -> str:
        """A module's import statements, ``own`` and the aspects', merged and sorted."""
        scope = Scope(())
        extra = [line for s in self.seams if s.module == module for line in s.imports]
        for statement in ast.parse("\n".join([own, *extra])).body:
            _add(scope, statement)
        return scope.lines(self.package)


def weave(
    resource: Resource, aspects: Mapping[str, Aspect], around: Around
) -> tuple[Woven, tuple[Refuse, ...]]:
    """What the aspects of ``resource`` have for its seams, or why they can't.

    An aspect is woven in only where the generator that it needs, if any, is in effect.
    """
    seams: list[Seam] = []
    refusals: list[Refuse] = []
    for name, data in sorted(resource.aspects.items()):
        aspect = aspects.get(name)
        if aspect is None:
            refusals.append(Refuse(f"no installed package brings the aspect {name!r}"))
        elif not isinstance(data, Mapping):
            refusals.append(Refuse(f"the record has no options for the aspect {name!r}"))
        elif aspect.requires and not around.record.by_generator(aspect.requires):
            needed = aspect.requires
            refusals.append(
                Refuse(f"the aspect {name} needs {needed}: run scaffold add {needed} first")
            )
        else:
            seams += aspect.weave(resource, data, around)
    return Woven(around.package, tuple(seams)), tuple(refusals)


def _add(scope: Scope, statement: ast.stmt) -> None:
    match statement:
        case ast.ImportFrom(module=str(module), names=names, level=0):
            for alias in names:
                scope.name(module, alias.name, alias.asname)
        case ast.Import(names=names):
            for alias in names:
                scope.module(alias.name, alias.asname or alias.name)
        case _:
            raise ValueError(f"line {statement.lineno} of the imports is none")
