"""A variable set in the dotenv file that a process reads, and out again."""

from __future__ import annotations

import re

from scaffold.chance import marked
from scaffold.codemods.lines import splice, whole_lines
from scaffold.codemods.outcome import Already, Cannot, Outcome, Patched

_BOM = b"\xef\xbb\xbf"


def set_variable(content: bytes, *, name: str, value: str) -> Outcome:
    """Add ``NAME=value`` at the end of a dotenv file.

    Already when a line sets it, to whatever value; a line that is commented out sets nothing.
    """
    line = f"{name}={value}"
    text = _text(content)
    if isinstance(text, Cannot):
        return text
    for number, row in enumerate(text.splitlines(), 1):
        if _pattern(name).match(row):
            return Already(number)
    return _patched(content, splice(text, [whole_lines(text, len(text), [line])]))


def unset_variable(content: bytes, *, name: str, value: str) -> Outcome:
    """Take out the line that ``set_variable`` with the same arguments put in.

    Cannot when it has another value by now.
    """
    text = _text(content)
    if isinstance(text, Cannot):
        return text
    rows = text.splitlines(keepends=True)
    found = [number for number, row in enumerate(rows) if _pattern(name).match(row)]
    if not found:
        return Already()
    ours = [
        n for n in found if marked(rows[n].rstrip("\r\n").encode()) == f"{name}={value}".encode()
    ]
    if found != ours:
        return Cannot(f"{name} has another value by now", found[0] + 1)
    return _patched(content, "".join(row for n, row in enumerate(rows) if n not in ours))


def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(rf"[ \t]*(?:export[ \t]+)?{re.escape(name)}[ \t]*=")


def _text(content: bytes) -> str | Cannot:
    try:
        return content.removeprefix(_BOM).decode()
    except UnicodeDecodeError as error:
        return Cannot(f"it is not UTF-8: {error.reason}: save it as UTF-8")


def _patched(content: bytes, text: str) -> Patched:
    bom = _BOM if content.startswith(_BOM) else b""
    return Patched(bom + text.encode())
