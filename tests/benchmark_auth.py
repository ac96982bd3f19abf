"""What a token costs: the CPU of a request with one beside that of the same request without.

``python tests/benchmark_auth.py`` makes a project with two resources that differ in nothing but
``--require-auth``, and asks for a row of each in turns, in one process. Exit code 1 says that the
user's look-up more than doubles a request.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.generated.harness import Project

AIM = 2.0
ASK = '''
import asyncio
import statistics
import time

from app.main import app
from tests.auth.accounts import headers

ROUNDS, REQUESTS = 40, 50


async def ask(path, asking):
    """A request as a server hands it over: no client's work is measured."""
    sent = []

    async def receive():
        return {"type": "http.request", "body": b""}

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET",
        "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": b"",
        "root_path": "", "headers": [(k.lower().encode(), v.encode()) for k, v in asking.items()],
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80), "state": {},
    }
    await app(scope, receive, send)
    assert sent[0]["status"] == 200, sent


async def main():
    async with app.router.lifespan_context(app):
        asking = await headers(app)
        for table in ("plains", "guardeds"):
            await make(table)
        ways = {"without": ("/api/v1/plains/1", {}), "with": ("/api/v1/guardeds/1", asking)}
        used = {way: [] for way in ways}
        for number in range(ROUNDS + 2):
            for way, request in sorted(ways.items(), reverse=number % 2 == 1):
                start = time.process_time()
                for _ in range(REQUESTS):
                    await ask(*request)
                used[way].append((time.process_time() - start) / REQUESTS * 1e6)
        medians = {way: statistics.median(times[2:]) for way, times in used.items()}
        print(medians["without"], medians["with"])


async def make(table):
    from sqlalchemy import text
    async with app.state.database.transaction() as session:
        columns = "name, created_at, updated_at"
        values = "'x', '2026-01-01 00:00:00', '2026-01-01 00:00:00'"
        await session.execute(text(f"INSERT INTO {table} ({columns}) VALUES ({values})"))


asyncio.run(main())
'''


def main() -> int:
    """Measures, prints, and tells whether the aim is met."""
    with tempfile.TemporaryDirectory() as folder:
        Project(Path(folder)).scaffold("new", "shop", "--no-git", "--minimal")
        shop = Project(Path(folder) / "shop")
        shop.scaffold("add", "auth")
        shop.scaffold("add", "resource", "plains", "name:str")
        shop.scaffold("add", "resource", "guardeds", "name:str", "--require-auth")
        shop.python("-m", "alembic", "upgrade", "head")
        done = shop.python("-c", ASK, env={"LOG_LEVEL": "WARNING"})
    without, given = map(float, done.stdout.split())
    print(f"without a token {without:.0f} µs, with one {given:.0f} µs: {given / without:.2f} times")
    return int(given / without > AIM)


if __name__ == "__main__":
    sys.exit(main())
