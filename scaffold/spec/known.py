"""The resources of a project by name, each read from its data when somebody asks for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scaffold.spec.resource import Resource


class Resources(Mapping[str, Resource]):
    """Resources by plural name: those recorded as data, and those made since.

    A project with hundreds of them mostly needs one.
    """

    def __init__(
        self, recorded: Mapping[str, Any], made: Mapping[str, Resource] | None = None
    ) -> None:
        self._recorded = recorded
        self._made = dict(made or {})
        self._read: dict[str, Resource] = {}

    def __getitem__(self, name: str) -> Resource:
        if name in self._made:
            return self._made[name]
        if name not in self._read:
            self._read[name] = Resource.from_data(self._recorded[name])
        return self._read[name]

    def __contains__(self, name: object) -> bool:
        return name in self._made or name in self._recorded

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys([*self._recorded, *self._made]))

    def __len__(self) -> int:
        return len(self._recorded.keys() | self._made.keys())

    def __or__(self, others: Mapping[str, Resource]) -> Resources:
        """These, with ``others`` in place of those of their names; none is read twice."""
        joined = Resources(self._recorded, {**self._made, **others})
        joined._read = self._read
        return joined

    def relating_to(self, target: str) -> Iterator[Resource]:
        """Those with a field that refers or links to the resource ``target``, sorted by name."""
        for name in sorted(self):
            if name not in self._made and not _may_name(self._recorded[name], target):
                continue
            if any(field.to == target for field in self[name].fields):
                yield self[name]


def _may_name(recorded: Any, target: str) -> bool:
    """Whether a recorded resource has a field to ``target``; what isn't data as we write it may."""
    try:
        return any(field.get("to") == target for field in recorded["fields"])
    except (TypeError, KeyError, AttributeError):
        return True
