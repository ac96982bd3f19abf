"""The commands that only read: what is here, what can be added, what was done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scaffold import registry, workspace
from scaffold.record import Record, read_record
from scaffold.spec.fields import print_field
from scaffold.spec.resource import Resource
from scaffold.undo import describe


@dataclass(frozen=True)
class Row:
    """One line of a report: what it is about, what there is to say, and where that stands."""

    name: str
    text: str
    evidence: str = ""


@dataclass(frozen=True)
class Report:
    """A titled list of rows in sections, and the same as plain data for ``--json``."""

    sections: Mapping[str, tuple[Row, ...]]
    data: Mapping[str, Any] = field(default_factory=dict)


def list_report(root: Path) -> Report:
    """The installed generators, and the resources and capabilities in effect."""
    record = read_record(workspace.open_tree(root))
    generators = registry.entry_points()
    resources = {name: Resource.from_data(data) for name, data in record.resources.items()}
    return Report(
        {
            "can be added": tuple(
                Row(name, _origin(generators[name])) for name in sorted(generators)
            ),
            "resources": tuple(
                Row(name, " ".join(print_field(f) for f in resource.fields))
                for name, resource in resources.items()
            ),
            "runs in effect": _runs(record),
        },
        {
            "generators": sorted(generators),
            "resources": dict(record.resources),
            "runs": _runs_data(record),
        },
    )


def history_report(root: Path) -> Report:
    """The runs in effect, the last one first."""
    record = read_record(workspace.open_tree(root))
    return Report({"runs in effect": _runs(record)}, {"runs": _runs_data(record)})


def _origin(point: Any) -> str:
    package = point.dist.name if point.dist is not None else "?"
    return "" if package == "scaffold-api" else f"from {package}"


def _runs(record: Record) -> tuple[Row, ...]:
    return tuple(
        Row(run.id, describe(run), f"{len(run.files)} files") for run in reversed(record.in_effect)
    )


def _runs_data(record: Record) -> list[dict[str, Any]]:
    return [
        {
            "id": run.id,
            "generator": run.generator,
            "arguments": dict(run.arguments),
            "parents": list(run.parents),
            "reverts": list(run.reverts),
            "scaffold": run.scaffold,
            "files": sorted(run.files),
            "head": run.id in record.heads,
        }
        for run in reversed(record.in_effect)
    ]
