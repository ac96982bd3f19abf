"""``scaffold add websocket``: events to clients as they happen, on one machine and on many."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated, Any

from scaffold.api import (
    Action,
    AddDependency,
    AddLifespan,
    AddSection,
    AddSetting,
    Around,
    Aspect,
    Context,
    Needs,
    Next,
    Render,
    Resource,
    Seam,
    UsageError,
    Wire,
)
from scaffold.generators.aspect import set_aspect
from scaffold.generators.auth.account import account_view
from scaffold.generators.redis import redis, redis_files, redis_in_ci, unable
from scaffold.generators.redis import variables as shared_variables
from scaffold.generators.resource_view import view

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_ONLY_OURS = ("{{package}}/realtime/changes.py.jinja",)
_ONLY_WITH_ACCOUNTS = (
    "{{package}}/realtime/access.py.jinja",
    "{{package}}/realtime/accounts.py.jinja",
    "tests/test_realtime_access.py.jinja",
)
_ONLY_FOREIGN = ("{{package}}/realtime/settings.py.jinja",)

_SECTION = """\
Clients connect to a WebSocket, join rooms, and hear what happens there. Both sides speak JSON,
each message names its `type`; `{package}/realtime/messages.py` has all of them. A client sends
one message a frame, and gets a list of messages a frame:

```js
const socket = new WebSocket("wss://shop.example/ws/events");
socket.onopen = () => socket.send(JSON.stringify({{ type: "join", room: "orders" }}));
socket.onmessage = (event) => JSON.parse(event.data).forEach(console.log);
// {{ type: "changed", room: "orders", action: "created", key: 7 }}
```

An event tells what changed, not the data: who may read that can fetch it. `scaffold add resource
… --events` tells what happens to a resource, in the room of its name, once it is committed. Your
own events go to `hub.publish(…)`; who may join a room is decided beside each socket.

- **Accounts.** Where there are some (`scaffold add auth`), a client says who it is first, with the
  access token of its requests: `{{ "type": "authenticate", "token": "eyJ…" }}`; and again with a new
  one before that expires, or it is closed with 1008. The token never goes into the URL, which is
  logged: such a connection is refused.
- **Several processes** need Redis: `REDIS_URL=redis://localhost:6379`. While it is away, clients
  still hear of their own process; when it is back they get `{{ "type": "gap" }}`, and fetch what
  matters again.
- **Pages of other sites** are refused, but for those of `CORS_ORIGINS`.
- **Who doesn't read** what is sent is dropped, with code 1013. A client may send what `Limits` in
  `{package}/realtime/hub.py` allows. The server sends `{{ "type": "heartbeat" }}` every 20
  seconds; a client that hears nothing for a minute should connect again.
- **On SIGTERM** every client gets code 1001, before the server stops.

To try it, start the server with `WEBSOCKET_PAGE=true` and open `/ws/events/page`.
"""


@dataclass(frozen=True)
class Socket:
    """One socket as the templates see it: ``name`` in Python, ``path`` in URLs."""

    name: str
    path: str
    title: str


def websocket(
    context: Context,
    name: Annotated[str, "What the socket is called: /ws/NAME."] = "events",
) -> Iterator[Action]:
    """Add a WebSocket: events to browsers and other clients, as they happen."""
    socket = _socket(name)
    refusals = list(unable(context, "a WebSocket"))
    if refusals:
        yield from refusals
        return
    new = context.record.by_generator("new")
    if new:
        yield from _ours(context, socket, str(new[0].arguments["name"]))
    else:
        yield from _foreign(context, socket)


def _socket(name: str) -> Socket:
    kebab = name.replace("_", "-")
    if not _NAME.fullmatch(kebab):
        raise UsageError(
            f"{name!r} can't be the name of a socket", hint="small letters and digits: live-prices"
        )
    return Socket(kebab.replace("-", "_"), f"/ws/{kebab}", kebab.replace("-", " "))


def _ours(context: Context, socket: Socket, project: str) -> Iterator[Action]:
    """In a project that scaffold made: settings, sessions and tests are where they always are."""
    package = context.project.package
    realtime = f"{package}.realtime"
    account = next((r for r in context.resources.values() if "account" in r.aspects), None)
    variables = {
        "package": package,
        "realtime": realtime,
        "ours": True,
        "channel": project,
        "socket": socket,
        "account": account and account_view(account, package),
        "tests": "tests.",
    }
    leave_out = _ONLY_FOREIGN if account else (*_ONLY_FOREIGN, *_ONLY_WITH_ACCOUNTS)
    yield from _shared(context.render("websocket", variables, leave_out=leave_out))
    yield from redis_files(context, shared_variables(context), client=False)
    if account:
        yield Needs(f"{package}/auth/dependencies.py")
    yield from redis()
    yield from redis_in_ci(context)
    yield AddSetting(
        "websocket_page", "bool", "False", "Pages to try sockets with; not for production."
    )
    yield from _wired(socket, realtime, f"{package}.routers")
    if account:  # behind the hub, which it closes sockets of
        yield AddLifespan(f"{realtime}.access", "watch_access")
    yield AddSection("Real-time events", _SECTION.format(package=package))
    yield Next(f"uv run pytest tests/test_{socket.name}_socket.py", "the new socket's own tests")
    yield Next(
        f"WEBSOCKET_PAGE=true uv run uvicorn {package}.main:app",
        f"http://127.0.0.1:8000{socket.path}/page",
    )


def _foreign(context: Context, socket: Socket) -> Iterator[Action]:
    """Elsewhere: a package of its own beside the application's code, with settings of its own."""
    project = context.project
    package = project.package
    realtime = f"{package}.realtime" if package else "realtime"
    seen = shared_variables(context)
    variables = {
        "package": package,
        "realtime": realtime,
        "routers": realtime,
        "ours": False,
        "channel": package or "app",
        "socket": socket,
        "account": None,
        "tests": seen["tests"],
    }
    base = "/".join(part for part in (project.root, *package.split(".")) if part)
    leave_out = (*_ONLY_OURS, *_ONLY_WITH_ACCOUNTS)
    for render in _shared(context.render("websocket", variables, leave_out=leave_out)):
        yield replace(render, path=_path(render, socket, base, project.root))
    yield from redis_files(context, seen, client=False)
    for requirement in ("pydantic-settings>=2", "websockets>=14"):
        yield AddDependency(requirement)
    yield from redis(variable="REALTIME_REDIS_URL")
    yield from _wired(socket, realtime, realtime)
    yield Next(f"pytest tests/test_{socket.name}_socket.py", "the new socket's own tests")


def _shared(renders: Iterator[Render]) -> Iterator[Render]:
    """What all sockets have in common goes with the last of them."""
    for render in renders:
        yield replace(render, shared="{{socket.name}}" not in render.template)


def _wired(socket: Socket, realtime: str, routers: str) -> Iterator[Action]:
    module = f"{routers}.{socket.name}_socket"
    yield Wire(module, "router", f"{socket.name}_socket_router", prefix="")
    yield AddLifespan(f"{realtime}.hub", "open_realtime")


def _path(render: Render, socket: Socket, base: str, root: str) -> str:
    """Where a template goes in a project of another layout."""
    name = render.template.removeprefix("websocket/").removesuffix(".jinja")
    name = name.replace("{{socket.name}}", socket.name)
    if name.startswith("tests/"):
        return f"{root}/{name}".lstrip("/")
    inner = name.removeprefix("{{package}}/").replace("routers/", "realtime/")
    return f"{base}/{inner}".lstrip("/")


def events_options(
    *,
    events: Annotated[bool, "Tell WebSocket clients what is created, updated and deleted."] = False,
) -> dict[str, Any] | None:
    """The data of the aspect: that it is asked for."""
    return {} if events else None


def weave_events(resource: Resource, data: Any, around: Around) -> Iterator[Seam]:
    """Each write is told in the room of the resource's name, once it is committed.

    Where the resource is for some only, so is the room: that of a row's owner, or of each role.
    """
    changes = f"from {around.package}.realtime.changes import Changes"
    seen = view(resource, around.package, around.resources)
    row = seen.variable
    rooms = _rooms(resource, row)
    parts = ", ".join(f"{row}.{name}" for name in seen.key.names)
    key = parts if len(seen.key.names) == 1 else f"({parts})"
    yield Seam("service", "parameters", ("changes: Changes",), (changes,))
    yield Seam("service", "init", ("self.changes = changes",))
    for action, what in (("created", key), ("updated", "key"), ("deleted", "key")):
        lines = tuple(f'self.changes.tell({room}, "{action}", {what})' for room in rooms)
        yield Seam("service", action, lines)
    yield Seam("router", "provide", ("changes: ChangesDep",), (f"{changes}Dep",))
    yield Seam("router", "service", ("changes",))
    url = seen.suite.url.replace("ROW", row)
    told = tuple(room.replace(f"{row}.owner_id", f"{row}['owner_id']") for room in rooms)
    test = _events_test(seen.key.names, row, url, told)
    yield Seam("tests", "tests", test, _events_imports(around))


EVENTS = Aspect("events", "websocket", events_options, weave_events)


def events(
    context: Context,
    what: Annotated[str, "resource"],
    name: Annotated[str, "The resource: orders."],
    *,
    off: Annotated[bool, "Don't tell them any more."] = False,
) -> Iterator[Action]:
    """Tell clients what happens to a resource, or no more: its files rendered again, edits merged."""
    yield from set_aspect(context, what, name, EVENTS.name, events_options(events=not off))


def _rooms(resource: Resource, row: str) -> tuple[str, ...]:
    """The rooms that hear of a row, as expressions."""
    name = resource.name.kebab_plural
    access: Any = resource.aspects.get("access") or {"owned": False, "roles": []}
    if access["owned"]:  # rows without an owner are for administrators
        return (f'f"user/{{{row}.owner_id or 0}}/{name}"',)
    roles = ["admin"] if "account" in resource.aspects else access["roles"]
    if not roles:
        return (f'"{name}"',)
    # A role that can't be in the name of a room hears nothing.
    return tuple(f'"role/{role}/{name}"' for role in roles if re.fullmatch("[a-z0-9_-]+", role))


def _events_imports(around: Around) -> tuple[str, ...]:
    return (
        "import pytest",
        "from fastapi import FastAPI",
        f"from {around.package}.realtime.messages import Event",
    )


def _events_test(
    key: tuple[str, ...], row: str, url: str, rooms: tuple[str, ...]
) -> tuple[str, ...]:
    """A test of the resource: who listens hears of each write, in the order of the writes."""
    parts = ", ".join(f'{row}["{name}"]' for name in key)
    told = parts if len(key) == 1 else f"[{parts}]"
    return (
        "",
        "",
        "async def test_events(",
        "    app: FastAPI, client: AsyncClient, monkeypatch: pytest.MonkeyPatch",
        ") -> None:",
        "    told: list[Event] = []",
        '    monkeypatch.setattr(app.state.realtime, "publish", told.append)',
        f"    {row} = await create(client, body())",
        f"    url = {url}",
        '    for method in ("PATCH", "DELETE"):',
        "        assert (await client.request(method, url, json={})).is_success",
        "    assert (await client.patch(url, json={})).status_code == 404",
        '    assert [event.model_dump(mode="json") for event in told] == [',
        f'        {{"type": "changed", "room": room, "action": action, "key": {told}}}',
        '        for action in ("created", "updated", "deleted")',
        f"        for room in [{', '.join(rooms)}]",
        "    ]",
    )
