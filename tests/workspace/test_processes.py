"""Real processes: killed, interrupted, at the same time.

``SCAFFOLD_KILLS`` says how many processes are killed (50); ``SCAFFOLD_SEED`` repeats a run.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from scaffold.tree import Change, Entry
from scaffold.workspace import commit, pending, recover

from . import child
from .faults import FaultyDisk, make, picture

KILLS = int(os.environ.get("SCAFFOLD_KILLS", "50"))
SEED = int(os.environ.get("SCAFFOLD_SEED", "20261"))
COMMAND = [sys.executable, str(Path(child.__file__))]


class Toggled:
    """A root whose only two states are the trees of ``child``."""

    def __init__(self, base: Path) -> None:
        self.root = base / "root"
        self.states = []
        for which in (0, 1):
            make(base / str(which), child.entries(which))
            self.states.append(picture(base / str(which)))
        make(self.root, child.entries(0))

    def start(self) -> subprocess.Popen[bytes]:
        pipe = subprocess.PIPE
        process = subprocess.Popen([*COMMAND, str(self.root)], stdout=pipe, stderr=pipe)
        assert process.stdout is not None
        if process.stdout.readline() != b"ready\n":
            raise AssertionError(process.communicate()[1].decode())
        return process

    def whole(self) -> bool:
        return picture(self.root) in self.states


@pytest.fixture
def toggled(tmp_path: Path) -> Iterator[Toggled]:
    yield Toggled(tmp_path)


@pytest.mark.slow
def test_killed_at_random_moments(toggled: Toggled) -> None:
    moments, found = random.Random(SEED), Counter[str]()
    for number in range(KILLS):
        process = toggled.start()
        time.sleep(moments.uniform(0, 0.06))
        process.kill()
        process.communicate()
        found["unfinished"] += bool(pending(toggled.root))
        found["neither old nor new before recovery"] += not toggled.whole()
        recover(toggled.root)
        assert toggled.whole(), (SEED, number)
        assert not pending(toggled.root)
        found["old" if picture(toggled.root) == toggled.states[0] else "new"] += 1
    print(f"{KILLS} kills, seed {SEED}: {dict(found)}")
    assert found["unfinished"] > KILLS / 10  # else the moments miss the commits


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interrupted_at_random_moments(toggled: Toggled, number: signal.Signals) -> None:
    moments = random.Random(SEED)
    for _ in range(max(KILLS // 5, 5)):
        process = toggled.start()
        time.sleep(moments.uniform(0, 0.06))
        process.send_signal(number)
        errors = process.communicate(timeout=20)[1].decode()
        assert process.returncode in (-number, 130), errors
        assert toggled.whole() and not pending(toggled.root)
        last, _, stands = errors.strip().rpartition("\n")[2].partition(": ")
        assert last == ("KeyboardInterrupt" if number == signal.SIGINT else "")
        assert stands in ("", "the change is complete", "nothing was written")


@pytest.mark.slow
def test_interrupted_twice_the_next_command_finishes(toggled: Toggled) -> None:
    moments = random.Random(SEED)
    for _ in range(max(KILLS // 5, 5)):
        process = toggled.start()
        time.sleep(moments.uniform(0, 0.06))
        for _ in range(3):
            process.send_signal(signal.SIGINT)
            time.sleep(moments.uniform(0, 0.002))
        process.communicate(timeout=20)
        recover(toggled.root)
        assert toggled.whole() and not pending(toggled.root)


@pytest.mark.slow
def test_two_at_once_never_interleave(tmp_path: Path) -> None:
    make(tmp_path, {"one": Entry(b"0"), "two": Entry(b"0")})
    each = 40
    command = [*COMMAND, str(tmp_path), str(each)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    conflicts = sum(process.communicate(timeout=120)[0].count("conflict") for process in processes)
    assert [process.returncode for process in processes] == [0, 0]
    assert picture(tmp_path) == dict.fromkeys(("one", "two"), ("file", 0o644, b"80"))
    assert conflicts  # else they never met


def test_a_signal_takes_effect_after_the_commit(tmp_path: Path) -> None:
    """The handler that was there runs once, when the tree is whole; then it is in place again."""
    heard: list[bool] = []
    former = signal.signal(signal.SIGTERM, lambda *_: heard.append((tmp_path / "a").exists()))
    try:

        def before(count: int, name: str, _arguments: object) -> None:
            if name == "append" and count > 10:
                os.kill(os.getpid(), signal.SIGTERM)

        many = [Change(f"f{n}", None, Entry(b"")) for n in range(5)]
        with pytest.raises(KeyboardInterrupt):
            commit(tmp_path, many, files=FaultyDisk(before))
        assert heard == [False] and not list(tmp_path.iterdir())
        os.kill(os.getpid(), signal.SIGTERM)
        assert len(heard) == 2
    finally:
        signal.signal(signal.SIGTERM, former)


def test_an_ignored_signal_stays_ignored(tmp_path: Path) -> None:
    former = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        disk = FaultyDisk(lambda *_: os.kill(os.getpid(), signal.SIGHUP))
        commit(tmp_path, [Change("a", None, Entry(b""))], files=disk)
        assert (tmp_path / "a").exists()
    finally:
        signal.signal(signal.SIGHUP, former)
