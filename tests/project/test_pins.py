from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from scaffold.project import Project, Wiring
from scaffold.project.locations import Home
from scaffold.project.pins import RULES
from scaffold.spec.errors import UsageError
from tests.project.repos import project, router

APP = "from fastapi import FastAPI\napp = FastAPI()\n"
FILES = {
    "one/main.py": APP,
    "two/main.py": APP,
    "two/core/database.py": """
    from sqlalchemy.orm import declarative_base
    from sqlalchemy.ext.asyncio import AsyncSession
    Model = declarative_base()
    async def give() -> AsyncSession: ...
    """,
    "two/settings.py": "class Env: ...\n",
    "deps.txt": "fastapi\n",
    "sample.env": "",
}


def stated(text: str, given: dict[str, str] | None = None, **files: str) -> Project:
    return project({**FILES, "pyproject.toml": f"[tool.scaffold]\n{text}\n", **files}, given)


def pinned(path: str, found: Project) -> Any:
    value: Any = found
    for part in path.split("."):
        value = value[part] if isinstance(value, dict) else getattr(value, part)
    return value


@pytest.mark.parametrize(
    ("text", "path", "wanted"),
    [
        ('app = "two/main.py:app"', "entry.app.path", "two/main.py"),
        ('app = "two.main:app"', "entry.app.path", "two/main.py"),
        ('root = "two"', "root", "two"),
        ('root = "."', "root", ""),
        ('package = "two.api"', "package", "two.api"),
        ('routers = "two/web"', "dialect.homes.routers.directory", "two/web"),
        (
            'schemas = "two/{singular}/schema.py"',
            "dialect.homes.schemas",
            Home("two", "", plural=False, feature="schema.py"),
        ),
        ('models = "two/db/{plural}_model.py"', "dialect.homes.models", Home("two/db", "_model")),
        ('services = "two/logic"', "dialect.homes.services.directory", "two/logic"),
        ('repositories = "two/sql"', "dialect.homes.repositories.directory", "two/sql"),
        ('tests = "qa/api"', "dialect.homes.tests.directory", "qa/api"),
        ('database = "sqlmodel"', "dialect.database.library", "sqlmodel"),
        ('database = "none"', "dialect.database.session", None),
        ("async = true", "dialect.database.is_async", True),
        ('session = "two/core/database.py:give"', "dialect.database.session.name", "give"),
        ('session = "two.core.database:give"', "dialect.database.is_async", True),
        ('base = "two.core.database:Model"', "dialect.database.base.path", "two/core/database.py"),
        ('imports = "relative"', "dialect.relative_imports", True),
        ('python = "3.12"', "dialect.python.numbers", (3, 12)),
        ('fastapi = "0.100"', "dialect.fastapi.numbers", (0, 100)),
        ('sqlalchemy = "1.4"', "dialect.sqlalchemy.numbers", (1, 4)),
        ('pydantic = "1.10"', "dialect.pydantic", 1),
        ("line_length = 100", "style.line_length", 100),
        ('quote = "single"', "dialect.style.quote", "'"),
        ('manifest = "deps.txt"', "manifest", "deps.txt"),
        ('settings = "two/settings.py:Env"', "settings.name", "Env"),
        ('dotenv = "sample.env"', "dotenv", "sample.env"),
    ],
)
def test_every_fact_can_be_stated(text: str, path: str, wanted: object) -> None:
    value = pinned(path, stated(text))
    if isinstance(wanted, Home):
        assert (value.directory, value.suffix, value.plural, value.feature) == (
            wanted.directory, wanted.suffix, wanted.plural, wanted.feature,
        )  # fmt: skip
        assert value.evidence.line == 2
    else:
        assert value == wanted


def test_each_key_is_tried_above() -> None:
    (mark,) = test_every_fact_can_be_stated.pytestmark  # type: ignore[attr-defined]
    assert {text.split(" ")[0] for text, *_ in mark.args[1]} == set(RULES)


def test_a_stated_fact_tells_where_it_stands() -> None:
    found = stated('\n# ours\napp = "two/main.py:app"')
    assert found.entry is not None
    assert (str(found.entry.evidence), found.entry.confidence) == ("pyproject.toml:4", "certain")


def test_the_command_line_wins_for_one_run() -> None:
    text = 'app = "two/main.py:app"\nroot = "."\nline_length = 100'
    found = stated(text, {"app": "one/main.py:app"})
    assert found.entry is not None
    assert (found.entry.app.path, found.root) == ("one/main.py", "one")
    assert found.style.line_length == 100  # no fact of the other application
    assert stated(text, {"app": "two/main.py:app"}).root == ""


def test_a_nested_file_counts_where_there_is_none_above() -> None:
    files = {f"back/{path}": text for path, text in FILES.items()}
    toml = '[tool.scaffold]\napp = "two/main.py:app"\nrouters = "two/web"\nmanifest = "deps.txt"\n'
    found = project({**files, "back/pyproject.toml": toml})
    assert found.entry is not None
    assert found.entry.app.path == "back/two/main.py"
    assert found.dialect.homes["routers"].directory == "back/two/web"
    assert found.manifest == "back/deps.txt"
    above = {"pyproject.toml": '[tool.scaffold]\napp = "back/one/main.py:app"\n'}
    other = project({**files, "back/pyproject.toml": toml, **above})
    assert other.entry is not None
    assert other.entry.app.path == "back/one/main.py"


def test_stated_style_reaches_the_patch() -> None:
    found = stated('app = "two/main.py:app"\nline_length = 60\nquote = "single"')
    wiring = found.wiring(router("two.routers.widgets"))
    assert isinstance(wiring, Wiring)
    assert (wiring.arguments["line_length"], wiring.arguments["quote"]) == (60, "'")


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ('rooters = "a"', "pyproject.toml:2: [tool.scaffold] has no key 'rooters'", "'routers'"),
        ("xyzzy = 1", "pyproject.toml:2: [tool.scaffold] has no key 'xyzzy'", "there are: app,"),
        ("line_length = true", "pyproject.toml:2: [tool.scaffold] line_length = true", "40 to 320"),
        ("line_length = 30", "line_length = 30 can't be", "40 to 320"),
        ("async = 1", "async = 1 can't be", "true or false"),
        ('quote = "back"', 'quote = "back" can\'t be', '"double" or "single"'),
        ('package = "app.import"', 'package = "app.import"', "a dotted name"),
        ('package = "app;import os"', "package", "a dotted name"),
        ('package = "{{ 7 * 7 }}"', "package", "a dotted name"),
        ('package = "a\\nb"', 'package = "a\\nb" can\'t be', "a dotted name"),
        ("package = ['a']", "package = a list can't be", "a dotted name"),
        ('routers = "../up"', 'routers = "../up"', "app/routers"),
        ('routers = "/etc"', 'routers = "/etc"', "app/routers"),
        ('routers = "app/{{plural}}"', "routers", "app/routers"),
        ('routers = "app/{name}.py"', "routers", "app/routers"),
        ('tests = "a b"', "tests", "a directory"),
        ('session = "get_session"', "session", "name"),
        ('session = "two/core/database.py:x y"', "session", "name"),
        ('python = ">=3.11"', "python", "a version"),
        ('app = ""', "app", "name"),
    ],
)
def test_what_can_not_be_is_one_clear_line(text: str, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as raised:
        stated(text)
    assert message in raised.value.message
    assert hint in (raised.value.hint or "")
    assert "\n" not in raised.value.message


def test_a_table_is_wanted() -> None:
    with pytest.raises(UsageError, match=r"tool\.scaffold is no table"):
        project({**FILES, "pyproject.toml": "[tool]\nscaffold = 1\n"})
    inline = project({**FILES, "pyproject.toml": 'tool.scaffold.app = "one/main.py:app"\n'})
    assert inline.entry is not None
    assert str(inline.entry.evidence) == "pyproject.toml:1"


@pytest.mark.parametrize(
    ("text", "path", "message"),
    [
        ('session = "two/core/database.py:take"', "dialect", "defines no take"),
        ('session = "two.core.database:Model"', "dialect", "Model is no function"),
        ('base = "two/nothing.py:Base"', "dialect", "there is no two/nothing.py"),
        ('settings = "two.nothing:Env"', "settings", "there is no two.nothing"),
        ('manifest = "other.txt"', "manifest", "there is no other.txt"),
        ('dotenv = "two"', "dotenv", "there is no two"),
        ('routers = "two/my-routers"', "dialect", "can't be imported from the root"),
    ],
)
def test_a_pin_names_what_there_is(text: str, path: str, message: str) -> None:
    found = stated(text)
    with pytest.raises(UsageError) as raised:
        pinned(path, found)
    assert message in raised.value.message
    assert "(pyproject.toml:2)" in raised.value.message


def test_an_app_that_there_is_not_is_refused_by_its_place() -> None:
    found = stated('app = "three/main.py:app"')
    reason = 'there is no three/main.py for app = "three/main.py:app" (pyproject.toml:2)'
    known = " (there are: --app one/main.py:app, --app two/main.py:app)"
    assert [refusal.reason for refusal in found.refusals] == [reason + known]
    found = stated('app = "two/settings.py:app"')
    assert "(pyproject.toml:2) names no single FastAPI(…)" in found.refusals[0].reason


def test_other_files_are_left_alone() -> None:
    broken = project({"app/main.py": APP, "pyproject.toml": "[tool.ruff # scaffold\n"})
    assert broken.entry is not None
    assert broken.pins == {}
    sample = project({"app/main.py": APP, "docs/pyproject.toml": "[tool.scaffold]\nx = 1\n"})
    assert sample.pins == {}


def test_the_readme_names_every_key_with_a_value_that_can_be() -> None:
    text = (Path(__file__).parents[2] / "README.md").read_text()
    table = tomllib.loads(text.split("```toml\n[tool.scaffold]\n")[1].split("```")[0])
    assert all(RULES[name].allows(value) for name, value in table.items())
    shown = text.split("[tool.scaffold]\n")[1].split("```")[0]
    assert [name for name in RULES if name not in shown] == []


@pytest.mark.parametrize(
    "broken", ["[tool.scaffold\n", "[tool.scaffold]\napp = main.py\n", "=\n[ tool . scaffold ]\n"]
)
def test_what_is_stated_is_never_passed_over(broken: str) -> None:
    """Nothing is guessed where somebody says what holds, in a file that can't be read."""
    with pytest.raises(
        UsageError, match=r"pyproject\.toml: \[tool\.scaffold\] can't be read: .*line [12]\b"
    ):
        project({"app/main.py": APP, "pyproject.toml": broken})
