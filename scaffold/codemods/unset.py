"""Take a setting and its dotenv line out again: the inverses of ``add_setting`` and ``add_variable``."""

from __future__ import annotations

import ast

from scaffold.codemods.dotenv import variables
from scaffold.codemods.lines import cut, rows
from scaffold.codemods.outcome import Already, Cannot, Outcome, Patched
from scaffold.codemods.source import definitions, read_source

_BOM = b"\xef\xbb\xbf"


def remove_setting(
    content: bytes, *, name: str, annotation: str, default: str = "", class_name: str = ""
) -> Outcome:
    """Take out the field that ``add_setting`` with the same arguments put in.

    Already when no class has a field of that name. Cannot when it has another type or default by
    now, shares its line, or is all that its class holds.
    """
    source = read_source(content)
    if isinstance(source, Cannot):
        return source
    classes = [d for d in definitions(source.tree.body) if isinstance(d, ast.ClassDef)]
    named = [c for c in classes if c.name == class_name] or classes
    found = [
        (owner, statement)
        for owner in named
        for statement in owner.body
        if isinstance(statement, ast.AnnAssign)
        and isinstance(statement.target, ast.Name)
        and statement.target.id == name
    ]
    if not found:
        return Already()
    owner, statement = found[0]
    if len(found) > 1:
        return Cannot(f"several classes have a field {name}", found[1][1].lineno)
    value = statement.value
    if (ast.unparse(statement.annotation), ast.unparse(value) if value else "") != (
        _plain(annotation), _plain(default) if default else "",
    ):  # fmt: skip
        return Cannot("its type or default was changed since", statement.lineno)
    if owner.body == [statement]:
        return Cannot("it is all that its class holds", statement.lineno)
    start, end = source.before_line(statement), source.after_line(statement)
    if start is None or end is None:
        return Cannot("it shares its line with another statement", statement.lineno)
    if "#" in source.text[source.end(statement) : end]:
        return Cannot("a comment stands beside it", statement.lineno)
    return Patched(source.cut([(start, end)]))


def remove_variable(content: bytes, *, name: str, value: str = "", comment: str = "") -> Outcome:
    """Take out the line that ``add_variable`` with the same arguments put in, and its comment.

    It is commented out in a file where all are. Of the blank lines around it one goes.

    Already when no line sets the variable; Cannot when one sets another value, or several do.
    """
    try:
        text = content.removeprefix(_BOM).decode()
    except UnicodeDecodeError as error:
        return Cannot(f"it is not UTF-8: {error.reason}")
    there = rows(text)
    known = variables(there)
    # A line that is commented out among others that count is what somebody made of ours.
    dormant = all(one.mark for one in known)
    found = [one for one in known if one.name == name and (dormant or not one.mark)]
    if not found:
        return Already()
    if len(found) > 1:
        return Cannot(f"several lines set {name}", found[1].first + 1)
    (only,) = found
    number = only.first
    if _unquoted(only.value) != _unquoted(value):
        return Cannot(f"{name} has another value by now", number + 1)
    first, above = number, [f"# {row}" for row in comment.splitlines()]
    if above and [row.strip() for row in there[max(number - len(above), 0) : number]] == above:
        first -= len(above)
    behind = there[number + 1 : number + 2]
    if first and not there[first - 1].strip() and not "".join(behind).strip():
        first -= 1
    start = sum(map(len, there[:first]))
    rest = cut(text, [(start, start + sum(map(len, there[first : number + 1])))])
    if number == len(there) - 1 and not there[number].endswith(("\n", "\r")):
        rest = rest.removesuffix("\n").removesuffix("\r")
    return Patched((_BOM if content.startswith(_BOM) else b"") + rest.encode())


def _plain(expression: str) -> str:
    """An expression as ``ast`` writes it, so that quotes and spaces don't count."""
    return ast.unparse(ast.parse(expression, mode="eval").body)


def _unquoted(value: str) -> str:
    value = value.strip()
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value
