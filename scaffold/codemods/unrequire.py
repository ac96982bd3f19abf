"""Take a requirement out of a manifest again, found by meaning: the inverse of ``add_requirement``."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

from scaffold.codemods.lines import LINE_END, cut, line_start, next_line
from scaffold.codemods.manifest_lines import ITEM, option_rows, read_config, rows_of, section_of
from scaffold.codemods.manifest_toml import Data, Path, places, read_toml, value_at
from scaffold.codemods.outcome import Already, Cannot, Outcome, Patched
from scaffold.codemods.requirement import Requirement, normalised, read_requirement
from scaffold.codemods.requirements import BOMS
from scaffold.codemods.toml import Assignment, elements, scan

Span = tuple[int, int]
_CHANGED = "its version or extras were changed since"


def remove_requirement(
    content: bytes, *, requirement: str, file: str, group: str = "", inserted: str = ""
) -> Outcome:
    """Take out the entry that ``add_requirement`` with the same arguments put in.

    ``inserted`` is the text that it put in, so that an entry which only got extras is known.
    Already when the manifest has no requirement of that name; Cannot when it isn't surely ours:
    another version by now, several of them, or a comment beside it.
    """
    wanted = read_requirement(requirement)
    if wanted is None:
        raise ValueError(f"not a requirement: {requirement!r}")
    if inserted and not re.search(rf"(?<![\w-]){wanted.key}(?![\w-])", normalised(inserted)):
        return Cannot("only extras were put into an entry that was there")
    bom, encoding = next(((b, e) for b, e in BOMS if content.startswith(b)), (b"", "utf-8"))
    try:
        text = content[len(bom) :].decode(encoding)
    except UnicodeDecodeError as error:
        return Cannot(f"it is not {encoding}: {error.reason}")
    take = _TAKERS.get(PurePosixPath(file).name, _from_lines)
    result = take(text, wanted, group)
    return Patched(bom + result.encode(encoding)) if isinstance(result, str) else result


def _from_lines(text: str, wanted: Requirement, group: str) -> str | Outcome:
    rows = [(n, o, r) for n, (o, r) in enumerate(rows_of(text), 1)]
    plain = [row for row in rows if not row[2].lstrip().startswith(("#", "-"))]
    return _without_row(text, wanted, plain, lambda row: row)


def _from_setup_cfg(text: str, wanted: Requirement, group: str) -> str | Outcome:
    section, option = section_of(group)
    old = read_config(text)
    if isinstance(old, Cannot):
        return old
    edited = _without_row(text, wanted, option_rows(text, section, option), lambda row: row)
    if not isinstance(edited, str):
        return edited
    lines = [
        line
        for line in old[section][option].splitlines()
        if (read := read_requirement(line)) is None or read.key != wanted.key
    ]
    old[section][option] = "\n".join(lines)
    if read_config(edited) == old:
        return edited
    return Cannot("it can't be taken out without changing something else")


def _from_environment(text: str, wanted: Requirement, group: str) -> str | Outcome:
    items = [(n, o, r) for n, (o, r) in enumerate(rows_of(text), 1) if ITEM.fullmatch(r)]

    def written(row: str) -> str:
        match = ITEM.fullmatch(row)
        return match["value"].strip("\"'") if match else ""

    found = [row for row in items if _names(written(row[2]), wanted)]
    depths = [len(row) - len(row.lstrip()) for _, _, row in items]
    index = items.index(found[0]) if found else -1
    alone = index > 0 and written(items[index - 1][2]).endswith(":")
    if alone and (index + 1 == len(items) or depths[index + 1] != depths[index]):
        return Cannot("it is the only one of its list", found[0][0])
    return _without_row(text, wanted, items, written)


def _without_row(
    text: str,
    wanted: Requirement,
    rows: list[tuple[int, int, str]],
    written: Callable[[str], str],
) -> str | Outcome:
    """``text`` without the only line that holds the requirement."""
    found = [row for row in rows if _names(written(row[2]), wanted)]
    if not found:
        return Already()
    number, offset, row = found[0]
    if len(found) > 1:
        return Cannot("it is there several times", found[1][0])
    if not _same(written(row), wanted):
        return Cannot(_CHANGED, number)
    if "#" in row:
        return Cannot("a comment stands beside it", number)
    end = LINE_END.match(text, offset + len(row))
    if end is not None:
        return cut(text, [(offset, end.end())])
    before = text[:offset]  # the last line, without an end: the one above has none then
    return before.removesuffix("\n").removesuffix("\r") if before else ""


def _from_toml(text: str, wanted: Requirement, group: str) -> str | Outcome:
    data = read_toml(text)
    if isinstance(data, Cannot):
        return data
    found = list(_entries(text, data, wanted, places(group)))
    if not found:
        return Already()
    line = text.count("\n", 0, found[0][1][0]) + 1
    if len(found) > 1:
        return Cannot("it is there several times", text.count("\n", 0, found[1][1][0]) + 1)
    (same, (start, end), expected) = found[0]
    if not same:
        return Cannot(_CHANGED, line)
    edited = cut(text, [_widened(text, start, end)])
    if read_toml(edited) == expected:
        return edited
    return Cannot("it can't be taken out without changing something else", line)


def _entries(
    text: str, data: Data, wanted: Requirement, paths: list[Path]
) -> Iterator[tuple[bool, Span, Data]]:
    """(whether it is as we wrote it, its span, the document without it) of each entry."""
    assignments = [item for item in scan(text) if isinstance(item, Assignment)]
    for path in paths:
        present = value_at(data, path)
        if isinstance(present, list):
            array = next((a for a in assignments if a.path == path), None)
            spans = elements(text, array.value, array.end) if array else []
            for index, item in enumerate(present if spans else []):
                if isinstance(item, str) and _names(item, wanted):
                    expected = copy.deepcopy(data)
                    rest = value_at(expected, path)
                    assert isinstance(rest, list)
                    del rest[index]
                    yield _same(item, wanted), spans[index], expected
        elif isinstance(present, dict):
            for name, value in present.items():
                spots = [a for a in assignments if a.path == (*path, name)]
                if normalised(name) == wanted.key and spots:
                    expected = copy.deepcopy(data)
                    table = value_at(expected, path)
                    assert isinstance(table, dict)
                    del table[name]
                    yield _same_value(value, wanted), (spots[0].start, spots[0].end), expected


def _widened(text: str, start: int, end: int) -> Span:
    """The span with its comma, and with its line where nothing else is on that."""
    stop = end
    while stop < len(text) and text[stop] in " \t":
        stop += 1
    comma = text[stop : stop + 1] == ","
    stop = stop + 1 if comma else end
    begin, below = line_start(text, start), next_line(text, stop)
    if not text[begin:start].strip() and not text[stop:below].strip():
        return begin, below
    if comma:
        while text[stop : stop + 1] in (" ", "\t"):
            stop += 1
        return start, stop
    before = text[:start].rstrip()
    return (len(before) - 1, end) if before.endswith(",") else (start, end)


def _names(text: str, wanted: Requirement) -> bool:
    read = read_requirement(text) if text.strip() else None
    return read is not None and read.key == wanted.key


def _same(text: str, wanted: Requirement) -> bool:
    read = read_requirement(text)
    return read is not None and (_bounds(read.version), read.extras, _marker(text)) == (
        _bounds(wanted.version), wanted.extras, _marker(wanted.text),
    )  # fmt: skip


def _same_value(value: object, wanted: Requirement) -> bool:
    """Whether a table's entry is as we wrote it: its version, or version and extras."""
    version, extras = value, frozenset[str]()
    if isinstance(value, dict):
        version = value.get("version")
        extras = frozenset(normalised(str(e)) for e in value.get("extras", ()))
        if set(value) - {"version", "extras"}:
            return False
    return version == (wanted.version or "*") and extras == wanted.extras


def _bounds(version: str) -> frozenset[str]:
    return frozenset("".join(part.split()) for part in version.split(",") if part.strip())


def _marker(text: str) -> str:
    return "".join(text.partition("#")[0].partition(";")[2].split()).replace('"', "'")


_TAKERS: dict[str, Callable[[str, Requirement, str], str | Outcome]] = {
    "pyproject.toml": _from_toml,
    "Pipfile": _from_toml,
    "setup.cfg": _from_setup_cfg,
    "environment.yml": _from_environment,
    "environment.yaml": _from_environment,
}
