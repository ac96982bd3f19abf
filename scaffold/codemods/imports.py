"""Imports of one name: which expressions reach it already, and where a new import belongs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scaffold.codemods.lines import Insertion
from scaffold.codemods.source import Scope, Source, blocks, definitions, dotted, holds, walk_scope

_SETUP_CALLS = ("load_dotenv", "patch_all", "apply", "setdefault", "filterwarnings", "basicConfig")
_SETUP_ROOTS = ("sys", "os", "site", "warnings", "dotenv", "nest_asyncio", "monkey")


@dataclass(frozen=True)
class Reached:
    """An expression that reaches the wanted name, and the import that makes it so.

    ``sure`` is False where only a package above the module is imported: then the expression
    works if something else imports the module.
    """

    expression: str
    statement: ast.Import | ast.ImportFrom
    alias: ast.alias
    sure: bool


def absolute(module: str, package: str) -> str:
    """``module`` with its leading dots resolved against the dotted ``package`` of its file."""
    name = module.lstrip(".")
    level = len(module) - len(name)
    if not level:
        return module
    parts = package.split(".") if package else []
    base = parts[: len(parts) - level + 1]
    return ".".join([*base, name] if name else base)


def module_of(statement: ast.ImportFrom, package: str) -> str:
    """The absolute module that a from-import names."""
    return absolute("." * statement.level + (statement.module or ""), package)


def top_imports(tree: ast.Module) -> Iterator[ast.Import | ast.ImportFrom]:
    """The imports that stand in the module's own block."""
    for statement in tree.body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            yield statement


def is_type_checking(test: ast.expr) -> bool:
    """Whether an ``if`` is only true for type checkers."""
    return (dotted(test) or "").rpartition(".")[2] == "TYPE_CHECKING"


def runtime_statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Every statement that can run, functions included; not those under TYPE_CHECKING."""
    for statement in body:
        yield statement
        if isinstance(statement, ast.If) and is_type_checking(statement.test):
            yield from runtime_statements(statement.orelse)
            continue
        for block in blocks(statement):
            yield from runtime_statements(block)


def reaching(source: Source, module: str, name: str, package: str) -> list[Reached]:
    """Every import that lets an expression reach ``name`` of the absolute ``module``."""
    found: list[Reached] = []
    wanted = f"{module}.{name}"
    for statement in runtime_statements(source.tree.body):
        if not isinstance(statement, ast.Import | ast.ImportFrom):
            continue
        base = module_of(statement, package) if isinstance(statement, ast.ImportFrom) else ""
        for alias in statement.names:
            imported = f"{base}.{alias.name}" if base else alias.name
            rest = _rest(imported, wanted)
            if rest is not None:
                sure = imported in (wanted, module)
                expression = (alias.asname or alias.name) + rest
                found.append(Reached(expression, statement, alias, sure))
    return found


def _rest(imported: str, wanted: str) -> str | None:
    """What must follow a name bound to ``imported`` to reach ``wanted``; None if it can't."""
    if imported == wanted:
        return ""
    return wanted[len(imported) :] if wanted.startswith(imported + ".") else None


def names_in(tree: ast.Module) -> set[str]:
    """Every identifier that the module binds, declares or reads, in whatever scope."""
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.arg(arg=name):
                found.add(name)
            case ast.alias(name=name, asname=asname):
                found.add((asname or name).split(".")[0])
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                found.add(name)
            case ast.ClassDef(name=name):
                found.add(name)
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
                found.add(name)
            case ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
                found.add(name)
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                found.update(names)
    return found


def free_name(wanted: str, taken: set[str]) -> str:
    """``wanted``, or it with the first free number."""
    if wanted not in taken:
        return wanted
    number = 2
    while f"{wanted}_{number}" in taken:
        number += 1
    return f"{wanted}_{number}"


def place_import(
    source: Source,
    module: str,
    package: str,
    first_party: Sequence[str],
    scope: Scope,
    anchor: ast.stmt | None,
) -> tuple[int, str, bool] | None:
    """Where an import of ``module`` goes: (offset, indentation, whether it opens a section).

    It goes into ``scope``, in front of its statement ``anchor`` (None: anywhere in it), among
    the imports of the same package in sorted place where those are sorted, else behind the last
    import of the project's own code, else behind the last import of all and whatever sets up
    the environment right after it. None when no line boundary offers itself.
    """
    body = before(scope.body, anchor)
    own = absolute(module, package)
    imports = [s for s in body if isinstance(s, ast.Import | ast.ImportFrom)]
    froms = [s for s in imports if isinstance(s, ast.ImportFrom) and s.module != "__future__"]
    parent = own.rpartition(".")[0]
    siblings = [s for s in froms if parent and _under(module_of(s, package), parent)]
    tops = {own.split(".")[0], *first_party}
    local = [s for s in froms if s.level or module_of(s, package).split(".")[0] in tops]
    for group in (siblings, local):
        place = _among(source, group, module)
        if place:
            return (*place, False)
    return _behind(source, body, imports, tops, scope)


def before(body: list[ast.stmt], anchor: ast.stmt | None) -> list[ast.stmt]:
    """The statements of a block in front of the one that holds ``anchor``."""
    if anchor is None:
        return body
    for index, statement in enumerate(body):
        if holds(statement, anchor):
            return body[:index]
    return body


def sort_key(module: str) -> tuple[int, list[str | int]]:
    """Where isort and ruff put a from-import among its section: distance, then natural order."""
    name = module.lstrip(".")
    parts = re.split(r"(\d+)", name.lower())
    return len(name) - len(module), [int(p) if p.isdigit() else p for p in parts]


def _written(statement: ast.ImportFrom) -> str:
    return "." * statement.level + (statement.module or "")


def _among(source: Source, group: list[ast.ImportFrom], module: str) -> tuple[int, str] | None:
    """The place among ``group``: sorted where it is sorted, else behind its last."""
    if not group:
        return None
    same = [s for s in group if bool(s.level) == module.startswith(".")]
    earlier = same or group
    keys = [sort_key(_written(s)) for s in same]
    if same and keys == sorted(keys):
        new = sort_key(module)
        earlier = [s for s, key in zip(same, keys, strict=True) if key <= new]
    if earlier:
        offset = source.after_line(earlier[-1])
        indent = source.indent(earlier[-1])
    else:
        offset = source.before_line(same[0])
        indent = source.indent(same[0])
    if offset is None or indent.strip():
        return None
    return offset, indent


def _under(module: str, parent: str) -> bool:
    return module == parent or module.startswith(parent + ".")


def _behind(
    source: Source,
    body: list[ast.stmt],
    imports: Sequence[ast.stmt],
    tops: set[str],
    scope: Scope,
) -> tuple[int, str, bool] | None:
    """The place behind all imports, guarded ones of our own code and environment set-up."""
    last = -1
    plain = 0
    for index, statement in enumerate(body):
        follows = index - last - 1 == plain
        if (
            statement in imports
            or _imports_own(statement, tops)
            or (index == 0 and _is_docstring(statement))
            or (follows and _is_setup(statement))
        ):
            last, plain = index, 0
        elif follows and isinstance(statement, ast.Assign | ast.AnnAssign | ast.Expr):
            plain += 1
    while last >= 0:
        offset = source.after_line(body[last])
        if offset is not None:
            return offset, "" if isinstance(scope, ast.Module) else source.indent(body[last]), True
        last += 1
        if last == len(body):
            return None
    if not scope.body and isinstance(scope, ast.Module):
        return len(source.text), "", False
    first = (body or scope.body)[0]
    offset = source.before_line(first)
    if not body and not isinstance(scope, ast.Module):
        return None
    return None if offset is None else (offset, source.indent(first), bool(body))


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _imports_own(statement: ast.stmt, tops: set[str]) -> bool:
    """Whether a try or if of the module block imports our own code (a sys.path fallback)."""
    if not isinstance(statement, ast.If | ast.Try | ast.With):
        return False
    if isinstance(statement, ast.If) and is_type_checking(statement.test):
        return False
    for node in walk_scope(statement):
        if isinstance(node, ast.ImportFrom) and (
            node.level or (node.module or "").split(".")[0] in tops
        ):
            return True
    return False


def _is_setup(statement: ast.stmt) -> bool:
    """Whether a statement prepares the process: ``sys.path``, environment, warnings, dotenv."""
    if any(isinstance(d, ast.stmt) for d in definitions([statement])):
        return False
    for node in walk_scope(statement):
        if isinstance(node, ast.Attribute) and ast.unparse(node) in ("sys.path", "os.environ"):
            return True
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func).split(".")
            if called[-1] in _SETUP_CALLS[:2] or (
                called[-1] in _SETUP_CALLS and called[0] in _SETUP_ROOTS
            ):
                return True
    return False


def import_line(module: str, name: str, alias: str) -> str:
    """The statement, on one line."""
    return f"from {module} import {name}" + (f" as {alias}" if alias != name else "")


def insertion_of(source: Source, place: tuple[int, str, bool], lines: Sequence[str]) -> Insertion:
    """The text of an import at ``place``, with the blank line that a new section needs."""
    offset, indent, section = place
    text = [indent + line if line else line for line in lines]
    if section and offset:
        text = ["", *text]
    return source.lines_at(offset, text)
