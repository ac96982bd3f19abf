"""The static proof: a patched module is the old one plus a live import and a live include.

It shares no decision with the codemod: ast reads the result afresh, and in the tests LibCST takes the
new statements out again, which must leave the old file.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from scaffold.codemods import imports
from scaffold.codemods.lines import LINE_END
from scaffold.codemods.outcome import Cannot
from scaffold.codemods.routes import claims, served, takes
from scaffold.codemods.source import Source, blocks, dotted, find_scope, read_source, walk_scope

if TYPE_CHECKING:
    import libcst

Chain = tuple[tuple[ast.AST, list[ast.stmt], int], ...]
"""From the module down to a statement: the owner of each block, the block, the index in it."""


def check_patched(old: bytes, new: bytes, **arguments: Any) -> str | None:
    """Why ``new`` is not surely right, or None: what ``prove`` checks, and that without the two
    statements it is the old file again, by LibCST (whose import takes longer than all the rest).
    """
    reason = prove(old, new, **arguments)
    if reason is not None:
        return reason
    source, was = read_source(new), read_source(old)
    assert isinstance(source, Source) and isinstance(was, Source)
    package, target, call = (arguments.get(k, d) for k, d in _DEFAULTS.items())
    own = imports.absolute(arguments["module"], package)
    reached = imports.reaching(source, own, arguments.get("name", "router"), package)
    expressions = {r.expression for r in reached if r.sure}
    included = {_included(c, target, call) for c in _chains(source.tree)}
    (expression,) = expressions & included
    return _taken_out(was, source, own, package, expression, target, call)


_ROUTER = "router_to_be"
_DEFAULTS = {"package": "", "target": "app", "call": ""}


def prove(
    old: bytes,
    new: bytes,
    *,
    module: str,
    name: str = "router",
    package: str = "",
    target: str = "app",
    call: str = "",
    scope: str = "",
    path: str = "",
    before: Sequence[str] = (),
    **_: object,
) -> str | None:
    """Why ``new`` is not surely right, or None when it is proven.

    Takes the arguments of ``include_router``. Checked: only whole lines were added; it parses
    and compiles; the router is imported at run time, under a name nothing else binds, before it
    is used; exactly one statement includes it, in the right scope, not behind a return, not in a
    branch, not after a route or mount that takes its path.
    """
    source, was = read_source(new), read_source(old)
    if isinstance(source, Cannot) or isinstance(was, Cannot):
        return "it does not parse"
    if not only_adds_lines(was.text, source.text):
        return "more than whole lines was changed"
    if not _compiles(source.tree):
        return "it does not compile"
    own = imports.absolute(module, package)
    reached = [r for r in imports.reaching(source, own, name, package) if r.sure]
    expressions = {r.expression for r in reached}
    uses = [c for c in _chains(source.tree) if _included(c, target, call) in expressions]
    reasons = [_living(source, use, target, scope) for use in uses]
    alive = [use for use, reason in zip(uses, reasons, strict=True) if reason is None]
    if len(alive) != 1:
        return reasons[0] if len(uses) == 1 else f"{len(alive)} live statements include the router"
    (use,) = alive
    expression = _included(use, target, call) or ""
    brought = [r for r in reached if r.expression == expression]
    return (
        _bound_once(source, was, expression, brought)
        or _bound_before(source, use, brought)
        or _unshadowed(use, target, served(path) if path else (), before)
    )


def only_adds_lines(old: str, new: str) -> bool:
    """Whether every line of ``old`` stands in ``new``, in order, line ends included.

    A last line without an end may get one, when lines come behind it and the text still has none.
    """
    rest = iter(new.splitlines(keepends=True))
    lines = old.splitlines(keepends=True)
    if not lines:
        return True
    if lines[-1].endswith(("\n", "\r")) != new.endswith(("\n", "\r")):
        return False
    *lines, last = lines
    return all(any(line == other for other in rest) for line in lines) and any(
        other in (last, last + "\n", last + "\r\n", last + "\r") for other in rest
    )


def _compiles(tree: ast.Module) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(tree, "<patched>", "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
    return True


def _chains(tree: ast.Module) -> list[Chain]:
    """The chain of every simple statement."""
    found: list[Chain] = []

    def descend(owner: ast.AST, block: list[ast.stmt], above: Chain) -> None:
        for index, statement in enumerate(block):
            chain = (*above, (owner, block, index))
            inner = list(blocks(statement))
            if not inner:
                found.append(chain)
            for below in inner:
                descend(statement, below, chain)

    descend(tree, tree.body, ())
    return found


def _statement(chain: Chain) -> ast.stmt:
    _, block, index = chain[-1]
    return block[index]


def _included(chain: Chain, target: str, helper: str) -> str | None:
    """The router that a statement includes in the target: by its method, or by a helper's call."""
    statement = _statement(chain)
    if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)):
        return None
    call = statement.value
    if helper:
        template = ast.parse(helper.replace("{}", _ROUTER), mode="eval").body
        return _fills(call, template) or None
    if dotted(call.func) == f"{target}.include_router":
        values = [*call.args[:1], *(k.value for k in call.keywords if k.arg == "router")]
        return dotted(values[0]) if values else None
    return None


def _fills(call: ast.AST, helper: ast.AST) -> str | None:
    """What stands in ``call`` where ``helper`` has the router; None if they differ elsewhere."""
    if isinstance(helper, ast.Name) and helper.id == _ROUTER:
        return dotted(call)
    if type(call) is not type(helper):
        return None
    found: str | None = ""
    for mine, theirs in zip(_parts(call), _parts(helper), strict=False):
        if isinstance(mine, ast.AST) and isinstance(theirs, ast.AST):
            inner = _fills(mine, theirs)
            if inner is None:
                return None
            found = inner or found
        elif mine != theirs:
            return None
    return found if len(_parts(call)) == len(_parts(helper)) else None


def _parts(node: ast.AST) -> list[object]:
    """The fields of a node in order, lists flattened; where it stands is left out."""
    found: list[object] = []
    for _, value in ast.iter_fields(node):
        found += [len(value), *value] if isinstance(value, list) else [value]
    return found


def _bound_once(
    source: Source, was: Source, expression: str, brought: list[imports.Reached]
) -> str | None:
    """The new name must be bound by its import alone, unless the old file imported it."""
    root = expression.split(".")[0]
    if len(brought) != 1:
        return f"{root} is imported {len(brought)} times"
    added = ast.unparse(brought[0].statement) not in {
        ast.unparse(n) for n in ast.walk(was.tree) if isinstance(n, ast.Import | ast.ImportFrom)
    }
    if added and root in imports.names_in(was.tree):
        return f"{root} had another meaning"
    return None


def _bound_before(source: Source, use: Chain, brought: list[imports.Reached]) -> str | None:
    """The import must have run when the include does."""
    holder = brought[0].statement
    chains = [c for c in _chains(source.tree) if _statement(c) is holder]
    if not chains:
        return "the import is not a statement of its own"
    chain = chains[0]
    if any(
        isinstance(owner, ast.If) and owner not in [o for o, _, _ in use] for owner, _, _ in chain
    ):
        return "the import stands in a branch"
    functions = [o for o, _, _ in chain if isinstance(o, ast.FunctionDef | ast.AsyncFunctionDef)]
    if any(f not in [o for o, _, _ in use] for f in functions):
        return "the import stands in another function"
    top = use[0][1][use[0][2]]
    last = top if len(chain) == 1 and len(use) > 1 else _statement(use)
    return None if holder.lineno < last.lineno else "the import comes after its use"


def _living(source: Source, use: Chain, target: str, scope: str) -> str | None:
    """The include must run whenever its scope does."""
    scopes = find_scope(source.tree, scope)
    owners = [owner for owner, _, _ in use]
    if len(scopes) != 1 or scopes[0] not in owners:
        return f"the include is not in {scope or 'the module'}"
    inside = use[owners.index(scopes[0]) :]
    for owner, block, index in inside:
        if any(_leaves(s) for s in block[:index]):
            return "the include stands behind a return"
        if owner is scopes[0] or isinstance(owner, ast.With | ast.AsyncWith):
            continue
        if isinstance(owner, ast.Try) and block is owner.body:
            continue
        if isinstance(owner, ast.If) and _binds(block[:index], target):
            continue
        return f"the include stands in a branch or loop of line {getattr(owner, 'lineno', 0)}"
    _, block, index = use[-1]
    root = target.split(".")[0]
    if isinstance(scopes[0], ast.Module) and not any(_binds(b[:i], root) for _, b, i in inside):
        return f"{target} is not bound yet"
    for _, block, index in inside:
        for later in block[index + 1 :]:
            if _makes(later, target):
                return f"line {later.lineno} makes {target} again, without the include"
    return None


def _leaves(statement: ast.stmt) -> bool:
    """Whether control never passes a statement."""
    if isinstance(statement, ast.Return | ast.Raise | ast.Break | ast.Continue):
        return True
    if isinstance(statement, ast.If):
        return all(any(map(_leaves, block)) for block in (statement.body, statement.orelse))
    if isinstance(statement, ast.With | ast.AsyncWith):
        return any(map(_leaves, statement.body))
    if isinstance(statement, ast.Try):
        ways = [[*statement.body, *statement.orelse], *(h.body for h in statement.handlers)]
        last = any(map(_leaves, statement.finalbody))
        return last or all(any(map(_leaves, block)) for block in ways)
    return False


def _makes(statement: ast.stmt, target: str) -> bool:
    """Whether a statement binds the target to something that isn't made of what it was."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return statement.name == target
    named = [n for n in walk_scope(statement) if isinstance(n, ast.Name | ast.Attribute)]
    mine = [n.ctx for n in named if dotted(n) == target]
    return any(isinstance(c, ast.Store) for c in mine) and not any(
        isinstance(c, ast.Load) for c in mine
    )


def _binds(statements: Sequence[ast.stmt], name: str) -> bool:
    for statement in statements:
        for node in ast.walk(statement):
            if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
                if dotted(node) == name:
                    return True
            elif isinstance(node, ast.alias):
                if (node.asname or node.name).split(".")[0] == name:
                    return True
            elif isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name:
                return True
    return False


def _unshadowed(use: Chain, target: str, paths: Sequence[str], before: Sequence[str]) -> str | None:
    """Nothing registered earlier in the same scope may take the router's paths."""
    urls = paths or ("/scaffold", "/scaffold/1")
    for _, block, index in use:
        for statement in block[:index]:
            inner = [statement]
            while inner:
                one = inner.pop()
                inner += [s for b in blocks(one) for s in b]
                for template, mount in claims(one, target):
                    if takes(template, urls, mount=mount):
                        return f"{template!r} of line {one.lineno} would answer first"
                if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Call)):
                    continue
                arguments = [ast.unparse(a) for a in one.value.args[:1]]
                called = dotted(one.value.func) or ""
                if called.endswith(".include_router") and target in arguments:
                    return f"line {one.lineno} has taken over what {target} holds"
                if called in before or (
                    called == f"{target}.include_router" and set(arguments) & set(before)
                ):
                    return f"what line {one.lineno} registers would answer first"
    return None


def _taken_out(
    was: Source, source: Source, own: str, package: str, expression: str, target: str, helper: str
) -> str | None:
    """With LibCST: the new file without the two statements must be the old one."""
    import libcst

    try:
        text = LINE_END.sub("\n", source.text)  # line ends are proven; LibCST loses a lone CR
        tree = libcst.parse_module(text)
    except (libcst.ParserSyntaxError, RecursionError) as error:
        return f"LibCST does not parse it: {type(error).__name__}"
    imported = {
        ast.unparse(n) for n in ast.walk(was.tree) if isinstance(n, ast.Import | ast.ImportFrom)
    }

    def is_new(line: libcst.SimpleStatementLine) -> bool:
        if not _mentions(line, expression):
            return False
        code = libcst.Module([line.with_changes(leading_lines=())]).code
        statement = ast.parse(code.strip()).body[0]
        if isinstance(statement, ast.ImportFrom):
            fresh = ast.unparse(statement) not in imported
            return fresh and own in _reachable(statement, package)
        block = [statement]
        return _included(((ast.Module(block, []), block, 0),), target, helper) == expression

    left = libcst.ensure_type(tree.visit(_remover(is_new)), libcst.Module)
    if _solid(left.code) != _solid(LINE_END.sub("\n", was.text)):
        return "more than the import and the include was added"
    return None


def _mentions(line: libcst.SimpleStatementLine, expression: str) -> bool:
    """Whether a line may import or include ``expression``: cheap, for files of a thousand lines."""
    import libcst
    from libcst.helpers import get_full_name_for_node

    (only, *_) = line.body
    if isinstance(only, libcst.ImportFrom) and not isinstance(only.names, libcst.ImportStar):
        names = {a.evaluated_alias or a.evaluated_name for a in only.names}
        return expression.split(".")[0] in names
    if isinstance(only, libcst.Expr) and isinstance(only.value, libcst.Call):
        return any(get_full_name_for_node(a.value) == expression for a in only.value.args)
    return False


def _reachable(statement: ast.ImportFrom, package: str) -> set[str]:
    base = imports.module_of(statement, package)
    return {base, *(f"{base}.{alias.name}" for alias in statement.names)}


def _solid(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip()]


def _remover(is_new: Callable[[libcst.SimpleStatementLine], bool]) -> libcst.CSTTransformer:
    """A transformer that takes out the lines that ``is_new`` picks, not the comments above them."""
    import libcst

    def without(body: Sequence[libcst.CSTNode]) -> list[libcst.CSTNode]:
        kept: list[libcst.CSTNode] = []
        above: list[libcst.EmptyLine] = []
        for statement in body:
            if isinstance(statement, libcst.SimpleStatementLine) and is_new(statement):
                above += statement.leading_lines
                continue
            lines = getattr(statement, "leading_lines", ())
            kept.append(statement.with_changes(leading_lines=[*above, *lines]))
            above = []
        return kept

    class Remover(libcst.CSTTransformer):
        def visit_SimpleStatementLine(self, node: libcst.SimpleStatementLine) -> bool:
            return False  # LibCST's own naming; nothing inside a line is looked at

        def leave_IndentedBlock(
            self, original_node: libcst.IndentedBlock, updated_node: libcst.IndentedBlock
        ) -> libcst.IndentedBlock:
            return updated_node.with_changes(body=without(updated_node.body))

        def leave_Module(
            self, original_node: libcst.Module, updated_node: libcst.Module
        ) -> libcst.Module:
            return updated_node.with_changes(body=without(updated_node.body))

    return Remover()
