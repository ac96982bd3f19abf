"""A shop with sockets, judged as its owners would, and on a real server."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2
import pytest
import websockets
from websockets.asyncio.client import ClientConnection, connect

from tests.generated.browser import browser
from tests.generated.harness import Project, free_port, require
from tests.generated.server import migrated, serving

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A shop of one resource that tells its events; tests read it and run it."""
    folder = tmp_path_factory.mktemp("live")
    Project(folder).scaffold("new", "shop", "--no-git", "--with", "websocket")
    shop = Project(folder / "shop")
    shop.scaffold("add", "resource", "orders", "code:str:max=9:unique", "--events")
    return shop


def test_every_tool_is_content(live: Project) -> None:
    live.python("-m", "ruff", "check", ".")
    live.python("-m", "ruff", "format", "--check", ".")
    live.python("-m", "mypy", "--strict", "app", "tests", "migrations")


@pytest.mark.parametrize("database", ["sqlite", "postgresql", "mysql"])
def test_its_own_tests_pass(live: Project, database: str, tmp_path: Path) -> None:
    covered = ("--cov=app", "--cov-branch", "--cov-report=term", "--cov-fail-under=95")
    written = ("tests/test_orders.py", "tests/test_realtime.py")
    live.python(
        *("-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider"),
        *(covered if database == "sqlite" else written),
        env={**require(database), "COVERAGE_FILE": str(tmp_path / "coverage")},
    )


def test_undone_it_never_was(tmp_path: Path) -> None:
    Project(tmp_path).scaffold("new", "shop", "--no-git")
    shop = Project(tmp_path / "shop")
    before = shop.files()
    shop.scaffold("add", "websocket")
    shop.scaffold("add", "resource", "orders", "--events")
    refused = shop.scaffold("remove", "websocket", check=False)
    assert refused.returncode == 3
    assert "the resource orders is there with events" in refused.stderr
    shop.scaffold("undo")
    shop.scaffold("remove", "websocket")
    assert shop.files() == before


def test_two_sockets_share_what_goes_with_the_last(tmp_path: Path) -> None:
    Project(tmp_path).scaffold("new", "shop", "--no-git")
    shop = Project(tmp_path / "shop")
    before = shop.files()
    shop.scaffold("add", "websocket", "news")
    only = shop.files()
    shop.scaffold("undo")
    shop.scaffold("add", "websocket", "prices")
    shop.scaffold("add", "websocket", "news")
    shop.scaffold("remove", "websocket", "prices")
    assert _sources(shop.files()) == _sources(only)
    shop.scaffold("remove", "websocket", "news")
    assert _sources(shop.files()) == _sources(before)


def _sources(files: dict[str, bytes]) -> dict[str, bytes]:
    return {path: content for path, content in files.items() if not path.startswith(".scaffold")}


@pytest.mark.full
def test_with_accounts(tmp_path: Path) -> None:
    Project(tmp_path).scaffold("new", "shop", "--no-git", "--with", "auth,websocket")
    shop = Project(tmp_path / "shop")
    shop.python("-m", "ruff", "check", ".")
    shop.python("-m", "ruff", "format", "--check", ".")
    shop.python("-m", "mypy", "--strict", "app", "tests")
    tests = ("tests/test_events_socket.py", "tests/test_realtime.py", "tests/auth")
    shop.python("-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", *tests)
    refused = shop.scaffold("remove", "auth", check=False)
    assert refused.returncode == 3
    assert "(websocket) is there, which needs it" in refused.stderr
    shop.scaffold("remove", "websocket")
    shop.scaffold("remove", "auth")


def test_on_a_real_server(live: Project, tmp_path: Path) -> None:
    with migrated(live, {}, tmp_path) as environment:
        asyncio.run(_hear_and_be_told_to_go(live, environment))


async def _hear_and_be_told_to_go(live: Project, environment: dict[str, str]) -> None:
    with serving(live, environment) as base:
        url = base.replace("http", "ws") + "/ws/events"
        async with connect(url) as socket, httpx2.AsyncClient(base_url=base) as client:
            await socket.send('{"type": "join", "room": "orders"}')
            assert await _read(socket) == [{"type": "joined", "room": "orders"}]
            for status in (201, 409):
                made = await client.post("/api/v1/orders", json={"code": "A"})
                assert made.status_code == status
            assert (await client.delete("/api/v1/orders/1")).status_code == 204
            told = [*await _read(socket), *await _read(socket)]
            assert [(event["action"], event["key"]) for event in told] == [
                ("created", 1),
                ("deleted", 1),
            ]
        with pytest.raises(websockets.InvalidStatus):
            async with connect(url, origin=websockets.Origin("https://evil.example")):
                pass


async def _read(socket: ClientConnection) -> list[dict[str, Any]]:
    async with asyncio.timeout(10):
        messages: list[dict[str, Any]] = json.loads(await socket.recv())
    return messages


def test_clients_hear_that_the_server_stops(live: Project, tmp_path: Path) -> None:
    port = free_port()
    with migrated(live, {}, tmp_path) as environment:
        server = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "app.main:app", "--port", str(port)],
            cwd=live.root,
            env={**os.environ, **environment},
            stderr=subprocess.DEVNULL,
        )
        try:
            codes = asyncio.run(_codes_on_sigterm(server, port))
            assert server.wait(timeout=15) in (0, -signal.SIGTERM)
        finally:
            server.kill()
            server.wait()
    assert codes == {1001}


async def _codes_on_sigterm(server: subprocess.Popen[bytes], port: int) -> set[int | None]:
    clients = [await _connected(f"ws://127.0.0.1:{port}/ws/events") for _ in range(50)]
    server.send_signal(signal.SIGTERM)
    async with asyncio.timeout(15):
        for client in clients:
            await client.wait_closed()
    return {client.close_code for client in clients}


async def _connected(url: str) -> ClientConnection:
    for _ in range(600):  # a minute: machines that test are busy
        try:
            return await connect(url)
        except OSError:
            await asyncio.sleep(0.1)
    raise AssertionError("the server does not listen")


@pytest.mark.full
def test_the_page_in_a_real_browser(live: Project, tmp_path: Path) -> None:
    with migrated(live, {}, tmp_path) as environment:
        asyncio.run(_watch(live, {**environment, "WEBSOCKET_PAGE": "true"}))


async def _watch(live: Project, environment: dict[str, str]) -> None:
    port = free_port()
    state, shown = "document.querySelector('#state')?.value", "document.body.innerText"
    async with browser() as page, httpx2.AsyncClient() as client:
        with serving(live, environment, port=port) as base:
            await page.open(f"{base}/ws/events/page")
            await page.until(f"{state} == 'open'")
            await page.value("document.querySelector('input').value = 'orders'")
            await page.value("document.querySelector('button').click()")
            await page.until(f"{shown}.includes('joined')")
            made = await client.post(f"{base}/api/v1/orders", json={"code": "B"})
            assert made.status_code == 201
            await page.until(f"{shown}.includes('created')")
        await page.until(f"{state}?.startsWith('closed (1001')")
        with serving(live, environment, port=port) as base:
            await page.until(f"{state} == 'open'")
            await page.until(f"{shown}.split('joined').length == 3")
            assert (await client.delete(f"{base}/api/v1/orders/1")).status_code == 204
            await page.until(f"{shown}.includes('deleted')")
