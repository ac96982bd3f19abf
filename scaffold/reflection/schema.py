"""A database's schema as plain data: what was read of it, before anything is made of it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class ColumnType:
    """The type of a column.

    ``name`` is the database's word for it in capitals (``VARCHAR``), ``expression`` the type as
    SQLAlchemy writes it (``sa.VARCHAR(160)``), ``sql`` as the database does. ``length`` is in
    characters, ``scale`` the decimals, of seconds too. ``item`` is the type of what an array holds.
    """

    name: str
    expression: str
    sql: str = ""
    length: int | None = None
    precision: int | None = None
    scale: int | None = None
    values: tuple[str, ...] = ()
    unsigned: bool = False
    timezone: bool = False
    item: ColumnType | None = None


@dataclass(frozen=True)
class Column:
    """A column; ``default`` is the SQL that fills it, ``computed`` that of a generated one,
    which is kept if it is ``persisted``.

    ``numbered`` tells that the database counts its values up. ``seen`` are kinds of values that
    rows hold other than the type says: SQLite's words for them. ``unreadable`` tells that some row
    has a value that none of the type in Python stands for.
    """

    name: str
    type: ColumnType
    nullable: bool = True
    default: str | None = None
    computed: str | None = None
    persisted: bool = False
    numbered: bool = False
    seen: frozenset[str] = frozenset()
    unreadable: bool = False


@dataclass(frozen=True)
class ForeignKey:
    """Columns that refer to others; ``options`` are the words behind it: ``ondelete``, ….

    ``schema`` is None where the other table lies in the default one.
    """

    name: str | None
    columns: tuple[str, ...]
    schema: str | None
    table: str
    targets: tuple[str, ...]
    options: tuple[tuple[str, str | bool], ...] = ()


@dataclass(frozen=True)
class Index:
    """An index or a unique constraint; ``plain`` is False where more than columns say it."""

    name: str | None
    columns: tuple[str, ...]
    unique: bool = False
    constraint: bool = False
    plain: bool = True
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Table:
    """A table; ``key`` are its primary key's columns. ``schema`` is None for the default one.

    ``pathless`` are columns of the key of which some values can't be part of a path, ``broken`` the
    SQL of CHECKs that not all rows keep.
    """

    name: str
    schema: str | None
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    key_name: str | None = None
    references: tuple[ForeignKey, ...] = ()
    indexes: tuple[Index, ...] = ()
    checks: tuple[tuple[str, str], ...] = ()
    pathless: frozenset[str] = frozenset()
    broken: frozenset[str] = frozenset()

    @property
    def full_name(self) -> str:
        """``schema.table``, or the table alone."""
        return f"{self.schema}.{self.name}" if self.schema else self.name

    def column(self, name: str) -> Column:
        """The column called so."""
        return next(column for column in self.columns if column.name == name)


@dataclass(frozen=True)
class Schema:
    """What a database has. ``system`` is sqlite, postgresql or mysql.

    ``views`` and ``parts`` (of partitioned tables) have no resource of their own; ``missing`` are
    tables that were asked for and are not there.
    """

    system: str
    database: str
    tables: tuple[Table, ...]
    views: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    left_out: tuple[str, ...] = field(default=())
