"""Alembic revisions as text: the one that undoes another, without importing either."""

from __future__ import annotations

import ast
import hashlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Revision:
    """An Alembic revision file: its id, what it rests on, and the source of its two functions."""

    id: str
    down: tuple[str, ...]
    source: str
    upgrade: tuple[int, int]
    downgrade: tuple[int, int]
    title: str


def parse_revision(source: str) -> Revision | None:
    """The revision that a module's source defines; None where it doesn't define one plainly."""
    try:
        module = ast.parse(source)
    except SyntaxError:
        return None
    values: dict[str, object] = {}
    bodies: dict[str, tuple[int, int]] = {}
    for node in module.body:
        target = _target(node)
        if target is not None and isinstance(node, ast.Assign | ast.AnnAssign) and node.value:
            try:
                values[target] = ast.literal_eval(node.value)
            except ValueError:
                continue
        elif isinstance(node, ast.FunctionDef) and node.end_lineno is not None:
            bodies[node.name] = (node.body[0].lineno, node.end_lineno)
    revision, down = values.get("revision"), values.get("down_revision")
    if not isinstance(revision, str) or not {"upgrade", "downgrade"} <= bodies.keys():
        return None
    parents = (down,) if isinstance(down, str) else tuple(down) if isinstance(down, tuple) else ()
    title = (ast.get_docstring(module) or revision).splitlines()[0]
    return Revision(
        revision, parents, source, bodies["upgrade"], bodies["downgrade"], title.rstrip(".")
    )


def inverse_revision(original: Revision, head: str) -> tuple[str, str]:
    """``(revision id, source)`` of a revision on ``head`` that does ``original`` backwards."""
    new = hashlib.sha256(f"revert {original.id} on {head}".encode()).hexdigest()[:12]
    lines = original.source.splitlines(keepends=True)
    # Swapping the two bodies is the same whichever function comes first.
    (first, first_end), (second, second_end) = sorted((original.upgrade, original.downgrade))
    swapped = (
        lines[: first - 1]
        + lines[second - 1 : second_end]
        + lines[first_end : second - 1]
        + lines[first - 1 : first_end]
        + lines[second_end:]
    )
    return new, _with_header("".join(swapped), original, new, head)


def _with_header(source: str, original: Revision, new: str, head: str) -> str:
    """``source`` with the docstring, the revision and the down_revision of the new one."""
    module = ast.parse(source)
    lines = source.splitlines(keepends=True)
    # From the last statement to the first, so that earlier positions stay true.
    for node in reversed(module.body):
        assert node.end_lineno is not None
        text = _header_line(node, original, new, head)
        if text is not None:
            lines[node.lineno - 1 : node.end_lineno] = [text + "\n"]
    return "".join(lines)


def _header_line(node: ast.stmt, original: Revision, new: str, head: str) -> str | None:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return f'"""Revert: {original.title}."""' if isinstance(node.value.value, str) else None
    target = _target(node)
    if target not in ("revision", "down_revision"):
        return None
    value = f'"{new if target == "revision" else head}"'
    if isinstance(node, ast.AnnAssign):
        annotation = ast.unparse(node.annotation)
        return f"{target}: {annotation} = {value}"
    return f"{target} = {value}"


def _target(node: ast.stmt) -> str | None:
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return node.target.id
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    return None
