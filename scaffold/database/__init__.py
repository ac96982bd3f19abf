"""The one place that connects to a database: it reads a schema, and writes nothing.

SQLAlchemy and the drivers are an extra of scaffold's own distribution; nothing of a URL but the
system and the database's name leaves this module.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scaffold.database.rows import Rows
from scaffold.reflection.schema import Column, ColumnType, ForeignKey, Index, Schema, Table
from scaffold.spec.errors import MachineError, ScaffoldError, UsageError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Inspector

# The systems by what a URL may call them, and the driver that reads each.
SYSTEMS = {
    "sqlite": ("sqlite", "pysqlite"),
    "postgres": ("postgresql", "psycopg"),
    "postgresql": ("postgresql", "psycopg"),
    "mysql": ("mysql", "pymysql"),
    "mariadb": ("mysql", "pymysql"),
}
_TIMEOUT = 10  # seconds for a server to answer
_OWN = frozenset({"alembic_version"})
_HIDDEN_SCHEMAS = re.compile("information_schema|pg_.*")
_FORM = "write sqlite:///FILE, postgresql://USER@HOST/NAME or mysql://USER@HOST/NAME"


def redacted(url: str) -> str:
    """What may be told of a URL: its system and the database's name, as ``postgresql:///shop``."""
    scheme, _, rest = url.partition("://")
    system, _ = SYSTEMS.get(scheme.partition("+")[0].lower(), ("database", ""))
    name = re.split("[?#]", rest)[0].rpartition("/")[2] if "/" in rest else ""
    return f"{system}:///{name}"


def read_schema(url: str, tables: Collection[str] = ()) -> Schema:
    """The schema of the database at ``url``, or of the ``tables`` named (``schema.table`` too).

    Raises:
        UsageError: the URL is none, or a table isn't there.
        MachineError: the extra is not installed, or the database can't be reached.
    """
    scheme, separator, _ = url.partition("://")
    known = SYSTEMS.get(scheme.partition("+")[0].lower())
    if not separator or known is None:
        raise UsageError("--from-database: not the URL of a database it can read", hint=_FORM)
    system, driver = known
    sa = _sqlalchemy(system, driver)
    try:
        parsed = sa.make_url(f"{system}+{driver}://{url.partition('://')[2]}")
    except Exception as error:  # whatever is wrong with it, the message may hold the password
        raise UsageError("--from-database: the URL can't be read", hint=_FORM) from error
    try:
        engine = _engine(sa, system, parsed)
        with engine.connect() as connection, warnings.catch_warnings():
            warnings.simplefilter("ignore", sa.exc.SAWarning)  # notes tell of unknown types
            found = _Reader(connection, system, tables).schema(redacted(url))
        engine.dispose()
    except ScaffoldError:
        raise
    except sa.exc.SQLAlchemyError as error:
        reason = _reason(error, parsed.password)
        raise MachineError(
            f"--from-database: {redacted(url)} can't be read: {reason}",
            hint="check host, name, user and password",
        ) from None
    if found.missing:
        there = ", ".join(table.full_name for table in found.tables) or "none of them"
        raise UsageError(
            f"--table {found.missing[0]}: {redacted(url)} has no such table",
            hint=f"names are as in the database; found: {there}",
        )
    return found


def _sqlalchemy(system: str, driver: str) -> Any:
    try:
        import sqlalchemy

        __import__({"pysqlite": "sqlite3"}.get(driver, driver))
    except ImportError as error:
        raise MachineError(
            f"--from-database: reading {system} needs {error.name}, which is not installed",
            hint='pip install "scaffold-api[database]"',
        ) from error
    return sqlalchemy


def _engine(sa: Any, system: str, url: Any) -> Any:
    if system == "sqlite":
        path = Path(url.database or "")
        if not path.is_file():
            raise UsageError(
                f"--from-database: there is no file {url.database or ''}", hint="give its path"
            )
        # Nothing is written, not even a journal of its own.
        read_only = url.set(
            database=f"{path.resolve().as_uri()}", query={"mode": "ro", "uri": "true"}
        )
        return sa.create_engine(read_only)
    return sa.create_engine(url, connect_args={"connect_timeout": _TIMEOUT})


def _reason(error: Exception, password: object) -> str:
    """The first line of the driver's own message, without the password."""
    from urllib.parse import quote

    original = getattr(error, "orig", None) or error
    said = str(original.args[-1] if original.args else original).strip().splitlines() or [""]
    reason = said[0]
    for secret in filter(None, (str(password or ""), quote(str(password or "")))):
        reason = reason.replace(secret, "***")
    return reason


@dataclass
class _Reader:
    """Reads the tables of one connection."""

    connection: Connection
    system: str
    wanted: Collection[str]

    @cached_property
    def rows(self) -> Rows:
        return Rows(self.connection, self.system)

    def schema(self, name: str) -> Schema:
        import sqlalchemy

        inspector = sqlalchemy.inspect(self.connection)
        default = inspector.default_schema_name
        parts, foreign = self._parts(), self._of_extensions()
        tables: list[Table] = []
        views: list[str] = []
        left_out: list[str] = []
        for schema in self._schemas(inspector, default):
            shown = None if schema in (None, default) else schema
            prefix = f"{shown}." if shown else ""
            names = [
                one
                for one in sorted(inspector.get_table_names(schema))
                if one not in _OWN and (schema or default, one) not in parts | foreign
            ]
            asked = [one for one in names if self._asked(prefix + one)]
            left_out += [prefix + one for one in names if one not in asked]
            tables += self._tables(inspector, schema, shown, asked)
            views += [prefix + one for one in sorted(_views(inspector, schema, self.system))]
        there = {table.full_name for table in tables}
        return Schema(
            system=self.system,
            database=name,
            tables=tuple(tables),
            views=() if self.wanted else tuple(views),
            parts=tuple(sorted(one for _, one in parts)) if not self.wanted else (),
            missing=tuple(one for one in self.wanted if one not in there),
            left_out=tuple(left_out),
        )

    def _asked(self, name: str) -> bool:
        return not self.wanted or name in self.wanted

    def _schemas(self, inspector: Inspector, default: str | None) -> list[str | None]:
        if self.system != "postgresql":
            return [None]
        names = [n for n in inspector.get_schema_names() if not _HIDDEN_SCHEMAS.fullmatch(n)]
        return [None, *sorted(name for name in names if name != default)]

    def _parts(self) -> set[tuple[str | None, str]]:
        """What lies below a partitioned table, inherits from another, or is kept by a virtual one."""
        if self.system == "sqlite":
            found = self.rows.read(
                "SELECT schema, name FROM pragma_table_list WHERE type = 'shadow'"
            )
            return {(schema, name) for schema, name in found}
        if self.system != "postgresql":
            return set()
        return {
            (schema, name)
            for schema, name in self.rows.read(
                "SELECT n.nspname, c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
                " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p')"
            )
        }

    def _checks(self) -> dict[str, list[dict[str, Any]]]:
        """MariaDB's CHECK constraints by table, those of single columns too."""
        found: dict[str, list[dict[str, Any]]] = {}
        if getattr(self.connection.dialect, "is_mariadb", False):
            for table, name, sql in self.rows.read(
                "SELECT TABLE_NAME, CONSTRAINT_NAME, CHECK_CLAUSE"
                " FROM information_schema.CHECK_CONSTRAINTS"
                " WHERE CONSTRAINT_SCHEMA = DATABASE() ORDER BY 1, 2"
            ):
                found.setdefault(table, []).append({"name": name, "sqltext": sql})
        return found

    def _unread(self, table: str, read: Collection[str]) -> list[Index]:
        """The indexes on expressions, which SQLite tells of only as text."""
        if self.system != "sqlite":
            return []
        found = self.rows.read(
            "SELECT name, sql LIKE 'create unique%' FROM sqlite_master"
            " WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL ORDER BY name",
            table,
        )
        return [Index(name, (), bool(u), plain=False) for name, u in found if name not in read]

    def _acted(self, table: str, read: list[Any]) -> list[Any]:
        """The references: what a column of SQLite says in its own line SQLAlchemy doesn't read."""
        if self.system != "sqlite":
            return read
        actions: dict[tuple[str, ...], dict[str, str]] = {}
        columns: dict[int, list[str]] = {}
        for row in self.rows.read(f"PRAGMA foreign_key_list({self.rows.quoted(table)})"):
            columns.setdefault(row[0], []).append(row[3])
            actions[tuple(columns[row[0]])] = {"onupdate": row[5], "ondelete": row[6]}
        for one in read:
            there = actions.get(tuple(one["constrained_columns"]), {})
            said = {name: action for name, action in there.items() if action != "NO ACTION"}
            if said.keys() - one["options"].keys():
                one["options"] = {**one["options"], **said, "inline": True}
        return read

    def _uniques(self, table: str, read: list[Any]) -> list[Any]:
        """The unique constraints: of SQLite's, SQLAlchemy knows only those it finds in the text."""
        if self.system != "sqlite":
            return read
        known = [list(one["column_names"]) for one in read]
        found = self.rows.read(f"PRAGMA index_list({self.rows.quoted(table)})")
        for name in (row[1] for row in found if row[3] == "u"):
            columns = [
                row[2] for row in self.rows.read(f"PRAGMA index_info({self.rows.quoted(name)})")
            ]
            if columns not in known:
                read.append({"name": None, "column_names": columns})
        return read

    def _nested(self, schema: str | None) -> set[tuple[str, str]]:
        """The columns of PostgreSQL that are arrays of arrays, by table and name."""
        if self.system != "postgresql":
            return set()
        found = self.rows.read(
            "SELECT c.relname, a.attname, n.nspname FROM pg_attribute a"
            " JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE a.attndims > 1"
        )
        return {(table, column) for table, column, where in found if where == schema}

    def _of_extensions(self) -> set[tuple[str | None, str]]:
        if self.system != "postgresql":
            return set()
        return {
            (schema, name)
            for schema, name in self.rows.read(
                "SELECT n.nspname, c.relname FROM pg_depend d JOIN pg_class c ON c.oid = d.objid"
                " JOIN pg_namespace n ON n.oid = c.relnamespace"
                " WHERE d.deptype = 'e' AND d.classid = 'pg_class'::regclass"
            )
        }

    def _tables(
        self, inspector: Inspector, schema: str | None, shown: str | None, names: list[str]
    ) -> Iterator[Table]:
        if not names:
            return
        columns = inspector.get_multi_columns(schema, names)
        keys = inspector.get_multi_pk_constraint(schema, names)
        references = inspector.get_multi_foreign_keys(schema, names)
        indexes = inspector.get_multi_indexes(schema, names)
        uniques = inspector.get_multi_unique_constraints(schema, names)
        checks = inspector.get_multi_check_constraints(schema, names)
        said = self._checks()
        nested = self._nested(schema or inspector.default_schema_name)
        for name in names:
            place = (schema, name)
            key: Any = keys.get(place) or {}
            key_names = tuple(key.get("constrained_columns") or ())
            found = tuple(self._columns(name, list(columns.get(place) or []), key_names, nested))
            table = Table(
                name=name,
                schema=shown,
                columns=found,
                key=key_names,
                key_name=key.get("name"),
                references=tuple(
                    _references(self._acted(name, list(references.get(place) or [])), inspector)
                ),
                indexes=(
                    *_indexes(
                        list(indexes.get(place) or []),
                        self._uniques(name, list(uniques.get(place) or [])),
                    ),
                    *self._unread(name, [str(one["name"]) for one in indexes.get(place) or []]),
                ),
                checks=tuple(
                    (str(check.get("name") or ""), str(check["sqltext"]))
                    for check in (said.get(name, []) if said else checks.get(place) or [])
                ),
            )
            yield self.rows.profiled(table)

    def _columns(
        self, table: str, found: list[Any], key: tuple[str, ...], nested: set[tuple[str, str]]
    ) -> Iterator[Column]:
        declared: dict[str, str] = {}
        numbered = False
        if self.system == "sqlite":
            rows = self.rows.read(f"PRAGMA table_xinfo({self.rows.quoted(table)})")
            declared = {str(row[1]): str(row[2]).upper() for row in rows}
            made = self.rows.read(
                "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", table
            )
            sql = str(made[0][0]) if made else ""
            without = re.search(r"without\s+rowid[^)]*$", sql, re.IGNORECASE)
            numbered = len(key) == 1 and declared.get(key[0]) == "INTEGER" and not without
        for column in found:
            default = column.get("default")
            type_ = _column_type(column["type"], self.connection.dialect)
            yield Column(
                name=column["name"],
                type=replace(type_, name="OTHER") if (table, column["name"]) in nested else type_,
                nullable=bool(column["nullable"]),
                default=str(default) if default is not None else None,
                computed=(column.get("computed") or {}).get("sqltext"),
                persisted=bool((column.get("computed") or {}).get("persisted")),
                numbered=(numbered and column["name"] in key)
                or bool(column.get("identity"))
                or str(default or "").startswith("nextval(")
                or (self.system == "mysql" and column.get("autoincrement") is True),
            )


def _views(inspector: Inspector, schema: str | None, system: str) -> list[str]:
    if system != "postgresql":
        return inspector.get_view_names(schema)
    return [*inspector.get_view_names(schema), *inspector.get_materialized_view_names(schema)]


def _references(found: list[Any], inspector: Inspector) -> Iterator[ForeignKey]:
    default = inspector.default_schema_name
    for one in sorted(found, key=lambda one: (str(one.get("name")), one["constrained_columns"])):
        schema = one.get("referred_schema")
        options = {k: v for k, v in (one.get("options") or {}).items() if v}
        yield ForeignKey(
            name=one.get("name"),
            columns=tuple(one["constrained_columns"]),
            schema=None if schema == default else schema,
            table=one["referred_table"],
            targets=tuple(one["referred_columns"]),
            options=tuple(sorted(options.items())),
        )


def _indexes(indexes: list[Any], uniques: list[Any]) -> Iterator[Index]:
    """Constraints first; an index that stands for one of them is left out."""
    constraints = {one["name"] for one in uniques}
    for one in sorted(uniques, key=lambda one: (str(one["name"]), one["column_names"])):
        if not one.get("duplicates_index"):
            yield Index(one["name"], tuple(one["column_names"]), True, True)
    for one in sorted(indexes, key=lambda one: str(one["name"])):
        if one.get("duplicates_constraint") in constraints and one.get("duplicates_constraint"):
            continue
        names = tuple(name for name in one["column_names"] if name)
        options = {k: v for k, v in (one.get("dialect_options") or {}).items() if _said(v)}
        plain = "expressions" not in one and not options.keys() - _HARMLESS
        plain = plain and not one.get("column_sorting")
        yield Index(one["name"], names, bool(one["unique"]), False, plain)


def _said(option: Any) -> bool:
    """Whether an option says something: a condition has no truth of its own."""
    return option is not None and (hasattr(option, "compile") or bool(option))


# Options of an index that it has whatever is said.
_HARMLESS = frozenset({"postgresql_include"})


def _column_type(type_: Any, dialect: Any) -> ColumnType:
    """A reflected type, described."""
    import sqlalchemy as sa

    system = "mysql" if dialect.name == "mariadb" else dialect.name
    name = type(type_).__name__.upper()
    if isinstance(type_, sa.ARRAY):
        item = _column_type(type_.item_type, dialect)
        return ColumnType("ARRAY", "", f"{item.sql}[]", item=item)
    values = tuple(getattr(type_, "enums", None) or getattr(type_, "values", None) or ())
    if name == "DOMAIN":
        inner = _column_type(type_.data_type, dialect)
        return ColumnType("DOMAIN", "", item=inner, values=(str(type_.name),))
    scale = getattr(type_, "scale", None)
    precision = getattr(type_, "precision", None)
    if isinstance(type_, sa.DateTime | sa.Time):
        # A precision of seconds; MySQL's is none unless it is said.
        fsp = getattr(type_, "fsp", None)
        precision, scale = None, precision if fsp is None else fsp
        if system == "mysql" and scale is None:
            scale = 0
    if name == "TINYINT":
        precision = getattr(type_, "display_width", None)
    known = not isinstance(type_, sa.types.NullType)
    return ColumnType(
        name=name,
        expression=_expression(type_, name, system) if known else "",
        sql=type_.compile(dialect=dialect) if known else "",
        length=getattr(type_, "length", None),
        precision=precision,
        scale=scale,
        values=values,
        unsigned=bool(getattr(type_, "unsigned", False)),
        timezone=bool(getattr(type_, "timezone", False)),
    )


_NOISE = re.compile(
    r"(?:^|, )(?:collation|charset|ascii|unicode|binary|national|nulls_last|asdecimal"
    r"|decimal_return_scale|none_as_null|native_enum|create_type|name|metadata|schema)="
    r"(?:'[^']*'|True|False|None)"
)


def _expression(type_: Any, name: str, system: str) -> str:
    """The type as SQLAlchemy writes it, without collations."""
    import sqlalchemy as sa

    own = type(type_).__module__.startswith("sqlalchemy.dialects") and system != "sqlite"
    general = hasattr(sa, name)
    arguments = repr(type_).partition("(")[2].rpartition(")")[0]
    if name in ("JSON", "JSONB"):
        return "sa.JSON()" if name == "JSON" else "postgresql.JSONB()"
    if name in ("ENUM", "SET"):
        named = getattr(type_, "name", None)
        schema = getattr(type_, "schema", None)
        words = [f'name="{named}"'] if named else []
        words += [f'schema="{schema}"'] if schema else []
        return f"{system}.{name}({', '.join(words)})"
    arguments = _NOISE.sub("", arguments).lstrip(", ")
    arguments = re.sub(r"^length=", "", arguments)
    if system == "sqlite" and "TIME" in name:
        arguments = ""  # it has neither a precision nor a zone, whatever is said
    if "TIME" not in name:
        arguments = re.sub(r"^precision=(\d+)(?:, scale=(\d+))?$", _positional, arguments)
    said = set(re.findall(r"(\w+)=", arguments))
    prefix = "sa" if general and (not own or not said - {"timezone"}) else system
    return f"{prefix}.{name}({arguments})"


def _positional(match: re.Match[str]) -> str:
    return f"{match[1]}, {match[2]}" if match[2] is not None else match[1]
