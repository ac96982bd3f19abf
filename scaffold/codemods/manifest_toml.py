"""pyproject.toml and Pipfile: one entry spliced in, the result read again and compared."""

from __future__ import annotations

import copy
import re
import tomllib
from collections.abc import Sequence

from scaffold.codemods.lines import Insertion, line_start, next_line, splice, whole_lines
from scaffold.codemods.outcome import Already, Cannot, Outcome
from scaffold.codemods.requirement import Requirement, normalised, read_requirement
from scaffold.codemods.toml import Assignment, Header, elements, inline, scan

_STATE = 'state where they are, as manifest = "requirements.txt" in [tool.scaffold]'

Data = dict[str, object]
Path = tuple[str, ...]


def pyproject(text: str, wanted: Requirement, group: str) -> str | Outcome:
    """``wanted`` in the table that this pyproject.toml uses: PEP 621, PEP 735, Poetry, PDM."""
    data = read_toml(text)
    if isinstance(data, Cannot):
        return data
    if group:
        return _development(text, data, wanted, group)
    project = data.get("project")
    poetry = value_at(data, ("tool", "poetry", "dependencies"))
    if isinstance(project, dict):
        dynamic = project.get("dynamic")
        if "dependencies" in project or not isinstance(poetry, dict):
            if isinstance(dynamic, list) and "dependencies" in dynamic:
                return Cannot(f"its dependencies are dynamic: {_STATE}")
            return _in_array(text, data, ("project", "dependencies"), wanted)
    if isinstance(poetry, dict):
        return _in_table(text, data, ("tool", "poetry", "dependencies"), wanted)
    return Cannot(f"it has neither [project] nor [tool.poetry]: {_STATE}")


def pipfile(text: str, wanted: Requirement, group: str) -> str | Outcome:
    """``wanted`` in a Pipfile's ``[packages]`` or ``[dev-packages]``."""
    data = read_toml(text)
    section = "dev-packages" if group else "packages"
    if isinstance(data, Cannot):
        return data
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
    found = _assignment(text, path)
    if found is None or not isinstance(current, list):
        return Cannot(f"{place} is not written as an array")
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
    return _proven(text, insertions, expected)


def _assignment(text: str, path: Path) -> Assignment | None:
    """Where the value at ``path`` is written, also inside an inline table."""
    for item in scan(text):
        if isinstance(item, Assignment) and item.path == path[: len(item.path)]:
            found: Assignment | None = item
            while found is not None and found.path != path:
                inside = inline(text, found) if text[found.value] == "{" else ()
                found = next((i for i in inside if i.path == path[: len(i.path)]), None)
            return found
    return None


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
    missing = wanted.extras - present.extras
    if not missing:
        return Already(text.count("\n", 0, at) + 1)
    expected = copy.deepcopy(data)
    target = value_at(expected, path)
    assert isinstance(target, list)
    item = target[index]
    behind, new = present.more_extras(item, missing)
    target[index] = item[:behind] + new + item[behind:]
    quote = 3 if text[at : at + 3] in ('"""', "'''") else 1
    return _proven(text, [Insertion(at + quote + behind, new)], expected)


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
    current = value_at(data, path)
    if current is None:
        return _new_table(text, data, path, wanted)
    if not isinstance(current, dict):
        return Cannot(f"[{'.'.join(path)}] is not a table")
    for name, value in current.items():
        if normalised(name) == wanted.key:
            return _present(text, data, (*path, name), value, wanted)
    expected = copy.deepcopy(data)
    table = value_at(expected, path)
    assert isinstance(table, dict)
    table[wanted.name] = _table_value(wanted)
    return _proven(text, _entry(text, path, wanted), expected)


def _entry(text: str, path: Path, wanted: Requirement) -> list[Insertion]:
    """The insertion that puts ``wanted`` into the table at ``path``, however that is written."""
    items = list(scan(text))
    line = f"{wanted.name} = {_table_text(wanted)}"
    header = next((i for i in items if isinstance(i, Header) and i.table == path), None)
    inside = [i for i in items if isinstance(i, Assignment) and i.table == path]
    if header is not None:
        last = max([header.end, *(i.end for i in inside)])
        names = [normalised(i.key[0]) for i in inside if normalised(i.key[0]) != "python"]
        before = [i for i in inside if normalised(i.key[0]) > wanted.key and i.key[0] != "python"]
        if names == sorted(names) and len(names) > 1 and before:
            return [whole_lines(text, line_start(text, before[0].start), [line])]
        return [whole_lines(text, next_line(text, last), [line])]
    found = _assignment(text, path)
    if found is not None and text[found.value] == "{":
        return [_into_inline(text, found, line)]
    dotted = [i for i in items if isinstance(i, Assignment) and i.path[: len(path)] == path]
    dotted = [i for i in dotted if len(i.table) < len(path)]
    if dotted:
        key = ".".join(path[len(dotted[-1].table) :])
        return [whole_lines(text, next_line(text, dotted[-1].end), [f"{key}.{line}"])]
    return [whole_lines(text, len(text), ["", f"[{'.'.join(path)}]", line])]


def _into_inline(text: str, table: Assignment, entry: str) -> Insertion:
    """``entry`` as the last one of an inline table."""
    end = len(text[: table.end - 1].rstrip())
    return Insertion(end, f" {entry}" if text[end - 1] == "{" else f", {entry}")


def _present(
    text: str, data: Data, path: Path, value: object, wanted: Requirement
) -> str | Outcome:
    """Already, or the extras that the entry at ``path`` lacks."""
    spots = [
        i.start for i in scan(text) if isinstance(i, Assignment) and i.path[: len(path)] == path
    ]
    line = text.count("\n", 0, spots[0]) + 1 if spots else None
    listed = value.get("extras", []) if isinstance(value, dict) else []
    extras = (
        {normalised(e) for e in listed if isinstance(e, str)} if isinstance(listed, list) else set()
    )
    missing = sorted(wanted.extras - extras)
    if not missing:
        return Already(line)
    found, expected = _assignment(text, path), copy.deepcopy(data)
    new = ", ".join(map(_string, missing))
    table = value_at(expected, path)
    if isinstance(value, str) and found is not None:
        around: object = value_at(expected, path[:-1])
        assert isinstance(around, dict)
        around[path[-1]] = {"version": value, "extras": missing}
        put = [
            Insertion(found.value, "{version = "),
            Insertion(found.end, f", extras = [{new}]}}"),
        ]
        return _proven(text, put, expected)
    if not isinstance(table, dict):
        return Cannot(
            f"{path[-1]} lacks {', '.join(missing)}: add them to each of its versions", line
        )
    array = _assignment(text, (*path, "extras"))
    table["extras"] = [*listed, *missing]
    if array is not None and listed:
        end = elements(text, array.value, array.end)[-1][1]
        return _proven(text, [Insertion(end, f", {new}")], expected)
    if found is not None:
        return _proven(text, [_into_inline(text, found, f"extras = [{new}]")], expected)
    header = next((i for i in scan(text) if isinstance(i, Header) and i.table == path), None)
    offset = next_line(text, header.end) if header else len(text)
    return _proven(text, [whole_lines(text, offset, [f"extras = [{new}]"])], expected)


def _new_array(text: str, data: Data, path: Path, wanted: Requirement) -> str | Outcome:
    """``path`` made with ``wanted`` alone: in its table if there is one, else at the file's end."""
    items = list(scan(text))
    header = next((i for i in items if isinstance(i, Header) and i.table == path[:-1]), None)
    expected = _with_table(data, path[:-1])
    table = value_at(expected, path[:-1])
    assert isinstance(table, dict)
    table[path[-1]] = [wanted.text]
    line = f"{path[-1]} = [{_string(wanted.text)}]"
    owner = _assignment(text, path[:-1])
    if header is not None and not header.many:
        inside = [i.end for i in items if isinstance(i, Assignment) and i.table == path[:-1]]
        put = whole_lines(text, next_line(text, max([header.end, *inside])), [line])
    elif owner is not None and text[owner.value] == "{":
        put = _into_inline(text, owner, line)
    else:
        put = whole_lines(text, len(text), ["", f"[{'.'.join(path[:-1])}]", line])
    return _proven(text, [put], expected)


def _new_table(text: str, data: Data, path: Path, wanted: Requirement) -> str | Outcome:
    """The table ``path`` made at the file's end."""
    expected = _with_table(data, path)
    table = value_at(expected, path)
    assert isinstance(table, dict)
    table[wanted.name] = _table_value(wanted)
    lines = ["", f"[{'.'.join(path)}]", f"{wanted.name} = {_table_text(wanted)}"]
    return _proven(text, [whole_lines(text, len(text), lines)], expected)


def _with_table(data: Data, path: Path) -> Data:
    """A copy of ``data`` that has a table at ``path``."""
    made = copy.deepcopy(data)
    table: object = made
    for part in path:
        assert isinstance(table, dict)
        table = table.setdefault(part, {})
    return made


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
        found = re.search(r"line (\d+)", str(error))
        return Cannot(f"it is not valid TOML: {error}", int(found[1]) if found else None)


def value_at(data: object, path: Path) -> object:
    """The value at ``path``; None where there is none."""
    for part in path:
        data = data.get(part) if isinstance(data, dict) else None
    return data


def _proven(text: str, insertions: Sequence[Insertion], expected: Data) -> str | Cannot:
    """The text with ``insertions`` made, if it means ``expected`` and nothing else."""
    edited = splice(text, insertions)
    if read_toml(edited) == expected:
        return edited
    return Cannot("the entry can't be put in without changing something else: put it in by hand")
