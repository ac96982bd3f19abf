"""Run in a project: what its models, schemas, migrations and test data say of each resource, as JSON."""

from __future__ import annotations

import importlib
import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations

DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql"}


def modules(root: Path) -> dict[str, ModuleType]:
    """Every module of the project by its dotted name; the migrations are read by themselves."""
    found = {}
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        if parts[0] != "migrations" and parts[-1] not in ("__init__", "conftest"):
            found[".".join(parts)] = importlib.import_module(".".join(parts))
    return found


def table_of(table: sa.Table, dialect: Any) -> dict[str, Any]:
    """A table, as plain data; of a text's collation nothing is said."""
    uniques = [c for c in table.constraints if isinstance(c, sa.UniqueConstraint)]
    return {
        "columns": {
            column.name: [
                column.type.compile(dialect=dialect).partition(" COLLATE")[0].strip(),
                bool(column.nullable),
            ]
            for column in table.columns
        },
        "key": [column.name for column in table.primary_key.columns],
        "unique": sorted(
            [[column.name for column in one.columns] for one in uniques]
            + [[c.name for c in i.columns] for i in table.indexes if i.unique]
        ),
        "indexes": sorted(
            [c.name for c in index.columns] for index in table.indexes if not index.unique
        ),
        "references": sorted(
            [key.parent.name, key.target_fullname, key.ondelete or ""] for key in table.foreign_keys
        ),
    }


def migrated(root: Path, dialect: Any) -> dict[str, Any]:
    """The tables that the migrations make, by their names."""
    context = MigrationContext.configure(dialect=dialect, opts={"as_sql": True})
    made: dict[str, sa.Table] = {}
    impl: Any = context.impl
    impl.create_table = lambda table, **_: made.setdefault(table.name, table)
    # An index is one of a table of its own that has only its columns.
    later: list[sa.Index] = []
    impl.create_index = lambda index, **_: later.append(index)
    with Operations.context(context):
        for path in sorted((root / "migrations" / "versions").glob("*.py")):
            spec = importlib.util.spec_from_file_location(path.stem, path)
            assert spec is not None
            assert spec.loader is not None
            revision = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(revision)
            revision.upgrade()
    found = {name: table_of(table, dialect) for name, table in made.items()}
    for index in later:
        assert index.table is not None
        kind = "unique" if index.unique else "indexes"
        found[index.table.name][kind].append([column.name for column in index.columns])
    for table in found.values():
        table["unique"].sort()
        table["indexes"].sort()
    return found


def main(system: str, *names: str) -> None:
    root = Path.cwd()
    sys.path.insert(0, str(root))
    dialect = sa.make_url(f"{DRIVERS[system]}://").get_dialect()()
    there = modules(root)
    classes = {
        name: value
        for module in there.values()
        for name, value in vars(module).items()
        if isinstance(value, type)
    }
    tests = {name.rpartition(".test_")[2]: module for name, module in there.items()}
    models: dict[str, Any] = {}
    for name in names:
        singular, plural = name.split("/")
        model: Any = classes[singular]
        create = classes[f"{singular}Create"]
        bodies = [tests[plural].body(number) for number in range(1, 7)]
        for body in bodies:
            create.model_validate_json(json.dumps(body))
        models[plural] = {
            "model": table_of(model.__table__, dialect),
            "links": {
                table.name: table_of(table, dialect)
                for table in model.metadata.tables.values()
                if table.name.startswith(f"{model.__table__.name}_")
            },
            "create": create.model_json_schema(),
            "update": classes[f"{singular}Update"].model_json_schema(),
            "read": classes[f"{singular}Read"].model_json_schema(mode="serialization"),
            "bodies": bodies,
        }
    print(json.dumps({"resources": models, "migrated": migrated(root, dialect)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
