"""A field in a settings class, and the line of a dotenv file that documents it."""

from __future__ import annotations

import ast
import builtins
import re

from scaffold.codemods import imports
from scaffold.codemods.lines import splice, whole_lines
from scaffold.codemods.outcome import Already, Cannot, Outcome, Patched
from scaffold.codemods.source import definitions, dotted, read_source

VARIABLE = re.compile(
    r"[ \t]*(?P<mark>#[ \t]*)?(?:export[ \t]+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)[ \t]*="
)
"""A line of a dotenv file that sets a variable, or would if it weren't a comment."""


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
        return _paste(source.reason, line, class_name, source.line)
    classes = [
        d
        for d in definitions(source.tree.body)
        if isinstance(d, ast.ClassDef) and (d.name == class_name if class_name else _is_settings(d))
    ]
    if len(classes) != 1:
        what = f"a class {class_name}" if class_name else "a subclass of BaseSettings"
        return _paste(f"it defines {len(classes)} of what was looked for: {what}", line, class_name)
    (found,) = classes
    fields = [s for s in found.body if isinstance(s, ast.AnnAssign)]
    for statement in found.body:
        if name in _assigned(statement):
            return Already(statement.lineno)
    unknown = _names(line) - imports.names_in(source.tree) - set(dir(builtins)) - {name}
    if unknown:
        return _paste(f"{', '.join(sorted(unknown))} is not imported", line, found.name)
    names = [ast.unparse(field.target) for field in fields]
    earlier = sum(other < name for other in names) if names == sorted(names) else len(names)
    beside: ast.stmt = fields[max(earlier - 1, 0)] if fields else found.body[0]
    first = bool(fields) and not earlier
    offset = source.before_line(beside) if first else source.after_line(beside)
    if offset is None or source.before_line(beside) is None:
        return _paste("its statements share a line", line, found.name, beside.lineno)
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
        return Cannot(f"it is not UTF-8: {error.reason}", None, f"{name}={value}\n", "at its end")
    rows = text.splitlines(keepends=True)
    found = [(n, m) for n, row in enumerate(rows) if (m := VARIABLE.match(row))]
    mentioned = re.compile(rf"[ \t]*(?:#[ \t]*)?(?:export[ \t]+)?{re.escape(name)}[ \t]*[=:]")
    for number, row in enumerate(rows, 1):
        if mentioned.match(row):
            return Already(number)
    dormant = bool(found) and all(match["mark"] for _, match in found)
    lines = [*(f"# {row}" for row in comment.splitlines()), f"{'# ' * dormant}{name}={value}"]
    at, lines = _among(rows, [(n, m["name"]) for n, m in found], name, lines)
    offset = sum(map(len, rows[:at]))
    return Patched(bom + splice(text, [whole_lines(text, offset, lines)]).encode())


def _among(
    rows: list[str], found: list[tuple[int, str]], name: str, lines: list[str]
) -> tuple[int, list[str]]:
    """The row in front of which ``lines`` go, and the lines with the blank ones that they need."""
    names = [other for _, other in found]
    earlier = sum(other < name for other in names) if names == sorted(names) else len(names)
    if not found or earlier == len(names):
        spaced = any(not row.strip() for row in rows[found[0][0] :]) if len(found) > 1 else False
        return len(rows), [*([""] if spaced and rows[-1].strip() else []), *lines]
    spaced = any(not row.strip() for row in rows[found[0][0] :])
    if earlier:
        at = found[earlier - 1][0] + 1
        return at, ["", *lines, *([""] if rows[at].strip() else [])] if spaced else lines
    at = found[0][0]
    while at and rows[at - 1].startswith("#"):
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


def _names(line: str) -> set[str]:
    return {n.id for n in ast.walk(ast.parse(line)) if isinstance(n, ast.Name)}


def _paste(reason: str, line: str, owner: str, number: int | None = None) -> Cannot:
    return Cannot(reason, number, line + "\n", f"in the body of class {owner or 'Settings'}")
