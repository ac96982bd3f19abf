"""Resources in repositories that scaffold did not make: each is followed, run, and taken back."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scaffold.generators.resource import resource
from scaffold.plan import Plan, Status
from scaffold.testing import changed, paths, run, tree
from tests.environments import UV
from tests.generators.foreign_repos import REPOS, STACKS, Repo

FIELDS = [
    "name:str", "price:float", "sku:str:max=40:unique", "status:enum:a,b:default=a",
    "note:text:optional", "made:datetime",
]  # fmt: skip
ROUND_TRIP = Path(__file__).with_name("round_trip.py")
FAST = [name for name, repo in REPOS.items() if repo.stack == "lock"]


def planned(repo: Repo) -> Plan:
    """The plan that adds widgets."""
    plan = run(resource, {"name": "widgets", "fields": FIELDS}, on=tree(repo.files))
    assert not plan.refusals, plan.refusals
    return plan


def written(folder: Path, repo: Repo, plan: Plan) -> Path:
    """The repository as the plan leaves it."""
    for path, content in {**repo.files, **changed(plan)}.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode())
    return folder / repo.root


@pytest.fixture(scope="session")
def pythons(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The interpreter of each stack, its environment made when it is first asked for."""

    class Pythons(dict[str, str]):
        def __missing__(self, stack: str) -> str:
            if not STACKS[stack]:
                return sys.executable
            if UV is None:
                pytest.skip("uv is not here to make an environment with other versions")
            kept = os.environ.get("SCAFFOLD_TEST_STACKS")
            place = Path(kept) if kept else tmp_path_factory.mktemp("stacks")
            root = place / stack
            if not root.is_dir():
                for command in (
                    (UV, "venv", "-q", "--python", sys.executable, str(root)),
                    (UV, "pip", "install", "-q", "-p", str(root / "bin/python"), "pytest")
                    + STACKS[stack],
                ):
                    subprocess.run(command, check=True, timeout=600)
            self[stack] = str(root / "bin/python")
            return self[stack]

    return Pythons()


def execute(python: str, *arguments: str, cwd: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "PYTHONPATH")}
    done = subprocess.run(
        [python, *arguments],
        cwd=cwd,
        env=environment | {"PYTHONPATH": str(cwd)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def check(tmp_path: Path, repo: Repo, python: str) -> None:
    plan = planned(repo)
    assert set(repo.places) <= paths(plan, Status.CREATED), sorted(paths(plan, Status.CREATED))
    root = written(tmp_path, repo, plan)
    execute(python, str(ROUND_TRIP), repo.app, repo.base, repo.url, cwd=root)
    for test in (p for p in paths(plan, Status.CREATED) if p.endswith("test_widgets.py")):
        execute(python, "-m", "pytest", "-q", str(tmp_path / test), cwd=root)


@pytest.mark.slow
@pytest.mark.parametrize("name", FAST)
def test_rows_come_and_go_by_their_session(tmp_path: Path, name: str) -> None:
    check(tmp_path, REPOS[name], sys.executable)


@pytest.mark.full
@pytest.mark.parametrize("name", [name for name in REPOS if name not in FAST])
def test_rows_come_and_go_on_other_versions(
    tmp_path: Path, name: str, pythons: dict[str, str]
) -> None:
    check(tmp_path, REPOS[name], pythons[REPOS[name].stack])


@pytest.mark.parametrize("name", REPOS)
def test_twice_is_once(name: str) -> None:
    plan = planned(REPOS[name])
    again = run(resource, {"name": "widgets", "fields": FIELDS}, on=plan.after)
    assert not again.refusals
    assert again.changes == ()
