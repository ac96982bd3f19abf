"""One requirement: its name as PEP 503 compares it, its extras, its version bounds."""

from __future__ import annotations

import re
from dataclasses import dataclass

_REQUIREMENT = re.compile(
    r"\s*(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[(?P<extras>[^\]]*)\])?"
    r"\s*(?P<rest>[^;#]*)"
)


@dataclass(frozen=True)
class Requirement:
    """``name[extras]version`` as written; ``name_end`` is the offset behind the name."""

    name: str
    extras: frozenset[str]
    version: str
    text: str
    name_end: int

    @property
    def key(self) -> str:
        """The name as PEP 503 compares it."""
        return normalised(self.name)

    def more_extras(self, text: str, missing: frozenset[str]) -> tuple[int, str]:
        """Where in ``text``, which it was read from, which characters add extras to it."""
        new = ",".join(sorted(missing))
        if not self.extras:
            return self.name_end, f"[{new}]"
        opening = text.index("[", self.name_end)
        end = len(text[: text.index("]", opening)].rstrip(" \t,"))
        return end, f",{new}"


def normalised(name: str) -> str:
    """A distribution name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read_requirement(text: str) -> Requirement | None:
    """The requirement that ``text`` starts with; None for options, URLs and paths."""
    match = _REQUIREMENT.match(text)
    if not match or "://" in text.split("@")[0].split(";")[0]:
        return None
    extras = frozenset(
        normalised(e.strip()) for e in (match["extras"] or "").split(",") if e.strip()
    )
    version = match["rest"].strip().strip("()")
    if version.startswith(("/", "\\")):
        return None
    return Requirement(match["name"], extras, version, text.strip(), match.end("name"))
