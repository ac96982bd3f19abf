"""Ctrl-C and SIGTERM while files are being swapped: heard at once, obeyed at a safe point."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP) if hasattr(signal, "SIGHUP") else ()


class Stopped(Exception):
    """The first signal has come; what was begun is taken back."""


class Interrupts:
    """What has been asked for since ``deferred`` began."""

    def __init__(self) -> None:
        self.signal: int | None = None

    def check(self) -> None:
        """Raise Stopped if a signal has come."""
        if self.signal is not None:
            raise Stopped

    def hear(self, number: int, frame: FrameType | None) -> None:
        """The handler: the first signal is noted; a second one raises KeyboardInterrupt."""
        if self.signal is not None:
            raise KeyboardInterrupt
        self.signal = number


@contextlib.contextmanager
def deferred() -> Iterator[Interrupts]:
    """Note signals instead of dying; afterwards the first one is sent again.

    Only the main thread may do that; in others signals keep their meaning.
    """
    interrupts = Interrupts()
    former = {}
    if threading.current_thread() is threading.main_thread():
        for number in _SIGNALS:
            if signal.getsignal(number) not in (signal.SIG_IGN, None):
                former[number] = signal.signal(number, interrupts.hear)
    try:
        yield interrupts
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
    if interrupts.signal is not None:
        signal.raise_signal(interrupts.signal)
