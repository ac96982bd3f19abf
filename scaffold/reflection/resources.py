"""The resources of a schema that was there before, and what of it has no place in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from scaffold.reflection.checks import Limits, limits_of
from scaffold.reflection.columns import field_parts
from scaffold.reflection.names import field_name, resource_name
from scaffold.reflection.schema import Column, Index, Schema, Table
from scaffold.spec.errors import UsageError
from scaffold.spec.fields import Field, Key
from scaffold.spec.kinds import MAX_INDEXED
from scaffold.spec.naming import Name
from scaffold.spec.reserved import LIST_PARAMETERS
from scaffold.spec.resource import Existing, Resource


@dataclass(frozen=True)
class Adopted:
    """What became of a schema: resources, and one line for each thing that none of them has."""

    resources: tuple[Resource, ...]
    notes: tuple[str, ...]


def adopt(schema: Schema, known: Mapping[str, Resource], prefix: str) -> Adopted:
    """The resources of ``schema``, those that are ``known`` already under their names."""
    notes: list[str] = []
    tables = [table for table in schema.tables if _has_key(table, schema.system, notes)]
    names = _names(tables, known)
    resources = [_Table(table, schema, names, prefix, notes).resource() for table in tables]
    notes += [f"{view}: a view has no key, so it has no resource" for view in schema.views]
    notes += [
        f"{part}: a part of another table, by which its rows are served" for part in schema.parts
    ]
    return Adopted(tuple(resources), tuple(notes))


def _has_key(table: Table, system: str, notes: list[str]) -> bool:
    if not table.key:
        notes.append(f"{table.full_name}: no primary key says which row is meant: no resource")
        return False
    for name in table.key:
        parts = field_parts(table.column(name), system, key=True)
        if parts.said is None or parts.said["type"] in ("json", "text"):
            why = parts.note or "its values can't be part of a path"
            notes.append(f"{table.full_name}: its key {name}: {why}: no resource")
            return False
    return True


def _names(tables: list[Table], known: Mapping[str, Resource]) -> dict[str, Name]:
    """The name of the resource of each table, by the table's full name."""
    there = {(one.existing.schema, one.table): one.name for one in known.values() if one.existing}
    names = {
        table.full_name: there[table.schema or "", table.name]
        for table in tables
        if (table.schema or "", table.name) in there
    }
    taken = [one.name for one in known.values()]
    for table in tables:
        if table.full_name not in names:
            names[table.full_name] = resource_name(table.name, table.schema, taken)
            taken.append(names[table.full_name])
    return names


@dataclass
class _Table:
    """Makes one table into a resource."""

    table: Table
    schema: Schema
    names: Mapping[str, Name]
    prefix: str
    notes: list[str]
    fields: dict[str, str] = field(default_factory=dict)

    def resource(self) -> Resource:
        table = self.table
        for name in (*table.key, *(c.name for c in table.columns if c.name not in table.key)):
            self.fields[name] = field_name(name, tuple(self.fields.values()))
        limits = self._limits()
        key = tuple(self._key(table.column(name), limits) for name in table.key)
        fields = [self._field(c, limits) for c in table.columns if c.name not in table.key]
        kept = tuple(one for one in fields if one is not None)
        missing = {c.name for c in table.columns} - {one.column_name for one in (*key, *kept)}
        return Resource(
            name=self.names[table.full_name],
            fields=kept,
            key=key,
            table=table.name,
            prefix=self.prefix,
            timestamps=False,
            existing=Existing(
                schema=table.schema or "",
                constraints=tuple(self._constraints(missing)),
                together=tuple(self._together(missing)),
            ),
        )

    def _note(self, column: str, text: str) -> None:
        self.notes.append(f"{self.table.full_name}.{column}: {text}")

    def _key(self, column: Column, limits: Mapping[str, Limits]) -> Key:
        parts = field_parts(column, self.schema.system, key=True)
        assert parts.said is not None
        said = _limited(dict(parts.said), limits.get(column.name))
        if column.name in self.table.slashes:
            self._note(column.name, "a key with a slash, or of dots, is listed but has no path")
        filled = column.numbered or column.default is not None
        if filled and not column.numbered:
            said["default_sql"] = column.default
        said |= {"filled": True} if filled else {"given": True}
        if column.numbered:
            said = {k: v for k, v in said.items() if k not in ("min", "max")}
        return Key(**self._named(column), **said)

    def _field(self, column: Column, limits: Mapping[str, Limits]) -> Field | None:
        unique, index = self._single(column.name)
        parts = field_parts(column, self.schema.system, indexed=unique or index)
        if parts.note:
            self._note(column.name, parts.note + ("" if parts.said else ": left out"))
        if parts.said is None:
            if not column.nullable and column.default is None and column.computed is None:
                self._note(column.name, "and it is required: no row can be made without it")
            return None
        said = _limited(dict(parts.said), limits.get(column.name))
        said |= {"optional": column.nullable, **self._filled(column)}
        said |= self._indexed(said, unique, index)
        try:
            return Field(**self._named(column), **said)
        except UsageError as error:
            self._note(column.name, f"{error.message.partition(': ')[2]}: left out")
            return None

    def _named(self, column: Column) -> dict[str, Any]:
        name = self.fields[column.name]
        return {"name": name, "column": column.name if column.name != name else None}

    def _filled(self, column: Column) -> dict[str, Any]:
        """What the database does by itself where nothing is said."""
        if column.computed is not None:
            said = {"readonly": True, "filled": True, "computed_sql": column.computed}
            return said | {"persisted": column.persisted}
        if column.numbered and column.default is None:
            return {"readonly": True, "filled": True}
        if column.default is None or column.default.upper() == "NULL":
            return {}
        return {"filled": True, "default_sql": column.default}

    def _indexed(self, said: Mapping[str, Any], unique: bool, index: bool) -> dict[str, Any]:
        """Whether lists can be filtered by it."""
        length = int(said.get("max") or 0) if said["type"] == "str" else 0
        free = said["type"] not in ("json", "text") and not said.get("array")
        free = free and length <= MAX_INDEXED and not (unique and said["type"] == "bool")
        return {"unique": unique and free, "index": index and free and not unique}

    def _single(self, column: str) -> tuple[bool, bool]:
        """Whether a column is unique by itself, and whether it comes first in an index."""
        unique = any(
            index.unique and index.plain and index.columns == (column,)
            for index in self.table.indexes
        )
        first = any(
            index.plain
            and index.columns[:1] == (column,)
            and self.fields[column] not in LIST_PARAMETERS
            for index in self.table.indexes
        )
        return unique and self.fields[column] not in LIST_PARAMETERS, first

    def _limits(self) -> dict[str, Limits]:
        """What CHECK constraints say of single columns; the others are told."""
        columns = {column.name.lower(): column.name for column in self.table.columns}
        found: dict[str, Limits] = {}
        for name, sql in self.table.checks:
            limits = limits_of(sql, columns)
            if limits is None:
                text = " ".join(sql.split())
                self.notes.append(
                    f"{self.table.full_name}: CHECK {name or text[:60]} stays the database's alone"
                )
                continue
            for one in limits:
                found[one.column] = _joined(found.get(one.column), one)
        return found

    def _together(self, missing: set[str]) -> Iterator[tuple[str, ...]]:
        for index in self.table.indexes:
            if index.unique and len(index.columns) > 1 and not missing & set(index.columns):
                yield tuple(self.fields[name] for name in index.columns)

    def _constraints(self, missing: set[str]) -> Iterator[str]:
        if self.table.key_name and self.schema.system == "postgresql":
            yield f"sa.PrimaryKeyConstraint({_listed(self.table.key)}, name={_text(self.table.key_name)})"
        for index in self.table.indexes:
            if not index.plain or not index.columns:
                what = "unique index" if index.unique else "index"
                self.notes.append(
                    f"{self.table.full_name}: the {what} {index.name} stays the database's alone"
                )
            elif not missing & set(index.columns):
                yield _constraint(index)


def _constraint(index: Index) -> str:
    if index.constraint or index.name is None:
        name = f", name={_text(index.name)}" if index.name else ""
        return f"sa.UniqueConstraint({_listed(index.columns)}{name})"
    unique = ", unique=True" if index.unique else ""
    return f"sa.Index({_text(index.name)}, {_listed(index.columns)}{unique})"


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(map(_text, names))


def _text(text: str) -> str:
    from json import dumps

    return dumps(text, ensure_ascii=False)


def _joined(one: Limits | None, other: Limits) -> Limits:
    """Both limits of one column."""
    if one is None:
        return other
    changes: dict[str, Any] = {}
    if other.least is not None and (one.least is None or other.least > one.least):
        changes |= {"least": other.least, "above": other.above}
    if other.most is not None and (one.most is None or other.most < one.most):
        changes |= {"most": other.most, "below": other.below}
    if other.values:
        changes["values"] = other.values
    return replace(one, json=one.json or other.json, **changes)


def _limited(said: dict[str, Any], limits: Limits | None) -> dict[str, Any]:
    """The arguments of a field with what a CHECK says, if that makes a field."""
    if limits is None or said.get("array"):
        return said
    if limits.json and said["type"] in ("str", "text"):
        return {"type": "json", "stored": said["stored"]}
    if limits.values and said["type"] == "str" and "VARCHAR" in said["stored"]:
        return _tried(said, {"type": "enum", "values": limits.values, "stored": said["stored"]})
    if said["type"] not in ("int", "bigint", "decimal", "float"):
        return said
    return _tried(said, said | _bounds(said, limits))


def _bounds(said: Mapping[str, Any], limits: Limits) -> dict[str, str]:
    unit = Decimal(0)
    if said["type"] in ("int", "bigint"):
        unit = Decimal(1)
    elif said["type"] == "decimal" and said.get("scale") is not None:
        unit = Decimal(1).scaleb(-said["scale"])
    found: dict[str, str] = {}
    if limits.least is not None and not (limits.above and not unit):
        least = limits.least + (unit if limits.above else 0)
        found["min"] = f"{least.quantize(unit, ROUND_CEILING) if unit else least:f}"
    if limits.most is not None and not (limits.below and not unit):
        most = limits.most - (unit if limits.below else 0)
        found["max"] = f"{most.quantize(unit, ROUND_FLOOR) if unit else most:f}"
    return {
        name: text.rstrip("0").rstrip(".") if "." in text else text for name, text in found.items()
    }


def _tried(said: dict[str, Any], limited: dict[str, Any]) -> dict[str, Any]:
    try:
        Field("x", **limited)
    except UsageError:
        return said
    return limited
