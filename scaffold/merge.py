"""Three-way merge of one file's bytes, by the merge3 library."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Merged:
    """The merge of two descendants of one base.

    ``conflicts`` holds, for each place that both changed differently, the 1-based first and
    last line in ``ours``; ``content`` has git-style markers there.
    """

    content: bytes
    conflicts: tuple[tuple[int, int], ...] = ()


def merge(base: bytes, ours: bytes, theirs: bytes) -> Merged:
    """What ``ours`` becomes when the change from ``base`` to ``theirs`` is applied to it."""
    if ours in (base, theirs):
        return Merged(theirs)
    if theirs == base:
        return Merged(ours)
    from merge3 import Merge3

    merger = Merge3(
        base.splitlines(keepends=True),
        ours.splitlines(keepends=True),
        theirs.splitlines(keepends=True),
    )
    conflicts = [
        (region[3] + 1, max(region[4], region[3] + 1))
        for region in merger.merge_regions()
        if region[0] == "conflict"
    ]
    lines = merger.merge_lines(
        name_a=b"yours",
        name_b=b"scaffold",
        start_marker=b"<<<<<<<",
        mid_marker=b"=======",
        end_marker=b">>>>>>>",
    )
    return Merged(b"".join(lines), tuple(conflicts))
