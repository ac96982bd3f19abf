"""Every field type with every modifier, on every database: generated, then judged by its tools."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from scaffold.spec.errors import UsageError
from scaffold.spec.fields import parse_field
from scaffold.spec.kinds import KINDS
from tests.generated.harness import Project, require

TYPES = sorted(name for name, kind in KINDS.items() if not kind.relates)
SEED = int(os.environ.get("SCAFFOLD_SEED", "20261123"))
ARGUMENTS = {"decimal": ":12.3", "enum": ":draft,in-review,3d,none"}
BOUNDS = {
    "str": ("3", "40"),
    "text": ("3", "400"),
    "int": ("-5", "70000"),
    "bigint": ("-5", "7000000000"),
    "float": ("-1.5", "99.25"),
    "decimal": ("0", "99999.125"),
    "date": ("2020-01-01", "2030-12-31"),
    "datetime": ("2020-01-01", "2030-12-31"),
    "time": ("08:00", "18:30:15.5"),
}
DEFAULTS = {
    **dict.fromkeys(("str", "text"), 'it\'s "x": {y} é'),
    **dict.fromkeys(("int", "bigint", "float", "decimal"), "7"),
    "bool": "true",
    "date": "2024-02-29",
    "datetime": "2024-02-29T23:59:59Z",
    "time": "09:30",
    "uuid": "00000000-0000-4000-8000-000000000001",
    "email": "a@example.com",
    "url": "https://example.com/a:b",
    "json": '{"a": [1, null, "é"]}',
    "enum": "3d",
}
MODIFIERS = (
    (),
    ("optional",),
    ("unique",),
    ("index",),
    ("min",),
    ("max",),
    ("default",),
    ("optional", "unique"),
    ("optional", "index"),
    ("optional", "default"),
    ("min", "max", "index"),
    ("readonly", "optional"),
    ("readonly", "default"),
    ("writeonly",),
    ("writeonly", "optional"),
    ("writeonly", "default"),
    ("unique", "folded"),
)


def fields_of(kind: str) -> list[str]:
    """All fields of one type that the grammar admits, named after their modifiers."""
    low, high = BOUNDS.get(kind, ("1", "200"))
    said = {"min": f"min={low}", "max": f"max={high}", "default": f"default={DEFAULTS[kind]}"}
    found = []
    for modifiers in MODIFIERS:
        name = "_".join(modifiers) or "plain"
        text = ":".join(
            [f"{name}_one", kind + ARGUMENTS.get(kind, ""), *(said.get(m, m) for m in modifiers)]
        )
        try:
            parse_field(text)
        except UsageError:
            continue
        found.append(text)
    return found


def test_the_matrix_is_not_empty() -> None:
    assert all(len(fields_of(kind)) >= 5 for kind in TYPES), {k: fields_of(k) for k in TYPES}


def _make(folder: Path, kinds: list[str], *options: str) -> Project:
    Project(folder).scaffold("new", "sink", "--no-git", *options)
    sink = Project(folder / "sink")
    for kind in kinds:
        sink.scaffold("add", "resource", f"{kind}-thing", *fields_of(kind))
    return sink


def _judge(sink: Project, environment: dict[str, str]) -> None:
    sink.python("-m", "ruff", "check", ".")
    sink.python("-m", "ruff", "check", "--isolated", ".")
    sink.python("-m", "ruff", "format", "--check", ".")
    sink.python("-m", "mypy", "--strict", "app", "tests")
    sink.python("-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", env=environment)


@pytest.mark.slow
def test_a_slice_of_the_types(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    _judge(_make(tmp_path, chance.sample(TYPES, 3)), {})


@pytest.mark.full
@pytest.mark.parametrize("database", ["sqlite", "postgresql", "mysql"])
@pytest.mark.parametrize("half", [0, 1])
def test_all_types_on_all_databases(tmp_path: Path, database: str, half: int) -> None:
    environment = require(database)
    _judge(_make(tmp_path, TYPES[half::2], "--database", database), environment)
