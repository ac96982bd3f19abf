"""Code for a newer Python than the one that runs, in words that this one's parser reads.

A repository may be written for Python 3.14 while scaffold runs on 3.11. libcst reads all grammars;
what is too new for ``ast`` is replaced by something of the same length in UTF-8, so that every
position that ``ast`` then gives is one in the text as it is. The result is for finding things only:
it is never written.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from scaffold.codemods.lines import LINE_END

if TYPE_CHECKING:
    import libcst

Edit = tuple[int, int, str]


def in_older_words(text: str) -> str | None:
    """``text`` (without BOM) as an older Python reads it; None where it is no Python at all.

    The parameters of generics (PEP 695) are left out, ``type X = …`` is an assignment, ``except A,
    B`` (PEP 758) is ``except A| B``, and what is put together from templates, f-strings and strings
    (PEP 750, PEP 701) is a plain value.
    """
    import libcst
    from libcst.metadata import MetadataWrapper, PositionProvider

    try:
        module = libcst.parse_module(text)
    except (libcst.ParserSyntaxError, RecursionError):
        return None
    wrapper = MetadataWrapper(module, unsafe_skip_copy=True)
    ranges = wrapper.resolve(PositionProvider)
    starts = [0, *(match.end() for match in LINE_END.finditer(text))]

    def span(node: libcst.CSTNode) -> tuple[int, int]:
        where = ranges[node]
        start = starts[where.start.line - 1] + where.start.column
        return start, starts[where.end.line - 1] + where.end.column

    edits: list[Edit] = []
    for node in ranges:
        match node:
            case libcst.TypeParameters():
                edits.append((*span(node), _blank(text, *span(node))))
            case libcst.TypeAlias(name=name):
                start, end = span(node)[0], span(name)[1]
                edits.append((start, end, _padded(name.value, text[start:end])))
            case libcst.ExceptHandler(type=libcst.Tuple(elements=parts, lpar=())):
                for one, other in pairwise(parts):
                    start, end = span(one.value)[1], span(other.value)[0]
                    edits.append((start, end, text[start:end].replace(",", "|", 1)))
            case libcst.FormattedString() | libcst.TemplatedString() | libcst.ConcatenatedString():
                edits.append((*span(node), _plain(text[slice(*span(node))])))
    return _replaced(text, edits)


def _blank(text: str, start: int, end: int) -> str:
    return _padded("", text[start:end])


def _padded(new: str, old: str) -> str:
    """``new`` and spaces, as long as ``old``, with its line ends as continuations."""
    filled = "".join(char if char in "\r\n" else " " * len(char.encode()) for char in old)
    kept = new + filled[len(new) :]
    return kept.replace(" \n", "\\\n").replace(" \r\n", "\\\r\n")


def _plain(old: str) -> str:
    """An expression as long as ``old``: a string of letters, or a number where it has lines."""
    first, last = ("(0", ")") if "\n" in old or "\r" in old else ('"', '"')
    inner = old[len(first) : -len(last)]
    fill = " " if first == "(0" else "x"
    filled = "".join(char if char in "\r\n" else fill * len(char.encode()) for char in inner)
    return first + filled + last


def _replaced(text: str, edits: list[Edit]) -> str:
    """The text with the outermost of ``edits`` made."""
    parts, done = [], 0
    for start, end, new in sorted(edits, key=lambda edit: (edit[0], -edit[1])):
        if start >= done:
            parts += [text[done:start], new]
            done = end
    return "".join([*parts, text[done:]])
