"""Run in a project: each row that its API serves equals the row that its database has."""

from __future__ import annotations

import asyncio
import datetime as dt
import importlib
import json
import sys
import uuid
from decimal import Decimal
from pathlib import Path
from typing import Any

from httpx2 import ASGITransport, AsyncClient
from sqlalchemy.ext.asyncio import create_async_engine

from scaffold import workspace
from scaffold.record import read_record


def as_text(field: dict[str, Any]) -> bool:
    """Whether the field is answered as the database writes it."""
    return str(field.get("stored")).startswith(("own.AsText", "own.AsHex"))


def same(answered: Any, there: Any, field: dict[str, Any]) -> bool:
    """Whether the API's form of a value stands for what a driver gave."""
    if answered is None or there is None:
        return answered is None and there is None
    if field.get("array"):
        item = {**field, "array": False}
        pairs = zip(answered, there, strict=True)
        return all(same(one, other, item) for one, other in pairs)
    if as_text(field):
        return isinstance(answered, str)
    if isinstance(there, bytes):
        there = int.from_bytes(there, "big")
    match field["type"]:
        case "decimal" | "float":
            return abs(Decimal(str(answered)) - Decimal(str(there))) <= Decimal("1e-6")
        case "datetime":
            moment = there if isinstance(there, dt.datetime) else dt.datetime.fromisoformat(there)
            zone = moment.tzinfo or dt.UTC
            return bool(dt.datetime.fromisoformat(answered) == moment.replace(tzinfo=zone))
        case "time":
            if isinstance(there, dt.timedelta):
                there = (dt.datetime.min + there).time()
            if isinstance(there, str):
                there = dt.time.fromisoformat(there)
            return bool(dt.time.fromisoformat(answered) == there)
        case "json":
            return bool(answered == (json.loads(there) if isinstance(there, str) else there))
        case "uuid":
            return uuid.UUID(answered) == uuid.UUID(str(there))
        case "bool":
            return bool(answered) == bool(there)
        case "ref":
            return str(answered) == str(there)
    return str(answered) == str(there)


async def main(url: str) -> None:
    resources = read_record(workspace.open_tree(Path.cwd())).resources
    app = importlib.import_module("app.main").app
    engine = create_async_engine(url)
    compared = 0
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://test") as client,
    ):
        for plural, spec in sorted(resources.items()):
            quote = engine.dialect.identifier_preparer.quote
            names = [part for part in (spec["existing"]["schema"], spec["table"]) if part]
            fields = [
                (field["name"] + "_id" * (field["type"] == "ref"), field)
                for field in (*spec["key"], *spec["fields"])
            ]
            columns = [field.get("column", name) for name, field in fields]
            source = ".".join(map(quote, names))
            read = [
                # What only the database understands, a driver may not either.
                f"CASE WHEN {quote(c)} IS NULL THEN NULL ELSE '' END" if as_text(f) else quote(c)
                for c, (_, f) in zip(columns, fields, strict=True)
            ]
            statement = f"SELECT {', '.join(read)} FROM {source}"
            async with engine.connect() as connection:
                found = await connection.exec_driver_sql(statement)
                rows = [dict(zip(columns, row, strict=True)) for row in found]
            answered = await _pages(client, f"/api/v1/{plural.replace('_', '-')}?limit=100")
            assert len(answered) == len(rows), plural
            for one in answered:
                assert any(
                    all(
                        same(one[name], row[field.get("column", name)], field)
                        for name, field in fields
                    )
                    for row in _near(rows, one, fields)
                ), (plural, one)
            compared += len(rows)
    await engine.dispose()
    print(f"{compared} rows are equal")


def _near(rows: list[Any], one: Any, fields: list[Any]) -> list[Any]:
    """The rows that can be meant, by the first column where that is a number."""
    name, field = fields[0]
    if not isinstance(one[name], int):
        return rows
    return [row for row in rows if row[field.get("column", name)] == one[name]]


async def _pages(client: AsyncClient, url: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while url:
        response = await client.get(url)
        assert response.status_code == 200, response.text
        found += response.json()
        url = response.links.get("next", {}).get("url", "")
    return found


if __name__ == "__main__":
    sys.path.insert(0, str(Path.cwd()))
    asyncio.run(main(sys.argv[1]))
