"""What sockets of a generated project do under load, measured on real servers.

``python tests/benchmark_websocket.py`` makes a project, and needs ``redis-server``. Each figure is
taken beside the one it is compared with, in turns, on the same server. Exit code 1 says that one
of the promises was not kept.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.generated.harness import Project, free_port

CLIENTS = 500
READERS, STALLED = 50, 50

# The naive way beside ours, in one server: the loop of the usual tutorial.
SERVER = '''
import asyncio, gc, os, time
from fastapi import WebSocket, WebSocketDisconnect
from app.main import app
from app.realtime.messages import Changed, Event

naive = []

@app.websocket("/naive")
async def connect(websocket: WebSocket):
    await websocket.accept()
    naive.append(websocket)
    try:
        while True:
            await websocket.receive_json()
    except WebSocketDisconnect:
        naive.remove(websocket)

async def tell_naively(event):
    for websocket in list(naive):
        await websocket.send_json(event.model_dump(mode="json"))

@app.post("/offer/{way}/{count}/{rate}")
async def offer(way: str, count: int, rate: float):
    """So many events, one after another at a rate; how long that took."""
    start, used = time.monotonic(), time.process_time()
    for number in range(count):
        await asyncio.sleep(max(0, start + number / rate - time.monotonic()))
        event = Changed(room="load", action="created", key=number)
        if way == "naive":
            await tell_naively(event)
        else:
            app.state.realtime.publish(event)
    return {"start": start, "used": time.process_time() - used}

class Large(Event):
    sent: float
    text: str

@app.post("/large/{count}/{rate}")
async def large(count: int, rate: float):
    start = time.monotonic()
    for number in range(count):
        await asyncio.sleep(max(0, start + number / rate - time.monotonic()))
        event = Large(room="load", sent=time.monotonic(), text="x" * 24_000)
        app.state.realtime.publish(event)

@app.post("/tell/{key}")
async def tell(key: int):
    app.state.realtime.publish(Changed(room="load", action="created", key=key))
    return os.getpid()

@app.post("/stats")
async def stats():
    gc.collect()
    with open("/proc/self/statm") as file:
        pages = int(file.read().split()[1])
    return {"tasks": len(asyncio.all_tasks()), "clients": len(app.state.realtime.clients),
            "rooms": len(app.state.realtime.rooms), "kilobytes": pages * 4,
            "used": time.process_time()}
'''


class Client(asyncio.Protocol):
    """A WebSocket client that costs next to nothing; ``on_text`` gets what comes."""

    def __init__(self, port: int, path: str) -> None:
        self.request = (
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n"
        ).encode()
        self.buffer = bytearray()
        self.upgraded = False
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.joins = path != "/naive"
        self.events: list[dict[str, Any]] = []
        self.times: list[float] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self.request)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.lost.done():
            self.lost.set_result(None)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if not self.upgraded:
            head, end, rest = self.buffer.partition(b"\r\n\r\n")
            if not end:
                return
            assert b" 101 " in head, head
            self.upgraded, self.buffer = True, rest
            if self.joins:
                self.send(b'{"type":"join","room":"load"}')
            else:
                self.ready.set_result(None)
        while (frame := self._frame()) is not None:
            self._take(frame)

    def _frame(self) -> bytes | None:
        if len(self.buffer) < 2:
            return None
        length, start = self.buffer[1], 2
        if length > 125:
            start = 4 if length == 126 else 10
            length = int.from_bytes(self.buffer[2:start], "big")
        if len(self.buffer) < start + length:
            return None
        content = bytes(self.buffer[start : start + length])
        opcode = self.buffer[0] & 15
        del self.buffer[: start + length]
        return content if opcode == 1 else b""

    def _take(self, frame: bytes) -> None:
        if not frame:
            return
        if not self.ready.done():
            self.ready.set_result(None)
            return
        found = json.loads(frame)
        now = time.monotonic()
        for event in found if isinstance(found, list) else [found]:
            if event.get("type") != "heartbeat":
                self.events.append(event)
                self.times.append(now)

    def send(self, text: bytes) -> None:
        self.transport.write(bytes([0x81, 0x80 | len(text)]) + b"\0\0\0\0" + text)


async def clients(port: int, count: int, path: str = "/ws/events") -> list[Client]:
    """So many connected clients, in the room."""
    loop = asyncio.get_running_loop()
    found: list[Client] = []
    for _ in range(count):
        _, client = await loop.create_connection(lambda: Client(port, path), "127.0.0.1", port)
        found.append(client)
        if len(found) % 50 == 0:
            await asyncio.gather(*(one.ready for one in found))
    await asyncio.gather(*(client.ready for client in found))
    return found


async def leave(them: list[Client]) -> None:
    for client in them:
        client.transport.abort()
    await asyncio.sleep(0.5)


async def post(port: int, path: str) -> Any:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", method="POST")

    def ask() -> Any:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.load(answer)

    return await asyncio.to_thread(ask)


async def until(condition: Any, seconds: float) -> float:
    """How long it took until the condition held; fails after that many seconds."""
    start = time.monotonic()
    while not condition():
        if time.monotonic() - start > seconds:
            raise AssertionError(f"not within {seconds} s")
        await asyncio.sleep(0.01)
    return time.monotonic() - start


@contextlib.contextmanager
def server(project: Project, *options: str, **environment: str) -> Iterator[int]:
    """The port of the project's server."""
    port = free_port()
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "uvicorn", "load:app", "--port", str(port)),
            *("--log-level", "warning", "--timeout-graceful-shutdown", "5", *options),
        ],
        cwd=project.root,
        env={**os.environ, "LOG_LEVEL": "WARNING", **environment},
    )
    try:
        for _ in range(300):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1).close()
                break
            time.sleep(0.1)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


class Redis:
    """A server of our own, that can be killed."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"redis://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""],
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
        )

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@dataclass
class Figures:
    """What was measured, and which promises were not kept."""

    broken: list[str] = field(default_factory=list)

    def say(self, what: str, kept: bool = True) -> None:
        print(("" if kept else "NOT KEPT: ") + what, flush=True)
        if not kept:
            self.broken.append(what)


async def throughput(port: int, figures: Figures, rounds: int = 3) -> None:
    """1,000 events at 1,000 a second to 500 clients, both ways in turns."""
    count = 1000
    rates: dict[str, list[float]] = {"naive": [], "ours": []}
    costs: dict[str, list[float]] = {"naive": [], "ours": []}
    for way in ("naive", "ours") * rounds:
        them = await clients(port, CLIENTS, "/naive" if way == "naive" else "/ws/events")
        before = await post(port, "/stats")
        begun = await post(port, f"/offer/{way}/{count}/1000")
        await until(lambda them=them: all(len(c.events) >= count for c in them), 120)
        last = max(client.times[count - 1] for client in them)
        after = await post(port, "/stats")
        delivered = count * CLIENTS
        rates[way].append(delivered / (last - begun["start"]))
        costs[way].append((after["used"] - before["used"]) / delivered * 1e6)
        await leave(them)
    naive, ours = (statistics.median(rates[way]) for way in ("naive", "ours"))
    used = {way: statistics.median(costs[way]) for way in costs}
    figures.say(
        f"{CLIENTS} clients, one worker: {ours:,.0f} messages a second, naive {naive:,.0f}: "
        f"{ours / naive:.1f} times as many; CPU a message {used['ours']:.1f} µs, "
        f"naive {used['naive']:.1f} µs",
        ours >= 2 * naive,
    )


async def stalled(port: int, figures: Figures) -> None:
    """The delay of those who read, without and with 50 clients who don't."""
    delays: dict[bool, list[float]] = {False: [], True: []}
    dropped = 0
    for deaf in (False, True) * 3:
        them = await clients(port, READERS)
        others = await clients(port, STALLED) if deaf else []
        for client in others:
            client.transport.pause_reading()
        # More than the buffers of both machines and the queue hold.
        await post(port, "/large/600/40")
        await until(lambda them=them: all(len(c.events) >= 600 for c in them), 60)
        for client in them:
            pairs = zip(client.times, client.events, strict=True)
            delays[deaf] += [at - event["sent"] for at, event in pairs]
        left = (await post(port, "/stats"))["clients"]
        dropped += READERS + len(others) - left
        await leave([*them, *others])
    without, beside = (
        statistics.quantiles(delays[deaf], n=100)[98] * 1000 for deaf in (False, True)
    )
    figures.say(
        f"p99 of the delay of {READERS} clients: {without:.1f} ms; beside {STALLED} that don't read "
        f"{beside:.1f} ms ({dropped} of {3 * STALLED} dropped meanwhile)",
        beside <= without * 1.5 + 5 and dropped == 3 * STALLED,
    )


async def churn(port: int, figures: Figures) -> None:
    """10,000 connections that come, join and go."""

    async def come_and_go(count: int) -> dict[str, int]:
        for _ in range(count // 50):
            await leave_at_once(await clients(port, 50))
        await asyncio.sleep(1)
        return dict(await post(port, "/stats"))

    async def leave_at_once(them: list[Client]) -> None:
        for client in them:
            client.transport.close()
        await asyncio.gather(*(client.lost for client in them))

    await come_and_go(2000)
    before = await come_and_go(1000)
    after = await come_and_go(10_000)
    grown = after["kilobytes"] - before["kilobytes"]
    figures.say(
        f"10,000 connects and disconnects: {grown:+,} KB, {before['tasks']} tasks before, "
        f"{after['tasks']} after, {after['clients']} clients, {after['rooms']} rooms",
        grown < 2000 and after["tasks"] <= before["tasks"] and not after["clients"],
    )


async def workers(port: int, redis: Redis, figures: Figures) -> None:
    """Four workers and Redis: everything once, also after Redis was killed."""
    them = await clients(port, 200)
    pids = await tell(port, range(200))
    await until(lambda: all(len(c.events) >= 200 for c in them), 30)
    await asyncio.sleep(1)
    figures.say(
        f"4 workers, 200 clients: 200 events from {len(pids)} workers, "
        f"{sum(once(c, 200) for c in them)} clients heard each once",
        all(once(c, 200) for c in them) and len(pids) == 4,
    )
    for client in them:
        client.events.clear()
    redis.kill()
    await tell(port, range(40))
    await until(lambda: sum(len(c.events) for c in them) >= 200 * 40 / 8, 10)
    heard = sum(len(c.events) for c in them)
    await asyncio.sleep(3)
    redis.start()
    back = await until(lambda: all(gaps(c) for c in them), 30)
    for client in them:
        client.events.clear()
    await asyncio.sleep(0.5)
    await tell(port, range(100))
    await until(lambda: all(len(keys(c)) >= 100 for c in them), 30)
    figures.say(
        f"Redis killed: {heard} of {200 * 40} deliveries went on, the rest is in a gap that all "
        f"{len(them)} clients heard of {back:.1f} s after the restart; then each event once",
        all(once(c, 100) for c in them) and back < 10,
    )
    await leave(them)


async def tell(port: int, numbers: range) -> set[int]:
    """The processes that were asked to tell an event each."""
    return set(await asyncio.gather(*(post(port, f"/tell/{key}") for key in numbers)))


def keys(client: Client) -> list[int]:
    return [event["key"] for event in client.events if event["type"] == "changed"]


def gaps(client: Client) -> int:
    return sum(event["type"] == "gap" for event in client.events)


def once(client: Client, count: int) -> bool:
    return Counter(keys(client)) == Counter(range(count))


def make(folder: Path) -> Project:
    Project(folder).scaffold("new", "shop", "--no-git", "--with", "websocket")
    project = Project(folder / "shop")
    (project.root / "load.py").write_text(SERVER)
    project.python("-m", "alembic", "upgrade", "head")
    return project


def main(*names: str) -> int:
    """Prints the figures, of these measures only if some are named."""
    if not shutil.which("redis-server"):
        print("needs redis-server")
        return 1
    figures = Figures()
    with tempfile.TemporaryDirectory() as folder:
        project = make(Path(folder))
        for measure in (throughput, stalled, churn):
            if names and measure.__name__ not in names:
                continue
            with server(project) as port:
                asyncio.run(measure(port, figures))
        if names and "workers" not in names:
            return 1 if figures.broken else 0
        redis = Redis(Path(folder))
        redis.start()
        try:
            with server(project, "--workers", "4", REDIS_URL=redis.url) as port:
                time.sleep(5)  # all of the workers, not the first
                asyncio.run(workers(port, redis, figures))
        finally:
            redis.kill()
    return 1 if figures.broken else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
