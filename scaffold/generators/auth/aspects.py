"""What auth adds to single resources: who may use their routes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from scaffold.api import Around, Aspect, Resource, Seam, UsageError
from scaffold.generators.auth.account import AccountView, account_view
from scaffold.generators.auth.guard import guard
from scaffold.generators.auth.references import attempts, reference_seams, refused, stored_seams
from scaffold.generators.resource_view import variable_of

SERVED = (200, 201, 200, 200, 204)
"""What the routes answer whom they serve: list, create, get, update, delete."""

_CLIENT_OF_USERS = '''
@pytest.fixture
async def client(app: FastAPI, client: AsyncClient) -> AsyncClient:
    """Its requests are those of an administrator who is no row of the table."""

    async def administrator() -> {pascal}:
        return {pascal}(role={role}.{admin})

    app.dependency_overrides[current_user] = administrator
    return client

'''
_ACCESS = """

ROUTES = [("GET", ""), ("POST", ""), ("GET", "one"), ("PATCH", "one"), ("DELETE", "one")]


@pytest.mark.parametrize(("name", "role", "statuses"), [{rows}])
async def test_access(app: FastAPI, client: AsyncClient, name: str, role: {role}, statuses: list[int]) -> None:
    url = (await client.post(URL, json=body())).headers["location"]
{before}    asking = await headers(app, name, role) if name else {{"Authorization": ""}}
    answered = []
    for method, one in ROUTES:
        sent = body(2) if method == "POST" else {{}}
        response = await client.request(method, url if one else URL, json=sent, headers=asking)
        answered.append(response.status_code)
    assert answered == statuses
"""

_CLIENT = '''
@pytest.fixture
async def client(app: FastAPI, client: AsyncClient) -> AsyncClient:
    """Its requests are those of Ada."""
    client.headers.update(await headers(app, "ada", {role}))
    return client

'''
_ROWS_OF_OTHERS = """

async def test_rows_of_others(app: FastAPI, client: AsyncClient) -> None:
    row = await create(client, body())
    others = await headers(app, "bob", {role})
    assert (await client.get(URL, headers=others)).json() == []
    other = await client.post(URL, json=body(2), headers=others)
    assert other.json()["owner_id"] != row["owner_id"]
    assert await pages(client) == [row]
    root = await headers(app, "root", {admin})
    first = await client.get(URL, params={{"limit": 1}}, headers=root)
    for url in (first.links["next"]["url"], f"{{URL}}?owner_id={{row['owner_id']}}", f"{{URL}}?include=owner"):
        answer = await client.get(url, headers=others)
        assert answer.status_code == 200
        assert row not in answer.json()
"""
_TEST_IMPORTS = (
    "import pytest",
    "from fastapi import FastAPI",
    "from tests.auth.accounts import headers",
)


def _never() -> None:
    """Only ``scaffold add auth`` makes a resource the one of accounts."""


def weave_account(resource: Resource, data: Mapping[str, Any], around: Around) -> Iterator[Seam]:
    """The resource of accounts is for administrators."""
    account = account_view(resource, around.package)
    admin, member = f"{account.role}.{account.admin}", f"{account.role}.{account.member}"
    yield roles_seam(account, [admin])
    yield Seam(
        "tests",
        "fixtures",
        tuple(
            _CLIENT_OF_USERS.format(
                pascal=account.pascal, role=account.role, admin=account.admin
            ).splitlines()
        ),
        (
            f"from {account.package}.auth.dependencies import current_user",
            f"from {_models(account)} import {account.pascal}",
        ),
    )
    rows = [("", member, (401,) * 5), ("bob", member, (403,) * 5), ("root", admin, SERVED)]
    yield access_seam(account, rows, "app.dependency_overrides.clear()")


def roles_seam(account: AccountView, roles: Sequence[str]) -> Seam:
    """The routes refuse whoever has none of ``roles``."""
    check = f'Depends(require_role({", ".join(roles)}), scope="function")'
    return Seam(
        "router",
        "arguments",
        (f"dependencies=[{check}]", "responses=problem_responses(401, 403)"),
        (
            f"from {account.package}.auth.dependencies import require_role",
            f"from {_models(account)} import {account.role}",
        ),
    )


def access_seam(
    account: AccountView, rows: Sequence[tuple[str, str, tuple[int, ...]]], before: str = ""
) -> Seam:
    """A test of every route for everybody: ``rows`` are name, role, and what is answered."""
    said = ", ".join(f'("{name}", {role}, {list(statuses)})' for name, role, statuses in rows)
    line = f"    {before}\n" if before else ""
    text = _ACCESS.format(rows=said, role=account.role, before=line)
    imports = (f"from {_models(account)} import {account.role}", *_TEST_IMPORTS)
    return Seam("tests", "tests", tuple(text.splitlines()), imports)


def options(
    *,
    owned: Annotated[bool, "Rows belong to who made them: others get 404, admins see all."] = False,
    require_auth: Annotated[bool, "For users who are logged in."] = False,
    require_role: Annotated[str, "For users who have this role, or one of these: a,b."] = "",
) -> dict[str, Any] | None:
    """Who may use the routes of a resource; None: everybody."""
    if not (owned or require_auth or require_role):
        return None
    return {"owned": owned, "roles": require_role.split(",") if require_role else []}


def account_of(around: Around) -> Resource | None:
    """The resource of accounts, if there is one."""
    return next((one for one in around.resources.values() if "account" in one.aspects), None)


def owner_field(data: Mapping[str, Any], around: Around) -> Iterator[str]:
    """The owner of a row; rows that were there before have none, and only admins see them."""
    account = account_of(around)
    if account is not None and data["owned"]:
        yield f"owner:ref:to={account.name.snake_plural}:optional:readonly:on_delete=set_null"


def weave_access(resource: Resource, data: Mapping[str, Any], around: Around) -> Iterator[Seam]:
    """The routes are for some, and rows for their owner."""
    found = account_of(around)
    assert found is not None  # auth is in effect, or this isn't called
    account = account_view(found, around.package)
    roles = [_member(account, role) for role in data["roles"]]
    if roles:
        yield roles_seam(account, roles)
    elif data["owned"]:
        yield Seam("router", "arguments", ("responses=problem_responses(401)",))
    else:
        check = 'dependencies=[Depends(current_user, scope="function")]'
        needs = f"from {account.package}.auth.dependencies import current_user"
        yield Seam("router", "arguments", (check, "responses=problem_responses(401)"), (needs,))
    if data["owned"]:
        yield from _owner_seams(resource, account)
        yield from reference_seams(resource, around)
    yield from _test_seams(account, roles, owned=data["owned"], refused=refused(resource, around))
    if data["owned"]:
        admin, member = f"{account.role}.{account.admin}", f"{account.role}.{account.member}"
        role = roles[0] if roles else member
        yield from stored_seams(resource, around, role)
        if role != admin:
            yield from attempts(resource, around, role)


def _member(account: AccountView, role: str) -> str:
    members = dict(account.roles)
    if role not in members:
        raise UsageError(
            f"--require-role: there is no role {role!r}", hint=f"the roles are {', '.join(members)}"
        )
    return f"{account.role}.{members[role]}"


def _owner_seams(resource: Resource, account: AccountView) -> Iterator[Seam]:
    model, row = resource.name.pascal, variable_of(resource)
    user = f"from {_models(account)} import {account.pascal}"
    needs = f"from {account.package}.auth.dependencies import CurrentUser, visible_to"
    yield Seam("router", "provide", ("user: CurrentUser",), (needs,))
    yield Seam("router", "repository", ("visible_to(user)",))
    yield Seam("router", "service", ("user",))
    yield Seam("service", "parameters", (f"user: {account.pascal}",), (user,))
    yield Seam("service", "init", ("self.user = user",))
    yield Seam("service", "creating", (f"{row}.owner_id = self.user.id",))
    yield Seam("repository", "parameters", ("owner_id: int | None",))
    yield Seam("repository", "init", ("self.owner_id = owner_id",))
    only_own = f"    statement = statement.where({model}.owner_id == self.owner_id)"
    yield Seam("repository", "list", ("if self.owner_id is not None:", only_own))
    hidden = f"if {row} is not None and self.owner_id not in (None, {row}.owner_id):"
    yield Seam("repository", "found", (hidden, "    return None"))
    yield Seam("tests", "filled", ('"owner_id": None',))


def _test_seams(
    account: AccountView, roles: Sequence[str], *, owned: bool, refused: bool
) -> Iterator[Seam]:
    """Its tests are those of a user whom it serves. ``refused`` is whether others can't make
    the rows of the tests, since these refer to rows that they don't own."""
    admin, member = f"{account.role}.{account.admin}", f"{account.role}.{account.member}"
    role = roles[0] if roles else member
    imports = (f"from {_models(account)} import {account.role}", *_TEST_IMPORTS)
    client = _CLIENT.format(role=role)
    yield Seam("tests", "fixtures", tuple(client.splitlines()), imports)
    rows = [("", member, (401,) * 5), ("ada", role, SERVED)]
    if owned and role != admin:
        rows.append(("bob", role, (200, 422 if refused else 201, 404, 404, 404)))
    if member not in (roles or [member]):
        rows.append(("eve", member, (403,) * 5))
    if not roles or admin in roles:
        rows.append(("root", admin, SERVED))
    yield access_seam(account, rows)
    if owned and role != admin and not refused:
        text = _ROWS_OF_OTHERS.format(role=role, admin=admin)
        yield Seam("tests", "tests", tuple(text.splitlines()), imports)


def _models(account: AccountView) -> str:
    return f"{account.package}.models.{account.plural}"


ACCOUNT = Aspect("account", requires="", options=_never, weave=weave_account)
ACCESS = Aspect(
    "access", requires="auth", options=options, weave=weave_access, fields=owner_field, guard=guard
)
