"""Runs in a foreign repository's own environment: rows come, change and go by its own session.

Arguments: the application and the Base as ``module:name``, the URL of the collection.
"""

import asyncio
import importlib
import inspect
import sqlite3
import sys
import warnings
from pathlib import Path

warnings.simplefilter("ignore")  # of old libraries on a new Python

from fastapi.testclient import TestClient


def load(pointer):
    module, _, name = pointer.partition(":")
    found = importlib.import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    if not hasattr(found, "router") and inspect.isfunction(found):
        found = found()
    return found


def make_tables(base):
    engines = [
        value
        for name, module in list(sys.modules.items())
        if not name.startswith("sqlalchemy")
        for value in vars(module).values()
        if type(value).__name__ in ("Engine", "AsyncEngine")
    ]
    for engine in engines:
        if type(engine).__name__ == "Engine":
            base.metadata.create_all(engine)
        else:
            asyncio.run(make_async(base, engine))


async def make_async(base, engine):
    async with engine.begin() as connection:
        await connection.run_sync(base.metadata.create_all)
    await engine.dispose()


def rows():
    for path in Path().glob("*.db"):
        with sqlite3.connect(path) as database:
            try:
                return database.execute("select name, price, sku from widgets").fetchall()
            except sqlite3.OperationalError:
                continue
    raise AssertionError("no database has the table")


def delete_before_updates():
    """Another request deletes each row just before it is changed."""
    for name, module in list(sys.modules.items()):
        service = vars(module).get("WidgetService")
        if service is not None and service.__module__ == name:
            plain = service.update

    def update(self, row, data):
        for path in Path().glob("*.db"):
            with sqlite3.connect(path) as database:
                if database.execute(
                    "select 1 from sqlite_master where name = 'widgets'"
                ).fetchall():
                    database.execute("delete from widgets")
            database.close()
        return plain(self, row, data)

    plain.__globals__["WidgetService"].update = update


app, base, url = load(sys.argv[1]), load(sys.argv[2]), sys.argv[3]
assert "widgets" in base.metadata.tables, sorted(base.metadata.tables)
make_tables(base)
with TestClient(app, raise_server_exceptions=True) as client:
    paths = client.get("/openapi.json").json()["paths"]
    assert {url, url + "/{widget_id}"} <= set(paths), sorted(paths)
    sent = {
        "name": "a",
        "price": 1.5,
        "sku": "S-1",
        "status": "b",
        "made": "2026-01-31T12:00:00+02:00",
    }
    made = client.post(url, json=sent)
    assert made.status_code == 201, made.text
    row = made.json()
    assert {k: row[k] for k in ("name", "price", "sku", "status", "note")} == {
        "name": "a",
        "price": 1.5,
        "sku": "S-1",
        "status": "b",
        "note": None,
    }
    assert row["made"] in ("2026-01-31T10:00:00Z", "2026-01-31T10:00:00+00:00"), row
    assert row["created_at"][-1:] == "Z" or row["created_at"].endswith("+00:00"), row
    assert rows() == [("a", 1.5, "S-1")]
    one = f"{url}/{row['id']}"
    assert client.get(one).json() == row
    assert client.get(url).json() == [row]
    assert client.get(url, params={"sku": "S-1", "status": "b"}).json() == [row]
    assert client.get(url, params={"sku": "other"}).json() == []
    assert client.post(url, json=sent).status_code == 409
    assert client.post(url, json=dict(sent, sku="S-2")).status_code == 201
    assert client.patch(one, json={"sku": "S-2"}).status_code == 409
    assert client.get(one).json() == row
    changed = client.patch(one, json={"price": 2.5, "note": "n"})
    assert changed.status_code == 200, changed.text
    assert {"price": 2.5, "note": "n"}.items() <= changed.json().items()
    assert rows()[0] == ("a", 2.5, "S-1")
    assert client.patch(one, json={"name": None}).status_code == 422
    assert client.patch(one, json={"status": "c"}).status_code == 422
    assert client.post(url, json=dict(sent, name="x" * 256)).status_code == 422
    assert client.get(url, params={"limit": -1}).status_code == 422
    assert client.get(url, params={"offset": 1, "limit": 1}).json()[0]["sku"] == "S-2"
    assert client.get(f"{url}/{2**63}").status_code == 422
    assert client.delete(one).status_code == 204
    assert client.get(one).status_code == client.delete(one).status_code == 404
    assert len(rows()) == 1
    delete_before_updates()
    for sent_late in ({"price": 3.5}, {}):
        late = client.post(url, json=dict(sent, sku="S-3")).json()
        assert client.patch(f"{url}/{late['id']}", json=sent_late).status_code == 404
        assert client.get(url).json() == []
print("round trip")
