"""Every kind of relation in one project, a circle of tables among them, judged on each database."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.generated.harness import Project, require

COMMANDS = (
    "resource departments name:str:unique",
    (
        "resource employees name:str department:ref:on_delete=cascade "
        "mentor:ref:to=employees:optional:unique:on_delete=set_null"
    ),
    "field departments head:ref:to=employees:optional:on_delete=set_null",
    (
        "resource badges employee:ref:unique:on_delete=cascade "
        "checked_by:ref:to=employees:optional:readonly"
    ),
    "resource skills name:str",
    (
        "resource teams lead:ref:to=employees deputy:ref:to=employees:optional skills:many:skills "
        "members:many:employees peers:many:teams"
    ),
)


@pytest.fixture(scope="module")
def related(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project; tests read it and run it, none changes it."""
    folder = tmp_path_factory.mktemp("related")
    Project(folder).scaffold("new", "firm", "--no-git")
    project = Project(folder / "firm")
    for command in COMMANDS:
        project.scaffold("add", *command.split())
    return project


@pytest.mark.full
def test_tools_have_nothing_to_say(related: Project) -> None:
    related.python("-m", "ruff", "check", ".")
    related.python("-m", "ruff", "format", "--check", ".")
    related.python("-m", "mypy", "--strict", "app", "tests", "migrations")


@pytest.mark.full
@pytest.mark.parametrize("database", ["sqlite", "postgresql", "mysql"])
def test_its_own_tests_pass_and_cover_the_app(
    related: Project, database: str, tmp_path: Path
) -> None:
    related.python(
        *("-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider"),
        *("--cov=app", "--cov-branch", "--cov-report=term", "--cov-fail-under=95"),
        env=require(database) | {"COVERAGE_FILE": str(tmp_path / "coverage")},
    )
