"""A service of a compose file, and what the service that runs the application needs of it.

A YAML parser finds, text is spliced, and the result is parsed again: it must mean the old file
plus the service, the variables and the dependency, and nothing else.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scaffold.codemods.lines import line_start, next_line, replace, whole_lines
from scaffold.codemods.outcome import Already, Cannot, Outcome, Patched

if TYPE_CHECKING:
    import yaml

Edit = tuple[int, int, str]
Lines = Sequence[str]

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class _Wanted:
    name: str
    lines: tuple[str, ...]
    environment: Mapping[str, str]


def add_service(
    content: bytes, *, name: str, lines: Lines, environment: Mapping[str, str] | None = None
) -> Outcome:
    """Add the service ``name`` with ``lines`` (indented as inside it), sorted among the others.

    The one service that is built here and has ports gets ``environment`` and waits for it.
    Already when that is there; a service of the same image counts as the one wanted. A variable
    that is set keeps its value.
    """
    wanted = _Wanted(name, tuple(lines), environment or {})
    read = read_yaml(content)
    if isinstance(read, Cannot):
        return read
    text, root = read
    services = value_of(root, "services")
    if services is not None and not _is_mapping(services) and not _is_nothing(services):
        return Cannot("its services: is no mapping: write it as one", _line(services))
    if _is_mapping(services) and _same_image(services, wanted):
        return Already(_line(services))
    there = value_of(services, name)
    edits: list[Edit] = []
    expected = plain(root)
    if not _is_mapping(services):
        expected["services"] = {}
    expected["services"].setdefault(name, plain(_compose("\n".join(lines))))
    user = _user(services, name) if services else None
    if user is not None:
        edits += _for_user(text, services, user, wanted, expected["services"][user])
    if there is None:
        edits.append(_new_service(text, root, services, wanted))
    if not edits:
        found = _key(services, name)
        return Already(found.start_mark.line + 1 if found else None)
    return _proven(content, edits, expected)


def remove_service(
    content: bytes, *, name: str, lines: Lines, environment: Mapping[str, str] | None = None
) -> Outcome:
    """Take out the service and what waits for it and names it: the inverse by meaning.

    Already when it isn't there. Cannot when somebody changed it, or a further service needs it.
    """
    wanted = _Wanted(name, tuple(lines), environment or {})
    read = read_yaml(content)
    if isinstance(read, Cannot):
        return read
    text, root = read
    services = value_of(root, "services")
    if value_of(services, name) is None:
        return Already()
    if not _is_block_map(services):
        return Cannot("its services are written on one line", _line(services))
    if plain(value_of(services, name)) != plain(_compose("\n".join(lines))):
        return Cannot(f"the service {name} was changed", _line(value_of(services, name)))
    expected = plain(root)
    del expected["services"][name]
    edits = [_without(text, services, name, separated=True)]
    user = _user(services, name)
    if user is not None:
        edits += _from_user(text, services, user, wanted, expected["services"][user])
    others = (value for key, value in services.value if key.value not in (name, user))
    if any(name in _names(value_of(other, "depends_on")) for other in others):
        return Cannot(f"another service depends on {name}", _line(services))
    return _proven(content, edits, expected)


# -- reading


def read_yaml(content: bytes) -> tuple[str, yaml.MappingNode] | Cannot:
    """The text without its BOM and the root mapping."""
    import yaml

    try:
        text = content.removeprefix(_BOM).decode()
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except UnicodeDecodeError as error:
        return Cannot(f"it is not UTF-8: {error.reason}")
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or "it nests too deeply"
        return Cannot(f"it can't be read as YAML: {what}", mark.line + 1 if mark else None)
    if not isinstance(root, yaml.MappingNode):
        return Cannot("it is no mapping: services: is missing")
    return text, root


def _compose(text: str) -> yaml.Node | None:
    import yaml

    return yaml.compose(text, Loader=yaml.SafeLoader)


def plain(node: yaml.Node | None, known: dict[int, Any] | None = None) -> Any:
    """What a node means, as plain data; a scalar is its tag and its text.

    What an alias repeats is one and the same object, so that a change of it is seen everywhere.
    """
    import yaml

    known = {} if known is None else known
    if node is None:
        return None
    if id(node) not in known:
        if isinstance(node, yaml.MappingNode):
            known[id(node)] = {str(key.value): plain(value, known) for key, value in node.value}
        elif isinstance(node, yaml.SequenceNode):
            known[id(node)] = [plain(one, known) for one in node.value]
        else:
            known[id(node)] = (node.tag, node.value)
    return known[id(node)]


def value_of(node: Any, name: str) -> Any:
    """The value of the key ``name``, if ``node`` is a mapping that has it."""
    import yaml

    pairs = node.value if isinstance(node, yaml.MappingNode) else ()
    return next((value for key, value in pairs if key.value == name), None)


def _key(node: Any, name: str) -> Any:
    return next((key for key, _ in node.value if key.value == name), None)


def _is_block_map(node: Any) -> bool:
    import yaml

    return isinstance(node, yaml.MappingNode) and not node.flow_style and bool(node.value)


def _is_mapping(node: Any) -> bool:
    import yaml

    return isinstance(node, yaml.MappingNode)


def _is_nothing(node: Any) -> bool:
    """Whether a key has no value at all."""
    return node is not None and node.tag == "tag:yaml.org,2002:null" and not node.value


def _line(node: Any) -> int:
    return int(node.start_mark.line) + 1


def _end(node: Any) -> int:
    """The offset behind the last character of a node; blocks end where their last value does."""
    import yaml

    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _behind(*last) if isinstance(last, tuple) else _end(last)
    return int(node.end_mark.index)


def _behind(key: Any, value: Any) -> int:
    """The end of ``key: value``; an alias has the position of its anchor, so its key counts."""
    return max(_end(value), int(key.end_mark.index))


def _same_image(services: Any, wanted: _Wanted) -> bool:
    """Whether a service of another name has the image of the wanted one."""
    image = _image(_compose("\n".join(wanted.lines)))
    return bool(image) and any(
        key.value != wanted.name and _image(value) == image for key, value in services.value
    )


def _image(service: Any) -> str:
    found = value_of(service, "image")
    return str(found.value).rpartition("/")[2].split(":")[0].split("@")[0] if found else ""


def _user(services: Any, name: str) -> str | None:
    """The one service that is built here and has ports: it runs the application."""
    found = [
        str(key.value)
        for key, value in services.value
        if key.value != name and value_of(value, "build") and value_of(value, "ports")
    ]
    return found[0] if len(found) == 1 else None


# -- putting in


def _new_service(text: str, root: Any, services: Any, wanted: _Wanted) -> Edit:
    """The service among the others; as the only one where there are none yet."""
    if _is_block_map(services):
        key, _ = services.value[0]
        indent = " " * key.start_mark.column
        rows = _rows(wanted, indent, _step(services))
        return _entry(text, services, wanted.name, rows, spaced=_spaced(text, services))
    if _is_mapping(services):
        import yaml

        meant = yaml.safe_load("\n".join(wanted.lines))
        flow = yaml.safe_dump(meant, default_flow_style=True, sort_keys=False, width=1 << 20)
        return _into_flow(text, services, [f"{wanted.name}: {flow.strip()}"])
    rows = _rows(wanted, "  ", "  ")
    if services is not None:
        return _insert(text, next_line(text, _key(root, "services").end_mark.index), rows)
    return _insert(text, len(text), ["services:", *rows])


def _rows(wanted: _Wanted, indent: str, step: str) -> list[str]:
    return [f"{indent}{wanted.name}:", *(f"{indent}{step}{row}" for row in wanted.lines)]


def _into_flow(text: str, node: Any, entries: Sequence[str]) -> Edit:
    """``entries`` as the last ones of a mapping or list that is written in brackets."""
    end = len(text[: node.end_mark.index - 1].rstrip())
    before = {"{": "", "[": "", ",": " "}.get(text[end - 1], ", ")
    return end, end, before + ", ".join(entries)


def _for_user(
    text: str, services: Any, user: str, wanted: _Wanted, expected: dict[str, Any]
) -> list[Edit]:
    """What the service ``user`` lacks: the variables, and that it waits for the new one."""
    service = value_of(services, user)
    edits: list[Edit] = []
    variables = {
        name: value
        for name, value in sorted(wanted.environment.items())
        if name not in _names(value_of(service, "environment"))
    }
    parts: list[tuple[str, dict[str, str], dict[str, Any]]] = [
        ("environment", variables, {k: plain(_compose(v)) for k, v in variables.items()})
    ]
    if wanted.name not in _names(value_of(service, "depends_on")):
        condition = {"condition": ("tag:yaml.org,2002:str", "service_healthy")}
        waits = {wanted.name: "{ condition: service_healthy }"}
        parts.append(("depends_on", waits, {wanted.name: condition}))
    for part, entries, meaning in parts:
        edits += _part(text, service, part, entries) if entries else []
        _expect(expected, part, entries, meaning)
    return edits


def _expect(
    expected: dict[str, Any], part: str, entries: dict[str, str], meaning: dict[str, Any]
) -> None:
    """Add to ``expected`` what the part must mean afterwards."""
    if not entries:
        return
    there = expected.setdefault(part, {})
    if isinstance(there, tuple):
        there = expected[part] = {}
    if isinstance(there, list):
        tag = "tag:yaml.org,2002:str"
        items = entries if part == "depends_on" else [f"{k}={v}" for k, v in entries.items()]
        there += [(tag, item) for item in items]
        there.sort()
    else:
        there.update(meaning)


def _names(node: Any) -> set[str]:
    """The keys of a mapping, or what stands before the ``=`` of a list's items."""
    import yaml

    if isinstance(node, yaml.MappingNode):
        return {str(key.value) for key, _ in node.value}
    items = node.value if isinstance(node, yaml.SequenceNode) else ()
    return {str(item.value).split("=")[0] for item in items}


def _part(text: str, service: Any, part: str, entries: dict[str, str]) -> list[Edit]:
    """``entries`` in the mapping or list ``part`` of a service, which is made if it is missing."""
    import yaml

    node = value_of(service, part)
    pairs = [f"{key}: {value}" for key, value in entries.items()]
    items = list(entries) if part == "depends_on" else [f"{k}={v}" for k, v in entries.items()]
    indent = " " * service.value[0][0].start_mark.column
    rows = [f"{indent}  {pair}" for pair in pairs]
    if node is None and service.flow_style:
        return [_into_flow(text, service, [f"{part}: {{ {', '.join(pairs)} }}"])]
    if node is None:
        return [_entry(text, service, part, [f"{indent}{part}:", *rows])]
    if _is_nothing(node):
        return [_insert(text, next_line(text, _key(service, part).end_mark.index), rows)]
    if getattr(node, "flow_style", True):
        return [_into_flow(text, node, items if isinstance(node, yaml.SequenceNode) else pairs)]
    if isinstance(node, yaml.SequenceNode):
        start = line_start(text, node.value[0].start_mark.index)
        prefix = text[start : node.value[0].start_mark.index]
        at = next_line(text, _end(node))
        return [_insert(text, at, [prefix + item for item in items])]
    inner = " " * node.value[0][0].start_mark.column
    return [_entry(text, node, key, [f"{inner}{key}: {v}"]) for key, v in entries.items()]


def _entry(text: str, mapping: Any, name: str, rows: Lines, *, spaced: bool = False) -> Edit:
    """``rows`` as an entry of a block mapping, behind those at its start that sort before it."""
    index = 0
    while index < len(mapping.value) and str(mapping.value[index][0].value) < name:
        index += 1
    if index:
        key, value = mapping.value[index - 1]
        at = next_line(text, _behind(key, value))
        return _insert(text, at, [*([""] if spaced else []), *rows])
    at = line_start(text, mapping.value[0][0].start_mark.index)
    while at and text[(above := _line_above(text, at)) : at].lstrip().startswith("#"):
        at = above
    return _insert(text, at, [*rows, *([""] if spaced else [])])


def _insert(text: str, at: int, rows: Lines) -> Edit:
    put = whole_lines(text, at, rows)
    return put.offset, put.offset, put.text


def _step(services: Any) -> str:
    """One step of indentation, as the services have it."""
    for key, value in services.value:
        if _is_block_map(value):
            return " " * int(value.value[0][0].start_mark.column - key.start_mark.column)
    return "  "


def _spaced(text: str, services: Any) -> bool:
    """Whether the services stand apart by blank lines."""
    return any(
        _above(text, line_start(text, key.start_mark.index)) for key, _ in services.value[1:]
    )


def _above(text: str, start: int) -> bool:
    """Whether a blank line stands above the comments above ``start``."""
    at = start
    while at and text[(above := _line_above(text, at)) : at].lstrip().startswith("#"):
        at = above
    return bool(at) and not text[_line_above(text, at) : at].strip()


def _line_above(text: str, start: int) -> int:
    """The offset at which the line above the one at ``start`` starts."""
    return line_start(text, start - (2 if text.startswith("\r\n", start - 2) else 1))


# -- taking out


def _without(text: str, mapping: Any, name: str, *, separated: bool = False) -> Edit:
    """The edit that cuts an entry of a block mapping, with the blank line above it."""
    index = [str(key.value) for key, _ in mapping.value].index(name)
    key, value = mapping.value[index]
    start = line_start(text, key.start_mark.index)
    stop = next_line(text, _behind(key, value))
    if separated and start and not text[(above := _line_above(text, start)) : start].strip():
        start = above
    return start, stop, ""


def _from_user(
    text: str, services: Any, user: str, wanted: _Wanted, expected: dict[str, Any]
) -> list[Edit]:
    """What takes the variables and the waiting out of the service ``user``."""
    import yaml

    service = value_of(services, user)
    edits: list[Edit] = []
    ours = {k: plain(_compose(v)) for k, v in wanted.environment.items()}
    for part, names in (("environment", list(ours)), ("depends_on", [wanted.name])):
        node = value_of(service, part)
        there = expected.get(part)
        if isinstance(node, yaml.MappingNode) and isinstance(there, dict):
            found = [n for n in names if n in there and there[n] == ours.get(n, there[n])]
            for name in found:
                del there[name]
            if found and not there:
                del expected[part]
                edits.append(_without(text, service, part))
            else:
                edits += [_without(text, node, name) for name in found]
        elif isinstance(node, yaml.SequenceNode) and isinstance(there, list):
            items = [*names, *(f"{k}={v}" for k, v in wanted.environment.items())]
            for item in node.value:
                if item.value in items:
                    there.remove(plain(item))
                    start = line_start(text, item.start_mark.index)
                    edits.append((start, next_line(text, item.end_mark.index), ""))
    return edits


# -- the proof, and the refusal


def _proven(content: bytes, edits: list[Edit], expected: dict[str, Any]) -> Outcome:
    """The edited file, if it means ``expected``."""
    bom = _BOM if content.startswith(_BOM) else b""
    text = content.removeprefix(_BOM).decode()
    new = bom + replace(text, edits).encode()
    read = read_yaml(new)
    if isinstance(read, Cannot) or _sorted(plain(read[1])) != _sorted(copy.deepcopy(expected)):
        return Cannot("it can't be put in without changing something else: put it in by hand")
    return Patched(new)


def _sorted(data: Any) -> Any:
    """``data`` with the lists that name services or variables in one order."""
    for service in data.get("services", {}).values():
        for part in ("environment", "depends_on"):
            if isinstance(service, dict) and isinstance(service.get(part), list):
                service[part].sort()
    return data
