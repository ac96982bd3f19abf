"""A real headless Chromium, driven by the protocol of its developer tools."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
from websockets.asyncio.client import ClientConnection, connect

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


def find_chromium() -> str:
    """The program; skips where there is none, fails under CI."""
    for name in _NAMES:
        if found := shutil.which(name):
            return found
    message = f"no Chromium: none of {', '.join(_NAMES)} is on the path"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


class Page:
    """One tab."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.numbers = itertools.count(1)

    async def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """The result of one command."""
        number = next(self.numbers)
        command = {"id": number, "method": method, "params": parameters}
        await self.connection.send(json.dumps(command))
        async with asyncio.timeout(30):
            async for text in self.connection:
                answer: dict[str, Any] = json.loads(text)
                if answer.get("id") == number:
                    assert "error" not in answer, answer
                    return dict(answer["result"])
        raise AssertionError("the browser ended")

    async def open(self, url: str) -> None:
        """Goes there."""
        await self.call("Page.navigate", url=url)

    async def value(self, script: str) -> Any:
        """What an expression is in the page."""
        found = await self.call("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    async def until(self, script: str, seconds: float = 20) -> None:
        """Waits until an expression is true in the page."""
        try:
            async with asyncio.timeout(seconds):
                while not await self.value(script):
                    await asyncio.sleep(0.05)
        except TimeoutError:
            shown = await self.value("document.body?.innerText")
            raise AssertionError(f"never true: {script}\n{shown}") from None


@asynccontextmanager
async def browser() -> AsyncIterator[Page]:
    """A tab of a browser that is started for this, with a profile of its own."""
    program = find_chromium()
    with tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as profile:
        process = await asyncio.create_subprocess_exec(
            *(program, "--headless=new", "--no-sandbox", "--disable-gpu"),
            *("--disable-dev-shm-usage", "--no-first-run", "--remote-debugging-port=0"),
            *(f"--user-data-dir={profile}", "about:blank"),
            stderr=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
        )
        try:
            async with connect(await _debugger(process), max_size=None) as connection:
                yield Page(connection)
        finally:
            process.kill()
            await process.communicate()


async def _debugger(process: asyncio.subprocess.Process) -> str:
    """The URL by which the first tab is driven."""
    assert process.stderr is not None
    async with asyncio.timeout(60):
        async for line in process.stderr:
            if b"DevTools listening on ws://" in line:
                host = line.decode().partition("ws://")[2].partition("/")[0]
                break
        else:
            raise AssertionError("Chromium ended at once")
    async with httpx2.AsyncClient() as client:
        tabs = (await client.get(f"http://{host}/json/list")).json()
    return next(str(tab["webSocketDebuggerUrl"]) for tab in tabs if tab["type"] == "page")
