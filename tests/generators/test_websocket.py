"""``scaffold add websocket``: what it makes, where, and what it leaves alone."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from scaffold.generators.auth import auth
from scaffold.generators.auth.aspects import ACCOUNT
from scaffold.generators.project import project
from scaffold.generators.resource import resource
from scaffold.generators.websocket import EVENTS, events, websocket
from scaffold.plan import Plan, Status
from scaffold.record import read_record
from scaffold.spec.errors import UsageError
from scaffold.testing import changed, paths, run, tree
from scaffold.tree import Tree
from tests.generators.made import contents

SHARED = {
    "app/realtime/__init__.py",
    "app/realtime/changes.py",
    "app/realtime/farewell.py",
    "app/realtime/hub.py",
    "app/realtime/messages.py",
    "app/realtime/page.html",
    "app/realtime/page.py",
    "app/realtime/redis.py",
    "app/realtime/session.py",
    "app/realtime/testing.py",
    "tests/redis_server.py",
    "tests/test_farewell.py",
    "tests/test_realtime.py",
    "tests/test_realtime_redis.py",
}


@pytest.fixture(scope="module")
def shop() -> Tree:
    return run(project, {"name": "shop"}, name="new").after


def add(on: Tree, **arguments: Any) -> Plan:
    return run(websocket, arguments, on=on)


def orders(on: Tree) -> Plan:
    arguments = {"name": "orders", "events": True}
    return run(resource, arguments, on=on, aspects={"events": EVENTS})


def test_a_socket_in_a_project_of_ours(shop: Tree) -> None:
    plan = add(shop)
    assert not plan.refusals
    assert paths(plan, Status.CREATED) == SHARED | {
        "app/routers/events_socket.py",
        "tests/test_events_socket.py",
    }
    assert paths(plan, Status.PATCHED) == {
        *(".env.example", ".github/workflows/ci.yml", "README.md", "app/config.py", "app/main.py"),
        *("compose.yaml", "pyproject.toml"),
    }
    main = changed(plan)["app/main.py"]
    assert "        open_realtime(app),\n    ):\n        yield\n" in main
    assert "    app.include_router(events_socket_router)\n" in main
    assert '@router.websocket("/ws/events")' in changed(plan)["app/routers/events_socket.py"]
    assert add(plan.after).changes == ()


def test_another_socket_adds_what_is_its_own(shop: Tree) -> None:
    first = add(shop)
    plan = add(first.after, name="live_prices")
    assert paths(plan, Status.CREATED) == {
        "app/routers/live_prices_socket.py",
        "tests/test_live_prices_socket.py",
    }
    assert paths(plan, Status.PATCHED) == {"app/main.py"}
    assert '"/ws/live-prices"' in changed(plan)["app/routers/live_prices_socket.py"]


def test_any_order_gives_the_same_bytes(shop: Tree) -> None:
    results = []
    for names in itertools.permutations(["events", "live-prices"]):
        after = shop
        for name in names:
            after = add(after, name=name).after
        results.append({path: after.read(path) for path in after.walk() if path[0] != "."})
    assert results[0] == results[1]


@pytest.mark.parametrize("name", ["Events", "1st", "a--b", "a/b", "", "é"])
def test_a_name_that_can_not_be(shop: Tree, name: str) -> None:
    with pytest.raises(UsageError, match="name of a socket"):
        add(shop, name=name)


def test_events_of_a_resource(shop: Tree) -> None:
    plan = orders(add(shop).after)
    service = changed(plan)["app/services/orders.py"]
    assert "(self, repository: OrderRepository, changes: Changes)" in service
    assert (
        '        self.changes.tell("orders", "created", order.id)\n        return order' in service
    )
    assert '        self.changes.tell("orders", "deleted", key)\n' in service
    router = changed(plan)["app/routers/orders.py"]
    assert "return OrderService(OrderRepository(session), changes)" in router
    assert "async def test_events(" in changed(plan)["tests/test_orders.py"]


def test_events_of_a_resource_that_refers_to_another(shop: Tree) -> None:
    products = run(resource, {"name": "products", "fields": ["name:str"]}, on=add(shop).after)
    arguments = {"name": "orders", "fields": ["product:ref:optional"], "events": True}
    plan = run(resource, arguments, on=products.after, aspects={"events": EVENTS})
    assert not plan.refusals
    assert '"orders", "created", order.id' in changed(plan)["app/services/orders.py"]


def tell(on: Tree, **options: Any) -> Plan:
    arguments = {"what": "resource", "name": "orders", **options}
    return run(events, arguments, on=on, name="events:resource", aspects={"events": EVENTS})


def test_events_from_the_start_or_later_or_no_more(shop: Tree) -> None:
    base = add(shop).after
    at_once = orders(base).after
    plain = run(resource, {"name": "orders"}, on=base, aspects={"events": EVENTS}).after
    later = tell(plain)
    assert paths(later, Status.PATCHED) == {
        "app/routers/orders.py",
        "app/services/orders.py",
        "tests/test_orders.py",
    }
    assert contents(later.after) == contents(at_once)
    assert tell(later.after).changes == ()
    assert contents(tell(later.after, off=True).after) == contents(plain)


def test_what_can_not_be_told(shop: Tree) -> None:
    (refusal,) = tell(add(shop).after).refusals
    assert refusal.reason == "scaffold made no resource orders here (there are: none)"
    (refusal,) = tell(run(resource, {"name": "orders"}, on=shop).after).refusals
    assert "scaffold add websocket" in refusal.reason
    with pytest.raises(UsageError, match="no kind of thing"):
        tell(shop, what="field")


def test_events_need_a_socket(shop: Tree) -> None:
    (refusal,) = orders(shop).refusals
    assert "scaffold add websocket" in refusal.reason


def test_accounts_come_with_a_token(shop: Tree) -> None:
    known = {"account": ACCOUNT, "events": EVENTS}
    results = []
    for steps in itertools.permutations([auth, websocket]):
        after = shop
        for step in steps:
            after = run(step, {}, on=after, aspects=known).after
        results.append({path: after.read(path) for path in after.walk() if _is_socket(path)})
    assert results[0] == results[1]
    made = {path: (content or b"").decode() for path, content in results[0].items()}
    assert "app/realtime/accounts.py" in made
    assert "serve(websocket, log_in=log_in(may_join))" in made["app/routers/events_socket.py"]
    assert "async def test_rooms_of_users" in made["tests/test_events_socket.py"]


def _is_socket(path: str) -> bool:
    return path.startswith("app/realtime/") or "socket" in path


def test_it_needs_the_accounts_that_it_was_made_for(shop: Tree) -> None:
    accounts = run(auth, {}, on=shop, aspects={"account": ACCOUNT}).after
    plan = run(websocket, {}, on=accounts, aspects={"account": ACCOUNT})
    (sockets,) = read_record(plan.after).by_generator("websocket")
    assert ("app/auth/dependencies.py", "needs", {}) in sockets.relies


APP = """
from fastapi import FastAPI

app = FastAPI()


@app.on_event("startup")
async def start() -> None: ...
"""


def test_elsewhere_it_is_a_package_of_its_own() -> None:
    there = tree({"backend/app/__init__.py": "", "backend/app/main.py": APP})
    there = there.with_content("backend/requirements.txt", b"fastapi\n")
    plan = add(there, name="prices")
    assert not plan.refusals
    made = paths(plan, Status.CREATED)
    assert "backend/app/realtime/settings.py" in made
    assert "backend/app/realtime/prices_socket.py" in made
    assert "backend/tests/test_prices_socket.py" in made
    assert "backend/app/realtime/changes.py" not in made
    main = changed(plan)["backend/app/main.py"]
    assert "app.include_router(APIRouter(lifespan=open_realtime))\n" in main
    assert "app.include_router(prices_socket_router)\n" in main
    assert '@app.on_event("startup")\nasync def start() -> None: ...\n' in main
    requirements = changed(plan)["backend/requirements.txt"].split()
    assert requirements == ["fastapi", "pydantic-settings>=2", "redis>=8", "websockets>=14"]
    assert add(plan.after, name="prices").changes == ()


def test_modules_at_the_root() -> None:
    plan = add(tree({"main.py": APP, "requirements.txt": "fastapi\n"}))
    assert not plan.refusals
    assert "from realtime.hub import open_realtime\n" in changed(plan)["main.py"]
    assert "from realtime.messages import" in changed(plan)["realtime/hub.py"]


REFUSED = {
    "no application": ({"app/main.py": "x = 1\n"}, "no FastAPI application"),
    "Pydantic 1": ({"main.py": APP, "requirements.txt": "pydantic==1.10.2\n"}, "Pydantic 2"),
    "an old Python": (
        {"main.py": APP, "pyproject.toml": '[project]\nrequires-python = ">=3.9"\n'},
        "Python 3.11",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refuses_where_it_could_not_run(name: str) -> None:
    files, reason = REFUSED[name]
    plan = add(tree(files))
    assert plan.changes == ()
    assert reason in plan.refusals[0].reason
