"""Which file of a repository takes a lifespan, and how."""

from __future__ import annotations

import pytest

from scaffold import codemods
from scaffold.actions import AddLifespan, AddSection, PatchFile
from scaffold.codemods import Already, Patched
from scaffold.project import read_project, resolve
from scaffold.spec.errors import Refusal
from tests.project.repos import tree

HUB = AddLifespan("app.hub", "open_hub")
FUNCTION = """
from contextlib import asynccontextmanager
@asynccontextmanager
async def lifespan(app):
    yield
"""


def resolved(files: dict[str, str]) -> PatchFile | Refusal:
    (step,) = resolve(read_project(tree({"app/__init__.py": "", **files})), HUB)
    return step


def patched(files: dict[str, str]) -> tuple[str, str]:
    """The file that is patched, and what it is then; twice must be once."""
    step = resolved(files)
    assert isinstance(step, PatchFile), step
    content = tree(files).read(step.path) or b""
    outcome = codemods.apply(step.codemod, content, step.arguments)
    assert isinstance(outcome, Patched), outcome
    again = resolved({**files, step.path: outcome.content.decode()})
    assert isinstance(again, PatchFile)
    assert isinstance(codemods.apply(again.codemod, outcome.content, again.arguments), Already)
    return step.path, outcome.content.decode()


def test_a_function_of_the_same_file() -> None:
    main = f"from fastapi import FastAPI\n{FUNCTION}\napp = FastAPI(lifespan=lifespan)\n"
    path, text = patched({"app/main.py": main})
    assert path == "app/main.py"
    assert "    async with open_hub(app):\n        yield\n" in text


def test_a_function_of_another_file_with_relative_imports() -> None:
    path, text = patched(
        {
            "app/main.py": "from fastapi import FastAPI\nfrom .core.events import lifespan as life\n"
            "app = FastAPI(lifespan=life)\n",
            "app/core/__init__.py": "",
            "app/core/events.py": f"from ..config import settings\n{FUNCTION}",
            "app/config.py": "settings = 1\n",
        }
    )
    assert path == "app/core/events.py"
    assert "from ..hub import open_hub\n" in text


def test_a_function_inside_the_factory() -> None:
    _path, text = patched(
        {
            "app/main.py": """
            from contextlib import asynccontextmanager
            from fastapi import FastAPI
            def create_app():
                @asynccontextmanager
                async def life(app):
                    yield
                return FastAPI(lifespan=life)
            app = create_app()
            """
        }
    )
    assert "        async with open_hub(app):\n            yield\n" in text


CARRIED = {
    "no lifespan": "app = FastAPI()\n",
    "handlers of events": "app = FastAPI()\n@app.on_event('startup')\ndef start(): ...\n",
    "a lambda": "app = FastAPI(lifespan=lambda app: manager(app))\n",
    "a library's": "from library import lifespan\napp = FastAPI(lifespan=lifespan)\n",
    "a partial": "app = FastAPI(lifespan=partial(lifespan, 1))\n",
    "two yields": "async def life(app):\n    if x:\n        yield\n    else:\n        yield\n"
    "app = FastAPI(lifespan=life)\n",
    "a class": "class Life:\n    def __init__(self, app): ...\napp = FastAPI(lifespan=Life)\n",
    "another decorator": "@managed\nasync def life(app):\n    yield\napp = FastAPI(lifespan=life)\n",
}


@pytest.mark.parametrize("name", CARRIED)
def test_a_router_carries_it_where_no_function_can(name: str) -> None:
    path, text = patched({"app/main.py": "from fastapi import FastAPI\n" + CARRIED[name]})
    assert path == "app/main.py"
    assert "app.include_router(APIRouter(lifespan=open_hub))\n" in text
    for line in CARRIED[name].splitlines():
        assert line in text


def test_entered_by_hand_in_another_file() -> None:
    files = {
        "app/main.py": "from fastapi import FastAPI\nfrom app.life import life\napp = FastAPI(lifespan=life)\n",
        "app/life.py": "from app.hub import open_hub\nlife = compose(open_hub)\n",
    }
    step = resolved(files)
    assert isinstance(step, PatchFile)
    assert step.path == "app/life.py"
    assert isinstance(
        codemods.apply(step.codemod, files[step.path].encode(), step.arguments), Already
    )


REFUSED = {
    "an old FastAPI": {
        "requirements.txt": "fastapi==0.95.2\n",
        "app/main.py": "from fastapi import FastAPI\napp = FastAPI()\n",
    },
    "no name": {"app/main.py": "from fastapi import FastAPI\ndef make():\n    return FastAPI()\n"},
    "a lifespan replaced": {
        "app/main.py": "from fastapi import FastAPI\napp = FastAPI()\napp.router.lifespan_context = life\n"
    },
    "no application": {"app/main.py": "x = 1\n"},
}


@pytest.mark.parametrize("name", REFUSED)
def test_refuses_with_the_lines_to_paste(name: str) -> None:
    step = resolved(REFUSED[name])
    assert isinstance(step, Refusal)
    assert step.snippet is not None
    again = resolved({**REFUSED[name], "app/life.py": step.snippet})
    assert isinstance(again, PatchFile)
    assert again.path == "app/life.py"


@pytest.mark.parametrize("mount", ["mount('/api', api)", "mount(path='/api', app=api)"])
def test_a_mounted_application_has_no_lifespan_that_runs(mount: str) -> None:
    files = {
        "app/__init__.py": "",
        "app/main.py": f"from fastapi import FastAPI\nfrom app.api import api\napp = FastAPI()\napp.{mount}\n",
        "app/api.py": "from fastapi import FastAPI\napi = FastAPI()\n",
    }
    pins = {"app": "app/api.py:api"}
    (refusal,) = resolve(read_project(tree(files), pins), HUB)
    assert isinstance(refusal, Refusal)
    assert "app/api.py:api is mounted into another application here" in refusal.reason
    assert (refusal.path, refusal.line) == ("app/main.py", 4)
    (step,) = resolve(read_project(tree(files), {"app": "app/main.py:app"}), HUB)
    assert isinstance(step, PatchFile)


def test_a_section_goes_to_the_readme_if_there_is_one() -> None:
    section = AddSection("Events", "Live.")
    files = {"app/main.py": "from fastapi import FastAPI\napp = FastAPI()\n"}
    assert list(resolve(read_project(tree(files)), section)) == []
    (step,) = resolve(read_project(tree({**files, "README.md": "# x\n"})), section)
    assert isinstance(step, PatchFile)
    assert (step.path, step.codemod) == ("README.md", "add_section")
