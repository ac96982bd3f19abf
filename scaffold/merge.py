"""Three-way merge of one file's bytes, by the merge3 library."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Merged:
    """The merge of two descendants of one base.

    ``conflicts`` holds, for each place that both changed differently, the 1-based first and
    last line in ``ours``; ``content`` has git-style markers there, and ``marked`` says where: lines
    of ``content``, the markers included.
    """

    content: bytes
    conflicts: tuple[tuple[int, int], ...] = ()
    marked: tuple[tuple[int, int], ...] = ()

    def shown(self) -> str:
        """The places that both changed, with their markers."""
        lines = self.content.decode("utf-8", errors="replace").splitlines()
        return "\n".join("\n".join(lines[a - 1 : b]) for a, b in self.marked)


def merge(base: bytes, ours: bytes, theirs: bytes) -> Merged:
    """What ``ours`` becomes when the change from ``base`` to ``theirs`` is applied to it."""
    base, theirs = line_ends_of(base, ours), line_ends_of(theirs, ours)
    if ours in (base, theirs):
        return Merged(theirs)
    if theirs == base:
        return Merged(ours)
    return _merged(*(text.splitlines(keepends=True) for text in (base, ours, theirs)))


def line_ends_of(text: bytes, ours: bytes) -> bytes:
    """``text`` as a checkout with the line ends of ``ours`` has it: LF for CRLF is no edit."""
    crlf = b"\r\n" in ours and b"\r\n" not in text
    return text.replace(b"\n", b"\r\n") if crlf else text


def _merged(base: list[bytes], ours: list[bytes], theirs: list[bytes]) -> Merged:
    from merge3 import Merge3

    newline = b"\r\n" if ours and ours[0].endswith(b"\r\n") else b"\n"
    lines: list[bytes] = []
    conflicts: list[tuple[int, int]] = []
    marked: list[tuple[int, int]] = []
    for region in Merge3(base, ours, theirs).merge_regions():
        match region:
            case ("conflict", _, _, int(a1), int(a2), int(b1), int(b2)):
                conflicts.append((a1 + 1, max(a2, a1 + 1)))
                first = len(lines) + 1
                lines += _between_markers(ours[a1:a2], theirs[b1:b2], newline)
                marked.append((first, len(lines)))
            case (kind, int(start), int(end)):
                lines += {"unchanged": base, "b": theirs}.get(kind, ours)[start:end]
    return Merged(b"".join(lines), tuple(conflicts), tuple(marked))


def _between_markers(ours: list[bytes], theirs: list[bytes], newline: bytes) -> Iterator[bytes]:
    """Both versions of one place; a last line that doesn't end gets an end."""
    for marker, version in ((b"<<<<<<< yours", ours), (b"=======", theirs)):
        yield marker + newline
        yield from (line if line.endswith(b"\n") else line + newline for line in version)
    yield b">>>>>>> scaffold" + newline
