"""The resources of a schema that was there before, and what of it has no place in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from scaffold.reflection.checks import Limits, limits_of
from scaffold.reflection.columns import field_parts
from scaffold.reflection.names import field_name, reference_name, resource_name
from scaffold.reflection.schema import Column, ForeignKey, Index, Schema, Table
from scaffold.spec.constraints import INLINE
from scaffold.spec.errors import UsageError
from scaffold.spec.fields import Field, Key
from scaffold.spec.kinds import INTEGERS, MAX_INDEXED
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
    there = {
        (one.existing.schema, one.table): one for one in known.values() if one.existing is not None
    }
    read = {(table.schema or "", table.name) for table in tables}
    done = {place: one for place, one in there.items() if place not in read}
    for table in ordered(tables):
        place = table.schema or "", table.name
        before = there.get(place)
        made = _Table(table, schema, names[table.full_name], prefix, notes, done, before).resource()
        done[place] = made
    resources = tuple(
        one for place, one in done.items() if place not in there or one != there[place]
    )
    notes += [f"{view}: a view has no key, so it has no resource" for view in schema.views]
    notes += [
        f"{part}: a part of another table, by which its rows are served" for part in schema.parts
    ]
    return Adopted(resources, tuple(notes))


def ordered(tables: Sequence[Table]) -> list[Table]:
    """The tables, those that others refer to before these; of a circle, the freest first."""
    names = {(table.schema, table.name) for table in tables}
    ahead = {
        (table.schema, table.name): {
            (one.schema, one.table): _required(table, one)
            for one in table.references
            if (one.schema, one.table) in names - {(table.schema, table.name)}
        }
        for table in tables
    }
    order: list[Table] = []
    left = list(tables)
    while left:
        placed = {(table.schema, table.name) for table in order}

        def waits(table: Table, placed: set[tuple[str | None, str]] = placed) -> tuple[int, int]:
            open_ = [v for k, v in ahead[table.schema, table.name].items() if k not in placed]
            return sum(open_), len(open_)

        first = min(left, key=waits)
        order.append(first)
        left.remove(first)
    return order


def _required(table: Table, reference: ForeignKey) -> bool:
    return not any(table.column(name).nullable for name in reference.columns)


def _has_key(table: Table, system: str, notes: list[str]) -> bool:
    if not table.key:
        notes.append(f"{table.full_name}: no primary key says which row is meant: no resource")
        return False
    if not all(column.name for column in table.columns):
        notes.append(f"{table.full_name}: one of its columns has no name: no resource")
        return False
    for name in table.key:
        if "null" in table.column(name).seen:
            notes.append(f"{table.full_name}: its key {name} is null in some rows: no resource")
            return False
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
    name: Name
    prefix: str
    notes: list[str]
    done: Mapping[tuple[str, str], Resource]
    before: Resource | None
    fields: dict[str, str] = field(default_factory=dict)
    references: dict[str, tuple[Resource, ForeignKey]] = field(default_factory=dict)

    def resource(self) -> Resource:
        table = self.table
        self._links()
        references = self.references = dict(self._references())
        plain = [c.name for c in table.columns if c.name not in {*table.key, *references}]
        for name in (*table.key, *plain):
            self.fields[name] = field_name(name, tuple(self.fields.values()))
        taken = list(self.fields.values())
        for name, (target, _) in references.items():
            self.fields[name] = reference_name(name, target.name, taken)
            taken += [self.fields[name], f"{self.fields[name]}_id"]
        limits = self._limits()
        key = tuple(self._key(table.column(name), limits) for name in table.key)
        fields = [
            self._reference(c, *references[c.name])
            if c.name in references
            else self._field(c, limits)
            for c in table.columns
            if c.name not in table.key
        ]
        kept = tuple(one for one in fields if one is not None)
        missing = {c.name for c in table.columns} - {one.column_name for one in (*key, *kept)}
        return Resource(
            name=self.name,
            fields=kept,
            key=key,
            table=table.name,
            prefix=self.prefix,
            timestamps=False,
            existing=Existing(
                schema=table.schema or "",
                constraints=tuple(self._constraints(missing)),
                together=tuple(self._together(missing)),
                system=self.schema.system,
            ),
        )

    def _links(self) -> None:
        """A table of links tells that it is a resource of its own: ``many`` would be one that
        scaffold makes, with other names, and links that always go with their rows."""
        table = self.table
        ends = [one.table for one in table.references if len(one.columns) == 1]
        linking = {name for one in table.references for name in one.columns}
        if len(ends) == 2 == len(table.columns) and linking == set(table.key):
            self.notes.append(
                f"{table.full_name}: its links of {' and '.join(ends)} are rows of a resource: "
                "made and deleted, not changed"
            )

    def _attribute(self, column: str) -> str:
        name = self.fields[column]
        return f"{name}_id" if column in self.references else name

    def _note(self, column: str, text: str) -> None:
        self.notes.append(f"{self.table.full_name}.{column}: {text}")

    def _key(self, column: Column, limits: Mapping[str, Limits]) -> Key:
        parts = field_parts(column, self.schema.system, key=True)
        assert parts.said is not None
        said = _limited(dict(parts.said), limits.get(column.name))
        if column.name in self.table.pathless:
            what = "beyond 2**63" if parts.said["type"] in INTEGERS else "with a slash, or of dots,"
            self._note(column.name, f"a key {what} is listed but has no path")
        filled = column.numbered or column.default is not None
        if filled and not column.numbered:
            said["default_sql"] = column.default
        said |= {"filled": filled, "given": not column.numbered}
        return Key(**self._named(column), **said)

    def _references(self) -> Iterator[tuple[str, tuple[Resource, ForeignKey]]]:
        """The columns that refer to a row by its key, each with its target; others are told."""
        seen: set[str] = set()
        for one in self.table.references:
            reason = self._why_no_reference(one)
            if reason or one.columns[0] in seen:
                columns = ", ".join(one.columns)
                self._note(
                    columns,
                    f"its reference to {one.table} stays the database's alone"
                    f" ({reason or 'it has another one'})",
                )
                continue
            seen.add(one.columns[0])
            yield one.columns[0], (self._target(one), one)

    def _target(self, one: ForeignKey) -> Resource:
        if (one.schema, one.table) == (self.table.schema, self.table.name):
            key = tuple(self._key(self.table.column(name), {}) for name in self.table.key)
            return Resource(self.name, (), key, self.table.name, timestamps=False)
        return self.done[one.schema or "", one.table]

    def _why_no_reference(self, one: ForeignKey) -> str:
        """Why a foreign key can't be a reference; "" where it can."""
        if len(one.columns) > 1:
            return "it is of several columns"
        column = self.table.column(one.columns[0])
        to_itself = (one.schema, one.table) == (self.table.schema, self.table.name)
        if column.name in self.table.key:
            return "it is part of the key"
        if self.before is not None and not self._referred_before(column.name):
            return "it was left alone when the table was read before"
        if to_itself and not column.nullable:
            return "the first row would need one to refer to"
        if not to_itself and (one.schema or "", one.table) not in self.done:
            return f"{one.table} has no resource before this one"
        keys = (
            self.table.key
            if to_itself
            else tuple(key.column_name for key in self.done[one.schema or "", one.table].key)
        )
        if keys != one.targets:
            return "it is not to a key of one column"
        if dict(one.options).get("ondelete") == "SET DEFAULT":
            return "SET DEFAULT"
        key = self._target(one).key[0]
        if self.schema.system != "sqlite" and key.stored != column.type.expression:
            return "its type is another one"
        return "" if key.type in (*INTEGERS, "str", "uuid") else f"its target's key is {key.type}"

    def _referred_before(self, column: str) -> bool:
        """Whether the resource that is there has this reference: what it has, it keeps."""
        assert self.before is not None
        return any(field.column_name == column for field in self.before.references)

    def _reference(self, column: Column, target: Resource, one: ForeignKey) -> Field:
        unique, _ = self._single(column.name)
        action = str(dict(one.options).get("ondelete") or "").lower().replace(" ", "_")
        said = self._named(column) | {
            "type": "ref",
            "to": target.name.snake_plural,
            "stored": column.type.expression,
            "optional": column.nullable,
            "unique": unique,
            **self._filled(column),
        }
        if action == "cascade" or (action == "set_null" and column.nullable):
            said["on_delete"] = action
        return Field(**said)

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
        name = self.fields.get(column.name) or field_name(column.name, ())
        attribute = self._attribute(column.name) if self.fields.get(column.name) else name
        return {"name": name, "column": column.name if column.name != attribute else None}

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
            limits = None if sql in self.table.broken else limits_of(sql, columns)
            if limits is None:
                text = name or " ".join(sql.split())[:60]
                why = " (not all rows keep it)" if sql in self.table.broken else ""
                self.notes.append(
                    f"{self.table.full_name}: CHECK {text} stays the database's alone{why}"
                )
                continue
            for one in limits:
                found[one.column] = _joined(found.get(one.column), one)
        return found

    def _together(self, missing: set[str]) -> Iterator[tuple[str, ...]]:
        for index in self.table.indexes:
            if index.unique and len(index.columns) > 1 and not missing & set(index.columns):
                yield tuple(map(self._attribute, index.columns))

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
        referring = {name: one for name, (_, one) in self.references.items()}
        for one in self.table.references:
            if referring.get(one.columns[0]) is one:
                yield _foreign_key(one)


def _foreign_key(one: ForeignKey) -> str:
    table = f"{one.schema}.{one.table}" if one.schema else one.table
    targets = ", ".join(_text(f"{table}.{name}") for name in one.targets)
    said = [f"[{_listed(one.columns)}]", f"[{targets}]"]
    said += [f"name={_text(one.name)}"] if one.name else []
    said += [
        f"{name}={value if isinstance(value, bool) else _text(value)}"
        for name, value in one.options
        if name != "inline"
    ]
    said += [INLINE] if ("inline", True) in one.options else []
    return f"sa.ForeignKeyConstraint({', '.join(said)})"


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
