"""An entry of schemathesis.toml that says how some operations of the API are judged, and out again."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scaffold.codemods.lines import cut, line_end_near, line_start, next_line
from scaffold.codemods.outcome import Already, Cannot, Outcome, Patched
from scaffold.codemods.toml import Header, scan

_BOM = "\ufeff"


@dataclass(frozen=True)
class _Entry:
    """One ``[[operations]]`` and the span of its lines, the comment right above it included."""

    said: Mapping[str, Any]
    start: int
    end: int

    @property
    def key(self) -> str:
        """What entries are sorted by: the paths that they are about."""
        paths = self.said.get("include-path", "")
        return json.dumps([paths] if isinstance(paths, str) else paths)


def add_operations(
    content: bytes, *, paths: Sequence[str], methods: Sequence[str], reason: str, statuses: str
) -> Outcome:
    """Let the ``methods`` of ``paths`` answer valid requests with ``statuses`` too.

    ``reason`` is the comment above it, ``statuses`` the array as TOML. Entries are kept in the order
    of their paths, so adding in any order gives the same file.
    """
    lines = _lines(paths, methods, reason, statuses)
    text = _text(content)
    if isinstance(text, Cannot):
        return text
    wanted, entries = _wanted(lines), list(_entries(text))
    there = next((entry for entry in entries if entry.said == wanted), None)
    if there is not None:
        return Already(_line(text, there.start))
    key = json.dumps(list(paths))
    in_order = [entry.key for entry in entries] == sorted(entry.key for entry in entries)
    behind = [entry for entry in entries if entry.key > key] if in_order else []
    at = behind[0].start if behind else entries[-1].end if entries else len(text)
    return Patched(_inserted(text, at, lines).encode())


def remove_operations(
    content: bytes, *, paths: Sequence[str], methods: Sequence[str], reason: str, statuses: str
) -> Outcome:
    """Take out the entry that ``add_operations`` with the same arguments put in."""
    text = _text(content)
    if isinstance(text, Cannot):
        return text
    wanted = _wanted(_lines(paths, methods, reason, statuses))
    found = next((entry for entry in _entries(text) if entry.said == wanted), None)
    if found is None:
        return Already()
    start, end = found.start, found.end
    if text[end:].strip():  # the empty line behind it goes, else the one before it
        while end < len(text) and not text[end : next_line(text, end)].strip():
            end = next_line(text, end)
    else:
        kept = text[:start].rstrip("\r\n")
        start = next_line(text, len(kept)) if kept else 0
    return Patched(cut(text, [(start, end)]).encode())


def _lines(paths: Sequence[str], methods: Sequence[str], reason: str, statuses: str) -> list[str]:
    return [
        f"# {reason}",
        "[[operations]]",
        f"include-path = {json.dumps(list(paths))}",
        f"include-method = {json.dumps(list(methods))}",
        f"checks.positive_data_acceptance.expected-statuses = {statuses}",
    ]


def _wanted(lines: Sequence[str]) -> Mapping[str, Any]:
    entry: Mapping[str, Any] = tomllib.loads("\n".join(lines))["operations"][0]
    return entry


def _text(content: bytes) -> str | Cannot:
    try:
        text = content.decode()
        said = tomllib.loads(text.removeprefix(_BOM))
    except UnicodeDecodeError:
        return Cannot("the file is not UTF-8: save it as UTF-8")
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        return Cannot(f"the file is no valid TOML: {error}", int(found[1]) if found else None)
    if not isinstance(said.get("operations", []), list) or _inline(text):
        return Cannot("its operations are no [[operations]]: write them so")
    return text


def _inline(text: str) -> bool:
    bom = len(_BOM) * text.startswith(_BOM)
    return any(
        not isinstance(part, Header) and part.path[:1] == ("operations",) and not part.table
        for part in scan(text[bom:])
    )


def _entries(text: str) -> Iterator[_Entry]:
    """The entries in order, each with the text from its comment to the end of its last line."""
    bom = len(_BOM) * text.startswith(_BOM)
    said = tomllib.loads(text[bom:]).get("operations", [])
    parts = list(scan(text[bom:]))
    starts = [
        number
        for number, part in enumerate(parts)
        if isinstance(part, Header) and part.many and part.table == ("operations",)
    ]
    for entry, number in zip(said, starts, strict=True):
        last = number
        while last + 1 < len(parts) and parts[last + 1].table[:1] == ("operations",):
            if isinstance(parts[last + 1], Header) and parts[last + 1].table == ("operations",):
                break
            last += 1
        end = next_line(text, parts[last].end + bom)
        yield _Entry(entry, _with_comment(text, parts[number].start + bom), end)


def _with_comment(text: str, start: int) -> int:
    """Where the comment that stands right above the line of ``start`` begins."""
    start = line_start(text, start)
    while start:
        above = line_start(text, start - 2 if text[:start].endswith("\r\n") else start - 1)
        if not text.startswith("#", above):
            break
        start = above
    return start


def _inserted(text: str, at: int, lines: Sequence[str]) -> str:
    ending = line_end_near(text, at)
    block = ending.join(lines) + ending
    before, after = text[:at], text[at:]
    if before.strip(_BOM) and not re.search(r"(\r\n|\r|\n)\Z", before):
        before += ending
    gap = ending if before.strip(_BOM) and not before.endswith(ending * 2) else ""
    tail = ending if after.strip() and not after.startswith(ending) else ""
    return f"{before}{gap}{block}{tail}{after}"


def _line(text: str, offset: int) -> int:
    return len(re.findall(r"\r\n|\r|\n", text[:offset])) + 1
