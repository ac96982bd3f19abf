"""One scaffold at a time in a directory."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from scaffold.spec.errors import MachineError
from scaffold.workspace.filesystem import DISK
from scaffold.workspace.paths import nearest_directory

POSIX = os.name == "posix"
_held: set[tuple[int, int, int]] = set()


@contextlib.contextmanager
def locked(root: Path, *, patience: float = 5.0) -> Iterator[None]:
    """Hold the lock of ``root``; where it doesn't exist yet, of its closest parent that does.

    Waits ``patience`` seconds, then MachineError. A thread that has the lock may take it again.
    The lock is on the directory itself: no file is left, and a crash releases it.
    """
    if not POSIX:
        raise MachineError("scaffold writes files on Linux and macOS only", hint="On Windows: WSL.")
    try:
        directory = nearest_directory(DISK.resolve(root))
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise MachineError(f"cannot lock {root}: {error.strerror}") from error
    try:
        status = os.fstat(descriptor)
        key = (status.st_dev, status.st_ino, threading.get_ident())
        if key in _held:
            yield
            return
        _wait(descriptor, directory, time.monotonic() + patience)
        _held.add(key)
        try:
            yield
        finally:
            _held.discard(key)
    finally:
        os.close(descriptor)


def _wait(descriptor: int, directory: Path, deadline: float) -> None:
    import fcntl  # not there on Windows

    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise MachineError(
                    f"another scaffold is running in {directory}",
                    hint="Wait until it has finished, then run the command again.",
                ) from None
            time.sleep(0.02)
        except OSError as error:
            raise MachineError(f"cannot lock {directory}: {error.strerror}") from error
