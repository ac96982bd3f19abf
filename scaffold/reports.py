"""The commands that only read: what is here, what can be added, what was done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scaffold import registry, workspace
from scaffold.project import read_project
from scaffold.record import Record, read_record
from scaffold.spec.fields import print_field
from scaffold.spec.resource import Resource
from scaffold.tree import Tree
from scaffold.undo import describe
from scaffold.workflow import settle

if TYPE_CHECKING:
    from scaffold.project.manifests import SettingsClass


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
    record = read_record(_settled(root))
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
    record = read_record(_settled(root))
    return Report({"runs in effect": _runs(record)}, {"runs": _runs_data(record)})


def info_report(root: Path, pins: Mapping[str, str]) -> Report:
    """What scaffold knows of the project, each fact with the file and line that tells it."""
    project = read_project(_settled(root), pins)
    entry, alembic = project.entry, project.alembic
    rows = [Row("root", project.root or ".")]
    if entry is not None:
        where = f"{entry.evidence.path}:{entry.evidence.line}"
        rows.append(Row("app", f"{entry.app.label} ({entry.confidence})", where))
        rows.append(Row("package", project.package or "(modules at the root)"))
    for refusal in project.refusals:
        rows.append(Row("app", refusal.reason, f"{refusal.path}:{refusal.line}"))
    rows.append(Row("dependencies", project.manifest or "none found"))
    settings = project.settings
    rows.append(Row("settings", settings.name if settings else "none found", _path(settings)))
    if alembic is not None:
        heads = ", ".join(alembic.heads) or "no revision yet"
        rows.append(Row("migrations", f"head {heads}", alembic.versions))
    return Report({"project": tuple(rows)}, {"project": [asdict(row) for row in rows]})


def _settled(root: Path) -> Tree:
    """The project's tree, after what a killed scaffold left there was taken back."""
    settle(root)
    return workspace.open_tree(root)


def _path(found: SettingsClass | None) -> str:
    return found.path if found else ""


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
