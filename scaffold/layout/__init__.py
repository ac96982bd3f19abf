"""Lay out Python source within a line length, as ``ruff format`` does.

``format_python`` is no formatter: it takes source that is formatted but for the length of its
lines (a rendered template) and lays out the logical lines that are too long, or that are broken
and needn't be. One module an idea: ``scan`` finds those lines, ``tokens`` and ``parse`` read one
into ``nodes``; ``statements`` and ``expressions`` turn these into a ``document`` by the rules in
``parentheses``; ``printer`` prints that within the width.
"""

from __future__ import annotations

import re

from scaffold.layout.nodes import Unsupported
from scaffold.layout.printer import print_document
from scaffold.layout.scan import suspects
from scaffold.layout.statements import statement
from scaffold.layout.strings import is_formatted, string_end, with_quote

__all__ = ["format_markdown", "format_python", "requote"]

# What layout may change: white space, parentheses, commas; and joining strings: quotes, braces
# and the prefix f. Where a string is "f" itself nothing tells the two apart, so no f counts.
_LAYOUT = re.compile(r"""[\s(),"'\\{}fF]""")
_PYTHON_BLOCK = re.compile(r"(?<=^```python\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)
_OPENING = re.compile(r"""#[^\n]*|(?<!\w)(?P<prefix>[A-Za-z]{0,2})(?P<opening>\"{3}|'{3}|"|')""")
_OFF = re.compile(r"^[ \t]*#\s*fmt:\s*off\b", re.MULTILINE)


def format_python(source: str, line_length: int) -> str:
    """``source`` with every logical line laid out as ``ruff format`` would at ``line_length``.

    What isn't understood (a syntax error, a ``match`` pattern, a comment in an odd place) and what
    ``# fmt: skip`` says is left as it is, a file with ``# fmt: off`` altogether. Strings are never
    split.
    """
    if "\r" in source or _OFF.search(source):
        return source
    parts: list[str] = []
    position = 0
    try:
        for start, end in suspects(source, line_length):
            parts += (source[position:start], _lay_out(source[start:end], line_length))
            position = end
    except Unsupported:
        return source
    return "".join((*parts, source[position:]))


def format_markdown(source: str, line_length: int) -> str:
    """Markdown with its blocks of Python laid out, as ``ruff format`` does these, too."""
    return _PYTHON_BLOCK.sub(lambda match: format_python(match[0], line_length), source)


def requote(source: str, quote: str) -> str:
    """``source`` with its strings on one line in ``quote``; docstrings and those that hold it stay.

    What can't be read is left as it is.
    """
    parts: list[str] = []
    position = 0
    try:
        while match := _OPENING.search(source, position):
            start, end = match.span()
            if match["opening"]:
                opening = match.start("opening")
                end = string_end(source, opening, formatted=is_formatted(match["prefix"]))
            text = source[start:end]
            parts += (source[position:start], with_quote(text, quote) if match["opening"] else text)
            position = end
    except Unsupported:
        return source
    return "".join((*parts, source[position:]))


def _lay_out(line: str, limit: int) -> str:
    code = line.lstrip(" ")
    if not code or code[0] in "#\t":
        return line
    try:
        laid_out = print_document(statement(code), len(line) - len(code), limit)
    except (Unsupported, RecursionError):
        return line
    return laid_out if _LAYOUT.sub("", laid_out) == _LAYOUT.sub("", line) else line
