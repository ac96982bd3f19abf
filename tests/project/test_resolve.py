from __future__ import annotations

import pytest

from scaffold import codemods
from scaffold.actions import AddDependency, AddSetting, PatchFile, Wire
from scaffold.codemods import Patched
from scaffold.project import read_project, resolve
from scaffold.spec.errors import Refusal
from tests.project.repos import ROUTER, tree

SHOP = {
    "pyproject.toml": '[project]\ndependencies = ["fastapi"]\n[tool.fastapi]\nentrypoint = "app.main:app"\n',
    ".env.example": "DEBUG=false\n",
    "app/config.py": "from pydantic_settings import BaseSettings\nclass Settings(BaseSettings):\n    a: int = 1\n",
    "app/main.py": """
    from fastapi import FastAPI
    from app.routers.health import router as health_router
    def create_app() -> FastAPI:
        app = FastAPI()
        app.include_router(health_router)
        return app
    app = create_app()
    """,
    "app/routers/health.py": "from fastapi import APIRouter\nrouter = APIRouter()\n",
    "app/routers/widgets.py": ROUTER,
}


def added(
    files: dict[str, str], action: AddDependency | AddSetting | Wire
) -> dict[str, str] | list[str]:
    before = tree(files)
    found: dict[str, str] = {}
    for step in resolve(read_project(before), action):
        if isinstance(step, Refusal):
            return [step.reason]
        assert isinstance(step, PatchFile)
        outcome = codemods.apply(step.codemod, before.read(step.path) or b"", step.arguments)
        assert isinstance(outcome, Patched)
        found[step.path] = outcome.content.decode()
    return found


def test_a_router_in_a_project_of_ours() -> None:
    wire = Wire("app.routers.widgets", "router", "widgets_router", "/api/v1")
    found = added(SHOP, wire)
    assert isinstance(found, dict)
    text = found["app/main.py"]
    assert "from app.routers.widgets import router as widgets_router\n" in text
    assert '    app.include_router(widgets_router, prefix="/api/v1")\n    return app\n' in text


def test_a_setting() -> None:
    found = added(SHOP, AddSetting("redis_url", "str", '"redis://x"', "Shared state"))
    assert isinstance(found, dict)
    assert found["app/config.py"].endswith('    redis_url: str = "redis://x"\n')
    assert found[".env.example"] == "DEBUG=false\n# Shared state\nREDIS_URL=redis://x\n"


def test_a_switch_is_spelt_as_the_environment_spells_it() -> None:
    found = added(SHOP, AddSetting("page", "bool", "False", "A page"))
    assert isinstance(found, dict)
    assert found["app/config.py"].endswith("    page: bool = False\n")
    assert found[".env.example"] == "DEBUG=false\n# A page\nPAGE=false\n"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pyproject.toml", "[project]\ndependencies = []\n"),
        ("pyproject.toml", '[tool.poetry.dependencies]\npython = "^3.11"\n'),
        ("requirements.txt", "fastapi\n"),
        ("requirements/base.txt", "fastapi\n"),
        ("setup.cfg", "[options]\ninstall_requires =\n  fastapi\n"),
        ("Pipfile", "[packages]\n"),
    ],
)
def test_a_dependency(path: str, text: str) -> None:
    files = {k: v for k, v in SHOP.items() if k != "pyproject.toml"}
    found = added({**files, path: text}, AddDependency("redis>=5"))
    assert isinstance(found, dict)
    assert list(found) == [path]
    assert "redis" in found[path]


def test_the_manifest_nearest_to_the_root() -> None:
    files = {f"backend/{p}": t for p, t in SHOP.items()} | {"requirements.txt": "x\n"}
    found = added(files, AddDependency("redis>=5"))
    assert isinstance(found, dict)
    assert list(found) == ["backend/pyproject.toml"]


def test_refusals() -> None:
    bare = {"app/main.py": SHOP["app/main.py"]}
    assert "no file declares" in added(bare, AddDependency("redis"))[0]
    assert "no single subclass" in added(bare, AddSetting("a", "int", "1"))[0]
    wire = Wire("app.routers.widgets", "router", "widgets_router", "")
    assert "no FastAPI application" in added({"x.py": "\n"}, wire)[0]
