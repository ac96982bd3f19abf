"""Types, modifiers, relations, databases and sessions, pairwise: what was generated is read back.

Every two values meet in some resource; the model, the schemas, the migration and the test data of
each are read from the generated code itself, and must say of the field what its spec says.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from scaffold.spec.errors import UsageError
from scaffold.spec.fields import Field, parse_field
from scaffold.spec.naming import parse_name
from scaffold.workflow import Call, Options, generate
from tests.generated.harness import Project, require
from tests.generated.pairs import Row, pairs_of, pairwise
from tests.generated.test_matrix import ARGUMENTS, BOUNDS, DEFAULTS, MODIFIERS, SEED, TYPES

READER = Path(__file__).with_name("read_back.py")
RELATIONS = {
    "none": "",
    "ref": "owner:ref:to=things",
    "optional": "owner:ref:to=things:optional",
    "unique": "owner:ref:to=things:unique",
    "cascade": "owner:ref:to=things:on_delete=cascade",
    "set null": "owner:ref:to=things:optional:on_delete=set_null",
    "readonly": "owner:ref:to=things:optional:readonly",
    "itself": "parent:ref:to={plural}:optional",
    "two": "home:ref:to=things work:ref:to=things:optional",
    "many": "marks:many:things",
}
FACTORS: Mapping[str, list[str]] = {
    "type": TYPES,
    "modifiers": [":".join(one) for one in MODIFIERS],
    "relation": list(RELATIONS),
    "database": ["sqlite", "postgresql", "mysql"],
    "session": ["async", "sync"],
}
PLACES = [(d, s) for d in FACTORS["database"] for s in FACTORS["session"]]

# A repository that scaffold did not make, with a Session: what gets the templates of its own.
SYNC = {
    "shop/__init__.py": "",
    "shop/main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
    "shop/db.py": """import os
from collections.abc import Iterator

from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

engine = create_engine(os.environ["DATABASE_URL"])
SessionLocal = sessionmaker(bind=engine)


class Base(DeclarativeBase):
    pass


def get_db() -> Iterator[Session]:
    with SessionLocal() as session:
        yield session
""",
    "tests/__init__.py": "",
    "tests/test_start.py": """import pytest
from fastapi.testclient import TestClient

from shop.main import app


@pytest.fixture
def client():
    return TestClient(app)


def test_start(client):
    assert client.get("/openapi.json").status_code == 200
""",
    "alembic.ini": "[alembic]\nscript_location = migrations\n",
    "migrations/env.py": "from shop.db import Base\n\ntarget_metadata = Base.metadata\n",
    "migrations/versions/.keep": "",
    "requirements.txt": "fastapi>=0.165\npydantic[email]>=2.14\nsqlalchemy>=2.1\nalembic\npytest\n",
}


def field_text(row: Mapping[str, str]) -> str:
    """The field of a row, in the grammar."""
    kind = row["type"]
    low, high = BOUNDS.get(kind, ("1", "200"))
    said = {"min": f"min={low}", "max": f"max={high}", "default": f"default={DEFAULTS[kind]}"}
    words = [said.get(word, word) for word in row["modifiers"].split(":") if word]
    return ":".join(["value", kind + ARGUMENTS.get(kind, ""), *words])


def possible(row: Row) -> bool:
    """Whether the grammar and the session allow what is chosen so far."""
    if row.get("session") == "sync" and row.get("relation", "none") != "none":
        return False  # relations need the base that scaffold new makes
    if "type" not in row or "modifiers" not in row:
        return True
    try:
        parse_field(field_text(row))
    except UsageError:
        return False
    return True


@cache
def rows() -> tuple[Row, ...]:
    """All rows; the order is chance's, so that any slice of them is mixed."""
    found = pairwise(FACTORS, possible)
    random.Random(SEED).shuffle(found)
    return tuple(found)


def test_every_two_values_meet() -> None:
    met = {pair for row in rows() for pair in pairs_of(row)}
    wanted = {
        frozenset({(one, a), (other, b)})
        for one, other in combinations(FACTORS, 2)
        for a in FACTORS[one]
        for b in FACTORS[other]
        if possible({one: a, other: b})
    }
    assert met == wanted
    assert all(map(possible, rows()))
    assert len(rows()) < 400


def _made(
    folder: Path, database: str, session: str, resources: list[tuple[str, list[str]]]
) -> Project:
    if session == "async":
        Project(folder).scaffold("new", "shop", "--no-git", "--database", database)
        project = Project(folder / "shop")
        resources = [("things", ["name:str:max=20"]), *resources]
    else:
        for path, text in SYNC.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        project = Project(folder)
    calls = [Call("resource", {"name": name, "fields": fields}) for name, fields in resources]
    generate(calls, Options(project.root, verify=False), title="pairs")
    return project


def _read(folder: Path, database: str, session: str, chosen: list[Row]) -> int:
    """Generates the rows, reads all of them back, and judges each; how many they were."""
    specs = {}
    for number, row in enumerate(chosen):
        name = parse_name(f"pair-{number}-piece")
        related = RELATIONS[row["relation"]].format(plural=name.snake_plural).split()
        specs[name] = (row, [field_text(row), *related])
    project = _made(folder, database, session, [(n.kebab_plural, f) for n, (_, f) in specs.items()])
    names = [f"{name.pascal}/{name.snake_plural}" for name in specs]
    url = {
        "sqlite": "sqlite://",
        "postgresql": "postgresql+psycopg://",
        "mysql": "mysql+pymysql://",
    }
    environment = {"DATABASE_URL": url[database]} if session == "sync" else {}
    done = project.python(str(READER), database, *names, env=environment)
    read = json.loads(done.stdout)
    for name, (row, texts) in specs.items():
        one = read["resources"][name.snake_plural]
        migrated = read["migrated"]
        where = f"{row}: {texts}"
        assert migrated[name.snake_plural] == one["model"], where
        for table, links in one["links"].items():
            assert migrated[table] == links, where
        fields = [parse_field(text) for text in texts]
        for field in fields:
            for fault in _faults(field, one, name.snake_plural):
                pytest.fail(f"{where}: {fault}")
    return len(specs)


def _faults(field: Field, read: Mapping[str, Any], plural: str) -> Iterator[str]:
    """What model, schemas and test data say of a field that its spec does not."""
    if field.type == "many":
        links = read["links"][f"{plural}_{field.name}"]
        if sorted(one[1:] for one in links["references"]) != sorted(
            [[f"{plural}.id", "CASCADE"], ["things.id", "CASCADE"]]
        ):
            yield f"links refer to {links['references']}"
        return
    name, table = field.attribute, read["model"]
    if table["columns"][name][1] != field.optional:
        yield f"null is {table['columns'][name][1]}"
    if ([name] in table["unique"]) != field.unique:
        yield f"unique are {table['unique']}"
    if ([name] in table["indexes"]) != field.indexed:
        yield f"indexes are {table['indexes']}"
    action = (field.on_delete or "").replace("_", " ").upper().replace("RESTRICT", "")
    if field.type == "ref" and [name, f"{field.to}.id", action] not in table["references"]:
        yield f"references are {table['references']}"
    yield from _faults_of_schemas(field, read)
    yield from _faults_of_data(field, read)


def _faults_of_schemas(field: Field, read: Mapping[str, Any]) -> Iterator[str]:
    name, create, answer = field.attribute, read["create"], read["read"]
    if (name in create["properties"]) == field.readonly:
        yield "Create has it" if field.readonly else "Create lacks it"
    if (name in read["update"]["properties"]) == field.readonly:
        yield "Update has it" if field.readonly else "Update lacks it"
    if (name in answer["properties"]) == field.writeonly:
        yield "Read has it" if field.writeonly else "Read lacks it"
    required = not (field.readonly or field.optional or field.default is not None)
    if (name in create.get("required", ())) != required:
        yield f"Create requires {create.get('required')}"
    said = [(create, not field.readonly), (answer, not field.writeonly)]
    for schema in (schema for schema, has in said if has and field.type != "json"):
        if _takes_null(schema["properties"][name]) != field.optional:
            yield f"null in {schema['properties'][name]}"
    if not field.readonly and field.type in ("str", "int", "bigint"):
        low, high = ("minLength", "maxLength") if field.type == "str" else ("minimum", "maximum")
        text = json.dumps(create["properties"][name])
        for word, bound in ((low, field.min), (high, field.max)):
            if bound is not None and f'"{word}": {bound}' not in text:
                yield f"no {word} {bound} in {text}"


def _takes_null(schema: Mapping[str, Any]) -> bool:
    return {"type": "null"} in schema.get("anyOf", ())


def _faults_of_data(field: Field, read: Mapping[str, Any]) -> Iterator[str]:
    values = [body.get(field.attribute) for body in read["bodies"]]
    if field.readonly and any(field.attribute in body for body in read["bodies"]):
        yield "test data sends it"
    if field.unique and not field.readonly and field.type not in ("bool", "enum"):
        kept = [json.dumps(value) for value in values if value is not None]
        if len(set(kept)) != len(kept):
            yield f"test data is not unique: {values}"
    required = not (field.readonly or field.optional or field.default is not None)
    if required and any(field.attribute not in body for body in read["bodies"]):
        yield "test data lacks it"


@pytest.mark.slow
@pytest.mark.parametrize(("database", "session"), [("sqlite", "async"), ("mysql", "sync")])
def test_a_slice_of_the_pairs(tmp_path: Path, database: str, session: str) -> None:
    place = {"database": database, "session": session}
    chosen = [row for row in rows() if place.items() <= row.items()][:8]
    assert _read(tmp_path, database, session, chosen) == 8


@pytest.mark.full
@pytest.mark.parametrize(("database", "session"), PLACES)
def test_all_pairs_are_read_back(tmp_path: Path, database: str, session: str) -> None:
    place = {"database": database, "session": session}
    chosen = [row for row in rows() if place.items() <= row.items()]
    assert _read(tmp_path, database, session, chosen) == len(chosen)


@pytest.mark.full
@pytest.mark.parametrize("database", FACTORS["database"])
def test_the_databases_take_the_migrations(tmp_path: Path, database: str) -> None:
    environment = require(database)
    chosen = [
        row for row in rows() if {"database": database, "session": "async"}.items() <= row.items()
    ]
    _read(tmp_path, database, "async", chosen)
    project = Project(tmp_path / "shop")
    project.python(
        "-m", "pytest", "-q", "-x", "-k", "migration", "-p", "no:cacheprovider", env=environment
    )
