"""Rows that belong to somebody, and what refers to them: nobody links or sees those of others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scaffold.api import Around, Field, Resource, Seam
from scaffold.generators.auth.guard import access
from scaffold.generators.resource_view import links_of, targets, variable_of

_CHECK = '''
async def check_references(self, {row}: {model}) -> None:
    """Nobody refers to rows that they don't see."""
    if self.owner_id is None:
        return
    attributes = inspect({row}).attrs
    with self.session.no_autoflush:
'''
_ONE = """\
        if {row}.{attribute} is not None and attributes.{attribute}.history.has_changes():
            owner = select({target}.owner_id).where({target}.{key} == {row}.{attribute})
            if await self.session.scalar(owner) != self.owner_id:
                raise Invalid("{attribute} does not exist", "{attribute}")
"""
_RELATED = '''\
def related(self, name: str) -> LoaderOption:
    """Rows of others aren't shown, not even where one's own refer to them."""
    attribute = getattr({model}, name)
'''
_SHOWN = """\
    if name == "{name}" and self.owner_id is not None:
        attribute = attribute.and_({target}.owner_id == self.owner_id)
"""
_LEFT_OUT = (
    "# Rows of others are left out.",
    'related = {{name: one for name, one in related.items() if one or getattr({row}, f"{{name}}_id") is None}}',
)
_TEST_REFERENCES = """

@pytest.mark.parametrize("name", [{names}])
async def test_references_to_rows_of_others(app: FastAPI, client: AsyncClient, database: Database, name: str) -> None:
    url = (await client.post(URL, json=body())).headers["location"]
    bob, others = await make_user(app, "bob", {role}), await headers(app, "bob", {role})
    response = await client.post(URL, json=body(2), headers=others)
    assert response.status_code == 422
    # Where his own row does refer to hers, however that came about:
    async with database.transaction() as session:
        await session.execute(update({model}).values(owner_id=bob.id))
    shown = await client.get(url, params={{"include": name}}, headers=others)
    assert shown.json()["owner_id"] == bob.id
    assert list(shown.json()) == ANSWERED
    listed = await client.get(URL, params={{"include": name}}, headers=others)
    assert listed.json() == [shown.json()]
    answers = []
    for key in (body(2)[f"{{name}}_id"], 2**31 - 1):
        response = await client.patch(url, json={{f"{{name}}_id": key}}, headers=others)
        assert (response.status_code, refused(response)) == (422, {{f"{{name}}_id"}})
        answers.append(response.json() | {{"request_id": ""}})
    assert answers[0] == answers[1]
    assert (await client.patch(url, json={{}}, headers=others)).status_code == 200
"""
_TEST_ITSELF = """

@pytest.mark.parametrize("name", [{names}])
async def test_reference_to_a_row_of_others(app: FastAPI, client: AsyncClient, name: str) -> None:
    row, others = await create(client, body()), await headers(app, "bob", {role})
    for key in (row["{key}"], 2**31 - 1):
        sent = body(2) | {{f"{{name}}_id": key}}
        response = await client.post(URL, json=sent, headers=others)
        assert (response.status_code, refused(response)) == (422, {{f"{{name}}_id"}})
"""
_TEST_LINKS = """

@pytest.mark.usefixtures("sides")
@pytest.mark.parametrize(("name", "target", "key"), [{links}])
async def test_links_to_rows_of_others(app: FastAPI, client: AsyncClient, database: Database, name: str, target: str, key: str) -> None:
    first, other = [row[key] for row in (await client.get(target)).json()[:2]]
    assert (await client.put(f"{{URL}}/1/{{name}}/{{first}}")).status_code == 204
    bob, others = await make_user(app, "bob", {role}), await headers(app, "bob", {role})
    async with database.transaction() as session:
        await session.execute(update({model}).values(owner_id=bob.id))
    assert (await client.get(f"{{URL}}/1/{{name}}", headers=others)).json() == []
    for method in ("PUT", "DELETE"):
        answers = []
        for linked in (first, other, 2**31 - 1):
            response = await client.request(method, f"{{URL}}/1/{{name}}/{{linked}}", headers=others)
            answers.append(response.json() | {{"request_id": ""}})
        assert answers == [answers[0]] * 3
        assert answers[0]["status"] == 404
    assert (await client.get(f"{{URL}}/1/{{name}}")).status_code == 404
"""
_TEST_IMPORTS = (
    "import pytest",
    "from fastapi import FastAPI",
    "from tests.auth.accounts import headers",
)


@dataclass(frozen=True)
class Owned:
    """What of a resource leads to rows that have owners: each field with its target."""

    resource: Resource
    around: Around

    @property
    def row(self) -> str:
        """The name of a row in the templates."""
        return variable_of(self.resource)

    @property
    def known(self) -> dict[str, Resource]:
        """All resources, this one as it will be."""
        return {**self.around.resources, self.resource.name.snake_plural: self.resource}

    def _pairs(self, fields: Sequence[Field]) -> tuple[tuple[Field, Resource], ...]:
        pairs = ((field, self.known[field.to]) for field in fields if field.to in self.known)
        return tuple((f, one) for f, one in pairs if (access(one) or {}).get("owned"))

    @property
    def references(self) -> tuple[tuple[Field, Resource], ...]:
        """References."""
        return self._pairs(self.resource.references)

    @property
    def links(self) -> tuple[tuple[Field, Resource], ...]:
        """Links."""
        return self._pairs(self.resource.links)

    def stored(self) -> Iterator[tuple[str, frozenset[str]]]:
        """The fixtures of the tests that store rows with owners, each with their resources."""
        stored = {"targets": targets.stored_for(self.resource, self.known)}
        if self.resource.links:
            stored["sides"] = targets.stored_for_links(self.resource, self.known)
        for name, rows in stored.items():
            owned = {one.resource.name.snake_plural: one.resource for one in rows}
            yield name, frozenset(n for n, one in owned.items() if (access(one) or {}).get("owned"))

    @property
    def sent(self) -> tuple[str, ...]:
        """The references that rows of the tests have, to one of several rows."""
        fields = {field.name for field, _ in self.references}
        return tuple(
            one.field.name
            for one in targets.sent(self.resource, self.known)
            if one.field.name in fields and targets.rows_of(one, self.known) > 1
        )


def refused(resource: Resource, around: Around) -> bool:
    """Whether rows of the tests refer to rows that have owners."""
    owned = Owned(resource, around)
    fields = {field.name for field, _ in owned.references}
    return any(one.field.name in fields for one in targets.sent(resource, owned.known))


def reference_seams(resource: Resource, around: Around) -> Iterator[Seam]:
    """Nobody refers to rows of others, links them, or sees them by what does."""
    owned = Owned(resource, around)
    if owned.references:
        yield from _reference_seams(owned)
    for field, target in owned.links:
        model = target.name.pascal
        only_own = f"    statement = statement.where({model}.owner_id == self.owner_id)"
        listed = ("if self.owner_id is not None:", only_own)
        yield Seam("repository", f"links {field.name}", listed)
        found = f"found = await self.session.get({model}, key)"
        seen = "return found is not None and self.owner_id in (None, found.owner_id)"
        yield Seam("repository", f"link {field.name}", (found, seen))


def _reference_seams(owned: Owned) -> Iterator[Seam]:
    row, model = owned.row, owned.resource.name.pascal
    check = _CHECK.format(row=row, model=model)
    related = _RELATED.format(model=model)
    for field, target in owned.references:
        key, name = target.key[0].name, target.name.pascal
        check += _ONE.format(row=row, attribute=field.attribute, target=name, key=key)
        related += _SHOWN.format(name=field.name, target=name)
    related += "    return joinedload(attribute)\n"
    package = owned.around.package
    models = {
        f"from {package}.models.{target.name.snake_plural} import {target.name.pascal}"
        for _, target in owned.references
    }
    needs = (
        "from sqlalchemy import inspect",
        "from sqlalchemy.orm.interfaces import LoaderOption",
        f"from {package}.errors import Invalid",
        *sorted(models),
    )
    yield Seam("repository", "methods", tuple(check.splitlines()), needs)
    yield Seam("repository", "related", tuple(related.splitlines()))
    yield Seam("router", "related", tuple(line.format(row=row) for line in _LEFT_OUT))
    call = f"await self.repository.check_references({row})"
    yield Seam("service", "creating", (call,))
    yield Seam("service", "updating", (call,))


def stored_seams(resource: Resource, around: Around, role: str) -> Iterator[Seam]:
    """The rows that those of the tests refer to belong to Ada, who asks for them."""
    plurals: set[str] = set()
    for fixture, owned in Owned(resource, around).stored():
        if owned:
            line = f'ada = await make_user(app, "ada", {role})'
            needs = ("from fastapi import FastAPI", "from tests.auth.accounts import make_user")
            yield Seam("tests", f"storing {fixture}", (line,), needs)
            yield Seam("tests", fixture, ("app: FastAPI",))
            plurals |= owned
    for plural in sorted(plurals):
        yield Seam("tests", f"stored {plural}", ("owner_id=ada.id, ",))


def attempts(resource: Resource, around: Around, role: str) -> Iterator[Seam]:
    """Tests that try to get at rows of others by one's own."""
    owned = Owned(resource, around)
    model = resource.name.pascal
    needs = (
        *_TEST_IMPORTS,
        "from sqlalchemy import update",
        "from tests.auth.accounts import make_user",
        f"from {around.package}.database import Database",
        f"from {around.package}.models.{resource.name.snake_plural} import {model}",
    )
    if owned.sent:
        names = ", ".join(f'"{name}"' for name in owned.sent)
        text = _TEST_REFERENCES.format(names=names, role=role, model=model)
        yield Seam("tests", "tests", tuple(text.splitlines()), needs)
    itself = ", ".join(f'"{f.name}"' for f, one in owned.references if one.name == resource.name)
    if itself:
        text = _TEST_ITSELF.format(names=itself, role=role, key=resource.key[0].name)
        yield Seam("tests", "tests", tuple(text.splitlines()), _TEST_IMPORTS)
    names_of_links = {field.name for field, _ in owned.links}
    links = ", ".join(
        f'("{link.segment}", "{link.target.path}", "{link.key}")'
        for link in links_of(resource, owned.known)
        if link.name in names_of_links
    )
    if links:
        text = _TEST_LINKS.format(links=links, role=role, model=model)
        yield Seam("tests", "tests", tuple(text.splitlines()), needs)
