"""Projects made by the command line, and the tools that judge them."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

POSTGRESQL = os.environ.get(
    "TEST_POSTGRESQL_URL", "postgresql+asyncpg://postgres@127.0.0.1:5432/test"
)
MYSQL = os.environ.get("TEST_MYSQL_URL", "mysql+asyncmy://root@127.0.0.1:3306/test")
URLS = {"sqlite": "", "postgresql": POSTGRESQL, "mysql": MYSQL}

# The shop that every guide builds, word for word from the README.
SHOP = tuple(
    line.split()
    for line in """
    users email:email:unique username:str:min=3:max=50:unique role:enum:admin,user,moderator:readonly:default=user is_active:bool:readonly:default=true
    products name:str:max=120 sku:str:max=40:unique price:decimal:10.2:min=0 stock:int:min=0:default=0 tags:json:optional
    orders reference:uuid:unique status:enum:pending,paid,shipped,cancelled:default=pending total:decimal:12.2:min=0 placed_at:datetime note:text:optional
    """.strip().splitlines()
)

# What a developer's shell may hold and a generated project must not see.
_LEFT_OUT = ("DATABASE_URL", "PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER", "COVERAGE_PROCESS_START")


@dataclass(frozen=True)
class Project:
    """A directory with a project in it."""

    root: Path

    def run(
        self, *command: str, env: Mapping[str, str] | None = None, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Runs a command there; its output is the message when it fails."""
        environment = {k: v for k, v in os.environ.items() if k not in _LEFT_OUT}
        done = subprocess.run(
            command,
            cwd=self.root,
            env=environment | dict(env or {}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )
        if check and done.returncode != 0:
            pytest.fail(f"{' '.join(command)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def python(
        self, *arguments: str, env: Mapping[str, str] | None = None, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Runs this interpreter there: the environment has what generated projects need."""
        return self.run(sys.executable, *arguments, env=env, check=check)

    def scaffold(
        self, *arguments: str, check: bool = True, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Runs the command line under test there."""
        return self.python("-m", "scaffold", *arguments, check=check, env=env)

    def files(self) -> dict[str, bytes]:
        """Every file below the root with its bytes, caches left out."""
        skipped = {".git", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache"}
        return {
            path.relative_to(self.root).as_posix(): path.read_bytes()
            for path in sorted(self.root.rglob("*"))
            if path.is_file() and not skipped & set(path.relative_to(self.root).parts)
        }


def make_shop(folder: Path, *options: str, name: str = "shop") -> Project:
    """The three-resource shop, by commands alone."""
    Project(folder).scaffold("new", name, "--no-git", *options)
    shop = Project(folder / name)
    for resource in SHOP:
        shop.scaffold("add", "resource", *resource)
    return shop


def require(database: str) -> dict[str, str]:
    """The environment for a database; skips where its service is absent, fails under CI."""
    url = URLS[database]
    if not url:
        return {}
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 0), 2).close()
    except OSError as error:
        message = f"{database} is not reachable at {parts.hostname}:{parts.port}: {error}"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return {"DATABASE_URL": url}


def free_port() -> int:
    """A port on the loopback interface that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
