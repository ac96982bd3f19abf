from __future__ import annotations

import pytest

from tests.project.repos import project

APP = "from fastapi import FastAPI\napp = FastAPI()\n"
FACTORY = "from fastapi import FastAPI\ndef create_app():\n    app = FastAPI()\n    return app\n"
OTHER = {"other/main.py": APP + "@app.get('/')\ndef root(): ...\n"}


def label(files: dict[str, str]) -> str:
    entry = project(files).entry
    return entry.app.label if entry else ""


POINTERS = {
    "Dockerfile": 'FROM python\nCMD ["uvicorn", "app.main:app", "--port", "80"]\n',
    "compose.yaml": "services:\n  web:\n    image: x:y\n    command: gunicorn -k x.Worker app.main:app\n",
    "Procfile": "web: uvicorn app.main:app --host 0.0.0.0 --port 80\n",
    "run.sh": "exec fastapi run app/main.py\n",
    "scripts/start.sh": "cd /code\nuvicorn --reload app.main:app \\\n  --port 1\n",
    "Makefile": "run:\n\thypercorn app.main:app\n",
    "manage.py": 'import uvicorn\nuvicorn.run("app.main:app", reload=True)\n',
    "pyproject.toml": '[tool.fastapi]\nentrypoint = "app.main:app"\n',
}


@pytest.mark.parametrize("path", POINTERS)
def test_what_is_served_wins(path: str) -> None:
    files = {**OTHER, "app/main.py": APP, path: POINTERS[path]}
    entry = project(files).entry
    assert entry is not None
    assert entry.app.path == "app/main.py"
    assert entry.evidence.path == path
    assert entry.evidence.line is not None
    assert project({**OTHER, "app/main.py": APP}).entry is None


@pytest.mark.parametrize(
    "served",
    [
        "from app.factory import create_app\napp = create_app()\n",
        "from app import factory\napp = Wrapper(factory.create_app(), 1)\n",
        "from app.factory import create_app as make\ndef app():\n    return make()\n",
        "import app.factory as f\nasgi = f.create_app()\napp = asgi\n",
        "try:\n    from app.factory import create_app\nexcept ImportError:\n    raise\napp = create_app()\n",
    ],
)
def test_pointers_are_followed(served: str) -> None:
    files = {
        **OTHER,
        "app/factory.py": FACTORY,
        "app/main.py": served,
        "Procfile": "web: uvicorn app.main:app\n",
    }
    assert label(files) == "app/factory.py:app"


@pytest.mark.parametrize(
    "text",
    [
        "import fastapi\napp = fastapi.FastAPI()\n",
        "import fastapi as f\napp: f.FastAPI = f.FastAPI()\n",
        "from fastapi import FastAPI as F\napp = F()\n",
        "from fastapi.applications import FastAPI\napp = FastAPI(title='FastAPI()')\n",
        "from fastapi import FastAPI\nprint(app := FastAPI())\n",
        "from fastapi import FastAPI\ntry:\n    app = FastAPI()\nexcept Exception:\n    app = FastAPI()\n",
        "from fastapi import FastAPI\napp = FastAPI() if x else FastAPI(docs_url=None)\n",
        "from fastapi import FastAPI\nclass A:\n    app = FastAPI()\n",
        "from fastapi import FastAPI\nclass Sub(FastAPI): ...\napp = Sub()\n",
    ],
)
def test_constructions(text: str) -> None:
    assert label({"app/main.py": text}) == "app/main.py:app"


@pytest.mark.parametrize(
    "text",
    [
        "# app = FastAPI()\n",
        '"""app = FastAPI()"""\n',
        "from x import FastAPI\napp = FastAPI()\n",
        "from fastapi import APIRouter\napp = APIRouter()  # not FastAPI()\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from fastapi import FastAPI\n",
    ],
)
def test_what_is_no_application(text: str) -> None:
    assert label({"app/main.py": text}) == ""


@pytest.mark.parametrize(
    "path",
    ["tests/app.py", "docs/src/app.py", "examples/a/main.py", "app/test_main.py", "loadtest/app.py",
     "{{cookiecutter.slug}}/app/main.py", "mock_llm/app.py"],
)  # fmt: skip
def test_applications_aside(path: str) -> None:
    assert label({path: APP}) == ""
    assert label({path: APP, "service/main.py": APP}) == "service/main.py:app"


def test_stubs_do_not_make_it_several() -> None:
    files = {
        "main.py": APP + "@app.get('/')\ndef root(): ...\n",
        "api/main.py": APP + "app.include_router(x)\n",
    }
    entry = project(files).entry
    assert entry is not None
    assert (entry.app.path, entry.confidence) == ("api/main.py", "likely")
    assert "stub" in entry.evidence.text


def test_two_that_are_served_stay_two() -> None:
    files = {
        "a/main.py": APP + "app.include_router(x)\n",
        "b/main.py": APP,
        "Procfile": "a: uvicorn a.main:app\nb: uvicorn b.main:app\n",
    }
    assert project(files).entry is None
    assert [r.path for r in project(files).refusals] == ["a/main.py", "b/main.py"]


def test_the_official_pointer_is_never_passed_over() -> None:
    files = {
        "pyproject.toml": '[tool.fastapi]\nentrypoint = "app.main:app"\n',
        "app/main.py": "app = make()\n",
        "app/other.py": APP,
    }
    (refusal,) = project(files).refusals
    assert "names no single FastAPI" in refusal.reason
    assert "pyproject.toml:2" in refusal.reason


@pytest.mark.parametrize("pointer", ["", "web: uvicorn app.main:app\n"])
def test_broken_files_are_named_with_their_line(pointer: str) -> None:
    files = {"app/main.py": APP + "app.x(\n", "Procfile": pointer}
    (refusal,) = project(files).refusals
    assert (refusal.path, refusal.line) == ("app/main.py", 3)


ROOTS = {
    "the repository's own": ({"app/main.py": APP + "import app.config\n", "app/config.py": ""}, ""),
    "backend": (
        {"backend/app/main.py": APP + "from app.config import x\n", "backend/app/config.py": ""},
        "backend",
    ),
    "src": ({"src/shop/main.py": APP + "from shop import db\n", "src/shop/db.py": ""}, "src"),
    "inside the package": (
        {"app/main.py": APP + "from config import x\n", "app/config.py": ""},
        "app",
    ),
    "relative imports leave out the directory": (
        {"src/shop/main.py": APP + "from .logging import x\nimport logging\n", "src/shop/logging.py": ""},
        "src",
    ),
    "packages are climbed": ({"src/a/__init__.py": "", "src/a/main.py": APP}, "src"),
    "where it is launched": (
        {"x/y/main.py": APP, "x/Dockerfile": "CMD uvicorn y.main:app\n"},
        "x",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ROOTS)
def test_root(name: str) -> None:
    files, root = ROOTS[name]
    assert project(files).root == root


def test_pins() -> None:
    facts = project({"a/b/main.py": APP}, {"root": "a/", "package": "b.c"})
    assert (facts.root, facts.package) == ("a", "b.c")


SHOP = APP + "app.include_router(x)\n"


@pytest.mark.parametrize(
    "script",
    [
        {"one/Dockerfile": "CMD uvicorn app.main:app\n"},
        {"one/run.sh": "uvicorn app.main:app\n"},
        {"one/start.py": 'import uvicorn\nuvicorn.run("app.main:app")\n'},
    ],
)
def test_a_script_in_one_project_does_not_speak_for_the_one_beside_it(
    script: dict[str, str],
) -> None:
    files = {"one/app/main.py": SHOP, "two/app/main.py": SHOP, **script}
    facts = project(files)
    assert facts.entry is None
    assert [r.reason for r in facts.refusals] == [
        "one of several applications: name it with --app one/app/main.py:app",
        "one of several applications: name it with --app two/app/main.py:app",
    ]
    named = project(files, {"app": "two/app/main.py:app"}).entry
    assert named is not None
    assert named.app.path == "two/app/main.py"


@pytest.mark.parametrize(
    "script",
    [
        {"Dockerfile": "WORKDIR /one\nCMD uvicorn one.app.main:app\n"},
        {"docker/web/Dockerfile": "CMD uvicorn one.app.main:app\n"},
        {"one/pyproject.toml": '[tool.fastapi]\nentrypoint = "app.main:app"\n'},
    ],
)
def test_a_script_above_them_and_what_is_stated_do(script: dict[str, str]) -> None:
    assert (
        label({"one/app/main.py": SHOP, "two/app/main.py": SHOP, **script}) == "one/app/main.py:app"
    )


def test_a_sample_beside_it_makes_it_no_other_project() -> None:
    health = APP + "@app.get('/health')\ndef health(): ...\n"
    files = {
        "one/app/main.py": SHOP,
        "one/Procfile": "web: uvicorn app.main:app\n",
        "two/main.py": health,
    }
    assert label(files) == "one/app/main.py:app"


@pytest.mark.parametrize("directory", ["part-01", "2024/part 1", "1st"])
def test_imports_start_below_a_directory_that_is_no_identifier(directory: str) -> None:
    files = {f"{directory}/app/main.py": SHOP, "part-01-old/app/db.py": ""}
    assert project(files).root in (directory, f"{directory}/app")
    files[f"{directory}/app/x.py"] = "x = 1\n"
    files[f"{directory}/app/main.py"] = "from app.x import x\n" + SHOP
    assert project(files).root == directory
