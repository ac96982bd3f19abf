"""Random names and fields: whatever is accepted comes out formatted, and compiles."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from scaffold.api import Resource, UsageError, make_resource
from scaffold.generators.resource_view import Woven, view
from scaffold.templates import Templates

WIDTHS = (79, 88, 120)
SEED = int(os.environ.get("SCAFFOLD_SEED", "20261123"))
TYPES = (
    *("str", "text", "int", "bigint", "float", "decimal", "decimal:12.0", "decimal:38.30", "bool"),
    *("date", "datetime", "time", "uuid", "email", "url", "json", "enum"),
)
SYLLABLES = (
    "a",
    "be",
    "co",
    "du",
    "elf",
    "ing",
    "order",
    "item",
    "user",
    "data",
    "x9",
    "status",
    "type",
    "news",
    "id",
    "ty",
    "th",
    "zz",
    "value",
)


def _name(chance: random.Random, longest: int = 40) -> str:
    text = "".join(chance.choice(SYLLABLES) for _ in range(chance.randint(1, 12)))
    if chance.random() < 0.5:
        place = chance.randrange(len(text))
        text = text[:place] + "_" + text[place:]
    return text[: chance.randint(1, longest)].strip("_")


def _field(chance: random.Random) -> str:
    kind = chance.choice(TYPES)
    if kind == "enum":
        values = {_name(chance, 20) for _ in range(chance.randint(2, 6))}
        kind = "enum:" + ",".join(sorted(values))
    modifiers = [m for m in ("optional", "unique", "index", "readonly") if chance.random() < 0.25]
    if kind in ("str", "int", "decimal") and chance.random() < 0.3:
        modifiers.append(f"max={chance.randint(1, 200)}")
    return ":".join([_name(chance), kind, *modifiers])


def _resources(count: int) -> Iterator[Resource]:
    """``count`` resources that are accepted; a refusal must be a UsageError."""
    chance = random.Random(SEED)
    while count:
        fields = [_field(chance) for _ in range(chance.randint(0, 5))]
        try:
            yield make_resource(_name(chance), fields, timestamps=chance.random() < 0.8)
        except UsageError:
            continue
        count -= 1


def _render(templates: Templates, resource: Resource, folder: Path, width: int) -> None:
    """All files of a resource below ``folder``."""
    variables = {
        "resource": view(resource, "app"),
        "package": "app",
        "woven": Woven("app"),
        "revision": "0123456789ab",
        "down_revision": None,
    }
    for name in templates.files("resource"):
        content = templates.render("resource", name, variables, line_length=width)
        path = folder / templates.path(name, variables)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            compile(content, str(path), "exec")


def _check(tmp_path: Path, count: int) -> None:
    templates = Templates()  # once: to read them again each time is most of the work
    for number, resource in enumerate(_resources(count)):
        for width in WIDTHS:
            _render(templates, resource, tmp_path / str(width) / str(number), width)
    for width in WIDTHS:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "ruff", "format", "--isolated", "--no-cache", "--check"),
                *("--diff", "--line-length", str(width), "--target-version", "py311", "."),
            ],
            cwd=tmp_path / str(width),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"width {width}:\n{done.stdout[-6000:]}{done.stderr[-500:]}"


@pytest.mark.slow
def test_a_slice_of_random_names_is_formatted_and_compiles(tmp_path: Path) -> None:
    _check(tmp_path, 60)


@pytest.mark.full
def test_5000_random_names_are_formatted_and_compile(tmp_path: Path) -> None:
    _check(tmp_path, 5000)
