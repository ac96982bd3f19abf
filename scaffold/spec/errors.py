"""Every way a command can end badly, as values: exit code, stable slug, one line, hint."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class ExitCode(IntEnum):
    """The documented exit codes of every command."""

    OK = 0
    BUG = 1
    USAGE = 2
    REFUSED = 3
    CONFLICT = 4
    UNVERIFIED = 5
    ENVIRONMENT = 6
    INTERRUPTED = 130


@dataclass(frozen=True)
class Paste:
    """Lines that do by hand what was refused: ``text`` goes in front of ``line`` of ``path``.

    It takes the place of the ``over`` lines from there on. A line behind the last is the end of the
    file; a file that isn't there is one to make. Lines are those of the file as it is.
    """

    path: str
    line: int
    text: str
    over: int = 0

    @property
    def place(self) -> str:
        """Where that is, for people."""
        if not self.over:
            return f"in front of {self.path}:{self.line}"
        last = f"-{self.line + self.over - 1}" if self.over > 1 else ""
        return f"in place of {self.path}:{self.line}{last}"


@dataclass(frozen=True)
class Refusal:
    """One reason why something can't be done, with what to paste instead.

    ``path`` is relative to the root, POSIX; ``line`` is 1-based; ``snippet`` holds the exact
    lines to paste and ``place`` says where they go; ``shown`` are lines to look at. ``paste`` is
    the same for a machine: after that, the same command finds it done.
    """

    reason: str
    path: str | None = None
    line: int | None = None
    snippet: str | None = None
    place: str | None = None
    shown: str | None = None
    paste: tuple[Paste, ...] = ()


class ScaffoldError(Exception):
    """The base of all errors that are shown as one clear line; never raised itself.

    ``message`` says what and where; ``hint`` says what to do; ``code`` is a stable slug for
    ``--json``; ``refusals`` are the collected reasons, if there are several.
    """

    exit_code = ExitCode.BUG
    code = "bug"

    def __init__(
        self, message: str, *, hint: str | None = None, refusals: tuple[Refusal, ...] = ()
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.refusals = refusals


class UsageError(ScaffoldError):
    """The command line can't mean anything that works (2)."""

    exit_code = ExitCode.USAGE
    code = "usage"


class RefusedError(ScaffoldError):
    """It could be done, but not surely right; nothing was written (3)."""

    exit_code = ExitCode.REFUSED
    code = "refused"


class ConflictError(ScaffoldError):
    """It would run into edits made by hand; nothing was written (4)."""

    exit_code = ExitCode.CONFLICT
    code = "conflict"


class VerificationError(ScaffoldError):
    """The planned tree was proven wrong; nothing was written (5)."""

    exit_code = ExitCode.UNVERIFIED
    code = "unverified"


class MachineError(ScaffoldError):
    """Disk, permission, lock, a missing interpreter (6)."""

    exit_code = ExitCode.ENVIRONMENT
    code = "environment"
