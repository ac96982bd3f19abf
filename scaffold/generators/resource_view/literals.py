"""Values as Python source, written as ``ruff format`` writes them."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from scaffold.generators.resource_view.imports import Scope


def text_literal(text: str) -> str:
    """``text`` in double quotes, or in single ones where these need fewer escapes."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    escaped = (
        f"\\{char}" if char in (quote, "\\") else char if char.isprintable() else repr(char)[1:-1]
        for char in text
    )
    return f"{quote}{''.join(escaped)}{quote}"


def data_literal(value: object) -> str:
    """JSON data as a literal."""
    if isinstance(value, str):
        return text_literal(value)
    if isinstance(value, dict):
        items = (f"{text_literal(key)}: {data_literal(item)}" for key, item in value.items())
        return f"{{{', '.join(items)}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(data_literal, value))}]"
    # ruff format writes 1.5e300, Python itself 1.5e+300.
    return repr(value).replace("e+", "e") if isinstance(value, float) else repr(value)


def value_literal(value: object, scope: Scope) -> str:
    """The value of a field as an expression, its imports added to ``scope``."""
    if isinstance(value, Decimal):
        return f'{scope.name("decimal", "Decimal")}("{value:f}")'
    if isinstance(value, UUID):
        return f'{scope.name("uuid", "UUID")}("{value}")'
    if isinstance(value, datetime):
        dt = scope.module("datetime", "dt")
        return f"{dt}.{_call(repr(value), 'tzinfo=datetime.timezone.utc', f'tzinfo={dt}.UTC')}"
    if isinstance(value, date | time):
        return f"{scope.module('datetime', 'dt')}.{_call(repr(value))}"
    return data_literal(value)


def _call(text: str, old: str = "", new: str = "") -> str:
    return text.removeprefix("datetime.").replace(old, new)
