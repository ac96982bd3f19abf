"""The commands that only read: what is here, what can be added, what was done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from scaffold import registry, workspace
from scaffold.installed import EntryPoint
from scaffold.project import read_project
from scaffold.project.facts import Fact, read_facts
from scaffold.record import Record, read_record
from scaffold.spec.fields import print_field
from scaffold.spec.resource import Resource
from scaffold.tree import Tree
from scaffold.undo import describe
from scaffold.workflow import settle

LONGEST = 60
"""So many characters of a line are shown as evidence."""


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
    """What scaffold knows of the project, each fact with the file and line that tells it.

    Raises:
        UsageError: what its pyproject.toml states can't be.
    """
    found = read_facts(read_project(_settled(root), pins))
    sections: dict[str, list[Row]] = {}
    for fact in found:
        unsure = fact.confidence in ("stated", "likely", "assumed")
        text = f"{fact.value} ({fact.confidence})" if unsure else fact.value
        sections.setdefault(fact.section, []).append(Row(fact.name, text, _told(fact)))
    return Report(
        {title: tuple(rows) for title, rows in sections.items()},
        {"project": [_fact_data(fact) for fact in found]},
    )


def _told(fact: Fact) -> str:
    """Where a fact was read, and the start of the line that says it."""
    where = fact.evidence
    if where is None:
        return ""
    text = where.text if len(where.text) <= LONGEST else where.text[: LONGEST - 1] + "…"
    return f"{where}  {text}" if text else str(where)


def _fact_data(fact: Fact) -> dict[str, Any]:
    return {
        **{key: getattr(fact, key) for key in ("section", "name", "value", "confidence")},
        "evidence": asdict(fact.evidence) if fact.evidence else None,
    }


def _settled(root: Path) -> Tree:
    """The project's tree, after what a killed scaffold left there was taken back."""
    settle(root)
    return workspace.open_tree(root)


def _origin(point: EntryPoint) -> str:
    package = point.distribution
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
