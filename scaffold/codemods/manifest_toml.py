"""pyproject.toml and Pipfile: one entry spliced in, the result read again and compared."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Sequence

from scaffold.codemods.lines import Insertion, line_start, next_line, splice, whole_lines
from scaffold.codemods.outcome import Already, Cannot, Outcome
from scaffold.codemods.requirement import Requirement, normalised, read_requirement
from scaffold.codemods.toml import Assignment, Header, elements, scan

Data = dict[str, object]
Path = tuple[str, ...]


def pyproject(text: str, wanted: Requirement, group: str) -> str | Outcome:
    """``wanted`` in the table that this pyproject.toml uses: PEP 621, PEP 735, Poetry, PDM."""
    data = read_toml(text)
    if isinstance(data, Cannot):
        return _paste(data.reason, wanted, "dependencies", data.line)
    if group:
        return _development(text, data, wanted, group)
    project = data.get("project")
    poetry = value_at(data, ("tool", "poetry", "dependencies"))
    if isinstance(project, dict):
        dynamic = project.get("dynamic")
        if "dependencies" in project or not isinstance(poetry, dict):
            if isinstance(dynamic, list) and "dependencies" in dynamic:
                return _paste("its dependencies are dynamic", wanted, "what they are read from")
            return _in_array(text, data, ("project", "dependencies"), wanted)
    if isinstance(poetry, dict):
        return _in_table(text, data, ("tool", "poetry", "dependencies"), wanted)
    return _paste("it declares no dependencies", wanted, "[project] dependencies")


def pipfile(text: str, wanted: Requirement, group: str) -> str | Outcome:
    """``wanted`` in a Pipfile's ``[packages]`` or ``[dev-packages]``."""
    data = read_toml(text)
    section = "dev-packages" if group else "packages"
    if isinstance(data, Cannot):
        return _paste(data.reason, wanted, f"[{section}]", data.line)
    return _in_table(text, data, (section,), wanted)


def _development(text: str, data: Data, wanted: Requirement, group: str) -> str | Outcome:
    """``wanted`` in the development group, wherever this file keeps such groups."""
    present = [p for p in _groups(group) if value_at(data, p) is not None]
    for path in present:
        entries = value_at(data, path)
        edit = _in_array if isinstance(entries, list) else _in_table
        found = edit(text, data, path, wanted)
        if isinstance(found, Already):
            return found
    if not present:
        if value_at(data, ("tool", "poetry")) is not None and "project" not in data:
            return _new_table(
                text, data, ("tool", "poetry", "group", group, "dependencies"), wanted
            )
        return _in_array(text, data, ("dependency-groups", group), wanted)
    edit = _in_array if isinstance(value_at(data, present[0]), list) else _in_table
    return edit(text, data, present[0], wanted)


def _groups(group: str) -> list[Path]:
    """Where a development group may be kept, by preference."""
    names = [group, *(n for n in ("dev", "test", "tests", "development") if n != group)]
    arrays: list[Path] = [("dependency-groups", n) for n in names]
    arrays += [("tool", "pdm", "dev-dependencies", n) for n in names]
    arrays += [("tool", "uv", "dev-dependencies")]
    tables: list[Path] = [("tool", "poetry", "group", n, "dependencies") for n in names]
    tables += [("tool", "poetry", "dev-dependencies")]
    optional: list[Path] = [("project", "optional-dependencies", n) for n in names]
    return [*arrays, *tables, *optional]


def places(group: str) -> list[Path]:
    """Every array and table in which a requirement of ``group`` may stand."""
    if group:
        return [*_groups(group), ("dev-packages",)]
    return [("project", "dependencies"), ("tool", "poetry", "dependencies"), ("packages",)]


def _in_array(text: str, data: Data, path: Path, wanted: Requirement) -> str | Outcome:
    """``wanted`` as a string of the array at ``path``, which is made if it is missing."""
    place = f"[{'.'.join(path[:-1])}] {path[-1]}"
    current = value_at(data, path)
    if current is None:
        return _new_array(text, data, path, wanted)
    found = next((i for i in scan(text) if isinstance(i, Assignment) and i.path == path), None)
    if found is None or not isinstance(current, list):
        return _paste(f"{place} is not written as a plain array", wanted, place)
    spans = elements(text, found.value, found.end)
    for index, item in enumerate(current):
        present = read_requirement(item) if isinstance(item, str) else None
        if present and present.key == wanted.key:
            return _with_extras(text, data, path, wanted, index, present, spans[index][0])
    expected = copy.deepcopy(data)
    target = value_at(expected, path)
    assert isinstance(target, list)
    insertions, index = _element(text, found, spans, current, wanted.text)
    target.insert(index, wanted.text)
    return _proven(splice(text, insertions), expected, wanted, place)


def _with_extras(
    text: str,
    data: Data,
    path: Path,
    wanted: Requirement,
    index: int,
    present: Requirement,
    at: int,
) -> str | Outcome:
    """Already, or the extras that the present requirement lacks put behind its name."""
    place = f"[{'.'.join(path[:-1])}] {path[-1]}"
    line = text.count("\n", 0, at) + 1
    missing = wanted.extras - present.extras
    if not missing:
        return Already(line)
    expected = copy.deepcopy(data)
    target = value_at(expected, path)
    assert isinstance(target, list)
    if present.extras:
        return _paste(f"{present.name} lacks {', '.join(sorted(missing))}", wanted, place, line)
    item = target[index]
    extras = f"[{','.join(sorted(missing))}]"
    target[index] = item[: present.name_end] + extras + item[present.name_end :]
    edited = splice(text, [Insertion(at + 1 + present.name_end, extras)])
    return _proven(edited, expected, wanted, place)


def _element(
    text: str, array: Assignment, spans: list[tuple[int, int]], items: Sequence[object], new: str
) -> tuple[list[Insertion], int]:
    """The insertions that put ``new`` into the array, and the index it gets."""
    value = _string(new)
    if not spans:
        if array.end > next_line(text, array.value):
            return [whole_lines(text, next_line(text, array.value), [f"    {value},"])], 0
        return [Insertion(array.value + 1, value)], 0
    index = _sorted_index(items, new)
    own_line = [not text[line_start(text, s) : s].strip() for s, _ in spans]
    start, end = spans[index] if index < len(spans) else spans[-1]
    if index < len(spans):
        if own_line[index]:
            begin = line_start(text, start)
            return [whole_lines(text, begin, [text[begin:start] + value + ","])], index
        return [Insertion(start, f"{value}, ")], index
    return _last_element(text, array, start, end, value, own_line[-1]), index


def _last_element(
    text: str, array: Assignment, start: int, end: int, value: str, own_line: bool
) -> list[Insertion]:
    """``value`` behind the array's last element, with or without a trailing comma as that had."""
    comma = _comma_behind(text, end, array.end)
    if not own_line:
        return [Insertion(end, f", {value}")]
    indent = text[line_start(text, start) : start]
    below = next_line(text, end if comma is None else comma)
    if below >= array.end:  # the closing bracket is on the last element's line
        separator = ", " if comma is None else " "
        return [Insertion(end if comma is None else comma, f"{separator}{value}")]
    if comma is None:
        return [Insertion(end, ","), whole_lines(text, below, [indent + value])]
    return [whole_lines(text, below, [f"{indent}{value},"])]


def _comma_behind(text: str, end: int, stop: int) -> int | None:
    """The offset behind the comma that follows ``end`` inside the array; None if none does."""
    position = end
    while position < stop:
        if text[position] == "#":
            position = next_line(text, position)
        elif text[position] == ",":
            return position + 1
        elif text[position] in " \t\r\n":
            position += 1
        else:
            return None
    return None


def _sorted_index(items: Sequence[object], new: str) -> int:
    """Where ``new`` goes: sorted by name where the others are, else at the end."""
    if not all(isinstance(i, str) for i in items):
        return len(items)
    keys = [r.key if (r := read_requirement(str(i))) else "" for i in items]
    key = (read_requirement(new) or Requirement(new, frozenset(), "", new, 0)).key
    if len(keys) < 2 or keys != sorted(keys):
        return len(items)
    return sum(k <= key for k in keys)


def _in_table(text: str, data: Data, path: Path, wanted: Requirement) -> str | Outcome:
    """``wanted`` as ``name = "version"`` in the table at ``path``."""
    place = f"[{'.'.join(path)}]"
    current = value_at(data, path)
    if current is None:
        return _new_table(text, data, path, wanted)
    items = list(scan(text))
    if not isinstance(current, dict):
        return _paste(f"{place} is not a table", wanted, place)
    for name, value in current.items():
        if normalised(name) == wanted.key:
            return _present(text, items, path, name, value, wanted)
    header = next((i for i in items if isinstance(i, Header) and i.table == path), None)
    if header is None or header.many:
        return _paste(f"{place} has no header of its own", wanted, place)
    inside = [i for i in items if isinstance(i, Assignment) and i.table == path]
    last = max([header.end, *(i.end for i in inside)])
    names = [normalised(i.key[0]) for i in inside if normalised(i.key[0]) != "python"]
    before = [i for i in inside if normalised(i.key[0]) > wanted.key and i.key[0] != "python"]
    if names == sorted(names) and len(names) > 1 and before:
        offset = line_start(text, before[0].start)
    else:
        offset = next_line(text, last)
    expected = copy.deepcopy(data)
    table = value_at(expected, path)
    assert isinstance(table, dict)
    table[wanted.name] = _table_value(wanted)
    line = f"{wanted.name} = {_table_text(wanted)}"
    return _proven(splice(text, [whole_lines(text, offset, [line])]), expected, wanted, place)


def _present(
    text: str, items: Sequence[Assignment | Header], path: Path, name: str, value: object,
    wanted: Requirement,
) -> Outcome:  # fmt: skip
    """Already, unless extras are missing from a table entry."""
    spots = [
        i.start
        for i in items
        if isinstance(i, Assignment) and i.path[: len(path) + 1] == (*path, name)
    ]
    line = text.count("\n", 0, spots[0]) + 1 if spots else None
    listed = value.get("extras", []) if isinstance(value, dict) else []
    extras = (
        {normalised(e) for e in listed if isinstance(e, str)} if isinstance(listed, list) else set()
    )
    missing = wanted.extras - extras
    if not missing:
        return Already(line)
    return _paste(f"{name} lacks {', '.join(sorted(missing))}", wanted, f"[{'.'.join(path)}]", line)


def _new_array(text: str, data: Data, path: Path, wanted: Requirement) -> str | Outcome:
    """``path`` made with ``wanted`` alone: in its table if there is one, else at the file's end."""
    place = f"[{'.'.join(path[:-1])}] {path[-1]}"
    items = list(scan(text))
    header = next((i for i in items if isinstance(i, Header) and i.table == path[:-1]), None)
    expected = copy.deepcopy(data)
    table: object = expected
    for part in path[:-1]:
        assert isinstance(table, dict)
        table = table.setdefault(part, {})
    assert isinstance(table, dict)
    table[path[-1]] = [wanted.text]
    line = f"{path[-1]} = [{_string(wanted.text)}]"
    if header is not None and not header.many:
        inside = [i.end for i in items if isinstance(i, Assignment) and i.table == path[:-1]]
        offset = next_line(text, max([header.end, *inside]))
        lines = [line]
    else:
        offset, lines = len(text), ["", f"[{'.'.join(path[:-1])}]", line]
    return _proven(splice(text, [whole_lines(text, offset, lines)]), expected, wanted, place)


def _new_table(text: str, data: Data, path: Path, wanted: Requirement) -> str | Outcome:
    """The table ``path`` made at the file's end."""
    expected = copy.deepcopy(data)
    table: object = expected
    for part in path:
        assert isinstance(table, dict)
        table = table.setdefault(part, {})
    assert isinstance(table, dict)
    table[wanted.name] = _table_value(wanted)
    name = ".".join(path)
    lines = ["", f"[{name}]", f"{wanted.name} = {_table_text(wanted)}"]
    edited = splice(text, [whole_lines(text, len(text), lines)])
    return _proven(edited, expected, wanted, f"[{name}]")


def _table_value(wanted: Requirement) -> object:
    version = wanted.version or "*"
    return {"extras": sorted(wanted.extras), "version": version} if wanted.extras else version


def _table_text(wanted: Requirement) -> str:
    version = _string(wanted.version or "*")
    if not wanted.extras:
        return version
    return f"{{extras = [{', '.join(map(_string, sorted(wanted.extras)))}], version = {version}}}"


def _string(value: str) -> str:
    """A TOML string; requirements hold no control characters."""
    return f"'{value}'" if '"' in value else f'"{value}"'


def read_toml(text: str) -> Data | Cannot:
    """The document, or why it is none."""
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return Cannot(f"it is not valid TOML: {error}")


def value_at(data: object, path: Path) -> object:
    """The value at ``path``; None where there is none."""
    for part in path:
        data = data.get(part) if isinstance(data, dict) else None
    return data


def _proven(text: str, expected: Data, wanted: Requirement, place: str) -> str | Cannot:
    """``text`` if it means ``expected`` and nothing else."""
    if read_toml(text) == expected:
        return text
    return _paste("the entry can't be put in without changing something else", wanted, place)


def _paste(reason: str, wanted: Requirement, place: str, line: int | None = None) -> Cannot:
    entry = f"{wanted.name} = {_table_text(wanted)}" if "poetry" in place else wanted.text
    return Cannot(reason, line, entry + "\n", f"in {place}")
