"""An async context manager entered in the application's lifespan function, around its yield."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scaffold.codemods import imports
from scaffold.codemods.joined import Edit, blocks_of, join, joinable, unimport, without_import
from scaffold.codemods.lines import LINE_END, line_end_near, line_start, next_line
from scaffold.codemods.lines import rows as rows_of
from scaffold.codemods.outcome import Already, Cannot, Outcome, Patched
from scaffold.codemods.pasted import put_in, refuse_in
from scaffold.codemods.source import (
    FunctionNode,
    Source,
    dotted,
    find_scope,
    parse,
    read_source,
    walk_scope,
)
from scaffold.codemods.wanted import Wanted

_OPENING = re.compile(r"async with[ \t]*\([ \t]*(#[^\r\n]*)?\s*")
_TAIL = re.compile(r",?[ \t]*(#.*)?")
_COLON = re.compile(r"(?:[\s,)]|#[^\r\n]*)*:")


@dataclass(frozen=True)
class Yield:
    """The one yield of a lifespan function: its statement, and the block and owner of that."""

    statement: ast.Expr
    block: list[ast.stmt]
    owner: ast.AST


def enter_lifespan(
    content: bytes,
    *,
    module: str,
    name: str,
    function: str = "lifespan",
    package: str = "",
    first_party: Sequence[str] = (),
    line_length: int = 88,
) -> Outcome:
    """Enter ``name(app)`` of ``module`` around the yield of a lifespan function.

    It joins the ``async with`` that the yield is alone in, sorted among others of its kind, or
    gets one of its own. ``function`` is the qualified name; its first parameter is the
    application. Already when the file enters it, or hands it on, in whatever way.
    """
    source = read_source(content)
    if isinstance(source, Cannot):
        return source
    own = imports.absolute(module, package)
    line = entered_at(source, own, name, package)
    if line:
        return Already(line)
    wanted = Wanted(module, name, name, "", package=package)
    found = _only_yield(source, function)
    if isinstance(found, Cannot):
        return _by_hand(source, wanted, function, found.reason, found.line)
    node, place = found
    expression, brought = _import(source, module, name, package, first_party, node, line_length)
    if expression is None:
        return _by_hand(source, wanted, function, "no line of its own to import it on", node.lineno)
    entry = f"{expression}({_parameter(function, node)})"
    edits = _joined(source, place, entry, line_length) or _wrapped(source, node, place, entry)
    if edits is None:
        line = place.statement.lineno
        return _by_hand(source, wanted, function, "its yield shares a line with others", line)
    new = source.replace([*brought, *edits])
    wrong = _unproven(source, new, function, entry, name if brought else "")
    return _by_hand(source, wanted, function, wrong, node.lineno) if wrong else Patched(new)


def leave_lifespan(
    content: bytes, *, module: str, name: str, package: str = "", line_length: int = 88
) -> Outcome:
    """Take ``name(app)`` out of the ``async with`` that enters it: the inverse by meaning.

    Cannot when it is bound to a name, or used for anything else.
    """
    source = read_source(content)
    if isinstance(source, Cannot):
        return source
    reached = imports.reaching(source, imports.absolute(module, package), name, package)
    if not reached:
        return Already()
    (first, *more) = reached
    if more:
        return Cannot("its import stands there twice", more[0].statement.lineno)
    entered = list(_entered(source.tree, first.expression))
    root = first.expression.split(".")[0]
    uses = [n for n in ast.walk(source.tree) if isinstance(n, ast.Name) and n.id == root]
    if len(uses) != len(entered) or len(entered) > 1:
        return Cannot("it is used for more than one lifespan", uses[0].lineno if uses else None)
    edits = unimport(source, first.statement, first.alias, line_length)
    if edits is None:
        return Cannot("its import shares a line", first.statement.lineno)
    for holder, item in entered:
        left = _without(source, holder, item)
        if left is None:
            return Cannot("its async with is laid out in no usual way", holder.lineno)
        edits += left
    return Patched(source.replace(edits))


def relay_lifespan(content: bytes, removed: bytes) -> bytes:
    """``content`` with an ``async with`` laid out as in ``removed``, where both enter the same.

    An entry made several lines of one, and was taken out while another one needed the lines.
    """
    source = read_source(content)
    earlier = read_source(removed.strip() + b" pass\n")
    if isinstance(source, Cannot) or isinstance(earlier, Cannot):
        return content
    match earlier.tree.body:
        case [ast.AsyncWith(items=wanted) as header]:
            same = [
                node
                for node in ast.walk(source.tree)
                if isinstance(node, ast.AsyncWith)
                and [ast.dump(i) for i in node.items] == [ast.dump(i) for i in wanted]
            ]
            if len(same) == 1:
                text = earlier.text[earlier.start(header) : _header_end(earlier, header)]
                span = source.start(same[0]), _header_end(source, same[0])
                return source.replace([(*span, text)])
    return content


def entered_at(source: Source, module: str, name: str, package: str = "") -> int | None:
    """The line at which ``name`` of the absolute ``module`` is called or handed on, if any."""
    expressions = {r.expression for r in imports.reaching(source, module, name, package)}
    for node in ast.walk(source.tree) if expressions else ():
        if isinstance(node, ast.Call):
            handed = [node.func, *node.args, *(k.value for k in node.keywords)]
            if any(dotted(value) in expressions for value in handed):
                return node.lineno
    return None


def followable(function: FunctionNode) -> bool:
    """Whether a function is a lifespan into which another can be entered."""
    return (
        isinstance(function, ast.AsyncFunctionDef)
        and bool(function.args.args)
        and all(
            (dotted(d) or "").rpartition(".")[2] == "asynccontextmanager"
            for d in function.decorator_list
        )
        and isinstance(_yield_of(function), Yield)
    )


# -- the place


def _parameter(qualname: str, function: FunctionNode) -> str:
    """The name of the application: the first parameter, behind ``self`` in a method."""
    names = [a.arg for a in function.args.args]
    return names[1] if "." in qualname and names[0] in ("self", "cls") and names[1:] else names[0]


def _only_yield(source: Source, qualname: str) -> tuple[FunctionNode, Yield] | Cannot:
    scopes = [s for s in find_scope(source.tree, qualname) if not isinstance(s, ast.Module)]
    functions = [s for s in scopes if isinstance(s, ast.AsyncFunctionDef)]
    if len(functions) != 1 or not functions[0].args.args:
        return Cannot(f"there is no single async function {qualname} that takes the application")
    found = _yield_of(functions[0])
    return found if isinstance(found, Cannot) else (functions[0], found)


def _yield_of(function: FunctionNode) -> Yield | Cannot:
    """The yield, if there is one and it surely runs: in no branch, loop or handler."""
    yields = [n for n in walk_scope(function) if isinstance(n, ast.Yield | ast.YieldFrom)]
    if len(yields) != 1:
        return Cannot(f"{function.name} yields at {len(yields)} places", function.lineno)
    for place in _yields(function, function.body):
        if place.statement.value is yields[0]:
            return place
    return Cannot("its yield stands in a branch, a loop or an expression", yields[0].lineno)


def _yields(owner: ast.AST, block: list[ast.stmt]) -> Iterator[Yield]:
    for statement in block:
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Yield):
            yield Yield(statement, block, owner)
        elif isinstance(statement, ast.With | ast.AsyncWith | ast.Try):
            yield from _yields(statement, statement.body)


def _import(
    source: Source,
    module: str,
    name: str,
    package: str,
    first_party: Sequence[str],
    function: FunctionNode,
    line_length: int,
) -> tuple[str | None, list[Edit]]:
    """The expression that means ``name`` in the function, and what brings it there."""
    own = imports.absolute(module, package)
    for reached in imports.reaching(source, own, name, package):
        if reached.sure and reached.statement in source.tree.body:
            return reached.expression, []
    expression = imports.free_name(name, imports.names_in(source.tree))
    beside = joinable(source, own, package, function)
    joined = join(source, beside, name, expression, line_length) if beside else None
    if joined:
        return expression, joined
    place = imports.place_import(source, module, package, first_party, source.tree, function)
    if place is None:
        return None, []
    line = imports.import_line(module, name, expression)
    insertion = imports.insertion_of(source, place, [line])
    return expression, [(insertion.offset, insertion.offset, insertion.text)]


# -- the text


def _joined(source: Source, place: Yield, entry: str, line_length: int) -> list[Edit] | None:
    """The entry as one more item of the ``async with`` that the yield is alone in."""
    holder = place.owner
    if not isinstance(holder, ast.AsyncWith) or holder.body != [place.statement]:
        return None
    position = _position(holder.items, entry)
    lines = _lines_of(source, holder)
    if lines is not None:
        return _one_line_more(source, holder, position, entry)
    start, colon = source.start(holder), _header_end(source, holder)
    header = source.text[start:colon]
    if LINE_END.search(header) or "\\" in header:
        return None
    items = [_item_code(source, item) for item in holder.items]
    items.insert(position, entry)
    return [(start, colon, _laid_out(source, holder, items, line_length))]


def _position(items: Sequence[ast.withitem], entry: str) -> int:
    """The index among the last items of the same kind: sorted where they are sorted."""
    end = len(items)
    begin = end
    while begin and _kind(items[begin - 1]):
        begin -= 1
    keys = [_kind(item) for item in items[begin:]]
    if keys != sorted(keys):
        return end
    return begin + sum(key <= entry for key in keys)


def _kind(item: ast.withitem) -> str:
    """``name(app)`` for an item of the kind that is put in here, else ""."""
    match item:
        case ast.withitem(ast.Call(func, [ast.Name()], []), None) if dotted(func):
            return ast.unparse(item.context_expr)
    return ""


def _laid_out(source: Source, holder: ast.AsyncWith, items: list[str], line_length: int) -> str:
    """The header, without its colon, as a formatter would lay it out."""
    indent = source.indent(holder)
    line = f"async with {', '.join(items)}"
    if len(indent.expandtabs(4)) + len(line) + 1 <= line_length:
        return line
    unit = _unit(source, holder)
    ending = line_end_near(source.text, source.start(holder))
    rows = [f"{indent}{unit}{item}," for item in items]
    return ending.join(["async with (", *rows, f"{indent})"])


def _wrapped(source: Source, function: FunctionNode, place: Yield, entry: str) -> list[Edit] | None:
    """The yield inside an ``async with`` of its own."""
    statement = place.statement
    start, end = source.before_line(statement), source.after_line(statement)
    if start is None or end is None:
        return None
    indent, unit = source.indent(statement), _unit(source, function)
    ending = line_end_near(source.text, start)
    inner = _indented(source, start, end, unit, [statement])
    return [(start, end, f"{indent}async with {entry}:{ending}{inner}")]


def _one_line_more(
    source: Source, holder: ast.AsyncWith, position: int, entry: str
) -> list[Edit] | None:
    """A line of its own in a header that has each item on one."""
    lines = _lines_of(source, holder)
    if lines is None:
        return None
    ending = line_end_near(source.text, lines[0][0])
    row = f"{source.indent(holder)}{_unit(source, holder)}{entry},{ending}"
    if position < len(lines):
        return [(lines[position][0], lines[position][0], row)]
    end = lines[-1][1]
    behind = _item_span(source, holder.items[-1])[1]
    comma = [] if source.text[behind:end].startswith(",") else [(behind, behind, ",")]
    return [*comma, (end, end, row)]


def _without(source: Source, holder: ast.AsyncWith, item: ast.withitem) -> list[Edit] | None:
    """The edits that take an item out, and the whole ``async with`` when it is the only one."""
    index = holder.items.index(item)
    rest = [i for i in holder.items if i is not item]
    if not rest:
        return _unwrapped(source, holder)
    start, colon = source.start(holder), _header_end(source, holder)
    lines = _lines_of(source, holder)
    if lines is not None and len(rest) > 1:
        return [(*lines[index], "")]
    if lines is None and LINE_END.search(source.text[start:colon]):
        return None
    codes = [_item_code(source, i) for i in rest]
    return [(start, colon, f"async with {', '.join(codes)}")]


def _unwrapped(source: Source, holder: ast.AsyncWith) -> list[Edit] | None:
    """The body of an ``async with`` one level further out."""
    start = source.before_line(holder)
    first, end = source.before_line(holder.body[0]), source.after_line(holder.body[-1])
    if start is None or first is None or end is None or any(map(_has_long_string, holder.body)):
        return None
    unit = _unit(source, holder)
    rows = rows_of(source.text[first:end])
    return [(start, end, "".join(row.removeprefix(unit) for row in rows))]


def _lines_of(source: Source, holder: ast.AsyncWith) -> list[tuple[int, int]] | None:
    """The line of each item, when the header is ``async with (``, one line an item, ``):``."""
    found: list[tuple[int, int]] = []
    done = source.start(holder)
    for item in holder.items:
        start, end = _item_span(source, item)
        begin, behind = line_start(source.text, start), next_line(source.text, end)
        tail = source.text[end:behind].strip()
        if begin <= done or source.text[begin:start].strip() or not _TAIL.fullmatch(tail):
            return None
        found.append((begin, behind))
        done = behind - 1
    opening = source.text[source.start(holder) : found[0][0]]
    closing = source.text[found[-1][1] : _header_end(source, holder)]
    return found if _OPENING.fullmatch(opening) and closing.strip() == ")" else None


def _item_span(source: Source, item: ast.withitem) -> tuple[int, int]:
    return source.start(item.context_expr), source.end(item.optional_vars or item.context_expr)


def _item_code(source: Source, item: ast.withitem) -> str:
    start, end = _item_span(source, item)
    return source.text[start:end]


def _header_end(source: Source, holder: ast.AsyncWith) -> int:
    """The offset of the colon behind the items."""
    match = _COLON.match(source.text, _item_span(source, holder.items[-1])[1])
    return match.end() - 1 if match else source.start(holder.body[0])


def _unit(source: Source, outer: ast.stmt) -> str:
    """One step of indentation, as the block of ``outer`` has it."""
    inner = getattr(outer, "body", [outer])[0]
    return source.indent(inner).removeprefix(source.indent(outer)) or "    "


def _indented(
    source: Source, start: int, end: int, unit: str, statements: Sequence[ast.stmt]
) -> str:
    """Whole lines one step further in; those that a string runs over stay as they are."""
    inside = {
        number
        for statement in statements
        for node in ast.walk(statement)
        if isinstance(node, ast.Constant | ast.JoinedStr)
        for number in range(node.lineno + 1, (node.end_lineno or node.lineno) + 1)
    }
    number = source.line_at(start)
    rows = rows_of(source.text[start:end])
    return "".join(
        row if at in inside or not row.strip() else unit + row
        for at, row in enumerate(rows, number)
    )


def _has_long_string(statement: ast.stmt) -> bool:
    """Whether a string runs over several lines: it would change with the indentation."""
    return any(
        isinstance(node, ast.Constant | ast.JoinedStr) and node.end_lineno != node.lineno
        for node in ast.walk(statement)
    )


# -- the proof, and the refusal


def _unproven(source: Source, new: bytes, function: str, entry: str, imported: str) -> str | None:
    """Why the new file isn't the old one plus the import and the entry; None when it is."""
    try:
        tree = parse(new)
    except SyntaxError:
        return "it would not parse"
    if imported and not without_import(source.tree, tree, imported):
        return "more than one import would change"
    found = [s for s in find_scope(tree, function) if isinstance(s, ast.AsyncFunctionDef)]
    place = _yield_of(found[0]) if len(found) == 1 else None
    holder = place.owner if isinstance(place, Yield) else None
    if not isinstance(place, Yield) or not isinstance(holder, ast.AsyncWith):
        return "it would not be entered around the yield"
    ours = [item for item in holder.items if _kind(item) == entry]
    if len(ours) != 1:
        return "it would not be entered once"
    holder.items.remove(ours[0])
    if not holder.items:
        _replace(tree, holder, place.statement)
    same = ast.dump(tree) == ast.dump(source.tree)
    return None if same else "more than the import and the entry would change"


def _replace(tree: ast.Module, old: ast.stmt, new: ast.stmt) -> None:
    for node in ast.walk(tree):
        for block in blocks_of(node):
            if old in block:
                block[block.index(old)] = new


def _entered(tree: ast.Module, expression: str) -> Iterator[tuple[ast.AsyncWith, ast.withitem]]:
    """Every ``async with`` that enters ``expression(app)`` without binding it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.AsyncWith):
            for item in node.items:
                if _kind(item).startswith(f"{expression}("):
                    yield node, item


def _by_hand(
    source: Source, wanted: Wanted, qualname: str, reason: str, line: int | None
) -> Cannot:
    """A refusal with the lines that do it by hand: around the yield, or all that the function does."""
    scopes = find_scope(source.tree, qualname)
    functions = [s for s in scopes if isinstance(s, ast.AsyncFunctionDef) and s.args.args]
    if not functions:
        return Cannot(reason, line)
    function = functions[-1]
    name = imports.free_name(wanted.name, imports.names_in(source.tree))
    lines = [
        imports.import_line(wanted.module, wanted.name, name),
        f"async with {name}({_parameter(qualname, function)}):",
    ]
    place = _yield_of(function)
    unit = _unit(source, function)
    if isinstance(place, Yield):
        edits = _alone(source, place, lines, unit)
    else:
        first = 1 if ast.get_docstring(function) is not None else 0
        block = function.body[first:] or function.body
        start, end = source.before_line(block[0]), source.after_line(block[-1])
        if start is None or end is None:
            return Cannot(reason, line)
        inner = _indented(source, start, end, unit, block)
        indent, ending = source.indent(block[0]), line_end_near(source.text, start)
        edits = [(start, end, "".join(indent + row + ending for row in lines) + inner)]
    return refuse_in(source, edits, reason, line, "in the application's lifespan")


def _alone(source: Source, place: Yield, lines: Sequence[str], unit: str) -> list[Edit]:
    """The edits that put ``lines`` in front of the yield, which is below them on a line of its own."""
    block, statement = place.block, place.statement
    index = block.index(statement)
    edits = put_in(source, block, index, lines)
    start, end = source.start(statement), source.end(statement)
    edits.append((start, start, unit))
    if source.after_line(statement) is None:
        indent = edits[0][2].splitlines()[-1]
        indent = indent[: len(indent) - len(indent.lstrip())]
        ending = line_end_near(source.text, start)
        edits.append((end, source.start(block[index + 1]), ending + indent))
    return edits
