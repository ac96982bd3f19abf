"""Random fields as text, written without the printer so that it gets a second opinion."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from scaffold.spec.checks import own_target
from scaffold.spec.kinds import INTEGERS, KINDS, MAX_PRECISION, MAX_SCALE
from scaffold.spec.reserved import why_not_field

# What hurts parsers, templates, shells and terminals, beside everything else.
_NASTY = """{{ }} {% ' " \\ : = , . - _ / ~ ../ optional unique min= max=1 default= readonly 10.2 a,b to=people
    on_delete=cascade"""
_UNSEEN = (" ", "\n", "\r", "\0", "\x1b[31m", "\u202e", "\ud800", "\u2028", "é", "\u043e", "\uff11")
NASTY = st.sampled_from([*_NASTY.split(), *_UNSEEN, *KINDS])
HOSTILE = st.one_of(st.text(), st.lists(NASTY | st.text(max_size=3), max_size=8).map("".join))

NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,39}", fullmatch=True).filter(
    lambda name: why_not_field(name) is None
)
PRINTED = st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"])
TARGETS = ("people", "order_items", "media_types", "news")
ENUM_VALUES = st.lists(
    st.text(
        st.characters(categories=["L", "N", "P", "S"], exclude_characters=",:="),
        min_size=1,
        max_size=9,
    ).filter(str.isprintable),
    min_size=2,
    max_size=5,
    unique=True,
)
JSON_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(PRINTED, max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(PRINTED), inner, max_size=3)
    ),
    max_leaves=5,
).filter(lambda value: "Infinity" not in json.dumps(value))


@dataclass(frozen=True)
class Written:
    """A field's text in pieces: ``name:type[:argument]``, modifiers in order, default."""

    head: str
    modifiers: tuple[str, ...]
    default: str | None

    def text(self, modifiers: tuple[str, ...] | None = None) -> str:
        last = [] if self.default is None else [f"default={self.default}"]
        return ":".join([self.head, *(self.modifiers if modifiers is None else modifiers), *last])


def _instant(value: datetime) -> str:
    return value.replace(tzinfo=UTC).isoformat().replace("+00:00", "Z")


def _values(
    type_: str, scale: int, digits: int
) -> tuple[st.SearchStrategy[Any], Callable[[Any], str]]:
    """The values of an ordered type, and how each is written."""
    if type_ in INTEGERS:
        return st.integers(*INTEGERS[type_]), str
    if type_ == "float":
        numbers = st.floats(allow_nan=False, allow_infinity=False)
        return numbers.map(lambda number: number + 0.0), repr
    if type_ == "decimal":
        most = 10**digits - 1
        return st.integers(
            -most, most
        ), lambda number: f"{Decimal((number < 0, tuple(map(int, str(abs(number)))), -scale)):f}"
    if type_ == "datetime":
        return st.datetimes(), _instant
    return (st.dates() if type_ == "date" else st.times()), lambda value: value.isoformat()


@st.composite
def _default(draw: st.DrawFn, type_: str, values: list[str], low: int, high: int) -> str:
    """A default of a type without an order; ``low`` and ``high`` are lengths."""
    if type_ in ("str", "text"):
        return draw(st.text(PRINTED, min_size=low, max_size=high))
    if type_ == "json":
        return json.dumps(draw(JSON_VALUES), ensure_ascii=draw(st.booleans()))
    if type_ == "enum":
        return draw(st.sampled_from(values))
    return {
        "bool": draw(st.sampled_from(["true", "false"])),
        "uuid": str(draw(st.uuids())),
        "email": "ada.l+1@mail.example.com",
        "url": "https://example.com/a:b?c=d",
    }[type_]


@st.composite
def _written_relation(draw: st.DrawFn, type_: str) -> Written:
    name, target = draw(NAMES), draw(st.sampled_from(TARGETS))
    if type_ == "many":
        return Written(f"{name}:many:{target}", (), None)
    own = own_target(name)
    said = target != own and (own is None or draw(st.booleans()))
    flags = {flag: draw(st.booleans()) for flag in ("optional", "unique", "index", "readonly")}
    deletes = [None, "on_delete=cascade", *["on_delete=set_null"][: flags["optional"]]]
    ordered = (
        f"to={target}" if said else None,
        *(flag for flag in ("optional", "unique", "index") if flags[flag]),
        draw(st.sampled_from(deletes)),
        "readonly" if flags["readonly"] else None,
    )
    return Written(f"{name}:ref", tuple(part for part in ordered if part), None)


@st.composite
def written_fields(draw: st.DrawFn, type_: str) -> Written:
    """A possible field of ``type_`` in its canonical text."""
    kind = KINDS[type_]
    if kind.relates:
        return draw(_written_relation(type_))
    head = f"{draw(NAMES)}:{type_}"
    digits, scale, enum = 0, 0, [""]
    if kind.argument == "digits":
        digits = draw(st.integers(1, MAX_PRECISION))
        scale = draw(st.integers(0, min(digits, MAX_SCALE)))
        head += f":{digits}.{scale}"
    elif kind.argument == "values":
        enum = draw(ENUM_VALUES)
        head += f":{','.join(enum)}"
    if kind.bounds == "value":
        values, write = _values(type_, scale, digits)
        ordered = sorted(draw(st.lists(values, min_size=3, max_size=3)))
        low, default, high = map(write, ordered)
    else:
        least, most = draw(st.integers(0, 9)), draw(st.integers(max(kind.shortest, 9), 254))
        low, high = str(least), str(most)
        default = draw(_default(type_, enum, least, most))
    flags = {
        flag: flag not in kind.refuses and draw(st.booleans())
        for flag in ("optional", "unique", "index", "folded", "min", "max", "readonly", "writeonly")
    }
    flags["folded"] &= type_ in ("str", "email")
    flags["unique"] &= low != high
    with_default = not (flags["unique"] or flags["folded"]) and draw(st.booleans())
    flags["readonly"] &= flags["optional"] or with_default
    flags["writeonly"] &= not flags["readonly"]
    said = {"min": f"min={low}", "max": f"max={high}"}
    modifiers = tuple(said.get(flag, flag) for flag, given in flags.items() if given)
    return Written(head, modifiers, default if with_default else None)


FIELDS = st.sampled_from(sorted(KINDS)).flatmap(written_fields)
PLAIN_FIELDS = st.sampled_from(sorted(k for k in KINDS if not KINDS[k].relates)).flatmap(
    written_fields
)
