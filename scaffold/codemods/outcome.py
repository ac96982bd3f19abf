"""What a codemod answers: a closed union, so that nobody can forget the refusal."""

from __future__ import annotations

from dataclasses import dataclass

from scaffold.spec.errors import Paste


@dataclass(frozen=True)
class Patched:
    """The change was made; ``content`` is the whole new file."""

    content: bytes


@dataclass(frozen=True)
class Already:
    """What was asked for is there; ``line`` (1-based) is where."""

    line: int | None = None


@dataclass(frozen=True)
class Cannot:
    """It can't be done surely; ``snippet`` is what to paste and ``place`` where.

    ``paste`` says the same to a machine; its paths are "", since a codemod knows of one file only.
    """

    reason: str
    line: int | None = None
    snippet: str = ""
    place: str = ""
    paste: tuple[Paste, ...] = ()


Outcome = Patched | Already | Cannot
