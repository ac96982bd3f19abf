"""The shop on a real server: walked through over HTTP, and stopped in the middle of a request."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest

from tests.generated.harness import Project, free_port, require
from tests.generated.server import migrated, serving

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("database", ["sqlite", "postgresql", "mysql"])
def test_a_walk_through_the_shop(shop: Project, database: str, tmp_path: Path) -> None:
    with (
        migrated(shop, require(database), tmp_path) as environment,
        serving(shop, environment) as base,
        httpx2.Client(base_url=base, timeout=10) as client,
    ):
        product = {"name": "Tea", "sku": "T-1", "price": "7", "tags": {"a": [1, None]}}
        made = client.post("/api/v1/products", json=product)
        assert made.status_code == 201
        assert made.json()["price"] == "7.00"
        assert made.json()["stock"] == 0
        assert made.json()["created_at"].endswith("Z")
        location = made.headers["location"]
        assert client.get(location).json() == made.json()
        taken = client.post("/api/v1/products", json=product)
        assert taken.status_code == 409
        assert taken.headers["content-type"] == "application/problem+json"
        assert "sku" in taken.text
        assert client.patch(location, json={"name": None}).status_code == 422
        assert client.patch(location, json={"name": "Coffee"}).json()["name"] == "Coffee"
        assert client.delete(location).status_code == 204
        assert client.get(location).status_code == 404
        assert client.get("/api/docs").status_code == 200
        assert client.get("/nowhere").headers["content-type"] == "application/problem+json"


def test_pages_are_linked(shop: Project, tmp_path: Path) -> None:
    with (
        migrated(shop, {}, tmp_path) as environment,
        serving(shop, environment) as base,
        httpx2.Client(base_url=base, timeout=10) as client,
    ):
        for number in range(7):
            body = {"email": f"u{number}@example.com", "username": f"user{number}"}
            assert client.post("/api/v1/users", json=body).status_code == 201
        seen: list[str] = []
        url = "/api/v1/users?limit=3&sort=-username"
        while url:
            page = client.get(url)
            seen += [user["username"] for user in page.json()]
            url = page.links.get("next", {}).get("url", "")
        assert seen == [f"user{number}" for number in reversed(range(7))]
        assert client.get("/api/v1/users?role=admin").json() == []
        assert client.get("/api/v1/users?unknown=1").status_code == 422


_SLOW = """
import asyncio
from app.main import app

@app.get("/slow")
async def slow() -> str:
    print("begun", flush=True)
    await asyncio.sleep(1.5)
    return "finished"
"""


def test_sigterm_lets_a_request_finish_and_refuses_new_ones(shop: Project, tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text(_SLOW)
    port = free_port()
    with migrated(shop, {}, tmp_path) as environment:
        server = subprocess.Popen(
            [
                *(sys.executable, "-m", "uvicorn", "slow:app", "--port", str(port)),
                *("--timeout-graceful-shutdown", "10"),
            ],
            cwd=tmp_path,
            env={**os.environ, **environment, "PYTHONPATH": str(shop.root)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            _until_listening(port)
            request = subprocess.Popen(
                [sys.executable, "-c", _GET, f"http://127.0.0.1:{port}/slow"],
                stdout=subprocess.PIPE,
                text=True,
            )
            assert server.stdout is not None
            for line in server.stdout:
                if "begun" in line:
                    break
            server.send_signal(signal.SIGTERM)
            time.sleep(0.4)
            with pytest.raises(OSError, match="refused"):
                socket.create_connection(("127.0.0.1", port), 1).close()
            assert request.communicate(timeout=15)[0].strip() == "200 finished"
            assert server.wait(timeout=15) in (0, -signal.SIGTERM)
            assert "Traceback" not in server.stdout.read()
        finally:
            server.kill()
            server.communicate()


_GET = """
import sys, httpx2
answer = httpx2.get(sys.argv[1], timeout=15)
print(answer.status_code, answer.json())
"""


def _until_listening(port: int) -> None:
    for _ in range(150):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server does not listen")
