"""A variable set in the dotenv file that a process reads, and out again."""

from __future__ import annotations

from scaffold.chance import marked
from scaffold.codemods.dotenv import variables
from scaffold.codemods.lines import rows, splice, whole_lines
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
    for one in variables(rows(text)):
        if one.name == name and not one.mark:
            return Already(one.first + 1)
    return _patched(content, splice(text, [whole_lines(text, len(text), [line])]))


def unset_variable(content: bytes, *, name: str, value: str) -> Outcome:
    """Take out the line that ``set_variable`` with the same arguments put in.

    Cannot when it has another value by now.
    """
    text = _text(content)
    if isinstance(text, Cannot):
        return text
    there = rows(text)
    found = [one.first for one in variables(there) if one.name == name and not one.mark]
    if not found:
        return Already()
    wanted = f"{name}={value}".encode()
    ours = [n for n in found if marked(there[n].rstrip("\r\n").encode()) == wanted]
    if found != ours:
        return Cannot(f"{name} has another value by now", found[0] + 1)
    return _patched(content, "".join(row for n, row in enumerate(there) if n not in ours))


def _text(content: bytes) -> str | Cannot:
    try:
        return content.removeprefix(_BOM).decode()
    except UnicodeDecodeError as error:
        return Cannot(f"it is not UTF-8: {error.reason}: save it as UTF-8")


def _patched(content: bytes, text: str) -> Patched:
    bom = _BOM if content.startswith(_BOM) else b""
    return Patched(bom + text.encode())
