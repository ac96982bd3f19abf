"""What the rows of a database hold other than its schema says, asked for without reading them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from scaffold.reflection.checks import limits_of
from scaffold.reflection.schema import Column, Table
from scaffold.reflection.values import unreadable, unreadable_value

if TYPE_CHECKING:
    from sqlalchemy import Connection

_GREATEST_KEY = 2**63 - 1  # that a path has

_NEVER = "infinity"  # a date that a default may have, as MySQL's of zeros


@dataclass(frozen=True)
class Rows:
    """Asks the tables of one connection for their rows."""

    connection: Connection
    system: str

    def __post_init__(self) -> None:
        if self.system == "sqlite":
            raw: Any = self.connection.connection.driver_connection
            raw.create_function("unreadable", 3, unreadable_value, deterministic=True)

    def profiled(self, table: Table) -> Table:
        """The table, with what its rows hold that its types, its CHECKs or a path do not."""
        columns = tuple(self._columns(table))
        return replace(
            table,
            columns=columns,
            pathless=frozenset(c.name for c in columns if c.name in table.key and self._lost(table, c)),
            broken=frozenset(
                sql for _, sql in table.checks if self._understood(table, sql) and self._breaks(table, sql)
            ),
        )  # fmt: skip

    def quoted(self, name: str) -> str:
        """The name as SQL has it."""
        quote = "`" if self.system == "mysql" else '"'
        return f"{quote}{name.replace(quote, quote * 2)}{quote}"

    def read(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows that ``sql`` gives."""
        if self.system != "sqlite":
            sql = sql.replace("%", "%%")  # a driver would take it for a parameter
        return [tuple(row) for row in self.connection.exec_driver_sql(sql, values or None)]

    def _columns(self, table: Table) -> list[Column]:
        """The columns with the kinds of values that SQLite has in them, and whether all are read."""
        wrong = [self._wrong(table, column) for column in table.columns]
        if self.system != "sqlite" or not table.columns:
            return [replace(c, unreadable=w) for c, w in zip(table.columns, wrong, strict=True)]
        kinds = ", ".join(
            f"group_concat(DISTINCT typeof({self.quoted(column.name)}))" for column in table.columns
        )
        seen = self.read(f"SELECT {kinds} FROM {self._source(table)}")[0]
        return [
            replace(c, unreadable=w, seen=frozenset(filter(None, str(kinds or "").split(","))))
            for c, w, kinds in zip(table.columns, wrong, seen, strict=True)
        ]

    def _wrong(self, table: Table, column: Column) -> bool:
        name = self.quoted(column.name)
        if self.system == "mysql" and column.type.name == "TINYINT":
            return column.type.precision == 1 and self._any(table, f"{name} NOT IN (0, 1)")
        if _NEVER in (column.default or "").lower().replace("0000-00-00", _NEVER):
            return True
        condition = unreadable(name, column.type, self.system)
        return condition is not None and self._any(table, condition)

    def _lost(self, table: Table, column: Column) -> bool:
        """Whether the column is of the key, and some of its values can't be part of a path."""
        name, type_ = self.quoted(column.name), column.type
        if type_.unsigned and type_.name == "BIGINT":
            return self._any(table, f"{name} > {_GREATEST_KEY}")
        if type_.length is None and "TEXT" not in type_.name:
            return False
        name += "::text" if self.system == "postgresql" else ""
        return self._any(table, f"{name} LIKE '%/%' OR {name} IN ('', '.', '..')")

    def _understood(self, table: Table, sql: str) -> bool:
        """Whether a CHECK says what fields would rely on; others may call anything."""
        return (
            limits_of(sql, {column.name.lower(): column.name for column in table.columns})
            is not None
        )

    def _breaks(self, table: Table, sql: str) -> bool:
        return self._any(table, f"NOT ({sql})")

    def _any(self, table: Table, condition: str) -> bool:
        found = self.read(f"SELECT 1 FROM {self._source(table)} WHERE {condition} LIMIT 1")
        return bool(found)

    def _source(self, table: Table) -> str:
        return ".".join(self.quoted(part) for part in (table.schema, table.name) if part)
