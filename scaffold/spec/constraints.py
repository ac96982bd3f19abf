"""The constraints and indexes of a table that was there before, which are kept as SQLAlchemy says them."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

# Told of a foreign key whose actions SQLAlchemy doesn't read from SQLite.
INLINE = 'info={"inline": True}'


@dataclass(frozen=True)
class Constraint:
    """What a text like ``sa.UniqueConstraint("a", "b", name="x")`` says.

    ``kind`` is ``primary key``, ``foreignkey``, ``unique`` or ``index``; ``targets`` are what a
    foreign key refers to (``table.column``), ``words`` what else is said by name.
    """

    kind: str
    name: str | None
    columns: tuple[str, ...]
    targets: tuple[str, ...] = ()
    words: tuple[tuple[str, str | bool], ...] = ()


_KINDS = {
    "PrimaryKeyConstraint": "primary key", "ForeignKeyConstraint": "foreignkey",
    "UniqueConstraint": "unique", "Index": "index",
}  # fmt: skip


def parse_constraint(text: str) -> Constraint:
    """The constraint of a text that ``Existing`` keeps."""
    call = ast.parse(text, mode="eval").body
    assert isinstance(call, ast.Call)
    assert isinstance(call.func, ast.Attribute)
    kind = _KINDS[call.func.attr]
    said = [ast.literal_eval(argument) for argument in call.args]
    words = {str(word.arg): ast.literal_eval(word.value) for word in call.keywords}
    name = said.pop(0) if kind == "index" else words.pop("name", None)
    columns, targets = said if kind == "foreignkey" else (said, ())
    return Constraint(kind, name, tuple(columns), tuple(targets), tuple(words.items()))


def as_read(text: str) -> str:
    """The constraint as SQLAlchemy reads it from the database, which Alembic compares it with."""
    if INLINE not in text:
        return text
    return re.sub(r', (?:on(?:update|delete)="[^"]*"|info=\{[^}]*\})', "", text)
