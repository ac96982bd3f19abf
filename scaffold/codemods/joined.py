"""A name more, or one less, in a from-import that brings others of the same module."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from scaffold.codemods import imports
from scaffold.codemods.lines import line_end_near
from scaffold.codemods.source import Source, blocks

Edit = tuple[int, int, str]


def joinable(
    source: Source, module: str, package: str, anchor: ast.stmt | None
) -> ast.ImportFrom | None:
    """The from-import of the absolute ``module`` in the module's own block, before ``anchor``."""
    for statement in imports.before(source.tree.body, anchor):
        if (
            isinstance(statement, ast.ImportFrom)
            and imports.module_of(statement, package) == module
            and statement.names[0].name != "*"
        ):
            return statement
    return None


def join(
    source: Source, statement: ast.ImportFrom, name: str, bound: str, line_length: int
) -> list[Edit] | None:
    """The edits that add ``name as bound``, sorted as isort does; None where the layout is odd."""
    items = [_text(alias) for alias in statement.names]
    new = _text(ast.alias(name, None if bound == name else bound))
    index = len(items)
    if items == sorted(items, key=_order):
        index = sum(_order(item) <= _order(new) for item in items)
    return _relaid(source, statement, [*items[:index], new, *items[index:]], line_length)


def unimport(
    source: Source, statement: ast.Import | ast.ImportFrom, alias: ast.alias, line_length: int
) -> list[Edit] | None:
    """The edits that take a name out of its import, with the statement if it brings no other.

    None where the statement shares its line, or is laid out in no usual way.
    """
    if len(statement.names) > 1:
        rest = [_text(one) for one in statement.names if one is not alias]
        plain = isinstance(statement, ast.ImportFrom)
        return _relaid(source, statement, rest, line_length) if plain else None
    start, end = source.before_line(statement), source.after_line(statement)
    return None if start is None or end is None else [(start, end, "")]


def _relaid(
    source: Source, statement: ast.stmt, items: Sequence[str], line_length: int
) -> list[Edit] | None:
    """The statement with ``items``, on one line or one line an item, as it would be formatted."""
    start, end = source.start(statement), source.end(statement)
    text = source.text[start:end]
    if "#" in text or "\\" in text or source.before_line(statement) is None:
        return None
    match = re.match(r"from\s+(\S+)\s+import\b", text)
    if match is None:
        return None
    indent = source.indent(statement)
    line = f"from {match[1]} import {', '.join(items)}"
    fits = len(indent.expandtabs(4)) + len(line) <= line_length
    if fits and not re.search(r",\s*\)\s*\Z", text):  # a magic trailing comma keeps its lines
        return [(start, end, line)]
    unit = "\t" if "\t" in indent else "    "
    rows = [f"from {match[1]} import (", *(f"{indent}{unit}{i}," for i in items), f"{indent})"]
    return [(start, end, line_end_near(source.text, start).join(rows))]


def without_import(old: ast.Module, new: ast.Module, name: str) -> bool:
    """Takes the one import of ``name`` that ``old`` has not out of ``new``; False if it isn't one."""
    there = {ast.dump(s) for s in ast.walk(old) if isinstance(s, ast.ImportFrom)}
    fresh = [s for s in ast.walk(new) if isinstance(s, ast.ImportFrom) and ast.dump(s) not in there]
    if len(fresh) != 1:
        return False
    (statement,) = fresh
    statement.names = [alias for alias in statement.names if alias.name != name]
    for node in ast.walk(new) if not statement.names else ():
        for block in [new.body] if node is new else blocks_of(node):
            if statement in block:
                block.remove(statement)
    return True


def blocks_of(node: ast.AST) -> list[list[ast.stmt]]:
    """The statement lists directly inside a statement; none inside anything else."""
    return [*blocks(node)] if isinstance(node, ast.stmt) else []


def _text(alias: ast.alias) -> str:
    return alias.name + (f" as {alias.asname}" if alias.asname else "")


def _order(item: str) -> tuple[int, str, str]:
    """Constants, then classes, then the rest; each without regard to case, as ruff sorts them."""
    name = item.split(" ")[0]
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return kind, name.lower(), item
