"""The pieces a patch put into a file that isn't ours, and how to take them out again.

A span keeps what was inserted with a few lines around it, never the whole file: enough to find
it again after other edits, nothing that the record has no business to hold.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass

CONTEXT_LINES = 3


@dataclass(frozen=True)
class Span:
    """``removed`` became ``inserted`` between ``before`` and ``after`` (context, whole lines)."""

    before: bytes
    removed: bytes
    inserted: bytes
    after: bytes


@dataclass(frozen=True)
class TakenBack:
    """A file without the spans; ``lost`` are those that can't be found any more."""

    content: bytes
    lost: tuple[Span, ...] = ()


def diff_spans(old: bytes, new: bytes) -> tuple[Span, ...]:
    """The spans that turn ``old`` into ``new``, in order, as whole lines."""
    a, b = old.splitlines(keepends=True), new.splitlines(keepends=True)
    matcher = difflib.SequenceMatcher(a=a, b=b, autojunk=False)
    return tuple(
        Span(
            before=b"".join(b[max(0, b1 - CONTEXT_LINES) : b1]),
            removed=b"".join(a[a1:a2]),
            inserted=b"".join(b[b1:b2]),
            after=b"".join(b[b2 : b2 + CONTEXT_LINES]),
        )
        for tag, a1, a2, b1, b2 in matcher.get_opcodes()
        if tag != "equal"
    )


def take_back(content: bytes, spans: tuple[Span, ...]) -> TakenBack:
    """``content`` with every span reversed that is found in exactly one place.

    A span is looked for with all of its context, then with the context on one side, then alone;
    the first of these that fits exactly once decides. Later spans go first, so that a span
    whose context is another span of the same patch is still found.
    """
    lost = []
    for span in reversed(spans):
        place = _find(content, span)
        if place is None:
            lost.append(span)
        else:
            end = place + len(span.inserted)
            content = content[:place] + span.removed + content[end:]
    return TakenBack(content, tuple(reversed(lost)))


def without_blank(content: bytes, span: Span) -> bytes:
    """``content`` without the blank line that ``span`` put between what is around it, if left alone.

    It parted a new group of imports from the one above, and others were in that group later.
    """
    blank = _first_line(span.inserted)
    rows = span.after.splitlines(keepends=True)
    stop = next((n for n, row in enumerate(rows, start=1) if row.strip()), len(rows))
    before, after = _last_line(span.before), b"".join(rows[:stop])
    if blank.strip() or not blank or span.removed or not before.strip() or not after:
        return content
    places = _line_starts(content, before + blank + after)
    if len(places) != 1:
        return content
    cut = places[0] + len(before)
    return content[:cut] + content[cut + len(blank) :]


def _find(content: bytes, span: Span) -> int | None:
    """The offset of the one place where ``span.inserted`` stands, at the start of a line."""
    for before, after in (
        (span.before, span.after),
        (span.before, b""),
        (b"", span.after),
        (_last_line(span.before), _first_line(span.after)),
        (b"", b""),
    ):
        if not (before or after or span.inserted.strip()):
            continue
        places = _line_starts(content, before + span.inserted + after)
        if len(places) == 1:
            return places[0] + len(before)
    return None


def _line_starts(content: bytes, needle: bytes) -> list[int]:
    """The offsets of all occurrences of ``needle`` that begin a line."""
    places = []
    start = content.find(needle) if needle else -1
    while start != -1:
        if start == 0 or content[start - 1 : start] in (b"\n", b"\r"):
            places.append(start)
        start = content.find(needle, start + 1)
    return places


def _last_line(text: bytes) -> bytes:
    lines = text.splitlines(keepends=True)
    return lines[-1] if lines else b""


def _first_line(text: bytes) -> bytes:
    lines = text.splitlines(keepends=True)
    return lines[0] if lines else b""
