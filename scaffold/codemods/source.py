"""A Python file as bytes, text and syntax tree at once, with positions that lead back to its bytes.

Nothing here prints code: text is spliced at a place that the tree gave, so every other byte stays.
"""

from __future__ import annotations

import ast
import bisect
import codecs
import io
import re
import tokenize
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from scaffold.codemods.lines import LINE_END, Insertion, cut, replace, splice, whole_lines
from scaffold.codemods.outcome import Cannot

_STATEMENT_END = re.compile(r"[ \t\f]*(?:;[ \t\f]*)?(?:#[^\r\n]*)?(?:\r\n|\r|\n|\Z)")

Positioned = ast.stmt | ast.expr | ast.alias | ast.keyword | ast.ExceptHandler
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
Scope = ast.Module | FunctionNode | ast.ClassDef


@dataclass(frozen=True)
class Source:
    """A parsed file. Offsets count characters of ``text``, which has no BOM; lines are 1-based."""

    content: bytes
    text: str
    encoding: str
    tree: ast.Module
    starts: tuple[int, ...] = field(repr=False)

    def offset(self, line: int, column: int) -> int:
        """The offset of a position as ``ast`` gives it (columns in UTF-8 bytes)."""
        start = self.starts[line - 1]
        if column == 0:
            return start
        end = self.starts[line] if line < len(self.starts) else len(self.text)
        row = self.text[start:end]
        if row.isascii():
            return start + column
        return start + len(row.encode()[:column].decode())

    def line_at(self, offset: int) -> int:
        """The 1-based line that holds the character at ``offset``."""
        return bisect.bisect_right(self.starts, offset)

    def start(self, node: Positioned) -> int:
        """Where a node starts, its decorators included."""
        line, column = node.lineno, node.col_offset
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for decorator in node.decorator_list:
                line = min(line, decorator.lineno)  # its "@" is at our own column
        return self.offset(line, column)

    def end(self, node: Positioned) -> int:
        """Where a node ends."""
        return self.offset(node.end_lineno or node.lineno, node.end_col_offset or 0)

    def code(self, node: Positioned) -> str:
        """The text of a node, as written."""
        return self.text[self.start(node) : self.end(node)]

    def after_line(self, statement: ast.stmt) -> int | None:
        """The offset behind the line that ``statement`` ends; None when another follows on it."""
        match = _STATEMENT_END.match(self.text, self.end(statement))
        return match.end() if match else None

    def before_line(self, statement: ast.stmt) -> int | None:
        """The offset of the line that ``statement`` starts; None when it is not first there."""
        start = self.start(statement)
        begin = self.starts[self.line_at(start) - 1]
        if self.text[begin:start].strip(" \t\f"):
            return None
        above = self.text[:begin].rstrip("\r\n")
        return None if above.endswith("\\") and begin else begin

    def indent(self, statement: ast.stmt) -> str:
        """The white space in front of a statement that is the first of its line."""
        start = self.start(statement)
        begin = self.starts[self.line_at(start) - 1]
        return self.text[begin:start].lstrip("\f")

    def lines_at(self, offset: int, lines: Sequence[str]) -> Insertion:
        """Whole ``lines`` (indented, without line ends) put in at a line boundary."""
        return whole_lines(self.text, offset, lines)

    def splice(self, insertions: Sequence[Insertion]) -> bytes:
        """The file's bytes with ``insertions`` made; those at one place keep their order."""
        return self.encode(splice(self.text, insertions))

    def cut(self, spans: Sequence[tuple[int, int]]) -> bytes:
        """The file's bytes without the given character spans, which must not overlap."""
        return self.encode(cut(self.text, spans))

    def replace(self, edits: Sequence[tuple[int, int, str]]) -> bytes:
        """The file's bytes with each ``(start, end, new)`` in place of its character span."""
        return self.encode(replace(self.text, edits))

    def encode(self, text: str) -> bytes:
        """``text`` in this file's encoding, with its BOM."""
        bom = codecs.BOM_UTF8 if self.content.startswith(codecs.BOM_UTF8) else b""
        return bom + text.encode(self.encoding)


@lru_cache(maxsize=256)  # facts, codemods and proofs read the same few files
def read_source(content: bytes) -> Source | Cannot:
    """Parse a Python file; what can't be read surely becomes a refusal with its line."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        encoding = "utf-8" if encoding == "utf-8-sig" else encoding
        body = content.removeprefix(codecs.BOM_UTF8)
        text = body.decode(encoding)
        tree = parse(content)
    except SyntaxError as error:
        return Cannot(f"the file does not parse: {error.msg}", error.lineno)
    except (ValueError, LookupError, RecursionError, MemoryError) as error:
        return Cannot(f"the file can't be read as Python: {error or type(error).__name__}")
    if text.encode(encoding) != body:
        return Cannot(f"its encoding {encoding} doesn't write back the bytes that it read")
    starts = (0, *(match.end() for match in LINE_END.finditer(text)))
    return Source(content, text, encoding, tree, starts)


def parse(content: bytes | str) -> ast.Module:
    """``ast.parse`` for any version's code, without the warnings that string escapes cause.

    Positions are those of ``content``. What this Python's parser can't read for being newer is
    there in other words, good enough to find things by.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(content)
        except SyntaxError:
            older = _in_older_words(content)
            if older is None:
                raise
            try:
                return ast.parse(older)
            except SyntaxError:
                pass
            raise


def _in_older_words(content: bytes | str) -> str | None:
    from scaffold.codemods.newer import in_older_words

    if isinstance(content, bytes):
        try:
            encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
            content = content.removeprefix(codecs.BOM_UTF8).decode(encoding.removesuffix("-sig"))
        except (SyntaxError, UnicodeDecodeError):
            return None
    return in_older_words(content)


def holds(outer: ast.stmt, inner: Positioned) -> bool:
    """Whether ``inner`` stands in ``outer``, its decorators included, or is it itself."""
    first = min([outer.lineno, *(d.lineno for d in getattr(outer, "decorator_list", ()))])
    at = inner.lineno, inner.col_offset
    column = outer.col_offset if first == outer.lineno else 0
    return (first, column) <= at < (outer.end_lineno or 0, outer.end_col_offset or 0)


def find_scope(tree: ast.Module, qualname: str) -> list[Scope]:
    """Every function or class called ``qualname`` ("" is the module; "Class.method" a method)."""
    found: list[Scope] = [tree]
    for part in qualname.split(".") if qualname else ():
        found = [d for scope in found for d in definitions(scope.body) if d.name == part]
    return found


def definitions(body: Sequence[ast.stmt]) -> Iterator[FunctionNode | ast.ClassDef]:
    """The functions and classes that a block defines, also below its if, try, with and for."""
    for statement in body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield statement
        else:
            for block in blocks(statement):
                yield from definitions(block)


_SIMPLE = (ast.Expr, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.Return, ast.Import)


def blocks(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    """The statement lists directly inside a compound statement."""
    if isinstance(statement, _SIMPLE):  # most are, and are asked again and again
        return
    for name in ("body", "orelse", "finalbody"):
        block = getattr(statement, name, None)
        if block:
            yield block
    for clause in [*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())]:
        yield clause.body


def own_statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Every statement of a scope at any depth, those of nested functions and classes left out."""
    for statement in body:
        yield statement
        if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for block in blocks(statement):
                yield from own_statements(block)


_OWN_SCOPE = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def walk_scope(scope: Scope | ast.stmt) -> Iterator[ast.AST]:
    """Every node of a scope, nested functions and classes left out (their headers too)."""
    walked: tuple[ast.AST, ...] | None = getattr(scope, "walked", None)
    if walked is None:
        walked = _walked(scope)
        setattr(scope, "walked", walked)  # noqa: B010  (trees are shared and walked again and again)
    return iter(walked)


def _walked(scope: Scope | ast.stmt) -> tuple[ast.AST, ...]:
    stack: list[ast.AST] = [scope]
    if isinstance(scope, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        stack = list(reversed(scope.body))
    found: list[ast.AST] = []
    while stack:
        node = stack.pop()
        found.append(node)
        if not isinstance(node, _OWN_SCOPE):
            stack += reversed(_children(node))
    return tuple(found)


def _children(node: ast.AST) -> list[ast.AST]:
    """``ast.iter_child_nodes``, without its two generators a node."""
    found: list[ast.AST] = []
    for name in node._fields:
        value = getattr(node, name, None)
        if isinstance(value, ast.AST):
            found.append(value)
        elif isinstance(value, list):
            found += [item for item in value if isinstance(item, ast.AST)]
    return found


def written(node: ast.expr) -> str:
    """The source text of an expression; that of names and plain strings without ``ast.unparse``."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return repr(node.value)
    return dotted(node) or ast.unparse(node)


def dotted(node: ast.AST) -> str | None:
    """``a.b.c`` for a name or an attribute chain, else None."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    return ".".join([node.id, *reversed(parts)])
