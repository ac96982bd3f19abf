"""Resources that grow and shrink while their tables have rows, on every database."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scaffold.generators.field import field, relation, remove
from scaffold.generators.project import project
from scaffold.generators.resource import resource
from scaffold.workflow import Call, Options, generate
from tests.generated.harness import Project, require
from tests.generated.server import migrated
from tests.generated.test_matrix import TYPES, fields_of

BASE = ("code:str:unique", "kept:int:index")
# What a column can be when there are rows, and what one can have been that goes away.
GROWN = ("optional", "default", "optional_unique", "optional_index", "optional_default")
DROPPED = ("plain", "unique", "index", "default", "optional", "optional_unique")

# Steps on the database that the environment names: migrations, and rows in and out of the app.
_PROBE = """
import asyncio, importlib, json, pathlib, sys
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from httpx2 import ASGITransport, AsyncClient
from app.main import create_app

MODULES = [importlib.import_module(f"tests.{path.stem}")
           for path in sorted(pathlib.Path("tests").glob("test_*_*s.py"))
           if path.stem.endswith(("_things", "_rests"))]

async def fill(client, module):
    for number in (1, 2, 3):
        answer = await client.post(module.URL, json=module.body(number))
        assert answer.status_code == 201, answer.text
    await client.delete(f"{module.URL}/{answer.json()['id']}")

async def more(client, module):
    answer = await client.post(module.URL, json=module.body(4))
    assert answer.status_code == 201, answer.text
    again = await client.post(module.URL, json=module.body(4))
    assert again.status_code == 409, again.text
    await client.delete(f"{module.URL}/{answer.json()['id']}")
    return answer.json()["id"]

async def rows(client, module):
    answer = await client.get(module.URL)
    assert answer.status_code == 200, answer.text
    return [answer.json(), getattr(module, "DEFAULTS", {})]

def left_over(connection):
    inspector = sa.inspect(connection)
    for table in inspector.get_table_names():
        for column in inspector.get_columns(table):
            if column["default"] and "nextval" not in column["default"]:
                yield f"{table}.{column['name']}"
    if connection.dialect.name == "sqlite":
        query = "SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE TABLE%created_at%' AND type = 'table'"
        query += " AND sql NOT LIKE '%AUTOINCREMENT%'"
        yield from connection.scalars(sa.text(query))

async def asked(what):
    app = create_app()
    async with app.router.lifespan_context(app):
        transport = ASGITransport(app)
        async with AsyncClient(transport=transport, base_url="http://test") as client:
            found = {module.URL: await what(client, module) for module in MODULES}
        async with app.state.database.engine.connect() as connection:
            left = await connection.run_sync(lambda c: list(left_over(c)))
        assert not left, left
    return found

config = Config(toml_file="pyproject.toml")
for step in sys.argv[1:]:
    name, _, argument = step.partition(":")
    if name in ("fill", "more", "rows"):
        print("\\0" + json.dumps(asyncio.run(asked(globals()[name]))))
    else:
        getattr(command, name)(config, *filter(None, [argument]))
"""


class Sink:
    """A project on a database of its own, with a table that grows for each type, and one that shrinks."""

    def __init__(self, root: Path, kinds: list[str], database: str) -> None:
        self.kinds = kinds
        self.made = Project(root)
        self.options = Options(root, verify=False)
        self.environment: dict[str, str] = {}
        named = {"name": "sink", **({} if database == "sqlite" else {"database": database})}
        calls = [Call("new", named, project)]
        for kind in kinds:
            rest = [*BASE, *self.fields(kind, DROPPED)]
            calls.append(Call("resource", {"name": f"{kind}-thing", "fields": BASE}, resource))
            calls.append(Call("resource", {"name": f"{kind}-rest", "fields": rest}, resource))
        generate(calls, self.options, title="new")

    def fields(self, kind: str, wanted: tuple[str, ...]) -> list[str]:
        """Fields of one type with some of its modifiers, called after these."""
        return [text for text in fields_of(kind) if text.partition("_one:")[0] in wanted]

    def grow(self) -> None:
        fields = {f"{kind}-thing": self.fields(kind, GROWN) for kind in self.kinds}
        calls = [Call("field", {"name": n, "fields": f}, field) for n, f in fields.items()]
        generate(calls, self.options, title="grow")

    def shrink(self) -> None:
        calls = []
        for kind in self.kinds:
            names = [text.partition(":")[0] for text in self.fields(kind, DROPPED)]
            arguments = {"name": f"{kind}-rest", "fields": names}
            calls.append(Call("field:remove", arguments, remove))
        generate(calls, self.options, title="shrink")

    @property
    def head(self) -> str:
        """The last revision."""
        return self.made.python("-m", "alembic", "heads").stdout.split()[0]

    def steps(self, *steps: str) -> list[dict[str, Any]]:
        """What the steps that ask the app were answered, by the URLs of the collections."""
        done = self.made.python("-c", _PROBE, *steps, env=self.environment)
        return [json.loads(line[1:]) for line in done.stdout.splitlines() if line[:1] == "\0"]


def judge(folder: Path, kinds: list[str], database: str) -> Sink:
    """Grows and shrinks every resource with rows in its table; each step up, down and up again."""
    required = require(database)
    sink = Sink(folder / "sink", kinds, database)
    with migrated(sink.made, required, folder) as sink.environment:
        first = sink.head
        _, old = sink.steps("fill", "rows")
        sink.grow()
        there = ("upgrade:head", "check", "rows", "more")
        grown = sink.steps(*there, f"downgrade:{first}", *there)
        for rows_by_url, keys in (grown[:2], grown[2:]):
            assert min(keys.values()) > 3  # the key of the row that went is not given out again
            for url, (rows, defaults) in rows_by_url.items():
                assert len(rows) == 2
                for row, before in zip(rows, old[url][0], strict=True):
                    assert row == {name: defaults.get(name) for name in row} | before
                    assert (row.keys() == before.keys()) == ("rests" in url)
        second = sink.head
        sink.shrink()
        there = ("upgrade:head", "check", "rows")
        for rows_by_url in sink.steps(*there, f"downgrade:{second}", *there, "downgrade:base"):
            for url, (rows, _) in rows_by_url.items():
                assert [row["code"] for row in rows] == ["code 1", "code 2"]
                assert (len(rows[0]) == len(BASE) + 3) == ("rests" in url)
    return sink


@pytest.mark.slow
def test_a_table_with_rows_grows_and_shrinks(tmp_path: Path) -> None:
    judge(tmp_path, ["decimal"], "sqlite")


@pytest.mark.full
@pytest.mark.parametrize("database", ["sqlite", "postgresql", "mysql"])
def test_all_types_grow_and_shrink_on_all_databases(tmp_path: Path, database: str) -> None:
    sink = judge(tmp_path, TYPES, database)
    sink.made.python("-m", "ruff", "check", "--isolated", ".")
    sink.made.python("-m", "ruff", "format", "--check", ".")
    sink.made.python("-m", "mypy", "--strict", "app", "tests")
    environment = require(database)
    sink.made.python("-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", env=environment)


RELATIONS = (
    "customer:ref:to=customer-things:optional",
    "payer:ref:to=customer-things:optional:on_delete=set_null",
    "twin:ref:to=customer-things:optional:unique",
    "parent:ref:to=order-things:optional",
    "labels:many:label-things",
)


@pytest.mark.full
@pytest.mark.parametrize("database", ["sqlite", "postgresql", "mysql"])
def test_relations_come_and_go_on_all_databases(tmp_path: Path, database: str) -> None:
    required = require(database)
    sink = Sink(tmp_path / "sink", [], database)
    adds = [
        Call("resource", {"name": f"{name}-thing", "fields": BASE}, resource)
        for name in ("customer", "label", "order")
    ]
    generate(adds, sink.options, title="add")
    with migrated(sink.made, required, tmp_path) as sink.environment:
        first = sink.head
        _, old = sink.steps("fill", "rows")
        arguments = {"name": "order-thing", "relations": RELATIONS}
        generate([Call("relation", arguments, relation)], sink.options, title="relate")
        there = ("upgrade:head", "check", "rows")
        for found in sink.steps(*there, f"downgrade:{first}", *there):
            for url, (rows, _) in found.items():
                for row, before in zip(rows, old[url][0], strict=True):
                    assert row == dict.fromkeys(row) | before
        second = sink.head
        sink.made.python("-m", "pytest", "-q", "-p", "no:cacheprovider", env=required)
        names = [text.partition(":")[0] for text in RELATIONS]
        arguments = {"name": "order-thing", "fields": names}
        generate([Call("relation:remove", arguments, remove)], sink.options, title="part")
        for found in sink.steps(*there, f"downgrade:{second}", *there, "downgrade:base"):
            assert {url: rows for url, (rows, _) in found.items()} == {
                url: rows for url, (rows, _) in old.items()
            }
