"""Rows in which every two values of two factors meet, as far as they can, by a greedy choice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations

Row = dict[str, str]
Pair = frozenset[tuple[str, str]]


def pairs_of(row: Mapping[str, str]) -> set[Pair]:
    """All pairs of values that meet in a row."""
    return {frozenset(pair) for pair in combinations(row.items(), 2)}


def pairwise(factors: Mapping[str, Sequence[str]], possible: Callable[[Row], bool]) -> list[Row]:
    """The rows; ``possible`` judges rows that are partly filled, too."""
    starts = [
        {one: a, other: b}
        for one, other in combinations(factors, 2)
        for a in factors[one]
        for b in factors[other]
        if possible({one: a, other: b})
    ]
    open_ = {pair for start in starts for pair in pairs_of(start)}
    used: Counter[tuple[str, str]] = Counter()
    rows: list[Row] = []
    for start in starts:
        if not pairs_of(start) & open_:
            continue
        row = start
        for name in factors:
            if name in row:
                continue
            tries = [row | {name: value} for value in factors[name]]
            # Of those that meet as many others for the first time, what is rarest so far.
            row = max(
                filter(possible, tries),
                key=lambda one: (len(pairs_of(one) & open_), -used[name, one[name]]),
            )
        rows.append({name: row[name] for name in factors})
        open_ -= pairs_of(row)
        used.update(row.items())
    return rows
