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
        self._read = dict(made or {})

    def __getitem__(self, name: str) -> Resource:
        if name not in self._read:
            self._read[name] = Resource.from_data(self._recorded[name])
        return self._read[name]

    def __contains__(self, name: object) -> bool:
        return name in self._read or name in self._recorded

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys([*self._recorded, *self._read]))

    def __len__(self) -> int:
        return len(self._recorded.keys() | self._read.keys())

    def __or__(self, others: Mapping[str, Resource]) -> Resources:
        """These, with ``others`` in place of those of their names."""
        return Resources(self._recorded, {**self._read, **others})
