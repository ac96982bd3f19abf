"""Print a document within a width: what fits stays on one line, what doesn't is broken."""

from __future__ import annotations

from collections.abc import Callable

from scaffold.layout.document import (
    Best,
    Comment,
    Document,
    FitParens,
    Force,
    Group,
    GroupIn,
    Indent,
    Line,
    Overflow,
    When,
)
from scaffold.layout.widths import text_width

STEP = 4


class _Close:
    """The end of parentheses that are being tried out."""


_CLOSE = _Close()

# How far measuring goes: up to the first line end; over all lines; over all lines without limit.
_FIRST, _ALL, _ANY = 0, 1, 2

# What is left to print, as a linked list: measuring looks ahead without copying it.
_Work = tuple["Document | _Close", int, bool, int, "_Work | None"]


def print_document(document: Document, indent: int, limit: int) -> str:
    """``document`` as text, its first line indented by ``indent`` columns, without a final
    line end."""
    return _Printer(indent, limit).print(document)


class _Printer:
    """Modes are booleans: True is flat. An item of work is (document, indent, flat, measure)."""

    def __init__(self, indent: int, limit: int) -> None:
        self.limit = limit
        self.indent = indent
        self.out: list[str] = []
        self.column = 0
        self.pending = indent
        self.empty = True
        self.measured = False
        self.comments: list[tuple[int, Comment]] = []

    def print(self, document: Document) -> str:
        work: _Work | None = (document, self.indent, False, _FIRST, None)
        while work is not None:
            item, indent, flat, _, rest = work
            if isinstance(item, str):
                if item:
                    self._text(item)
                work = rest
            elif isinstance(item, tuple):
                for part in reversed(item):
                    rest = (part, indent, flat, _FIRST, rest)
                work = rest
            elif isinstance(item, Line):
                work = rest
                if flat and item is not Line.HARD:
                    if item is Line.SPACE:
                        self._text(" ")
                else:
                    self._newline(indent)
            else:
                work = _PRINT[type(item)](self, item, indent, flat, rest)
        self._flush()
        return "".join(self.out)

    def group(self, item: Group, indent: int, flat: bool, rest: _Work | None) -> _Work:
        item.flat = not item.expand and self._fits_flat(item, indent, flat, rest)
        return (item.contents, indent, item.flat, _FIRST, rest)

    def group_in(self, item: GroupIn, indent: int, flat: bool, rest: _Work | None) -> _Work:
        if not item.anchor.flat:
            flat = not item.expand and self._fits_flat(item, indent, flat, rest)
        return (item.contents, indent, flat, _FIRST, rest)

    def indented(self, item: Indent, indent: int, flat: bool, rest: _Work | None) -> _Work:
        deeper = item.anchor is None or not item.anchor.flat
        return (item.contents, indent + STEP if deeper else indent, flat, _FIRST, rest)

    def when(self, item: When, indent: int, flat: bool, rest: _Work | None) -> _Work | None:
        state = flat if item.anchor is None else item.anchor.flat
        return (item.contents, indent, flat, _FIRST, rest) if state == item.flat else rest

    def overflow(self, item: Overflow, indent: int, flat: bool, rest: _Work | None) -> _Work:
        if item.anchor is None or item.anchor.flat:
            self.measured = False
        return (item.contents, indent, flat, _FIRST, rest)

    def comment(self, item: Comment, indent: int, flat: bool, rest: _Work | None) -> _Work | None:
        self.column += item.width
        self.comments.append((indent, item))
        return rest

    def nothing(self, item: Force, indent: int, flat: bool, rest: _Work | None) -> _Work | None:
        return rest

    def _fits_flat(
        self, item: Group | GroupIn | FitParens, indent: int, flat: bool, rest: _Work | None
    ) -> bool:
        if flat and self.measured:
            return True
        self.measured = True
        if not isinstance(item, GroupIn):
            item.flat = True
        return self._fits((item.contents, indent, True, _FIRST, rest))

    def fit_parens(
        self, item: FitParens, indent: int, flat: bool, rest: _Work | None
    ) -> _Work | None:
        if not self._fits_flat(item, indent, flat, rest):
            item.flat = False
            trial: _Work = (_CLOSE, indent, flat, _ALL, rest)
            trial = (item.contents, indent + STEP, flat, _ALL, trial)
            trial = ("(", indent, flat, _ALL, (Line.HARD, indent + STEP, flat, _ALL, trial))
            if self._fits(trial):
                inner = (Line.HARD, item.contents)
                closing: _Work = (Line.HARD, indent, False, _FIRST, (")", 0, False, _FIRST, rest))
                return ("(", indent, False, _FIRST, (inner, indent + STEP, False, _FIRST, closing))
        item.flat = True
        return (item.contents, indent, True, _FIRST, rest)

    def best(self, item: Best, indent: int, flat: bool, rest: _Work | None) -> _Work:
        if flat and self.measured:
            return (item.variants[0], indent, flat, _FIRST, rest)
        self.measured = True
        measure = _ALL if item.every else _FIRST
        for variant in item.variants[:-1]:
            if self._fits((variant, indent, True, measure, rest)):
                return (variant, indent, True, _FIRST, rest)
        return (item.variants[-1], indent, False, _FIRST, rest)

    def _text(self, text: str) -> None:
        if self.pending:
            self.out.append(" " * self.pending)
            self.column += self.pending
            self.pending = 0
        self.out.append(text)
        self.empty = False
        if "\n" in text:
            self.measured = False
            self.column = text_width(text[text.rindex("\n") + 1 :])
        else:
            self.column += len(text) if text.isascii() else text_width(text)

    def _newline(self, indent: int) -> None:
        self._flush()
        if not self.empty:
            self.out.append("\n")
            self.column = 0
            self.empty = True
            self.measured = False
        self.pending = indent

    def _flush(self) -> None:
        comments, self.comments = self.comments, []
        for indent, comment in comments:
            if comment.own_line:
                self._newline(indent)
                self._text(comment.text)
            else:
                self.out.append("  " + comment.text)
                self.empty = False

    def _fits(self, work: _Work | None) -> bool:
        """Whether ``work`` fits up to the next line end (see the measures above)."""
        return _Measure(self.limit, self.column, self.pending).fits(work)


class _Measure:
    """Looks ahead without printing; sets the mode of the groups it passes, as printing would."""

    def __init__(self, limit: int, column: int, pending: int) -> None:
        self.limit = limit
        self.column = column
        self.pending = pending

    def fits(self, work: _Work | None) -> bool:
        limit = self.limit
        while work is not None:
            item, indent, flat, measure, rest = work
            if isinstance(item, tuple):
                for part in reversed(item):
                    rest = (part, indent, flat, measure, rest)
                work = rest
                continue
            if isinstance(item, Line):
                if not flat:
                    if measure == _FIRST:
                        return True
                    self.column, self.pending = 0, indent
                    work = rest
                    continue
                if item is Line.HARD:
                    return True
                item = " " if item is Line.SPACE else ""
            if isinstance(item, str):
                if "\n" in item:
                    done = self._lines(item, measure)
                    if done is not None:
                        return done
                elif item:
                    self.column += self.pending
                    self.column += len(item) if item.isascii() else text_width(item)
                    self.pending = 0
                if self.column > limit and measure != _ANY:
                    return False
                work = rest
                continue
            stepped = _MEASURE[type(item)](self, item, indent, flat, measure, rest)
            if isinstance(stepped, bool):
                return stepped
            work = stepped
        return True

    def _lines(self, text: str, measure: int) -> bool | None:
        if measure == _FIRST:
            first = text[: text.index("\n")]
            return self.column + self.pending + text_width(first) <= self.limit
        self.pending = 0
        self.column = text_width(text[text.rindex("\n") + 1 :])
        return None

    def group(
        self, item: Group, indent: int, flat: bool, measure: int, rest: _Work | None
    ) -> _Work:
        item.flat = flat and not item.expand
        return (item.contents, indent, item.flat, measure, rest)

    def group_in(
        self, item: GroupIn, indent: int, flat: bool, measure: int, rest: _Work | None
    ) -> _Work:
        if not item.anchor.flat:
            flat = flat and not item.expand
        return (item.contents, indent, flat, measure, rest)

    def indented(
        self, item: Indent, indent: int, flat: bool, measure: int, rest: _Work | None
    ) -> _Work:
        if item.anchor is None or not item.anchor.flat:
            indent += STEP
        return (item.contents, indent, flat, measure, rest)

    def when(
        self, item: When, indent: int, flat: bool, measure: int, rest: _Work | None
    ) -> _Work | None:
        state = flat if item.anchor is None else item.anchor.flat
        return (item.contents, indent, flat, measure, rest) if state == item.flat else rest

    def overflow(
        self, item: Overflow, indent: int, flat: bool, measure: int, rest: _Work | None
    ) -> _Work | bool:
        if flat:
            if item.anchor is None or item.anchor.flat:
                return (item.contents, indent, False, _ANY, rest)
            if item.expand:
                return False
        return (item.contents, indent, flat, measure, rest)

    def best(self, item: Best, indent: int, flat: bool, measure: int, rest: _Work | None) -> _Work:
        if flat:
            return (item.variants[0], indent, flat, _ALL if item.every else _FIRST, rest)
        return (item.variants[-1], indent, flat, measure, rest)

    def fit_parens(
        self, item: FitParens, indent: int, flat: bool, measure: int, rest: _Work | None
    ) -> _Work:
        item.flat = flat
        return (item.contents, indent, flat, measure, rest)

    def nothing(
        self, item: Force, indent: int, flat: bool, measure: int, rest: _Work | None
    ) -> _Work | None:
        return rest

    def close(
        self, item: _Close, indent: int, flat: bool, measure: int, rest: _Work | None
    ) -> _Work | None:
        self.pending = 0
        self.column = indent + 1
        return rest

    def comment(
        self, item: Comment, indent: int, flat: bool, measure: int, rest: _Work | None
    ) -> _Work | bool | None:
        self.column += item.width
        return (not item.width or self.column <= self.limit) and rest


_MEASURE: dict[type, Callable[..., _Work | bool | None]] = {
    Group: _Measure.group,
    GroupIn: _Measure.group_in,
    Indent: _Measure.indented,
    When: _Measure.when,
    Overflow: _Measure.overflow,
    Best: _Measure.best,
    FitParens: _Measure.fit_parens,
    Comment: _Measure.comment,
    Force: _Measure.nothing,
    _Close: _Measure.close,
}
_PRINT: dict[type, Callable[..., _Work | None]] = {
    Group: _Printer.group,
    GroupIn: _Printer.group_in,
    Indent: _Printer.indented,
    When: _Printer.when,
    Overflow: _Printer.overflow,
    Best: _Printer.best,
    FitParens: _Printer.fit_parens,
    Comment: _Printer.comment,
    Force: _Printer.nothing,
}
