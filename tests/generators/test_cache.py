"""``scaffold add cache`` and ``scaffold cache resource``: what they make, and what they leave alone."""

from __future__ import annotations

from typing import Any

import pytest

from scaffold.generators.cache import CACHED, cache, resource
from scaffold.generators.resource import resource as add_resource
from scaffold.plan import Plan, Status
from scaffold.record import read_record
from scaffold.spec.errors import UsageError
from scaffold.testing import changed, paths, run, tree
from scaffold.tree import Tree
from tests.generators.foreign_apps import APP, REFUSED, RUNNING
from tests.generators.made import contents, shop

MADE = {
    "app/caching/__init__.py",
    "app/caching/cache.py",
    "app/caching/routes.py",
    "app/caching/store.py",
    "app/caching/tables.py",
    "app/redis_client.py",
    "tests/redis_server.py",
    "tests/test_caching.py",
    "tests/test_caching_tables.py",
}
PATCHED = {
    *(".env.example", ".github/workflows/ci.yml", "README.md", "app/config.py", "app/main.py"),
    *("compose.yaml", "pyproject.toml"),
}


def orders(on: Tree, **options: Any) -> Plan:
    return run(add_resource, {"name": "orders", **options}, on=on, aspects={"cached": CACHED})


def cache_orders(on: Tree, **options: Any) -> Plan:
    arguments = {"what": "resource", "name": "orders", **options}
    return run(resource, arguments, on=on, name="cache:resource", aspects={"cached": CACHED})


def test_in_a_project_of_ours() -> None:
    plan = run(cache, on=shop())
    assert not plan.refusals
    assert paths(plan, Status.CREATED) == MADE
    assert paths(plan, Status.PATCHED) == PATCHED
    now = changed(plan)
    assert "        open_cache(app),\n    ):\n        yield\n" in now["app/main.py"]
    assert '    redis_url: Annotated[str, Field(repr=False)] = ""\n' in now["app/config.py"]
    assert "      REDIS_URL: redis://redis:6379/0\n" in now["compose.yaml"]
    assert '    "redis>=8",\n' in now["pyproject.toml"]
    assert "\n# REDIS_URL=\n" in now[".env.example"]
    assert "### Cache\n" in now["README.md"]
    assert 'f"shop:cache:{data}:"' in now["app/caching/cache.py"]
    assert run(cache, on=plan.after).changes == ()


def test_a_resource_is_cached_from_the_start_or_later() -> None:
    base = run(cache, on=shop()).after
    at_once = orders(base, cache=True)
    router = changed(at_once)["app/routers/orders.py"]
    assert router.count('@cached_route(ttl=60, tags=["orders"])\nasync def ') == 2
    assert "async def test_cached(" in changed(at_once)["tests/test_orders.py"]
    later = cache_orders(orders(base).after)
    patched = {"app/routers/orders.py", "tests/test_orders.py"}
    assert paths(later, Status.PATCHED, Status.CREATED) == patched
    assert contents(later.after) == contents(at_once.after)
    assert cache_orders(later.after).changes == ()
    assert read_record(later.after).resources["orders"]["aspects"] == {"cached": {"ttl": 60}}


def test_a_resource_is_kept_for_another_time_or_no_more() -> None:
    base = run(cache, on=shop()).after
    plain = orders(base)
    cached = cache_orders(plain.after, ttl=5)
    assert "@cached_route(ttl=5, " in changed(cached)["app/routers/orders.py"]
    assert contents(cache_orders(cached.after, off=True).after) == contents(plain.after)
    assert cache_orders(plain.after, off=True).changes == ()


def test_edits_stay_where_a_resource_is_cached_later() -> None:
    made = orders(run(cache, on=shop()).after).after
    router = made.read("app/routers/orders.py") or b""
    edited = made.with_content("app/routers/orders.py", router + b"\n\nMINE = 1\n")
    text = changed(cache_orders(edited))["app/routers/orders.py"]
    assert text.endswith("\n\nMINE = 1\n")
    assert "@cached_route(" in text


def test_a_cached_resource_needs_the_cache() -> None:
    (refusal,) = orders(shop(), cache=True).refusals
    assert "scaffold add cache" in refusal.reason
    made = orders(shop()).after
    (refusal,) = cache_orders(made).refusals
    assert "scaffold add cache" in refusal.reason


def test_what_can_not_be_cached() -> None:
    base = run(cache, on=shop()).after
    (refusal,) = cache_orders(base).refusals
    assert refusal.reason == "scaffold made no resource orders here (there are: none)"
    with pytest.raises(UsageError, match="no kind of thing"):
        cache_orders(base, what="field")
    with pytest.raises(UsageError, match="number of seconds"):
        orders(base, cache=True, cache_ttl=0)


@pytest.mark.parametrize("name", RUNNING)
def test_elsewhere(name: str) -> None:
    files, root, base = RUNNING[name]
    plan = run(cache, on=tree(files))
    assert not plan.refusals
    made = paths(plan, Status.CREATED)
    folder = f"{root}{base.replace('.', '/')}"
    assert f"{folder}caching/settings.py" in made
    assert f"{folder}redis_client.py" in made
    assert f"{root}tests/test_caching.py" in made
    assert not any("tables" in path for path in made)
    routes = changed(plan)[f"{folder}caching/routes.py"]
    assert f"from {base}caching.store import digest\n" in routes
    assert "except HTTPException as error:" in routes
    assert "open_cache" in "".join(changed(plan)[path] for path in paths(plan, Status.PATCHED))
    assert run(cache, on=plan.after).changes == ()


def test_elsewhere_no_resource_can_be_cached() -> None:
    files, _, _ = RUNNING["a package below a directory"]
    plan = cache_orders(run(cache, on=tree(files)).after)
    assert plan.changes == ()
    assert plan.refusals


@pytest.mark.parametrize("name", REFUSED)
def test_refuses_where_it_could_not_run(name: str) -> None:
    files, reason = REFUSED[name]
    plan = run(cache, on=tree(files))
    assert plan.changes == ()
    assert reason in plan.refusals[0].reason


def test_a_file_that_is_in_the_way_stays() -> None:
    files = {"main.py": APP, "requirements.txt": "fastapi\n", "caching/cache.py": "mine = 1\n"}
    plan = run(cache, on=tree(files))
    assert [refusal.path for refusal in plan.refusals] == ["caching/cache.py"]
