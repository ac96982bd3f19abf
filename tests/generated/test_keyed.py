"""Keys that are composite, given by clients, or not called ``id``: generated, then judged."""

from __future__ import annotations

from pathlib import Path

import pytest

from scaffold.generators.resource_view import view
from scaffold.workflow import Call, Options, generate
from tests.generated.harness import Project, require
from tests.generated.keyed import keyed, resources


def _make(folder: Path, *options: str) -> Project:
    Project(folder).scaffold("new", "keyed", "--no-git", *options)
    made = Project(folder / "keyed")
    generate([Call("resource", {}, keyed)], Options(made.root, verify=False), title="keyed")
    made.python("-m", "ruff", "check", ".")
    made.python("-m", "ruff", "format", "--check", ".")
    made.python("-m", "mypy", "--strict", "app", "tests", "migrations")
    return made


def test_paths_and_links_name_every_part_of_the_key() -> None:
    keys = {resource.name.snake: view(resource, "app").key for resource in resources()}
    assert keys["number"].path == "/{article_no}"
    assert keys["tag"].path == "/{tag_id}"
    assert keys["line"].path == "/{order_no}/{line_no}"
    assert keys["line"].argument == "(order_no, line_no)"
    assert keys["line"].annotation == "tuple[int, int]"
    assert keys["line"].location == 'f"{request.url.path}/{line.order_no}/{line.line_no}"'
    assert keys["code"].location == "f\"{request.url.path}/{quote(code.code, safe='')}\""


@pytest.mark.slow
def test_keys_of_every_kind(tmp_path: Path) -> None:
    made = _make(tmp_path)
    made.python(
        *("-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider"),
        *("tests/test_prices.py", "tests/test_codes.py", "tests/test_refusals.py"),
    )


@pytest.mark.full
@pytest.mark.parametrize("database", ["sqlite", "postgresql", "mysql"])
def test_keys_of_every_kind_on_all_databases(tmp_path: Path, database: str) -> None:
    environment = require(database)
    made = _make(tmp_path, "--database", database)
    made.python("-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", env=environment)
