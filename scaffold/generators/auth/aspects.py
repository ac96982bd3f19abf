"""What auth adds to single resources: who may use their routes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scaffold.api import Around, Aspect, Resource, Seam
from scaffold.generators.auth.account import AccountView, account_view

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
    imports = (
        "import pytest",
        "from fastapi import FastAPI",
        f"from {_models(account)} import {account.role}",
        "from tests.auth.accounts import headers",
    )
    return Seam("tests", "tests", tuple(text.splitlines()), imports)


def _models(account: AccountView) -> str:
    return f"{account.package}.models.{account.plural}"


ACCOUNT = Aspect("account", requires="", options=_never, weave=weave_account)
