"""What an expression in a file refers to: a name of a module, imports and re-exports followed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from scaffold.codemods.imports import runtime_statements
from scaffold.codemods.source import Source, blocks
from scaffold.project.index import Index


@dataclass(frozen=True)
class Found:
    """A module-level ``name`` of ``path``; its file is parsed when the definition is asked for."""

    index: Index = field(repr=False, compare=False)
    path: str
    name: str

    @property
    def statement(self) -> ast.stmt | None:
        """The last statement that defines the name; None if a closer look finds none."""
        bound = (names_of(self.index, self.path) or {}).get(self.name, [])
        return next((b for b in reversed(bound) if isinstance(b, ast.stmt)), None)


@dataclass(frozen=True)
class Imported:
    """A name that an import binds: ``name`` of the module (None: the module itself)."""

    level: int
    module: str
    name: str | None


Names = dict[str, list[Imported | ast.stmt]]
"""For each name of a module, what binds it, in order; ``*`` holds its star imports."""


def names_of(index: Index, path: str) -> Names | None:
    """What binds each name of a file, read once; None when it can't be parsed."""
    return index.fact(("names", path), lambda: _names(index.source(path)))


def _names(source: Source | None) -> Names | None:
    if source is None:
        return None
    found: Names = {}
    for statement in runtime_statements(source.tree.body):
        if isinstance(statement, ast.ImportFrom):
            for alias in statement.names:
                bound = Imported(statement.level, statement.module or "", alias.name)
                found.setdefault(alias.asname or alias.name, []).append(bound)
        elif isinstance(statement, ast.Import):
            for alias in statement.names:
                name = alias.asname or alias.name.split(".")[0]
                module = alias.name if alias.asname else name
                found.setdefault(name, []).append(Imported(0, module, None))
    for statement in module_statements(source.tree.body):
        for name in defined(statement):
            found.setdefault(name, []).append(statement)
    return found


def refer(index: Index, path: str, expression: str, depth: int = 8) -> Found | None:
    """What the dotted ``expression`` means in ``path``; None if that can't be followed."""
    root, _, rest = expression.partition(".")
    if not rest and not index.known(("names", path)) and _defines(index, path, root):
        return Found(index, path, root)
    names = names_of(index, path)
    if not names or depth == 0:
        return None
    best: Found | None = None
    for bound in names.get(root, ()):
        if isinstance(bound, Imported):
            best = _through(index, path, bound, rest, depth) or best
        elif not rest:
            best = Found(index, path, root)
    if best is None:
        for star in names.get("*", ()):
            if isinstance(star, Imported):
                best = _through(index, path, Imported(star.level, star.module, root), rest, depth)
    return best


def _defines(index: Index, path: str, name: str) -> bool:
    """Whether a file's bytes plainly define a name at the module's own level, unparsed."""
    pattern = rf"^(?:{re.escape(name)}[ \t]*(?::[^=\r\n]*)?=[^=]|(?:async[ \t]+)?def[ \t]+{re.escape(name)}\b|class[ \t]+{re.escape(name)}\b)"
    return re.search(pattern.encode(), index.tree.read(path) or b"", re.MULTILINE) is not None


def _through(index: Index, path: str, bound: Imported, rest: str, depth: int) -> Found | None:
    """What ``rest`` means behind an imported name: in a submodule first, else by that name."""
    if bound.name is None:
        return _in_module(index, path, bound.module, rest, depth) if rest else None
    if rest:
        dotted = f"{bound.module}.{bound.name}".lstrip(".")
        found = _in_module(index, path, dotted, rest, depth, bound.level)
        if found is not None:
            return found
    target = index.resolve(path, bound.level, bound.module)
    expression = f"{bound.name}.{rest}" if rest else bound.name
    return refer(index, target, expression, depth - 1) if target else None


def _in_module(
    index: Index, path: str, module: str, rest: str, depth: int, level: int = 0
) -> Found | None:
    """``rest`` below ``module``, where the longest prefix that is a module wins."""
    parts = rest.split(".")
    for length in range(len(parts) - 1, -1, -1):
        target = index.resolve(path, level, ".".join([module, *parts[:length]]))
        if target is not None:
            return refer(index, target, ".".join(parts[length:]), depth - 1)
    return None


def defined(statement: ast.stmt) -> set[str]:
    """The names that a statement of a module defines (imports left out)."""
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            return {name}
        case ast.ClassDef(name=name):
            return {name}
        case ast.Assign(targets=targets):
            return {n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)}
        case ast.AnnAssign(target=ast.Name(id=name), value=value) if value is not None:
            return {name}
    return set()


def module_statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """A module's statements and those of its if, try and with blocks."""
    for statement in body:
        yield statement
        if isinstance(statement, ast.If | ast.Try | ast.With):
            for block in blocks(statement):
                yield from module_statements(block)
