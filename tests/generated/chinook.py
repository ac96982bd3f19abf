"""The Chinook database as an API made by commands alone, its rows sent over HTTP and read back.

Chinook is a shop of digital media: 11 tables, 15,607 rows, of which 8,715 are links.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from tests.generated.harness import Project

DATA = Path(__file__).parents[1] / "data" / "chinook.sqlite"
AT_ONCE = 4  # requests

_ADDRESS = "address:str:max=70:optional city:str:max=40:optional state:str:max=40:optional "
_ADDRESS += "country:str:max=40:optional postal_code:str:max=10:optional "
_PERSON = "first_name:str:max=40 last_name:str:max=20 phone:str:max=24:optional "
_PERSON += "fax:str:max=24:optional "
_BILLING = " ".join(f"billing_{field}" for field in _ADDRESS.split())
RESOURCES = {
    "artists": "name:str:max=120:optional",
    "genres": "name:str:max=120:optional",
    "media-types": "name:str:max=120:optional",
    "employees": f"{_PERSON}{_ADDRESS}title:str:max=30:optional birth_date:datetime:optional "
    "hire_date:datetime:optional email:email:max=60:optional "
    "reports_to:ref:to=employees:optional",
    "albums": "title:str:max=160 artist:ref",
    "customers": f"{_PERSON}{_ADDRESS}company:str:max=80:optional email:email:max=60 "
    "support_rep:ref:to=employees:optional",
    "tracks": "name:str:max=200 album:ref:optional media_type:ref genre:ref:optional "
    "composer:str:max=220:optional milliseconds:int:min=0 bytes:int:min=0:optional "
    "unit_price:decimal:10.2:min=0",
    "playlists": "name:str:max=120:optional tracks:many:tracks",
    "invoices": f"customer:ref invoice_date:datetime {_BILLING} total:decimal:10.2:min=0",
    "invoice-lines": "invoice:ref track:ref unit_price:decimal:10.2:min=0 quantity:int:min=1",
}


def _same(value: Any) -> Any:
    return value


def _instant(value: str | None) -> str | None:
    return value and value.replace(" ", "T") + "Z"


def _price(value: float) -> str:
    return f"{value:.2f}"


@dataclass(frozen=True)
class Table:
    """A table and where its rows go: each column's field, and the table that it refers to."""

    name: str
    path: str
    columns: Mapping[str, str]
    references: Mapping[str, str]
    forms: Mapping[str, Callable[[Any], Any]]


def _snake(column: str) -> str:
    return "".join(f"_{char.lower()}" if char.isupper() else char for char in column).strip("_")


_REFERENCES = {
    "ReportsTo": "Employee", "SupportRepId": "Employee", "ArtistId": "Artist",
    "AlbumId": "Album", "MediaTypeId": "MediaType", "GenreId": "Genre",
    "CustomerId": "Customer", "InvoiceId": "Invoice", "TrackId": "Track",
}  # fmt: skip
_FORMS = {
    "BirthDate": _instant, "HireDate": _instant, "InvoiceDate": _instant,
    "UnitPrice": _price, "Total": _price,
}  # fmt: skip


def tables() -> Iterator[Table]:
    """The tables with a resource, in an order in which their rows can be made."""
    with sqlite3.connect(DATA) as database:
        for path in RESOURCES:
            name = "".join(word.capitalize() for word in path.split("-"))
            name = {"MediaTypes": "MediaType"}.get(name, name.removesuffix("s"))
            columns = [row[1] for row in database.execute(f"PRAGMA table_info({name})")]
            columns.remove(f"{name}Id")
            fields = {
                column: _snake(column.removesuffix("Id") + "Id")
                if column in _REFERENCES
                else _snake(column)
                for column in columns
            }
            references = {c: _REFERENCES[c] for c in columns if c in _REFERENCES}
            yield Table(name, f"/api/v1/{path}", fields, references, _FORMS)


def make(folder: Path, *options: str, only: tuple[str, ...] = tuple(RESOURCES)) -> Project:
    """The project, by commands alone."""
    Project(folder).scaffold("new", "chinook", "--no-git", *options)
    project = Project(folder / "chinook")
    for name in only:
        project.scaffold("add", "resource", name, *RESOURCES[name].split())
    return project


class Loader:
    """Sends rows and reads them back; ``rows`` limits how many of a table there are."""

    def __init__(self, client: httpx2.AsyncClient, rows: int | None = None) -> None:
        self.client = client
        self.limit = -1 if rows is None else rows
        self.ids: dict[str, dict[int, int]] = {}
        self.sent = 0
        self._free = asyncio.Semaphore(AT_ONCE)

    async def load(self, table: Table) -> None:
        """Every row, and under which key it is there now."""
        known = self.ids[table.name] = {}
        waits = table.name in table.references.values()
        creations = [self._create(table, row, known) for row in self._rows(table)]
        if waits:  # a row may refer to an earlier one
            for creation in creations:
                await creation
        else:
            await asyncio.gather(*creations)

    async def check(self, table: Table) -> None:
        """Every row is answered as it was sent, and no other one."""
        answered = {row["id"]: row for row in await self.pages(table.path)}
        expected = {
            self.ids[table.name][row[f"{table.name}Id"]]: self._body(table, row)
            for row in self._rows(table)
        }
        assert answered.keys() == expected.keys()
        for key, body in expected.items():
            assert {name: answered[key][name] for name in body} == body

    async def link(self) -> None:
        """Every track of every playlist."""
        links = (
            self._put(f"/api/v1/playlists/{playlist}/tracks/{track}")
            for playlist, tracks in self._playlists().items()
            for track in tracks
        )
        await asyncio.gather(*links)

    async def check_links(self) -> None:
        """Every playlist has its tracks, and no other one."""
        for playlist, tracks in self._playlists().items():
            rows = await self.pages(f"/api/v1/playlists/{playlist}/tracks")
            assert [row["id"] for row in rows] == sorted(tracks)

    async def pages(self, path: str) -> list[dict[str, Any]]:
        """The rows of all pages of a list."""
        url, rows = f"{path}?limit=100", list[dict[str, Any]]()
        while url:
            response = await self.client.get(url)
            assert response.status_code == 200, response.text
            rows += response.json()
            url = response.links.get("next", {}).get("url", "")
        return rows

    def _rows(self, table: Table) -> list[dict[str, Any]]:
        statement = f"SELECT * FROM {table.name} ORDER BY {table.name}Id LIMIT ?"
        with sqlite3.connect(DATA) as database:
            database.row_factory = sqlite3.Row
            rows = [dict(row) for row in database.execute(statement, (self.limit,))]
        return [row for row in rows if self._refers(table, row)]

    def _refers(self, table: Table, row: dict[str, Any]) -> bool:
        """Whether all that the row refers to is there: a part of the rows may not have it."""
        return all(
            row[column] is None or target == table.name or row[column] in self.ids[target]
            for column, target in table.references.items()
        )

    def _body(self, table: Table, row: dict[str, Any]) -> dict[str, Any]:
        body = {}
        for column, field in table.columns.items():
            value = table.forms.get(column, _same)(row[column])
            if column in table.references and value is not None:
                value = self.ids[table.references[column]][value]
            body[field] = value
        return body

    def _playlists(self) -> dict[int, list[int]]:
        """The keys of the tracks of each playlist, all as they are now."""
        playlists, tracks = self.ids["Playlist"], self.ids["Track"]
        found: dict[int, list[int]] = {key: [] for key in playlists.values()}
        with sqlite3.connect(DATA) as database:
            for playlist, track in database.execute("SELECT * FROM PlaylistTrack"):
                if playlist in playlists and track in tracks:
                    found[playlists[playlist]].append(tracks[track])
        return found

    async def _create(self, table: Table, row: dict[str, Any], known: dict[int, int]) -> None:
        response = await self._send("POST", table.path, self._body(table, row))
        assert response.status_code == 201, response.text
        known[row[f"{table.name}Id"]] = response.json()["id"]
        self.sent += 1

    async def _put(self, path: str) -> None:
        response = await self._send("PUT", path)
        assert response.status_code == 204, response.text
        self.sent += 1

    async def _send(self, method: str, path: str, body: object = None) -> httpx2.Response:
        """The answer, asked for again while writers wait for each other too long."""
        async with self._free:
            while True:
                response = await self.client.request(method, path, json=body)
                if response.status_code != 503:
                    return response
                await asyncio.sleep(0.1)


async def load_and_read_back(base: str, rows: int | None = None) -> int:
    """Sends all rows (the first ``rows`` of each table), reads them back; how many there were."""
    async with httpx2.AsyncClient(base_url=base, timeout=60) as client:
        loader = Loader(client, rows)
        for table in tables():
            await loader.load(table)
        await loader.link()
        for table in tables():
            await loader.check(table)
        await loader.check_links()
        return loader.sent
