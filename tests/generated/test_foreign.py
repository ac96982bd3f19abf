"""Capabilities in projects that scaffold did not make: their tests, a server, and no trace after."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import httpx2
import pytest
from websockets.asyncio.client import connect

from tests.generated.foreign import SHAPES, Shape
from tests.generated.harness import Project
from tests.generated.server import serving

pytestmark = pytest.mark.slow

CAPABILITIES = ("websocket", "cache", "ratelimit")
FAST = "on_event handlers"


def test_capabilities_where_events_are_handled(tmp_path: Path) -> None:
    check(tmp_path, SHAPES[FAST])


@pytest.mark.full
@pytest.mark.parametrize("name", [name for name in SHAPES if name != FAST])
def test_capabilities_elsewhere(tmp_path: Path, name: str) -> None:
    check(tmp_path, SHAPES[name])


def check(folder: Path, shape: Shape) -> None:
    project = Project(folder)
    for path, text in shape.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    before = sources(project)
    for capability in CAPABILITIES:
        project.scaffold("add", capability, *shape.options)
    made = sources(project)
    for capability in CAPABILITIES:
        project.scaffold("add", capability, *shape.options)
    assert sources(project) == made
    judge(project, shape, before)
    serve(project, shape)
    for capability in CAPABILITIES:
        project.scaffold("remove", capability)
    assert sources(project) == before


def sources(project: Project) -> dict[str, bytes]:
    files = project.files().items()
    return {path: content for path, content in files if not path.startswith(".scaffold")}


def judge(project: Project, shape: Shape, before: dict[str, bytes]) -> None:
    """What was made is clean by the tools' own rules, and its tests pass in this application."""
    root = Project(project.root / shape.root)
    made = [p for p in sources(root) if f"{shape.root}/{p}".removeprefix("./") not in before]
    python = [path for path in made if path.endswith(".py")]
    root.python("-m", "ruff", "check", "--isolated", *python)
    root.python("-m", "ruff", "format", "--check", "--isolated", *python)
    root.python("-m", "mypy", "--strict", *sorted({path.split("/")[0] for path in python}))
    tests = ("tests" if (root.root / "tests").is_dir() else str(project.root / "tests"),)
    options = ("-q", "-W", "error", "-p", "no:cacheprovider")
    root.python("-m", "pytest", *options, *tests, env={"PYTHONPATH": "."})


def serve(project: Project, shape: Shape) -> None:
    """The application still does what it did, and what it can do now."""
    root = Project(project.root / shape.root)
    factory = ("--factory",) if shape.served.endswith("create_app") else ()
    with serving(root, {}, *factory, served=shape.served, ready="/ping") as base:
        answer = httpx2.get(f"{base}/ping")
        assert answer.json() == "pong"
        assert answer.headers["RateLimit"].startswith('"default";r=')
        asyncio.run(join(base))


async def join(base: str) -> None:
    async with connect(base.replace("http", "ws") + "/ws/events") as socket:
        await socket.send('{"type": "join", "room": "orders"}')
        assert json.loads(await socket.recv()) == [{"type": "joined", "room": "orders"}]
