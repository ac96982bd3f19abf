"""Test data of a field: values that differ, values at the edge, values that are refused.

Values are as JSON has them; what the API answers stands beside what is sent. Types with an order
are seen as whole numbers of their smallest unit, so that the edges of all are found alike.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from urllib.parse import quote
from uuid import UUID

from scaffold.generators.resource_view.imports import Scope
from scaffold.generators.resource_view.literals import data_literal, text_literal
from scaffold.generators.resource_view.models import EXACT, default_value
from scaffold.spec.fields import Field, Key
from scaffold.spec.kinds import INTEGERS

SPAN = 32  # different values that an expression of ``number`` gives
_CHOICES = 6  # values that are listed where there is no room for an expression
_LONGEST = 100_000  # characters; more than this and a request is refused as too large
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SINGLE = 1e38  # a limit above it is that of a float of 32 bits
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Varied:
    """An expression of ``number`` that gives ``count`` different values, in a row of numbers."""

    expression: str
    count: int


@dataclass(frozen=True)
class Domain:
    """What a field takes, as numbers ``low`` to ``high`` of the unit that ``encode`` shows as JSON.

    ``outside`` tells which numbers beyond them can be written at all.
    """

    low: int
    high: int
    encode: Callable[[int], object]
    outside: tuple[float, float] = (-math.inf, math.inf)

    def choices(self) -> list[object]:
        """Up to six values, from the lowest on."""
        count = min(self.high - self.low + 1, _CHOICES)
        return [self.encode(self.low + number) for number in range(count)]

    def edges(self) -> list[object]:
        return [self.encode(number) for number in dict.fromkeys((self.low, self.high))]

    def beyond(self) -> list[object]:
        lowest, highest = self.outside
        return [
            self.encode(number)
            for number in (self.low - 1, self.high + 1)
            if lowest <= number <= highest
        ]

    def window(self, start: int, step: int) -> int | None:
        """Where ``SPAN`` values a ``step`` apart begin: at ``start`` or as near as they fit."""
        last = self.high - SPAN * step
        return None if last < self.low else min(max(start, self.low), last)


def to_instant(number: int) -> datetime:
    return _EPOCH + number * _MICROSECOND


def from_instant(value: datetime) -> int:
    return (value - _EPOCH) // _MICROSECOND


def _microseconds(value: time) -> int:
    return from_instant(datetime.combine(_EPOCH.date(), value, UTC))


def json_form(field: Field, value: object) -> object:
    """A value of the field, as the API answers it."""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{EXACT.quantize(value, Decimal(1).scaleb(-(field.scale or 0))):f}"
    return str(value) if isinstance(value, UUID) else value


def default_form(field: Field) -> object:
    """What the API answers for a field that wasn't sent."""
    return json_form(field, default_value(field))


def domain(field: Field) -> Domain | None:
    """The numbers that stand for the values of a field; None where it has no order of that kind."""
    low, high = field.typed_min, field.typed_max
    if field.type in INTEGERS:
        least, most = INTEGERS[field.type]
        return Domain(least if low is None else low, most if high is None else high, int)
    if field.type == "decimal" and field.precision is not None:
        scale = field.scale or 0
        most = 10 ** (field.precision or 0) - 1
        return Domain(
            -most if low is None else int(EXACT.scaleb(low, scale)),
            most if high is None else int(EXACT.scaleb(high, scale)),
            lambda number: json_form(field, EXACT.scaleb(Decimal(number), -scale)),
        )
    if field.type == "date":
        limits = (1, date.max.toordinal())
        return Domain(
            (low or date.min).toordinal(),
            (high or date.max).toordinal(),
            lambda number: date.fromordinal(number).isoformat(),
            limits,
        )
    if field.type == "datetime":
        first, last = (
            from_instant(day.replace(tzinfo=UTC)) for day in (datetime.min, datetime.max)
        )
        highest = _whole(field, last if high is None else from_instant(high))
        return Domain(
            first if low is None else from_instant(low),
            highest,
            lambda number: json_form(field, to_instant(number)),
            (first, highest if high is None else last),
        )
    if field.type == "time":
        highest = _whole(field, _microseconds(high or time.max))
        return Domain(
            _microseconds(low or time.min),
            highest,
            lambda number: json_form(field, to_instant(number).time()),
            (0, highest if high is None else _microseconds(time.max)),
        )
    return None


def _whole(field: Field, number: int) -> int:
    """``number`` microseconds, as few as the column can tell apart."""
    unit = 1 if field.scale is None else 10 ** (6 - field.scale)
    return number // unit * unit


def varied(field: Field, scope: Scope, *, ties: bool = True) -> Varied:
    """Values for the requests of the tests; few different ones where lists should have ties."""
    if field.array:
        item = varied(replace(field, array=False), scope, ties=False)
        return Varied(f"[{item.expression}]", item.count)
    ties = ties and field.index and not field.unique
    made = _expression(field, "number % 2" if ties else "number", scope)
    if made is not None:
        return Varied(made, SPAN)
    choices = _choices(field)[: 2 if ties else None]
    return Varied(f"{data_literal(choices)}[number % {len(choices)}]", len(choices))


def _choices(field: Field) -> list[object]:
    if field.type == "enum":
        return list(field.values if field.unique else field.values[:2])
    if field.type == "float":
        return _floats(field)
    found = domain(field)
    if found is not None:
        return found.choices()
    return [letter * (field.typed_min or 1) for letter in "abcdef"]


def _floats(field: Field) -> list[object]:
    low, high = field.typed_min, field.typed_max
    if low is None:
        low = max(-sys.float_info.max, high - max(abs(high), SPAN))
    if high is None:
        high = min(sys.float_info.max, low + max(abs(low), SPAN))
    parts = (number / _CHOICES for number in range(_CHOICES))
    return list(dict.fromkeys(low * (1 - part) + high * part for part in parts))


def _expression(field: Field, number: str, scope: Scope) -> str | None:
    """``number`` as a value of the field, if there is room for as many; source of Python."""
    found = domain(field)
    match field.type:
        case "str" | "text":
            return _text_expression(field, number)
        case "int" | "bigint" if found:
            start = found.window(0, 1)
            return None if start is None else _plus(number, start)
        case "decimal" if found:
            return _decimal_expression(field, found, number)
        case "decimal":
            return f'f"{{{number}}}.5"'
        case "float":
            return _float_expression(field, number)
        case "date" if found:
            start = found.window(date(2026, 1, 1).toordinal(), 1)
            dt = scope.module("datetime", "dt") if start else ""
            day = repr(date.fromordinal(start or 1)).removeprefix("datetime")
            return f"str({dt}{day} + {dt}.timedelta(days={number}))" if start else None
        case "datetime" | "time" if found:
            return _clock_expression(field, found, number)
        case "bool":
            return "number % 2 == 1"
        case "json":
            return '{"number": number, "list": ["text", 1.5, True, None]}'
        case "uuid":
            return f'f"00000000-0000-4000-8000-{{{number}:012}}"'
        case "email":
            return f'f"ada{{{number}}}@example.com"'
        case "url":
            return f'f"https://example.com/{{{number}}}"'
    return None


def _plus(number: str, start: int) -> str:
    if start < 0:
        return f"{number} - {-start}"
    return f"{number} + {start}" if start else number


def _text_expression(field: Field, number: str) -> str | None:
    stem = field.name.replace("_", " ") + " "
    least, most = field.typed_min or 0, field.length or _LONGEST
    if isinstance(field, Key) and least <= len(stem) + 2 and len(stem) + 7 <= most:
        return f'f"{stem}{{{number}}} ?#%é"'  # what paths have to escape
    if least <= len(stem) + 1 and len(stem) + 2 <= most:
        return f'f"{stem}{{{number}}}"'
    width = max(least, 2)
    return f'f"{{{number}:0{width}}}"' if width <= most else None


def _decimal_expression(field: Field, found: Domain, number: str) -> str | None:
    scale = field.scale or 0
    whole = 10**scale
    half = whole // 2
    start = found.window(half, whole)
    if start is None:
        return None
    base = max(-(-(start - half) // whole), 0)  # whole numbers from here on
    if base * whole + half < found.low or (base + SPAN) * whole + half > found.high:
        return None
    fraction = f".{half:0{scale}}" if scale else ""
    return f'f"{{{_plus(number, base)}}}{fraction}"'


def _float_expression(field: Field, number: str) -> str | None:
    low, high = (None, None) if _single(field) else (field.typed_min, field.typed_max)
    if low is None:
        low = 0.5 if high is None else high - SPAN
    if abs(low) > 1e6 or (high is not None and high - low < SPAN):
        return None
    return f"{number} + {low!r}" if low >= 0 else f"{number} - {-low!r}"


def _clock_expression(field: Field, found: Domain, number: str) -> str | None:
    hour, minute = 3_600_000_000, 60_000_000
    noon = (
        from_instant(datetime(2026, 1, 31, 12, tzinfo=UTC))
        if field.type == "datetime"
        else 12 * hour
    )
    start = found.window(noon, minute)
    if start is None:
        return None
    start = -(-start // hour) * hour
    if start + SPAN * minute > found.high:
        return None
    moment = to_instant(start)
    if field.type == "time":
        return f'f"{moment:%H}:{{{number}:02}}:00"'
    fraction = ".123456" if field.scale is None else ""
    return f'f"{moment:%Y-%m-%dT%H}:{{{number}:02}}:30{fraction}Z"'


def accepted(field: Field) -> list[tuple[str, str]]:
    """Values that are sent, and the answers: literals. The edges, and other forms of a value."""
    if field.array:
        pairs = accepted(replace(field, array=False, optional=False))
        found = [("[]", "[]"), *((f"[{sent}]", f"[{answered}]") for sent, answered in pairs)]
        return [*found, ("None", "None")] if field.optional else found
    found = [(literal, literal) for literal in _edges(field)]
    found += [(data_literal(sent), data_literal(answered)) for sent, answered in _forms(field)]
    if field.optional:
        found.append(("None", "None"))
    return list(dict.fromkeys(found))


def _edges(field: Field) -> Iterator[str]:
    found = domain(field)
    if found is not None:
        yield from map(data_literal, found.edges())
    elif field.type in ("str", "text"):
        for length in dict.fromkeys(
            (field.typed_min or 0, min(field.length or _LONGEST, _LONGEST))
        ):
            yield _repeated("é", length)
    elif field.type in ("email", "url"):
        yield _long(field, field.length or 0)
    elif field.type == "float" and not _single(field):
        yield from map(data_literal, (_least(field), _most(field)))


def _finite(value: float) -> tuple[float, ...]:
    """``value``, or nothing where JSON has no number for it."""
    return (value,) if math.isfinite(value) else ()


def _single(field: Field) -> bool:
    """Whether the column rounds to 32 bits, so that edges come back as others."""
    return field.stored is not None and (field.typed_max or 0) > _SINGLE


def _least(field: Field) -> float:
    return -1.5e300 if field.typed_min is None else field.typed_min


def _most(field: Field) -> float:
    return 1.5e300 if field.typed_max is None else field.typed_max


def _repeated(text: str, count: int) -> str:
    if count <= 8:
        return text_literal(text * count)
    return f"{text_literal(text)} * {count}"


def _long(field: Field, length: int) -> str:
    """An address of exactly this many characters."""
    if field.type == "email":
        return f'"a" * {length - 12} + "@example.com"'
    return f'"https://example.com/" + "a" * {length - 20}'


def _forms(field: Field) -> Iterator[tuple[object, object]]:
    """What is sent in one form and answered in another, or has no edges at all."""
    match field.type:
        case "enum":
            yield from ((value, value) for value in field.values)
        case "bool":
            yield from ((True, True), (False, False))
        case "json":
            yield from ((value, value) for value in _JSON)
        case "uuid":
            text = "abcdef00-0000-4000-8000-000000000000"
            yield text.upper(), text
        case "str" if field.folded:
            length = max(field.typed_min or 0, 1)
            yield "A" * length, "a" * length
        case "email":
            yield "Ada@EXAMPLE.com", "ada@example.com" if field.folded else "Ada@example.com"
        case "url":
            yield "https://EXAMPLE.com", "https://example.com/"
        case "datetime":
            yield _shifted(field)
        case "decimal" if field.precision is None:
            low, high = field.typed_min, field.typed_max
            for text in ("0", "-1.25", "7.000"):
                if (low is None or Decimal(text) >= low) and (
                    high is None or Decimal(text) <= high
                ):
                    yield text, text
        case "decimal":
            yield from _numbers(field)


def _shifted(field: Field) -> tuple[object, object]:
    """An instant told in another time zone."""
    found = domain(field)
    assert found is not None
    noon = from_instant(datetime(2026, 1, 31, 12, 30, tzinfo=UTC))
    moment = to_instant(min(max(noon, found.low), found.high))
    zone = timezone(timedelta(hours=2 if moment.year < 9999 else -2))
    return moment.astimezone(zone).isoformat(), json_form(field, moment)


def _numbers(field: Field) -> Iterator[tuple[object, object]]:
    """A whole number, sent as a number."""
    found = domain(field)
    assert found is not None
    whole = 10 ** (field.scale or 0)
    number = -(-max(found.low, 0) // whole)
    if number * whole <= found.high:
        yield number, found.encode(number * whole)


def refused(field: Field) -> list[str]:
    """Values that are answered with 422: literals."""
    if field.array:
        return ["{}", *([] if field.optional else ["None"])]
    found = [*_wrong_lengths(field), *map(data_literal, _wrong(field))]
    if not field.optional:
        found.append("None")
    return list(dict.fromkeys(found))


def _wrong_lengths(field: Field) -> Iterator[str]:
    length = field.length
    if field.type in ("str", "text"):
        if field.typed_min:
            yield _repeated("a", field.typed_min - 1)
        if length is not None and length < _LONGEST:
            yield _repeated("a", length + 1)
        yield _repeated("\0", max(field.typed_min or 0, 1))
    elif field.type in ("email", "url"):
        yield _long(field, (length or 0) + 1)


def _wrong(field: Field) -> Iterator[object]:
    yield from _WRONG.get(field.type, ())
    found = domain(field)
    if found is not None:
        yield from found.beyond()
    if field.type == "enum":
        yield _no_value(field)
    elif field.type == "float":
        if field.typed_min is not None:
            yield from _finite(math.nextafter(field.typed_min, -math.inf))
        if field.typed_max is not None:
            yield from _finite(math.nextafter(field.typed_max, math.inf))
    elif field.type == "decimal" and field.precision is not None:
        yield f"0.{'0' * (field.scale or 0)}1"


# Of the wrong type, or in a form that the schema doesn't tell.
_WRONG: dict[str, tuple[Any, ...]] = {
    "str": (1,),
    "text": (1,),
    "int": ("1", True, 1.5),
    "bigint": ("1", True, 1.5),
    "float": ("1", True),
    "decimal": ("one", "NaN", True),
    "bool": ("true", 1),
    "date": ("2026-02-30", "2026-01-31T00:00:00", "0", 0),
    "datetime": ("2026-01-31T12:30:00", "0001-01-01T00:00:00+14:00", "0", 0),
    "time": ("24:00", "12:30:00Z", 0),
    "uuid": ("one", 1),
    "email": ("ada", 1),
    "url": ("ftp://example.com/", "example", 1),
}


_JSON: tuple[object, ...] = ([], {"a": [1.5, None, "é", {"b": True}]}, "text", 0, False)


def sort_key(field: Field, scope: Scope) -> str:
    """What makes answers of this type comparable: a function."""
    if field.type in ("int", "bigint", "bool"):
        return "int"
    if field.type == "decimal":
        return scope.name("decimal", "Decimal")
    if field.type == "datetime":
        return f"{scope.module('datetime', 'dt')}.datetime.fromisoformat"
    if field.type == "enum" and (field.stored or "").partition(".")[2].startswith("ENUM("):
        return f"{data_literal(list(field.values))}.index"
    return "float" if field.type == "float" else "str"


def refused_paths(key: Key) -> list[str]:
    """Texts that no part of a path can be for this key."""
    if key.type in INTEGERS:
        return ["x", "1.5", str(INTEGERS[key.type][1] + 1)]
    return ["%00"] if key.type == "str" else [_no_value(key)]


def filter_values(field: Field) -> list[str]:
    """Values to filter by, as the API answers them: some that rows of the tests have, one not."""
    if field.type == "enum":
        return [data_literal(value) for value in field.values[:3]]
    if field.type == "bool":
        return ["True", "False"]
    if not field.readonly:
        return [f'body(1)["{field.name}"]']
    if field.default is not None:
        return [data_literal(default_form(field))]
    return []


def refused_filter(field: Field) -> str:
    """Text of a query that is no value of the field."""
    return "%00" if field.type == "str" else _no_value(field)


def _no_value(field: Field) -> str:
    word = "none"
    while word in field.values:
        word += "-of-these"
    return word


def is_plain(field: Field) -> bool:
    """Whether the values that tests give the field need no escape in a query."""
    if field.type == "enum":
        return all(re.fullmatch("[a-z0-9_-]+", value) for value in field.values[:2])
    return field.type in ("int", "bigint", "decimal", "date", "uuid")


_TEXTS = {
    "bool": "true", "email": "ada@example.com", "float": "1", "str": "x",
    "uuid": "00000000-0000-4000-8000-000000000000",
}  # fmt: skip


def filter_text(field: Field) -> str:
    """A value of the field as the text of a query."""
    found = domain(field)
    if found is not None:
        return quote(str(found.encode(found.low)))
    if field.type == "enum":
        return quote(field.values[0])
    return _TEXTS.get(field.type, "https://example.com/")
