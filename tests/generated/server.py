"""A generated project on a real server and a real database of its own."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO
from urllib.parse import urlsplit

import httpx2

from tests.generated.harness import Project, free_port

_DATABASE = """
import asyncio, sys
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

async def main(url: str, statement: str) -> None:
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(statement))
    await engine.dispose()

asyncio.run(main(*sys.argv[1:]))
"""


@contextmanager
def migrated(
    project: Project, environment: Mapping[str, str], folder: Path
) -> Iterator[dict[str, str]]:
    """The environment of a database made for this, migrated to the head, and dropped after."""
    admin = environment.get("DATABASE_URL")
    if admin is None:
        own = {"DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'own.db'}"}
        project.python("-m", "alembic", "upgrade", "head", env=own)
        yield own
        return
    name = f"scaffold_{urlsplit(admin).scheme[:5]}_{free_port()}"
    project.python("-c", _DATABASE, admin, f"CREATE DATABASE {name}")
    own = {"DATABASE_URL": admin.rpartition("/")[0] + "/" + name}
    try:
        project.python("-m", "alembic", "upgrade", "head", env=own)
        yield own
    finally:
        project.python("-c", _DATABASE, admin, f"DROP DATABASE {name}")


@contextmanager
def serving(
    project: Project,
    environment: Mapping[str, str],
    *options: str,
    port: int = 0,
    served: str = "app.main:app",
    ready: str = "/health",
) -> Iterator[str]:
    """The base URL of the project under uvicorn; stopped by SIGTERM at the end."""
    import os

    port = port or free_port()
    base = f"http://127.0.0.1:{port}"
    # A file, not a pipe: nobody would empty that, and a server that can't write stands still.
    with tempfile.TemporaryFile("w+") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", served, "--port", str(port), *options],
            cwd=project.root,
            env={**os.environ, **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait(server, f"{base}{ready}", output)
            yield base
        finally:
            server.terminate()
            server.wait(timeout=30)
            output.seek(0)
            assert server.returncode in (0, -15), output.read()


def _wait(server: subprocess.Popen[bytes], url: str, output: TextIO) -> None:
    for _ in range(150):
        if server.poll() is not None:
            output.seek(0)
            raise AssertionError(f"the server ended: {output.read()}")
        try:
            if httpx2.get(url, timeout=1).status_code == 200:
                return
        except httpx2.HTTPError:
            time.sleep(0.1)
    raise AssertionError(f"no answer from {url}")
