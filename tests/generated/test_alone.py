"""A generated project where nothing is installed but what it declares itself."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.environments import Environment
from tests.generated.harness import Project, make_shop

pytestmark = pytest.mark.slow


def test_a_project_runs_on_its_own_dependencies(tmp_path: Path) -> None:
    Project(tmp_path).scaffold("new", "bare", "--no-git")
    _judge(Project(tmp_path / "bare"), tmp_path)


@pytest.mark.full
def test_the_shop_runs_on_its_own_dependencies(tmp_path: Path) -> None:
    _judge(make_shop(tmp_path), tmp_path)


def _judge(project: Project, folder: Path) -> None:
    declared = tomllib.loads((project.root / "pyproject.toml").read_text())
    fresh = Environment.make(folder / "env")
    fresh.install("-e", project.root, *declared["dependency-groups"]["dev"])
    for tool in (("ruff", "check"), ("ruff", "format", "--check"), ("mypy",)):
        fresh.run(*tool, cwd=project.root)
    fresh.run("alembic", "upgrade", "head", cwd=project.root)
    fresh.run("pytest", "-q", cwd=project.root)
