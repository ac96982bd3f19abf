"""What the cache and the rate limits of a generated project do under load, on real servers.

``python tests/benchmark_cache.py`` makes a project, and needs ``redis-server`` and PostgreSQL. CPU times are compared
with those of the usual way in the same run, in turns. Exit code 1: a promise was not kept.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.benchmark_websocket import Figures, Redis
from tests.generated.harness import Project, free_port, require
from tests.generated.server import migrated

# In one process, without a server: each request's CPU time, the usual way beside ours.
COSTS = """
import asyncio, json, os, time
from redis.asyncio import Redis
from app.config import get_settings
from app.main import create_app
from app.routers.orders import ServiceDep
from app.schemas.orders import OrderRead

app = create_app()

@app.get("/naive/{order_id}", response_model=OrderRead)
async def naive(order_id: int, service: ServiceDep):
    redis = Redis.from_url(os.environ["NAIVE"])
    stored = await redis.get(f"naive:{order_id}")
    if stored is None:
        order = OrderRead.model_validate(await service.get(order_id))
        stored = order.model_dump_json()
        await redis.set(f"naive:{order_id}", stored, ex=60)
    await redis.aclose()
    return json.loads(stored)

async def call(path, method="GET", body=b""):
    sent = []
    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}
    async def send(message):
        sent.append(message)
    head = [(b"host", b"test"), (b"content-type", b"application/json")]
    await app({
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "http",
        "method": method, "path": path, "raw_path": path.encode(), "root_path": "",
        "query_string": b"", "headers": head, "client": ("127.0.0.1", 1), "server": ("test", 80),
    }, receive, send)
    assert sent[0]["status"] < 300, sent
    return json.loads(sent[1]["body"])

async def main():
    async with app.router.lifespan_context(app):
        limiter = app.state.rate_limiter
        body = json.dumps({"reference": os.urandom(8).hex(), "total": "7", "note": "x" * 200})
        key = (await call("/api/v1/orders", "POST", body.encode()))["id"]
        ways = {"naive": (f"/naive/{key}", None), "ours": (f"/api/v1/orders/{key}", None),
                "limited": (f"/api/v1/orders/{key}", limiter)}
        times = {way: [] for way in ways}
        for _ in range(20):
            for way, (path, app.state.rate_limiter) in ways.items():
                await call(path)
                start = time.process_time()
                for _ in range(200):
                    await call(path)
                times[way].append((time.process_time() - start) / 200 * 1e6)
        print(json.dumps({way: min(found) for way, found in times.items()}))

asyncio.run(main())
"""

SERVER = """
import asyncio, os
from pathlib import Path
from app.caching.routes import cached_route
from app.main import app

@app.get("/slow/{name}")
@cached_route(ttl=60)
async def slow(name: str) -> int:
    with Path(os.environ["COUNTS"]).open("a") as file:
        file.write(f"{name} {os.getpid()}\\n")
    await asyncio.sleep(0.5)
    return 1
"""


class Pool:
    """Kept connections to a server; which of its workers each came to is chance."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """The status and the content of an answer."""
        random.shuffle(self.free)
        content = b"" if body is None else json.dumps(body).encode()
        reader, writer = (
            self.free.pop() if self.free else await asyncio.open_connection("127.0.0.1", self.port)
        )
        head = f"{method} {path} HTTP/1.1\r\nHost: test\r\nContent-Length: {len(content)}\r\n"
        writer.write(f"{head}Content-Type: application/json\r\n\r\n".encode() + content)
        lines = (await reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
        length = next((int(x[16:]) for x in lines if x.startswith("content-length: ")), 0)
        answer = await reader.readexactly(length)
        self.free.append((reader, writer))
        return int(lines[0].split()[1]), json.loads(answer) if answer else None

    async def spread(self, connections: int = 60) -> None:
        """Open so many, that all workers are met."""
        await asyncio.gather(*(self.ask("GET", "/health") for _ in range(connections)))


async def at_once(count: int, limit: int, do: Callable[[int], Awaitable[Any]]) -> list[Any]:
    slots = asyncio.Semaphore(limit)

    async def one(number: int) -> Any:
        async with slots:
            return await do(number)

    return await asyncio.gather(*(one(number) for number in range(count)))


@contextlib.contextmanager
def server(project: Project, workers: int, **environment: str) -> Iterator[tuple[Pool, Path]]:
    """A pool for the project's server, and what that writes."""
    port, output = free_port(), project.root / "output.txt"
    command = [sys.executable, "-m", "uvicorn", "load:app", "--port", str(port)]
    options = ["--workers", str(workers), "--log-level", "warning", "--timeout-keep-alive", "600"]
    with output.open("w") as file:
        process = subprocess.Popen(
            command + options,
            cwd=project.root,
            env={**os.environ, "LOG_LEVEL": "WARNING", **environment},
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    try:
        asyncio.run(_ready(port))
        time.sleep(5 if workers > 1 else 0)  # all of the workers, not the first
        yield Pool(port), output
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


async def _ready(port: int) -> None:
    for _ in range(600):
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            if (await Pool(port).ask("GET", "/health"))[0] == 200:
                return
        await asyncio.sleep(0.1)
    raise AssertionError("the server does not listen")


def costs(project: Project, redis: Redis, figures: Figures) -> None:
    """CPU a request: a cached answer beside the naive way, with the limiter and without."""
    (project.root / "costs.py").write_text(COSTS)
    for where in ("in process", "on Redis"):
        url = redis.url if where == "on Redis" else ""
        quota = {"RATE_LIMIT_QUOTA": "1000000", "LOG_LEVEL": "WARNING"}
        done = project.python("costs.py", env={"NAIVE": redis.url, "REDIS_URL": url, **quota})
        cost = json.loads(done.stdout.splitlines()[-1])
        ratio, limiter = cost["naive"] / cost["ours"], cost["limited"] - cost["ours"]
        figures.say(
            f"cached GET {where}: {cost['ours']:.0f} µs of CPU, naive {cost['naive']:.0f}: "
            f"{ratio:.1f} times",
            ratio >= 6,
        )
        figures.say(
            f"limiter {where}: {limiter:.0f} µs of CPU a request", bool(url) or limiter <= 60
        )


async def stale(pool: Pool, figures: Figures, steps: int = 10_000, rows: int = 20) -> None:
    """Writers that read what they wrote, from any worker, while others read it all the time."""
    await pool.spread()
    keys = []
    for number in range(rows):
        body = {"reference": f"{random.random()}{number}", "total": "0"}
        keys.append((await pool.ask("POST", "/api/v1/orders", body))[1]["id"])
    wrong, reads = 0, 0
    known = dict.fromkeys(keys, 0)
    running = True

    async def read(key: int) -> None:
        nonlocal wrong, reads
        least = known[key]
        _, order = await pool.ask("GET", f"/api/v1/orders/{key}")
        reads += 1
        wrong += float(order["total"]) < least

    async def hammer() -> None:
        while running:
            await read(random.choice(keys))

    async def walk(key: int) -> None:
        for number in range(1, steps // rows // 2 + 1):
            status, _ = await pool.ask("PATCH", f"/api/v1/orders/{key}", {"total": f"{number}"})
            assert status == 200, status
            known[key] = number
            await read(key)

    readers = [asyncio.create_task(hammer()) for _ in range(10)]
    await asyncio.gather(*map(walk, keys))
    running = False
    await asyncio.gather(*readers)
    figures.say(f"{steps} steps and {reads} reads over 4 workers: {wrong} stale", wrong == 0)


async def limit(pool: Pool, figures: Figures) -> None:
    """10,000 requests of one caller in one window."""
    answers = await at_once(10_000, 100, lambda _: pool.ask("GET", "/nowhere"))
    passed = sum(status == 404 for status, _ in answers)
    refused = sum(status == 429 for status, _ in answers)
    figures.say(
        f"4 workers, 10,000 requests at once, limit 100: {passed} passed, {refused} refused",
        (passed, refused) == (100, 9900),
    )


async def stampede(pool: Pool, counts: Path, figures: Figures, where: str) -> None:
    """1,000 that miss at once."""
    await pool.spread()
    counts.write_text("")
    answers = await at_once(1000, 1000, lambda _: pool.ask("GET", f"/slow/{where[:2]}"))
    assert all(answer == (200, 1) for answer in answers)
    lines = counts.read_text().splitlines()
    one_each = len(lines) == len(set(lines))
    figures.say(
        f"1,000 misses at once, {where}: computed {len(lines)} times by {len(set(lines))} processes",
        one_each and (where.startswith("4 workers without") or len(lines) == 1),
    )


async def away(pool: Pool, output: Path, redis: Redis, figures: Figures) -> None:
    """Redis is killed and comes back."""
    await pool.spread()
    body = {"reference": f"{random.random()}", "total": "1"}
    key = (await pool.ask("POST", "/api/v1/orders", body))[1]["id"]
    url = f"/api/v1/orders/{key}"

    def said(what: str) -> int:
        return output.read_text().count(what)

    redis.kill()
    without = await at_once(400, 20, lambda _: pool.ask("GET", url))
    await pool.ask("PATCH", url, {"total": "2"})
    _, changed = await pool.ask("GET", url)
    warnings = said("out of reach")
    redis.start()
    await asyncio.sleep(2.5)
    after = await at_once(400, 20, lambda _: pool.ask("GET", url))
    fine = all(status == 200 for status, _ in without + after)
    fresh = changed["total"] == "2.00" and all(order["total"] == "2.00" for _, order in after)
    figures.say(
        f"Redis killed: 400 answers without it, {warnings} warnings of 4 workers' 2 clients; back: "
        f"{said('Redis is back')} say so; all fresh: {fresh}",
        fine and fresh and 0 < warnings <= 8 and said("Redis is back") > 0,
    )


def make(folder: Path) -> Project:
    """A shop of one cached resource, with rate limits."""
    Project(folder).scaffold("new", "shop", "--no-git", "--with", "cache,ratelimit")
    project = Project(folder / "shop")
    fields = ("reference:str:max=40:unique", "total:decimal:12.2:min=0", "note:text:optional")
    project.scaffold("add", "resource", "orders", *fields, "--cache")
    (project.root / "load.py").write_text(SERVER)
    project.python("-m", "alembic", "upgrade", "head")
    return project


def measure(project: Project, redis: Redis, figures: Figures, names: tuple[str, ...]) -> None:
    """All of it, or what is named."""
    wanted = names or ("costs", "stale", "limit", "stampede", "away")
    counts = project.root / "counts.txt"
    high = {"RATE_LIMIT_QUOTA": "1000000", "COUNTS": str(counts)}
    shared = {**high, "REDIS_URL": redis.url}
    if "costs" in wanted:
        costs(project, redis, figures)
    if "stale" in wanted:
        # SQLite lets one write at a time: 20 writers at once would wait for it, not for us.
        with (
            migrated(project, require("postgresql"), project.root) as database,
            server(project, 4, **shared, **database) as (pool, _),
        ):
            asyncio.run(stale(pool, figures))
    if "limit" in wanted:
        low = {"RATE_LIMIT_QUOTA": "100", "RATE_LIMIT_WINDOW": "3600"}
        with server(project, 4, **{**shared, **low}) as (pool, _):
            asyncio.run(limit(pool, figures))
    for where, workers, environment in (
        ("1 worker", 1, high),
        ("4 workers without Redis", 4, high),
        ("Redis, 4 workers", 4, shared),
    ):
        if "stampede" in wanted:
            with server(project, workers, **environment) as (pool, _):
                asyncio.run(stampede(pool, counts, figures, where))
    if "away" in wanted:
        with server(project, 4, **shared) as (pool, output):
            asyncio.run(away(pool, output, redis, figures))


def main(*names: str) -> int:
    """Prints the figures, of these measures only if some are named."""
    if not shutil.which("redis-server"):
        print("needs redis-server")
        return 1
    figures = Figures()
    with tempfile.TemporaryDirectory() as folder:
        project = make(Path(folder))
        redis = Redis(Path(folder))
        redis.start()
        try:
            measure(project, redis, figures, names)
        finally:
            redis.kill()
    return 1 if figures.broken else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
