"""The tokens of one logical line, with the comments that hang on them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from scaffold.layout.nodes import Unsupported
from scaffold.layout.strings import is_formatted, string_end

_TOKEN = re.compile(
    r"(?P<prefix>(?i:[bu]|[bft]?r|r[bft]|[ft])?)(?P<quote>['\"])"
    r"|(?P<name>[^\W\d]\w*)"
    r"|(?P<number>0[xXbBoO][\da-fA-F_]+|\d[\d_]*(?:\.[\d_]*)?(?:[eE][+-]?[\d_]+)?[jJ]?"
    r"|\.\d[\d_]*(?:[eE][+-]?[\d_]+)?[jJ]?)"
    r"|(?P<op>\*\*=?|//=?|>>=?|<<=?|:=|->|\.\.\.|[-+*/%&|^@=!<>]=|[-+*/%&|^~<>=@.,:;()\[\]{}])"
    r"|(?P<newline>\n)|(?P<space>[ \t\f]+)|(?P<comment>#[^\n]*)"
)

NAME, NUMBER, STRING, OPERATOR, END = "name", "number", "string", "op", "end"


@dataclass(slots=True)
class Token:
    """``fresh``: the first on its line. ``before``: comment lines above it; ``after``: the
    comment at the end of its line."""

    kind: str
    text: str
    fresh: bool = False
    before: tuple[str, ...] = ()
    after: str = ""


def tokenize(source: str) -> list[Token]:
    """The tokens of ``source``, an END token last. Raises Unsupported for what isn't known."""
    tokens: list[Token] = []
    comments: list[str] = []
    fresh = True
    position = 0
    while position < len(source):
        match = _TOKEN.match(source, position)
        if match is None:
            raise Unsupported
        kind, text = match.lastgroup or "", match[0]
        position = match.end()
        if kind == "space":
            continue
        if kind == "newline":
            fresh = True
        elif kind == "comment":
            if fresh or not tokens:
                comments.append(text.rstrip())
            else:
                tokens[-1].after = text.rstrip()
        else:
            if kind == "quote":
                start = match.start("quote")
                position = string_end(source, start, formatted=is_formatted(match["prefix"]))
                kind, text = STRING, source[match.start() : position]
            tokens.append(Token(kind, text, fresh, tuple(comments)))
            comments.clear()
            fresh = False
    tokens.append(Token(END, "", fresh, tuple(comments)))
    return tokens
