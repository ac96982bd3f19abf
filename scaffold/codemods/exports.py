"""A name brought into a module that gathers such names: its import, and its place in ``__all__``."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from scaffold.codemods import imports
from scaffold.codemods.lines import Insertion, line_start, next_line
from scaffold.codemods.outcome import Already, Cannot, Outcome, Patched
from scaffold.codemods.pasted import put_in, refuse_in
from scaffold.codemods.source import Source, read_source


def import_name(
    content: bytes,
    *,
    module: str,
    name: str,
    package: str = "",
    first_party: Sequence[str] = (),
    comment: str = "",
) -> Outcome:
    """Import ``name`` from ``module`` among the imports of its neighbours.

    ``module`` is written as given (it may be relative to ``package``, the dotted package of the
    file). A module with a plain ``__all__`` gets the name in it. ``comment`` follows the import.
    Already when the name is imported; Cannot when it means something else there.
    """
    source = read_source(content)
    line = f"from {module} import {name}"
    place = "among the imports of the other models"
    if isinstance(source, Cannot):
        return source
    own = imports.absolute(module, package)
    for reached in imports.reaching(source, own, name, package):
        if reached.sure:
            return Already(reached.statement.lineno)
    body = source.tree.body
    last = max(
        (i for i, s in enumerate(body) if s in [*imports.top_imports(source.tree)]), default=-1
    )
    taken = imports.names_in(source.tree)
    if name in taken:
        other = imports.import_line(module, name, imports.free_name(name, taken)) + comment
        edits = put_in(source, body, last + 1, [other])
        return refuse_in(source, edits, f"{name} means something else there", None, place)
    position = imports.place_import(source, module, package, first_party, source.tree, None)
    if position is None:
        edits = put_in(source, body, last + 1, [line + comment])
        return refuse_in(source, edits, "no line of its own to import it on", None, place)
    insertions = [imports.insertion_of(source, position, [line + comment])]
    listed = _all(source)
    if listed is not None and listed.elts:
        insertions += _entry(source, listed, name)
    return Patched(source.splice(insertions))


def drop_name(content: bytes, *, module: str, name: str, package: str = "") -> Outcome:
    """The inverse of ``import_name``: Already when the import isn't there, Cannot when it is used."""
    source = read_source(content)
    if isinstance(source, Cannot):
        return source
    own = imports.absolute(module, package)
    reached = [r for r in imports.reaching(source, own, name, package) if r.expression == name]
    if not reached:
        return Already()
    statement = reached[0].statement
    start, end = source.before_line(statement), source.after_line(statement)
    used = any(isinstance(n, ast.Name) and n.id == name for n in ast.walk(source.tree))
    if len(reached) > 1 or len(statement.names) > 1 or used or start is None or end is None:
        return Cannot(f"the import of {name} is used, or not alone on its line", statement.lineno)
    return Patched(source.cut([(start, end), *_listed(source, name)]))


def _all(source: Source) -> ast.List | ast.Tuple | None:
    """The value of a plain ``__all__``: a list or tuple of strings."""
    for statement in source.tree.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id="__all__")], value=value):
                pass
            case ast.AnnAssign(target=ast.Name(id="__all__"), value=value):
                pass
            case _:
                continue
        if isinstance(value, ast.List | ast.Tuple) and all(_text(e) for e in value.elts):
            return value
    return None


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _entry(source: Source, listed: ast.List | ast.Tuple, name: str) -> list[Insertion]:
    """``name`` in ``__all__``: in sorted place where that is sorted, else as its last.

    On a line of its own where the others are, so that comments stay beside what they are about.
    """
    names = [_text(e) for e in listed.elts]
    code = source.code(listed.elts[0])
    quote = next(char for char in code if char in "\"'")
    written = f"{quote}{name}{quote}"
    index = len(names)
    for key in (str, str.lower):
        if sorted(names, key=key) == names:
            index = sum(key(other) < key(name) for other in names)
            break
    spans = [(source.start(e), source.end(e)) for e in listed.elts]
    begins = [line_start(source.text, start) for start, _ in spans]
    apart = all(not source.text[b:s].strip() for b, (s, _) in zip(begins, spans, strict=True))
    if apart and index < len(names):
        return [source.lines_at(begins[index], [_indent(source, begins, spans) + written + ","])]
    end = spans[index - 1][1]
    comma = re.match(r"\s*,", source.text[end:])
    below = next_line(source.text, end + (comma.end() if comma else 0))
    if apart and below < source.end(listed):
        line = source.lines_at(below, [_indent(source, begins, spans) + written + ","])
        return [line] if comma else [Insertion(end, ","), line]
    if index == 0:
        return [Insertion(spans[0][0], f"{written}, ")]
    return [Insertion(end, f", {written}")]


def _indent(source: Source, begins: list[int], spans: list[tuple[int, int]]) -> str:
    return source.text[begins[-1] : spans[-1][0]]


def _listed(source: Source, name: str) -> list[tuple[int, int]]:
    """The span of a name in ``__all__``, with the comma that belongs to it."""
    listed = _all(source)
    names = [_text(e) for e in listed.elts] if listed else []
    if listed is None or name not in names:
        return []
    index = names.index(name)
    start, behind = source.start(listed.elts[index]), source.end(listed.elts[index])
    begin, below = line_start(source.text, start), next_line(source.text, behind)
    if not source.text[begin:start].strip() and source.text[behind:below].strip() == ",":
        return [(begin, below)]  # and what stands beside the others stays
    if index:
        return [(source.end(listed.elts[index - 1]), source.end(listed.elts[index]))]
    end = source.start(listed.elts[1]) if len(names) > 1 else source.end(listed.elts[0])
    return [(source.start(listed.elts[0]), end)]
