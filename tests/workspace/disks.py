"""Real disks that are small: in memory, made by those who may mount."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def mount(*arguments: str) -> bool:
    """Whether mount(8) did it."""
    command = ["mount", *arguments]
    try:
        return subprocess.run(command, check=False, capture_output=True).returncode == 0
    except OSError:
        return False


@contextmanager
def small_disk_at(folder: Path, size: str) -> Iterator[None]:
    """A tmpfs of ``size`` at ``folder``; skips where it can't be mounted."""
    if os.geteuid() != 0 or not mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)):
        pytest.skip("needs the right to mount a small tmpfs")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill(ballast: Path, free: int) -> None:
    """Fills the disk with a file, all but ``free`` bytes."""
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            file.truncate(file.tell() - free)
