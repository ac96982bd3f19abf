"""A field in a settings class, and the line of a dotenv file that documents it."""

from __future__ import annotations

import ast
import builtins
import re

from scaffold.codemods import imports
from scaffold.codemods.lines import splice, whole_lines
from scaffold.codemods.outcome import Already, Cannot, Outcome, Patched
from scaffold.codemods.source import definitions, dotted, read_source


def add_setting(
    content: bytes, *, name: str, annotation: str, default: str = "", class_name: str = ""
) -> Outcome:
    """Add ``name: annotation = default`` behind the last field of a settings class.

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
    after = fields[-1] if fields else found.body[0]
    offset = source.after_line(after)
    if offset is None or source.before_line(after) is None:
        return _paste("its statements share a line", line, found.name, after.lineno)
    return Patched(source.splice([source.lines_at(offset, [source.indent(after) + line])]))


def add_variable(content: bytes, *, name: str, value: str = "", comment: str = "") -> Outcome:
    """Add ``NAME=value`` at the end of a dotenv file; Already when a line sets or mentions it."""
    try:
        text = content.decode("utf-8-sig" if content.startswith(b"\xef\xbb\xbf") else "utf-8")
    except UnicodeDecodeError as error:
        return Cannot(f"it is not UTF-8: {error.reason}", None, f"{name}={value}\n", "at its end")
    pattern = re.compile(rf"[ \t]*(?:#[ \t]*)?(?:export[ \t]+)?{re.escape(name)}[ \t]*[=:]")
    for number, row in enumerate(text.splitlines(), 1):
        if pattern.match(row):
            return Already(number)
    lines = [*([f"# {comment}"] if comment else []), f"{name}={value}"]
    added = splice(text, [whole_lines(text, len(text), lines)])
    bom = b"\xef\xbb\xbf" if content.startswith(b"\xef\xbb\xbf") else b""
    return Patched(bom + added.encode())


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
