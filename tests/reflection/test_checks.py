"""CHECK constraints as the three systems tell them: understood, or left alone."""

from __future__ import annotations

from decimal import Decimal

import pytest

from scaffold.reflection.checks import Limits, limits_of

COLUMNS = {"price": "Price", "state": "state", "doc": "doc", "b": "b"}


@pytest.mark.parametrize(
    ("sql", "limits"),
    [
        ("price > 0", (Limits("Price", Decimal(0), True),)),
        ('(("Price" >= (0)::numeric) AND ("Price" <= (50)::numeric))',
         (Limits("Price", Decimal(0)), Limits("Price", most=Decimal(50)))),
        ("`price` between -1 and 9.5", (Limits("Price", Decimal(-1), False, Decimal("9.5")),)),
        ("state IN ('open', 'it''s')", (Limits("state", values=("open", "it's")),)),
        ("(state)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[])",
         (Limits("state", values=("a", "b")),)),
        ('JSON_VALID("doc") OR "doc" IS NULL', (Limits("doc", json=True),)),
        ("(price >= 1) or (price is null)", (Limits("Price", Decimal(1)),)),
        ("json_valid(`doc`)", (Limits("doc", json=True),)),
    ],
)  # fmt: skip
def test_limits_of_one_column(sql: str, limits: tuple[Limits, ...]) -> None:
    assert limits_of(sql, COLUMNS) == limits


@pytest.mark.parametrize(
    "sql",
    [
        "price > b", "price > 0 OR b > 0", "length(state) > 3", "state ~ '^a'", "other > 1",
        "price > 0 AND state LIKE '% AND %'", "state IN ('a', b)", "NOT (price > 0)", "",
    ],
)  # fmt: skip
def test_more_than_that_is_left_alone(sql: str) -> None:
    assert limits_of(sql, COLUMNS) is None
