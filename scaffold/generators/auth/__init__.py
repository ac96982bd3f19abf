"""``scaffold add auth``: accounts, login, tokens, rights; ``scaffold protect``: who may use what."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Annotated

from scaffold.api import (
    SECRET,
    Action,
    AddDependency,
    AddLifespan,
    AddSection,
    AddSetting,
    Around,
    Context,
    CreateFile,
    Next,
    PatchFile,
    Refuse,
    Resource,
    Use,
    Wire,
    change_resource,
    ignored,
    parse_name,
)
from scaffold.generators.auth.account import ADMIN, account_view, fitted, newly_folded
from scaffold.generators.auth.guard import guard

DEPENDENCIES = ("pwdlib[argon2]>=0.3", "pyjwt>=2.12", "python-multipart>=0.0.20")
SETTINGS = (
    AddSetting(
        "auth_secret",
        "str",
        "Field(default=..., min_length=32, repr=False)",
        "Signs the tokens: at least 32 characters that nobody can guess.",
    ),
    AddSetting(
        "environment",
        'Literal["development", "production"]',
        "Field(default=...)",
        "development writes mails to the log; production needs a mailer.",
    ),
)
VARIABLES = {"AUTH_SECRET": SECRET, "ENVIRONMENT": "development"}
DOTENV = ".env"


def auth(
    context: Context,
    *,
    users: Annotated[str, "The resource that becomes the account model."] = "users",
) -> Iterator[Action]:
    """Add accounts: registration, login, tokens, roles, and tests of the attacks on them."""
    new = context.record.by_generator("new")
    if not new or context.project.refusals:
        yield from _not_ours(context)
        return
    if not context.record.by_generator("auth") and context.project.logins:
        yield from _there_already(context)
        return
    plural = parse_name(users).snake_plural
    known = context.resources.get(plural)
    wanted = fitted(users, known)
    if not isinstance(wanted, Resource):
        yield from wanted
        return
    yield from change_resource(context, known, wanted)
    package = context.project.package
    variables: dict[str, object] = {
        "account": account_view(wanted, package),
        "package": package,
        "name": str(new[0].arguments["name"]),
    }
    yield from context.render("auth", variables, leave_out=["migrations"])
    if not context.record.by_generator("auth"):
        yield from _migration(context, variables, newly_folded(known, wanted))
    for requirement in DEPENDENCIES:
        yield AddDependency(requirement)
    yield from SETTINGS
    yield from _dotenv(context)
    yield AddLifespan(f"{package}.auth.identity", "open_identity")
    yield Wire(f"{package}.routers.auth", "router", "auth_router", prefix="/api/v1")
    yield AddSection("Accounts", _section(package, wanted.path))
    for run in context.record.by_generator("websocket"):
        yield Use("websocket", run.arguments)  # from now on, with a token
    yield Next(
        f"uv run python -m {package}.auth create-admin you@example.com", "the first administrator"
    )
    yield Next("uv run pytest tests/auth", "what attackers try, among others")
    yield from _shown(context)


def _shown(context: Context) -> Iterator[Next]:
    """What to protect next, since it shows accounts to everybody."""
    around = Around(context.project.package, context.resources, context.record)
    for name, resource in context.resources.items():
        for reason in guard(resource, around):
            yield Next(f"scaffold protect resource {name} --require-role {ADMIN}", reason)


def _not_ours(context: Context) -> Iterator[Refuse]:
    """A refusal in a project that has not the base which the templates stand on."""
    for refusal in context.project.refusals:
        yield Refuse.told(refusal)
    yield from _there_already(context)
    if context.project.refusals:
        return
    yield Refuse(
        "scaffold did not make this project (no run of scaffold new in .scaffold/runs): "
        "accounts need the base that scaffold new makes"
    )
    for found in context.project.users:
        yield Refuse(f"its users are there: {found.text}", found.path, found.line)


def _there_already(context: Context) -> Iterator[Refuse]:
    """A refusal to double an authentication, with each place that shows it."""
    for found in context.project.logins:
        yield Refuse(f"there is a way to log in already: {found.text}", found.path, found.line)


def _migration(
    context: Context, variables: dict[str, object], folded: tuple[str, ...]
) -> Iterator[Action]:
    """The revision with the tables of accounts, on the one head there is."""
    alembic = context.project.alembic
    if alembic is None or len(alembic.heads) > 1:
        return  # refused with the resource's own
    down = alembic.heads[0] if alembic.heads else None
    revision = hashlib.sha256(f"create accounts on {down}".encode()).hexdigest()[:12]
    told: dict[str, object] = {"revision": revision, "down_revision": down, "folded": folded}
    yield from context.render(
        "auth",
        variables | told,
        leave_out=["tests", "docs", "{{package}}", "conftest.py.jinja"],
    )


def _dotenv(context: Context) -> Iterator[Action]:
    """The secret of this machine, where git can't see it."""
    if not ignored(context.tree, DOTENV):
        yield Next(
            "export AUTH_SECRET=… ENVIRONMENT=development",
            "git doesn't ignore .env, so the secret is yours to place",
        )
    elif context.tree.get(DOTENV) is None:
        lines = [f"{name}={value}\n" for name, value in VARIABLES.items()]
        yield CreateFile(DOTENV, "".join(lines).encode(), mode=0o600, secret=True)
    else:
        for name, value in VARIABLES.items():
            yield PatchFile(DOTENV, "set_variable", {"name": name, "value": value})


def _section(package: str, users: str) -> str:
    return f"""\
People register with their address, confirm it by the code in a mail, and log in at
`/api/v1/auth/token`, so the button *Authorize* of `/api/docs` works. `CurrentUser` and
`require_role(…)` of `{package}/auth/dependencies.py` go into the signatures of routes. The first
administrator is made by a command, which asks for the password:

```sh
python -m {package}.auth create-admin you@example.com
```

`AUTH_SECRET` signs the tokens; each deployment has its own, of at least 32 characters:
`python -c "import secrets; print(secrets.token_urlsafe(48))"`. In development
(`ENVIRONMENT=development`, as in the `.env` here) mails go to the log. In production the
application doesn't start before `create_mailer` in `{package}/auth/mail.py` returns a mailer of
yours. Behind a proxy, tell uvicorn with `--forwarded-allow-ips` which one may name the client's
address: logins are limited by it.

Resources are protected by `scaffold protect resource orders --owned` (or `--require-auth`,
`--require-role admin`). [docs/security.md](docs/security.md) tells which test shows what.

To try the running API with a token:

```sh
uvx schemathesis run http://127.0.0.1:8000/api/openapi.json --checks all \\
    --header "Authorization: Bearer $TOKEN" --exclude-path-regex "/auth/|{users}/"
```
"""
