"""What is shipped is whole: wheel, sdist, editable and tool installs run from an empty directory."""

from __future__ import annotations

import sys
import tarfile
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from scaffold import __version__, registry
from scaffold.generators.project import project
from scaffold.testing import changed
from scaffold.testing import run as plan
from tests.environments import LOCK, ROOT, UV, Environment, build, run
from tests.test_architecture import imports, modules

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
DIST_INFO = f"scaffold_api-{__version__}.dist-info"


def sources(folder: str, prefix: str = "") -> dict[str, bytes]:
    """Every file below a folder of the repository as it must be shipped."""
    return {
        prefix + path.relative_to(ROOT).as_posix(): path.read_bytes()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def in_wheel(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


# -- what the distributions hold


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT, "wheel", tmp_path_factory.mktemp("wheel") / "dist")


@pytest.fixture(scope="session")
def unpacked_sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sdist's content: a directory that is no clone."""
    folder = tmp_path_factory.mktemp("sdist")
    with tarfile.open(build(ROOT, "sdist", folder / "dist")) as archive:
        archive.extractall(folder, filter="data")
    return folder / f"scaffold_api-{__version__}"


@pytest.fixture(scope="session")
def sdist_wheel(unpacked_sdist: Path) -> Path:
    return build(unpacked_sdist, "wheel", unpacked_sdist.parent / "wheel")


@pytest.mark.slow
def test_the_wheel_holds_the_package_and_every_template_and_nothing_else(wheel: Path) -> None:
    held = in_wheel(wheel)
    shipped = {name: data for name, data in held.items() if not name.startswith(DIST_INFO)}
    templates = sources("templates", "scaffold/")
    assert len(templates) > 40
    assert "scaffold/py.typed" in shipped
    assert shipped == sources("scaffold") | templates
    assert {name.removeprefix(DIST_INFO + "/") for name in held.keys() - shipped.keys()} == {
        *("METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE")
    }
    assert held[f"{DIST_INFO}/licenses/LICENSE"] == (ROOT / "LICENSE").read_bytes()


@pytest.mark.slow
def test_its_metadata_say_what_pyproject_says(wheel: Path) -> None:
    metadata = Parser().parsestr(in_wheel(wheel)[f"{DIST_INFO}/METADATA"].decode())
    assert metadata["Name"] == PYPROJECT["project"]["name"]
    assert metadata["Version"] == PYPROJECT["project"]["version"] == __version__
    assert metadata["License-Expression"] == "MIT"
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["Description-Content-Type"] == "text/markdown"
    extra = {
        f"{line}; extra == 'database'"
        for line in PYPROJECT["project"]["optional-dependencies"]["database"]
    }
    always = set(PYPROJECT["project"]["dependencies"])
    assert set(metadata.get_all("Requires-Dist")) == always | extra


@pytest.mark.slow
def test_the_sdist_holds_what_the_tests_need(unpacked_sdist: Path) -> None:
    held = {
        path.relative_to(unpacked_sdist).as_posix(): path.read_bytes()
        for path in unpacked_sdist.rglob("*")
        if path.is_file()
    }
    single = ("pyproject.toml", "noxfile.py", "LICENSE", "README.md", "CHANGELOG.md")
    wanted = {name: (ROOT / name).read_bytes() for name in (*single, "CONTRIBUTING.md")}
    for folder in ("scaffold", "templates", "tests", "docs"):
        wanted |= sources(folder)
    added = held.keys() - wanted.keys()
    assert added <= {"PKG-INFO", ".gitignore"}
    assert {name: held.get(name) for name in wanted} == wanted


@pytest.mark.slow
def test_a_wheel_made_from_the_sdist_is_the_same(wheel: Path, sdist_wheel: Path) -> None:
    assert in_wheel(sdist_wheel) == in_wheel(wheel)


# -- what an installed one does


def walk(scaffold: tuple[str | Path, ...], folder: Path) -> dict[str, bytes]:
    """Makes a project, adds a resource and takes it back; the files that are there in between."""
    folder.mkdir()

    def files() -> dict[str, bytes]:
        found = (path for path in shop.rglob("*") if path.is_file())
        return {path.relative_to(shop).as_posix(): path.read_bytes() for path in found}

    assert run(*scaffold, "--version", cwd=folder).stdout == f"scaffold {__version__}\n"
    assert run(*scaffold, "list", "--json", cwd=folder).returncode == 0
    run(*scaffold, "new", "shop", "--no-git", cwd=folder)
    shop = folder / "shop"
    fresh = files()
    run(*scaffold, "add", "resource", "widgets", "name:str", "price:float", cwd=shop)
    grown = files()
    assert "app/routers/widgets.py" in grown
    run(*scaffold, "undo", cwd=shop)
    assert files() == fresh
    return grown


@pytest.fixture(scope="session")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What the checkout's own templates make."""
    ours = Environment.beside_ours(tmp_path_factory.mktemp("checkout") / "env")
    ours.install("--no-deps", build(ROOT, "wheel:editable", ours.root.parent / "dist"))
    return walk((ours.bin / "scaffold",), ours.root.parent / "work")


@pytest.mark.slow
def test_an_editable_install_finds_the_templates_beside_the_package(
    expected: dict[str, bytes],
) -> None:
    assert not (ROOT / "scaffold" / "templates").exists()
    made = {
        name: content
        for name, content in changed(plan(project, {"name": "shop"}, name="new")).items()
        if name not in ("app/main.py", "pyproject.toml")  # the resource is wired into these
    }
    assert {name: expected[name].decode() for name in made} == made


@pytest.mark.slow
def test_the_wheel_runs_where_pip_installs_it(
    wheel: Path, tmp_path: Path, expected: dict[str, bytes]
) -> None:
    fresh = Environment.make(tmp_path / "env", pip=True)
    fresh.install(wheel, pip=True)
    fresh.run("python", "-m", "pip", "check", cwd=tmp_path)
    assert walk((fresh.bin / "scaffold",), tmp_path / "work") == expected
    module = fresh.run("python", "-m", "scaffold", "--version", cwd=tmp_path)
    assert module.stdout == f"scaffold {__version__}\n"
    # No git, no compiler, nothing else on the way.
    alone = {"PATH": str(fresh.bin)}
    made = fresh.run("scaffold", "new", "alone", cwd=tmp_path, env=alone)
    assert "git: not installed" in made.stdout


@pytest.mark.slow
def test_a_wheel_made_from_the_sdist_runs(
    sdist_wheel: Path, tmp_path: Path, expected: dict[str, bytes]
) -> None:
    fresh = Environment.make(tmp_path / "env")
    fresh.install(sdist_wheel)
    assert walk((fresh.bin / "scaffold",), tmp_path / "work") == expected


@pytest.mark.slow
@pytest.mark.skipif(UV is None, reason="uv is not installed")
def test_uv_installs_it_as_a_tool(wheel: Path, tmp_path: Path, expected: dict[str, bytes]) -> None:
    places = {"UV_TOOL_DIR": str(tmp_path / "tools"), "UV_TOOL_BIN_DIR": str(tmp_path / "bin")}
    run(
        *(str(UV), "tool", "install", "--quiet", "--constraints", LOCK, wheel),
        cwd=tmp_path,
        env=places,
    )
    assert walk((tmp_path / "bin" / "scaffold",), tmp_path / "work") == expected


# -- what is asked for


def test_the_lock_names_versions_and_no_place() -> None:
    lines = LOCK.read_text().splitlines()
    assert lines
    for line in lines:
        requirement = Requirement(line)
        assert str(requirement.specifier).startswith("=="), line
        assert requirement.url is None
        assert "://" not in line


def test_the_lock_has_all_that_is_asked_for() -> None:
    locked = {(r := Requirement(line)).name: r for line in LOCK.read_text().splitlines()}
    groups = PYPROJECT["dependency-groups"]
    asked = [*PYPROJECT["project"]["dependencies"], *groups["dev"], *groups["generated"]]
    for line in asked:
        wanted = Requirement(line)
        (pin,) = locked[wanted.name].specifier
        assert wanted.specifier.contains(pin.version), line


def test_every_lower_bound_is_stated() -> None:
    groups = PYPROJECT["dependency-groups"]
    for line in [*PYPROJECT["project"]["dependencies"], *groups["dev"], *groups["generated"]]:
        assert [s.operator for s in Requirement(line).specifier] == [">="], line


@pytest.mark.parametrize("database", ["sqlite", "postgresql", "mysql"])
def test_what_generated_projects_need_is_in_its_group(database: str) -> None:
    """Their tests run in our environment, and ``nox -s lowest`` on their lower bounds."""
    planned = plan(project, {"name": "shop", "database": database}, name="new")
    for name in ("auth", "cache", "ratelimit", "websocket"):
        planned = plan(registry.load(name), {}, on=planned.after, name=name)
    theirs = tomllib.loads((planned.after.read("pyproject.toml") or b"").decode())
    groups = PYPROJECT["dependency-groups"]
    ours = {
        requirement.name: requirement
        for requirement in map(Requirement, [*groups["generated"], *groups["dev"]])
    }
    optional = theirs["project"].get("optional-dependencies", {}).values()
    lists = (theirs["project"]["dependencies"], *optional, *theirs["dependency-groups"].values())
    asked = [Requirement(line) for lines in lists for line in lines if isinstance(line, str)]
    assert len(asked) > 10
    for wanted in asked:
        if wanted.name != "shop":
            assert wanted.name in ours
            assert wanted.extras <= ours[wanted.name].extras, wanted
            # pytest and ruff are ours as well, and may have to be newer for that.
            if wanted.name not in ("pytest", "ruff"):
                assert wanted.specifier == ours[wanted.name].specifier, wanted


def test_scaffold_declares_exactly_what_it_imports() -> None:
    imported = {name.split(".")[0] for path in modules() for name in imports(path)}
    third_party = imported - sys.stdlib_module_names - {"scaffold"}
    distributions = {{"yaml": "pyyaml"}.get(name, name) for name in third_party}
    declared = {Requirement(r).name for r in PYPROJECT["project"]["dependencies"]}
    # The drivers of the extra are imported by name, when a URL says which.
    assert distributions == declared | {"sqlalchemy"}
    extra = PYPROJECT["project"]["optional-dependencies"]["database"]
    assert {Requirement(r).name for r in extra} == {"sqlalchemy", "psycopg", "pymysql"}
