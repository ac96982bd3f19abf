"""A context manager to be entered around an application's life: it tells when."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

LOG: list[str] = []


@asynccontextmanager
async def open_hub(app: object) -> AsyncIterator[None]:
    LOG.append("opened")
    yield
    LOG.append("closed")
