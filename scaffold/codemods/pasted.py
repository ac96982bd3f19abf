"""What a person pastes to do an edit by hand: whole lines, in front of a line or in place of some."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from scaffold.codemods.joined import Edit
from scaffold.codemods.lines import LINE_END, line_end_near, line_start, next_line, replace
from scaffold.codemods.outcome import Cannot
from scaffold.codemods.source import Source, parse
from scaffold.spec.errors import Paste


def pastes(text: str, edits: Iterable[Edit]) -> tuple[Paste, ...]:
    """The whole lines that make ``edits``: those of one line, or that meet, are one block."""
    found: list[tuple[int, int, list[Edit]]] = []
    for start, end, new in sorted(edits, key=lambda edit: edit[:2]):
        first, last = _reach(text, start, end, new)
        if found and first <= found[-1][1]:
            begin, reached, group = found[-1]
            found[-1] = (begin, max(reached, last), [*group, (start, end, new)])
        else:
            found.append((first, last, [(start, end, new)]))
    return tuple(_block(text, *one) for one in found)


def _reach(text: str, start: int, end: int, new: str) -> tuple[int, int]:
    """The span of the lines that an edit changes; empty where it only puts whole lines in."""
    first = line_start(text, start)
    whole = new.endswith(("\n", "\r")) or end == len(text)
    if start == end == first and whole and (not start or text[start - 1] in "\r\n"):
        return start, start
    ends_line = end > start and text[end - 1] in "\r\n" and whole
    return first, end if ends_line else next_line(text, end)


def _block(text: str, start: int, end: int, edits: list[Edit]) -> Paste:
    inside = [(first - start, last - start, new) for first, last, new in edits]
    made = replace(text[start:end], inside)
    if not made.endswith(("\n", "\r")):
        made += line_end_near(text, start)
    line = len(LINE_END.findall(text, 0, start)) + 1
    over = len(LINE_END.findall(text, start, end))
    over += bool(text[start:end]) and text[end - 1] not in "\r\n"
    return Paste("", line, made, over)


def refuse(
    text: str, edits: Iterable[Edit], reason: str, line: int | None = None, place: str = ""
) -> Cannot:
    """A refusal to make ``edits``, which people may make."""
    paste = pastes(text, edits)
    return Cannot(reason, line, "".join(one.text for one in paste), place, paste)


# -- Python


def put_in(source: Source, block: list[ast.stmt], index: int, lines: Sequence[str]) -> list[Edit]:
    """The edits that put statements in front of ``block[index]``, whatever it shares its line with.

    Where a line has several statements, each that must move gets one of its own.
    """
    above = block[index - 1] if index else None
    below = block[index] if index < len(block) else None
    inline = source.before_line(block[0]) is None and not _follows(source, block[0])
    indent = _indent(source, block[0])
    ending = line_end_near(source.text, source.start(block[0]))
    if not inline:
        for offset in _boundaries(source, above, below):
            return [(offset, offset, _text(source, offset, [indent + line for line in lines]))]
    rows = ending.join(indent + line for line in lines)
    edits = []
    if inline:
        begin = _gap_start(source, source.start(block[0]))
        edits.append((begin, source.start(block[0]), ending + indent))
    if above is None:
        return [(edits[0][0], edits[0][1], f"{ending}{rows}{ending}{indent}")]
    end = source.end(above)
    if below is None:
        return [*edits, (end, end, ending + rows)]
    return [*edits, (end, source.start(below), f"{ending}{rows}{ending}{indent}")]


def _boundaries(source: Source, above: ast.stmt | None, below: ast.stmt | None) -> Iterator[int]:
    for offset in (
        source.after_line(above) if above else None,
        source.before_line(below) if below else None,
    ):
        if offset is not None:
            yield offset


def _text(source: Source, offset: int, lines: Sequence[str]) -> str:
    return source.lines_at(offset, lines).text


def _follows(source: Source, statement: ast.stmt) -> bool:
    """Whether a statement stands behind another one and a semicolon."""
    start = source.start(statement)
    return source.text[line_start(source.text, start) : start].rstrip(" \t\f").endswith(";")


def _indent(source: Source, statement: ast.stmt) -> str:
    """The indentation of a block: that of its line, one step more where it stands behind a colon."""
    start = source.start(statement)
    begin = line_start(source.text, start)
    row = source.text[begin:start]
    indent = row[: len(row) - len(row.lstrip(" \t\f"))].lstrip("\f")
    if not row.strip(" \t\f") or _follows(source, statement):
        return indent
    return indent + ("\t" if "\t" in indent else "    ")


def _gap_start(source: Source, offset: int) -> int:
    """Where the white space in front of ``offset`` starts."""
    while offset and source.text[offset - 1] in " \t\f":
        offset -= 1
    return offset


def parses(source: Source, edits: Sequence[Edit]) -> bool:
    """Whether the file is Python with ``edits`` made."""
    try:
        parse(source.replace(edits))
    except (SyntaxError, ValueError):
        return False
    return True


def refuse_in(
    source: Source,
    edits: Sequence[Edit],
    reason: str,
    line: int | None = None,
    place: str = "",
) -> Cannot:
    """A refusal to make ``edits`` in Python code; without lines where they would break it."""
    if not parses(source, edits):
        return Cannot(reason, line)
    return refuse(source.text, edits, reason, line, place)


def named(source: Source, call: ast.Call, name: str, lines: Sequence[str]) -> list[Edit] | None:
    """The edits that bind ``call`` to ``name`` in a statement of its own, with ``lines`` behind it.

    None where the call isn't made once, right when its statement runs.
    """
    holder = _holder(source.tree, call)
    if holder is None:
        return None
    block, index = holder
    made = f"{name} = {source.code(call)}"
    edits = put_in(source, block, index, [made, *lines])
    return [*edits, (source.start(call), source.end(call), name)]


def _holder(tree: ast.Module, call: ast.Call) -> tuple[list[ast.stmt], int] | None:
    """The simple statement that evaluates ``call``, as its block and index."""
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            block: list[ast.stmt] = getattr(node, name, None) or []
            for index, statement in enumerate(block if isinstance(block, list) else ()):
                if _evaluates(statement, call):
                    return block, index
    return None


def _evaluates(statement: ast.AST, call: ast.Call) -> bool:
    if not isinstance(statement, ast.Return | ast.Expr | ast.Assign | ast.AnnAssign):
        return False
    waiting: list[ast.AST] = [statement]
    lazy = (ast.Lambda, ast.IfExp, ast.BoolOp, ast.ListComp, ast.SetComp, ast.DictComp)
    while waiting:
        node = waiting.pop()
        if node is call:
            return True
        if not isinstance(node, (*lazy, ast.GeneratorExp)):
            waiting += ast.iter_child_nodes(node)
    return False
