"""How many columns text takes: wide East Asian characters take two, combining ones none."""

from __future__ import annotations

from unicodedata import category, east_asian_width


def text_width(text: str) -> int:
    """The columns of ``text``, which is one line."""
    return len(text) if text.isascii() else sum(map(_width, text))


def _width(character: str) -> int:
    if east_asian_width(character) in "WF":
        return 2
    return 0 if category(character) in {"Mn", "Me", "Cf", "Cc"} else 1
