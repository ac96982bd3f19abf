"""Where a repository keeps its users: the tables of people who have a password, or are called so."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from scaffold.project.index import Evidence, Index, is_aside

NAMES = ("Account", "User")
_PASSWORD = "passw"


def read_users(index: Index) -> tuple[Evidence, ...]:
    """The models of users, by path and line; tests and samples are no evidence."""
    paths = {
        path for needle in (b"__tablename__", b"table=True") for path in _holding(index, needle)
    }
    return tuple(
        evidence
        for path in sorted(paths)
        if not is_aside(path) and (source := index.source(path)) is not None
        for evidence in _models(path, source.tree)
    )


def _holding(index: Index, needle: bytes) -> Iterator[str]:
    return (path for path, _ in index.containing(needle))


def _models(path: str, tree: ast.Module) -> Iterator[Evidence]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and _is_table(node) and _is_of_users(node):
            yield Evidence(path, node.lineno, f"class {node.name}")


def _is_table(node: ast.ClassDef) -> bool:
    """Whether it has a table by itself: what it inherits one from isn't known here."""
    if any(k.arg == "table" and _is_true(k.value) for k in node.keywords):
        return True
    return "__tablename__" in _assigned(node)


def _is_true(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


def _is_of_users(node: ast.ClassDef) -> bool:
    return node.name in NAMES or any(_PASSWORD in name for name in _assigned(node))


def _assigned(node: ast.ClassDef) -> set[str]:
    """What is set in the body of a class."""
    targets: list[ast.expr] = []
    for statement in node.body:
        if isinstance(statement, ast.AnnAssign):
            targets.append(statement.target)
        elif isinstance(statement, ast.Assign):
            targets += statement.targets
    return {target.id for target in targets if isinstance(target, ast.Name)}
