"""The revision that does another one backwards, as text."""

from __future__ import annotations

import ast

import pytest

from scaffold.migrations import inverse_revision, parse_revision

SOURCE = '''"""Create orders.

Revision ID: abc
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "abc"
down_revision: str | None = "base1"
branch_labels: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table("orders", sa.Column("id", sa.BigInteger()))
    # an index
    op.create_index("ix", "orders", ["id"])


def downgrade() -> None:
    op.drop_table("orders")
'''


def test_a_revision_is_read() -> None:
    revision = parse_revision(SOURCE)
    assert revision is not None
    assert (revision.id, revision.down, revision.title) == ("abc", ("base1",), "Create orders")


@pytest.mark.parametrize("source", ["", "x = (", "revision = 'a'\n", "revision = make()\n"])
def test_what_is_no_revision_is_none(source: str) -> None:
    assert parse_revision(source) is None


def test_the_inverse_swaps_the_bodies_and_rests_on_the_head() -> None:
    original = parse_revision(SOURCE)
    assert original is not None
    new, source = inverse_revision(original, "head9")
    inverse = parse_revision(source)
    assert inverse is not None
    assert (inverse.id, inverse.down) == (new, ("head9",))
    assert inverse.title == "Revert: Create orders"
    bodies = {
        node.name: ast.unparse(node.body)
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef)
    }
    assert bodies["upgrade"] == "op.drop_table('orders')"
    assert "create_table" in bodies["downgrade"]
    assert "# an index" in source


def test_the_inverse_of_the_inverse_does_what_the_original_did() -> None:
    original = parse_revision(SOURCE)
    assert original is not None
    once = parse_revision(inverse_revision(original, "h")[1])
    assert once is not None
    twice = parse_revision(inverse_revision(once, original.down[0])[1])
    assert twice is not None
    lines = twice.source.splitlines()
    assert lines[twice.upgrade[0] - 1 : twice.upgrade[1]] == [
        *SOURCE.splitlines()[original.upgrade[0] - 1 : original.upgrade[1]]
    ]


def test_downgrade_may_come_first() -> None:
    head, upgrade, downgrade = SOURCE.split("\n\n\n")
    original = parse_revision(f"{head}\n\n\n{downgrade.rstrip()}\n\n\n{upgrade}\n")
    assert original is not None
    inverse = parse_revision(inverse_revision(original, "h")[1])
    assert inverse is not None
    text = inverse.source.splitlines()
    assert "drop_table" in text[inverse.upgrade[0] - 1]
