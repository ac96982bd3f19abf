"""One scaffold at a time."""

from __future__ import annotations

import errno
import fcntl
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from scaffold.spec.errors import MachineError
from scaffold.workspace import locked

HOLDER = """
import sys, time
from pathlib import Path
from scaffold.workspace import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
"""


def holder(root: Path, seconds: float) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", HOLDER, str(root), str(seconds)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "held\n"
    return process


def test_another_process_is_waited_for(tmp_path: Path) -> None:
    with holder(tmp_path, 0.3), locked(tmp_path):
        pass
    assert not list(tmp_path.iterdir())


def test_waiting_ends(tmp_path: Path) -> None:
    with holder(tmp_path, 60) as process:
        began = time.monotonic()
        with pytest.raises(MachineError) as failure, locked(tmp_path, patience=0.1):
            pass
        assert time.monotonic() - began < 5
        assert failure.value.message == f"another scaffold is running in {tmp_path}"
        process.kill()
    with locked(tmp_path, patience=0):  # a killed process holds nothing
        pass


def test_a_disk_without_locks_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(MachineError) as failure, locked(tmp_path, patience=0.1):
        pass
    assert failure.value.message == f"cannot lock {tmp_path}: No locks available"


def test_it_can_be_taken_again_and_is_given_back(tmp_path: Path) -> None:
    with locked(tmp_path), locked(tmp_path):
        pass
    with holder(tmp_path, 0):
        pass


def test_another_thread_waits(tmp_path: Path) -> None:
    failures: list[str] = []

    def attempt() -> None:
        try:
            with locked(tmp_path, patience=0):
                pass
        except MachineError as failure:
            failures.append(failure.message)

    with locked(tmp_path):
        thread = threading.Thread(target=attempt)
        thread.start()
        thread.join()
    assert len(failures) == 1


def test_a_root_that_is_not_there_locks_its_parent(tmp_path: Path) -> None:
    with locked(tmp_path / "a/b"):
        assert not list(tmp_path.iterdir())
        with pytest.raises(MachineError), locked_elsewhere(tmp_path):
            pass


def locked_elsewhere(root: Path):  # type: ignore[no-untyped-def]
    """``locked`` as another process sees it."""
    from scaffold.workspace import lock

    lock._held.clear()
    return locked(root, patience=0)
