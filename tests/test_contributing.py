"""CONTRIBUTING's ten minutes, done to the letter, and what happens when somebody does them badly."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from tests.environments import ROOT, Environment, build, run

pytestmark = pytest.mark.slow

TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
FILES = dict(
    re.findall(r"<!-- file: (\S+) -->\n```\w+\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
)
COMMANDS = re.findall(r"<!-- run -->\n```sh\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Where scaffold is installed from its wheel, with pip, as its users have it."""
    folder = tmp_path_factory.mktemp("installed")
    made = Environment.beside_ours(folder / "env")
    made.install("--no-deps", build(ROOT, "wheel", folder / "dist"))
    return made


def package(folder: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


# -- to the letter


@pytest.fixture(scope="session")
def followed(environment: Environment, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package with the commands of the last step run in it; ``shop`` is in there."""
    folder = package(tmp_path_factory.mktemp("scaffold-version"), FILES)
    (commands,) = COMMANDS
    install, *others = commands.splitlines()
    assert install == "pip install -e ."
    environment.install("--no-deps", "--no-build-isolation", "-e", folder)
    program = "\n".join(["set -e", "exec 2>&1", *others])
    path = {"PATH": f"{environment.bin}:/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"}
    done = run("bash", "-c", program, cwd=folder, env=path)
    assert "2 passed" in done.stdout
    assert "--path <str>" in done.stdout
    assert "Where it is served." in done.stdout
    assert "version.py  created" in done.stdout
    return folder


def test_the_text_holds_what_the_steps_name() -> None:
    assert [name.rpartition("/")[2] for name in FILES] == [
        *("__init__.py", "version.py.jinja", "test_version.py.jinja"),
        *("pyproject.toml", "test_version.py"),
    ]
    assert len(COMMANDS) == 1


def test_what_it_made_passes_every_tool(followed: Path) -> None:
    shop = followed / "shop"
    run(sys.executable, "-m", "pytest", "-q", "tests/test_version.py", cwd=shop)
    run(sys.executable, "-m", "ruff", "check", ".", cwd=shop)
    run(sys.executable, "-m", "ruff", "format", "--check", ".", cwd=shop)
    assert '@router.get("/about")' in (shop / "app/routers/version.py").read_text()


def test_its_own_files_pass_every_tool(followed: Path) -> None:
    written = ("scaffold_version", "test_version.py")
    run(sys.executable, "-m", "ruff", "check", *written, cwd=followed)
    run(sys.executable, "-m", "ruff", "format", "--check", *written, cwd=followed)
    run(sys.executable, "-m", "mypy", "--strict", *written, cwd=followed)


def test_it_is_listed_with_where_it_comes_from(followed: Path, environment: Environment) -> None:
    assert re.search(r"version +from scaffold-version", _said(environment, "list", cwd=followed))
    assert "scaffold add version --help" in _said(environment, "add", "--help", cwd=followed)


def test_it_is_added_once_and_taken_out_again(
    followed: Path, environment: Environment, tmp_path: Path
) -> None:
    environment.run("scaffold", "new", "shop", "--no-git", cwd=tmp_path)
    shop = tmp_path / "shop"
    fresh = contents(shop)
    plan = json.loads(_said(environment, "add", "version", "--dry-run", "--json", cwd=shop))
    assert contents(shop) == fresh
    environment.run("scaffold", "add", "version", cwd=shop)
    added = contents(shop)
    for file in plan["plan"]["files"]:
        assert added[file["path"]] == file["content"].encode()
    assert "nothing to do" in _said(environment, "add", "version", cwd=shop)
    assert contents(shop) == added
    environment.run("scaffold", "remove", "version", cwd=shop)
    assert contents(shop) == fresh
    environment.run("scaffold", "add", "version", cwd=shop)
    environment.run("scaffold", "undo", cwd=shop)
    assert contents(shop) == fresh


def test_what_it_refuses_is_refused(
    followed: Path, environment: Environment, tmp_path: Path
) -> None:
    done = environment.run("scaffold", "add", "version", cwd=tmp_path, check=False)
    assert done.returncode == 3
    assert "no package with a FastAPI application" in done.stderr
    wrong = environment.run(
        *("scaffold", "add", "version", "--path", "v"), cwd=tmp_path, check=False
    )
    assert wrong.returncode == 2
    assert "starts with no slash" in wrong.stderr
    assert list(tmp_path.iterdir()) == []


def _said(environment: Environment, *arguments: str, cwd: Path) -> str:
    return environment.run("scaffold", *arguments, cwd=cwd).stdout


# -- badly done

_BROKEN = {
    "missing": "no_such_module:generator",
    "attribute": "scaffold_broken:no_such_function",
    "importing": "scaffold_broken.importing:generator",
    "leaving": "scaffold_broken.leaving:generator",
    "constant": "scaffold_broken:constant",
    "annotation": "scaffold_broken:annotation",
    "raising": "scaffold_broken:raising",
    "exiting": "scaffold_broken:exiting",
    "context": "scaffold_broken:no_context",
    "words": "scaffold_broken:words",
    "nothing": "scaffold_broken:nothing",
    "template": "scaffold_broken:template",
    "undefined": "scaffold_broken:undefined",
    "resource": "scaffold_broken:constant",
}
_POINTS = "\n".join(f'{name} = "{value}"' for name, value in _BROKEN.items())
_FILES = {
    "pyproject.toml": f"""
[project]
name = "scaffold-broken"
version = "1.0.0"

[project.entry-points."scaffold.generators"]
{_POINTS}

[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
""",
    "scaffold_broken/importing.py": 'raise RuntimeError("line one\\nline two")\n',
    "scaffold_broken/leaving.py": "import sys\nsys.exit(0)\n",
    "scaffold_broken/templates/template/a.txt.jinja": "{{ never closed",
    "scaffold_broken/templates/undefined/a.txt.jinja": "{{ nobody }}",
    "scaffold_broken/__init__.py": """
from __future__ import annotations

import sys

from scaffold.api import CreateFile, Render

constant = 3

def annotation(context, name: Nowhere):
    yield CreateFile("a.txt", b"a")

def raising(context):
    yield CreateFile("a.txt", b"a")
    raise ValueError("on purpose\\nand more")

def exiting(context):
    yield CreateFile("a.txt", b"a")
    sys.exit(0)

def no_context():
    yield CreateFile("a.txt", b"a")

def words(context):
    yield "a.txt"

def nothing(context):
    return None

def template(context):
    yield Render("template/a.txt.jinja", {})

def undefined(context):
    yield Render("undefined/a.txt.jinja", {})
""",
}


@pytest.fixture(scope="session")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Where scaffold is installed beside a package of generators that don't work."""
    folder = tmp_path_factory.mktemp("broken")
    made = Environment.beside_ours(folder / "env")
    made.install("--no-deps", build(ROOT, "wheel", folder / "dist"))
    made.install("--no-deps", build(package(folder / "package", _FILES), "wheel", folder / "b"))
    return made


@pytest.mark.parametrize(
    ("name", "code", "says"),
    [
        ("missing", 6, "No module named 'no_such_module'"),
        ("attribute", 6, "no_such_function"),
        ("importing", 6, "can't be loaded: RuntimeError: line one"),
        ("leaving", 6, "can't be loaded: SystemExit: 0"),
        ("constant", 6, "is not a function"),
        ("annotation", 6, "can't be loaded: NameError: name 'Nowhere'"),
        ("raising", 6, "failed: ValueError: on purpose ("),
        ("exiting", 6, "failed: SystemExit: 0 ("),
        ("context", 6, "no_context() takes 0 positional arguments"),
        ("words", 6, "'a.txt', which is no action"),
        ("nothing", 6, "'NoneType' object is not iterable"),
        ("template", 3, "template/a.txt.jinja:1: "),
        ("undefined", 3, "'nobody' is undefined"),
    ],
)
def test_a_broken_generator_is_one_line(
    broken: Environment, tmp_path: Path, name: str, code: int, says: str
) -> None:
    done = broken.run("scaffold", "add", name, cwd=tmp_path, check=False)
    assert done.returncode == code
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("scaffold: ")
    assert says in line
    assert name in line
    assert "scaffold_broken" in line or code == 3 or name == "missing"
    assert list(tmp_path.iterdir()) == []
    document = json.loads(
        broken.run("scaffold", "add", name, "--json", cwd=tmp_path, check=False).stdout
    )
    assert document["exit_code"] == code
    assert says in document["error"]["message"]


def test_broken_ones_break_nothing_else(broken: Environment, tmp_path: Path) -> None:
    for command in (["list"], ["add", "--help"], ["remove", "--help"]):
        said = _said(broken, *command, cwd=tmp_path)
        for name in _BROKEN:
            assert name in said
    assert "nothing to remove" in _said(broken, "remove", "importing", cwd=tmp_path)
    broken.run("scaffold", "new", "shop", "--no-git", cwd=tmp_path)
    shop = tmp_path / "shop"
    # One of them calls itself "resource": what scaffold brings can't be replaced.
    made = _said(broken, "add", "resource", "teas", cwd=shop)
    assert "teas.py  created" in made
    broken.run("scaffold", "undo", cwd=shop)
