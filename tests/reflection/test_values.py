"""Values that no value of Python's stands for, as each system is asked for them."""

from __future__ import annotations

import pytest

from scaffold.reflection.schema import ColumnType
from scaffold.reflection.values import unreadable, unreadable_value


@pytest.mark.parametrize(
    ("kind", "value", "wrong"),
    [
        ("date", "2024-02-29", False),
        ("date", "2023-02-29", True),
        ("date", "29.2.2024", True),
        ("date", "", True),
        ("date", None, False),
        ("datetime", "2024-02-29 10:00:00.5", False),
        ("datetime", "2024-02-29T10:00:00+02:00", False),
        ("datetime", "0001-01-01T00:00:00+14:00", True),
        ("datetime", "0000-00-00 00:00:00", True),
        ("time", "10:00", False),
        ("time", "25:00", True),
        ("time", "10:00+02:00", True),
        ("json", '{"a": [1, 2.5, null]}', False),
        ("json", "{broken", True),
        ("json", "[1e400]", True),
        ("json", "[NaN]", True),
        ("text", "ü".encode(), False),
        ("text", b"\xff", True),
    ],
)
def test_texts_of_sqlite(kind: str, value: object, wrong: bool) -> None:
    assert unreadable_value(kind, "null" if value is None else "text", value) is wrong


@pytest.mark.parametrize(
    ("kind", "value", "wrong"),
    [
        ("number", 1.5, False),
        ("number", float("inf"), True),
        ("bool", 1, False),
        ("bool", 2, True),
        ("date", 20240229, False),  # another kind, of which the column tells by itself
    ],
)
def test_numbers_of_sqlite(kind: str, value: object, wrong: bool) -> None:
    assert unreadable_value(kind, "real" if isinstance(value, float) else "integer", value) is wrong


@pytest.mark.parametrize("system", ["sqlite", "postgresql", "mysql"])
@pytest.mark.parametrize("name", ["INTEGER", "BLOB", "UUID"])
def test_types_that_hold_nothing_else_are_not_asked(system: str, name: str) -> None:
    assert unreadable("x", ColumnType(name, f"sa.{name}()"), system) is None


def test_arrays_and_domains_are_asked_for_what_they_hold() -> None:
    item = ColumnType("DATE", "sa.DATE()")
    assert "unnest(x)" in str(unreadable("x", ColumnType("ARRAY", "", item=item), "postgresql"))
    asked = unreadable("x", ColumnType("DOMAIN", "", item=item), "postgresql")
    assert asked == unreadable("x", item, "postgresql")
