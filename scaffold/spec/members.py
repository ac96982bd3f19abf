"""The Python names of an enum's members, derived from its values."""

from __future__ import annotations

import re
from collections.abc import Sequence

from scaffold.spec.reserved import AMBIGUOUS

_SPOKEN = {"#": " sharp", "%": " percent", "&": " and ", "+": " plus"}


def member_names(values: Sequence[str]) -> tuple[str, ...]:
    """One constant's name a value, in order: valid, distinct, and upper-case.

    ``in-progress`` → ``IN_PROGRESS``, ``3d`` → ``VALUE_3D``, ``c++`` → ``C_PLUS_PLUS``; of two that would be the
    same (``a-b``, ``a_b``) the later one gets a number: ``A_B``, ``A_B_2``.
    """
    plain = [_member_name(value) for value in values]
    names: list[str] = []
    for name in plain:
        chosen, number = name, 2
        while chosen in names or (chosen != name and chosen in plain):
            chosen, number = f"{name}_{number}", number + 1
        names.append(chosen)
    return tuple(names)


def _member_name(value: str) -> str:
    import unicodedata

    ascii_only = unicodedata.normalize("NFKD", value).encode("ascii", "ignore").decode()
    spoken = "".join(_SPOKEN.get(char, char) for char in ascii_only)
    spaced = re.sub("([a-z])([A-Z])", r"\1_\2", spoken)
    name = re.sub("[^A-Z0-9]+", "_", spaced.upper()).strip("_")
    usable = name[:1].isalpha() and name not in AMBIGUOUS
    return name if usable else f"VALUE_{name}".rstrip("_")
