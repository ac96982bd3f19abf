"""Secrets that nobody knows before they are written: a plan has a mark where one will be.

So plans and records stay the same on every machine and hold nothing secret. A secret ends in a check
of itself: what scaffold made can be told from what somebody put in its place.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable

MARK = "a-secret-that-scaffold-makes-when-it-writes-this-file-64-letters"
"""What stands in a plan where 64 characters that nobody can guess will be."""

LENGTH = len(MARK)
_CHECK = 8  # characters
_SECRET = re.compile(rb"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{%d}(?![A-Za-z0-9_-])" % LENGTH)


def filled(content: bytes, draw: Callable[[int], str]) -> bytes:
    """``content`` with a secret for each mark.

    ``draw`` gives as many characters ``[A-Za-z0-9_-]`` as it is asked for, by chance.
    """
    return re.sub(MARK.encode(), lambda match: _made(draw(LENGTH - _CHECK).encode()), content)


def marked(content: bytes) -> bytes:
    """``content`` as the plan had it: a mark for each secret that ``filled`` made."""
    return _SECRET.sub(lambda match: MARK.encode() if _is_made(match[0]) else match[0], content)


def _made(secret: bytes) -> bytes:
    return secret + base64.urlsafe_b64encode(hashlib.sha256(secret).digest())[:_CHECK]


def _is_made(text: bytes) -> bool:
    return _made(text[:-_CHECK]) == text
