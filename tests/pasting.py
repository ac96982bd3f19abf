"""What a person does with the lines of a refusal: pastes them, unchanged, where it says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from scaffold.codemods import Cannot
from scaffold.spec.errors import Paste

_LINES = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


def pasted(text: str, blocks: Iterable[tuple[int, int, str]]) -> str:
    """``text`` with each ``(line, over, new)`` pasted, the last one first."""
    lines = _LINES.findall(text)
    for line, over, new in sorted(blocks, key=lambda one: one[0], reverse=True):
        assert 1 <= line <= len(lines) + 1, (line, len(lines))
        assert line - 1 + over <= len(lines)
        if line > 1 and not lines[line - 2].endswith(("\n", "\r")):
            lines[line - 2] += "\n"
        lines[line - 1 : line - 1 + over] = [new]
    return "".join(lines)


def by_hand(content: bytes, refused: Cannot | Sequence[Paste]) -> bytes:
    """``content`` with the lines of a codemod's refusal."""
    paste = refused.paste if isinstance(refused, Cannot) else refused
    assert paste, refused
    return pasted(content.decode(), [(p.line, p.over, p.text) for p in paste]).encode()
