"""A field in a settings class, and the line of a dotenv file that documents it."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Sequence

from scaffold.codemods import imports
from scaffold.codemods.dotenv import Variable, variables
from scaffold.codemods.joined import Edit
from scaffold.codemods.lines import rows, splice, whole_lines
from scaffold.codemods.outcome import Already, Cannot, Outcome, Patched
from scaffold.codemods.pasted import put_in, refuse_in
from scaffold.codemods.places import bound_by
from scaffold.codemods.source import Source, definitions, dotted, read_source

_MODULES = {
    **dict.fromkeys(("Annotated", "Any", "Literal"), "typing"),
    **dict.fromkeys(("AnyUrl", "Field", "HttpUrl", "SecretStr"), "pydantic"),
}
"""Where the names come from that the type of a setting may have."""


def add_setting(
    content: bytes, *, name: str, annotation: str, default: str = "", class_name: str = ""
) -> Outcome:
    """Add ``name: annotation = default`` to a settings class.

    It goes among its fields in the order of their names where they are in it, else behind the last.

    ``annotation`` and ``default`` are source text; their names must be bound in the file. With
    ``class_name`` empty the only subclass of ``BaseSettings`` is meant. Already when the class
    has the field, whatever its type.
    """
    line = f"{name}: {annotation}" + (f" = {default}" if default else "")
    source = read_source(content)
    if isinstance(source, Cannot):
        return source
    classes = [
        d
        for d in definitions(source.tree.body)
        if isinstance(d, ast.ClassDef) and (d.name == class_name if class_name else _is_settings(d))
    ]
    there = [s for c in classes for s in c.body if name in _assigned(s)]
    if there and len(there) >= len(classes):
        return Already(there[0].lineno)
    if len(classes) != 1:
        what = f"a class {class_name}" if class_name else "a subclass of BaseSettings"
        reason = f"it defines {len(classes)} of what was looked for: {what}"
        return _by_hand(source, classes, line, reason)
    (found,) = classes
    fields = [s for s in found.body if isinstance(s, ast.AnnAssign)]
    unknown = _unbound(source, line, found)
    if unknown:
        return _by_hand(source, classes, line, f"{', '.join(sorted(unknown))} is not imported")
    names = [ast.unparse(field.target) for field in fields]
    earlier = sum(other < name for other in names) if names == sorted(names) else len(names)
    beside: ast.stmt = fields[max(earlier - 1, 0)] if fields else found.body[0]
    first = bool(fields) and not earlier
    offset = source.before_line(beside) if first else source.after_line(beside)
    if offset is None or source.before_line(beside) is None:
        return _by_hand(source, classes, line, "its statements share a line", beside.lineno)
    return Patched(source.splice([source.lines_at(offset, [source.indent(beside) + line])]))


def add_variable(content: bytes, *, name: str, value: str = "", comment: str = "") -> Outcome:
    """Add ``NAME=value`` to a dotenv file, below ``comment``.

    It goes among the other variables in the order of their names where they are in it, else to
    the end; as a comment where all the others are commented out, and between blank lines where
    they are. Already when a line sets or mentions it.
    """
    bom = b"\xef\xbb\xbf" if content.startswith(b"\xef\xbb\xbf") else b""
    try:
        text = content[len(bom) :].decode()
    except UnicodeDecodeError as error:
        return Cannot(f"it is not UTF-8: {error.reason}: save it as UTF-8")
    lines_there = rows(text)
    found = variables(lines_there)
    mentioned = re.compile(rf"[ \t]*#[ \t]*(?:export[ \t]+)?{re.escape(name)}[ \t]*[=:]")
    inside = {n for one in found for n in range(one.first + 1, one.end)}
    for number, row in enumerate(lines_there):
        if number not in inside and mentioned.match(row):
            return Already(number + 1)
    there = next((one for one in found if one.name == name), None)
    if there is not None:
        return Already(there.first + 1)
    dormant = bool(found) and all(one.mark for one in found)
    lines = [*(f"# {row}" for row in comment.splitlines()), f"{'# ' * dormant}{name}={value}"]
    at, lines = _among(lines_there, found, name, lines)
    offset = sum(map(len, lines_there[:at]))
    return Patched(bom + splice(text, [whole_lines(text, offset, lines)]).encode())


def _among(
    lines_there: Sequence[str], found: Sequence[Variable], name: str, lines: list[str]
) -> tuple[int, list[str]]:
    """The row in front of which ``lines`` go, and the lines with the blank ones that they need."""
    names = [one.name for one in found]
    inside = {n for one in found for n in range(one.first, one.end)}
    blank = [n for n, row in enumerate(lines_there) if not row.strip() and n not in inside]
    spaced = bool(found) and any(number > found[0].first for number in blank)
    earlier = sum(other < name for other in names) if names == sorted(names) else len(names)
    if not found or earlier == len(names):
        apart = spaced and len(found) > 1 and lines_there[-1].strip()
        return len(lines_there), [*([""] if apart else []), *lines]
    if earlier:
        at = found[earlier - 1].end
        return at, ["", *lines, *([""] if lines_there[at].strip() else [])] if spaced else lines
    at = found[0].first
    while at and lines_there[at - 1].startswith("#"):
        at -= 1
    return at, [*lines, ""] if spaced else lines


def _is_settings(node: ast.ClassDef) -> bool:
    return any((dotted(b) or "").rpartition(".")[2] == "BaseSettings" for b in node.bases)


def _assigned(statement: ast.stmt) -> set[str]:
    targets: list[ast.expr] = []
    if isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    elif isinstance(statement, ast.Assign):
        targets = statement.targets
    return {t.id for t in targets if isinstance(t, ast.Name)}


def _unbound(source: Source, line: str, owner: ast.ClassDef) -> set[str]:
    """The names in ``line`` that mean nothing where the class is made.

    What is imported for type checkers alone, or behind the class, is not there.
    """
    bound = set(dir(builtins))
    for statement in imports.runtime_statements(imports.before(source.tree.body, owner)):
        if isinstance(statement, ast.ImportFrom) and statement.names[0].name == "*":
            bound |= imports.names_in(source.tree)
        if not (isinstance(statement, ast.If) and imports.is_type_checking(statement.test)):
            bound |= bound_by(statement)
    return _names(line) - bound - {line.partition(":")[0]}


def _names(line: str) -> set[str]:
    return {n.id for n in ast.walk(ast.parse(line)) if isinstance(n, ast.Name)}


def _by_hand(
    source: Source,
    classes: Sequence[ast.ClassDef],
    line: str,
    reason: str,
    number: int | None = None,
) -> Cannot:
    """A refusal with the field for the class, behind its others, and the imports that it needs."""
    unknown = sorted({name for found in classes for name in _unbound(source, line, found)})
    if any(name not in _MODULES for name in unknown):
        return Cannot(reason, number)
    lines = [imports.import_line(_MODULES[name], name, name) for name in unknown]
    edits: list[Edit] = []
    for found in classes:
        fields = [i for i, s in enumerate(found.body) if isinstance(s, ast.AnnAssign)]
        edits += put_in(source, found.body, max(fields, default=0) + 1, [line])
    if not edits:
        return Cannot(reason, number)
    holder = next(s for s in source.tree.body if s.end_lineno and s.end_lineno >= classes[0].lineno)
    if lines:
        edits += put_in(source, source.tree.body, source.tree.body.index(holder), lines)
    return refuse_in(source, edits, reason, number, f"class {classes[0].name}")
