"""``scaffold add cache``: answers kept until what they were made of changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from scaffold.api import (
    Action,
    AddDependency,
    AddLifespan,
    AddSection,
    Around,
    Aspect,
    Context,
    Next,
    Resource,
    Seam,
    UsageError,
)
from scaffold.generators.aspect import set_aspect
from scaffold.generators.redis import files, redis, redis_files, redis_in_ci, unable, variables
from scaffold.generators.resource_view import view

_TTL = 60
_ONLY_OURS = ("{{package}}/caching/tables.py.jinja", "tests/test_caching_tables.py.jinja")
_ONLY_FOREIGN = ("{{package}}/caching/settings.py.jinja",)

_SECTION = """\
What is read much more often than it changes can be kept, as the answer of a route or as what a
method returns:

```python
@router.get("/{{order_id}}")
@cached_route(ttl=60, tags=["orders"])
async def get_order(order_id: Id, service: ServiceDep) -> OrderRead: ...


class Rates:
    def __init__(self, cache: Cache) -> None:  # a route gets it by CacheDep
        self.cache = cache

    @cached(ttl=3600, key="{{currency}}/{{day}}", tags=["rates"])
    async def of(self, currency: str, day: date) -> Decimal: ...
```

- **Fresh.** {fresh}
- **Whose.** A route's dependencies run for every request: whom they refuse gets nothing. An answer
  is kept for the credentials that were sent, so nobody gets another one's, unless `shared=True`
  says that all who are let in get the same.
- **Browsers** keep answers too, but ask each time if they still hold, by `ETag`: a 304 if so.
- **Several processes** need Redis: `{variable}=redis://localhost:6379`. Without it answers are kept
  in this process, and are fresh only as far as this process knows: run one worker. While Redis is
  out of reach nothing is kept; one line in the log says so.
- **A rush** on something that is not there computes it once, whatever the number of those who wait.
"""
_FRESH_OURS = (
    "Tables are tags: what is written to one drops every answer with its name, or that of a table "
    "which\n  refers to it, once that is committed. For SQL given as text, and for other tags, call `await cache.forget(…)`."
)
_FRESH_ELSEWHERE = (
    'After a commit, `await cache.forget("orders")` drops every answer with that tag; what a slow '
    "reader\n  computed before is not kept either."
)


def cache(context: Context) -> Iterator[Action]:
    """Keep answers until what they were made of changes, on one machine and on many."""
    refusals = list(unable(context, "the cache"))
    if refusals:
        yield from refusals
        return
    seen = variables(context)
    yield from redis_files(context, seen, client=True)
    yield from files(
        context, "cache", seen, leave_out=_ONLY_FOREIGN if seen["ours"] else _ONLY_OURS
    )
    fresh, variable = _FRESH_OURS, "REDIS_URL"
    if seen["ours"]:
        yield from redis()
        yield from redis_in_ci(context)
    else:
        fresh, variable = _FRESH_ELSEWHERE, "CACHE_REDIS_URL"
        yield AddDependency("pydantic-settings>=2")
        yield AddDependency("httpx2>=2.10", group="dev")
        yield from redis(variable=variable)
    yield AddLifespan(f"{seen['base']}caching.cache", "open_cache")
    yield AddSection("Cache", _SECTION.format(fresh=fresh, variable=variable))
    yield Next("uv run pytest tests/test_caching.py", "the cache's own tests")
    if seen["ours"]:
        yield Next("scaffold cache resource orders", "caches what a resource answers")


# -- resources


def cached_options(
    *,
    cache: Annotated[bool, "Cache what is read until it changes."] = False,
    cache_ttl: Annotated[int, "Seconds that an answer is kept at most."] = _TTL,
) -> dict[str, Any] | None:
    """The data of the aspect: for how long, in seconds."""
    if cache_ttl < 1:
        raise UsageError(f"--cache-ttl {cache_ttl}: not a number of seconds from 1")
    return {"ttl": cache_ttl} if cache else None


def weave_cached(resource: Resource, data: Any, around: Around) -> Iterator[Seam]:
    """The routes that read are cached until the resource's table changes, or one it refers to."""
    line = f'@cached_route(ttl={data["ttl"]}, tags=["{resource.table}"])'
    imports = (f"from {around.package}.caching.routes import cached_route",)
    yield Seam("router", "read", (line,), imports)
    seen = view(resource, around.package, around.resources)
    yield Seam("tests", "tests", _cached_test(seen.variable, seen.suite.url))


def _cached_test(row: str, url: str) -> tuple[str, ...]:
    """A test of the resource: what did not change is not sent again, what is gone is gone."""
    return (
        "",
        "",
        "async def test_cached(client: AsyncClient) -> None:",
        f"    {row} = await create(client, body())",
        f"    url = {url.replace('ROW', row)}",
        "    first = await client.get(url)",
        '    condition = {"If-None-Match": first.headers["ETag"]}',
        "    assert (await client.get(url, headers=condition)).status_code == 304",
        "    assert (await client.delete(url)).is_success",
        "    assert (await client.get(url, headers=condition)).status_code == 404",
    )


CACHED = Aspect("cached", "cache", cached_options, weave_cached)


def resource(
    context: Context,
    what: Annotated[str, "resource"],
    name: Annotated[str, "The resource: orders."],
    *,
    ttl: Annotated[int, "Seconds that an answer is kept at most."] = _TTL,
    off: Annotated[bool, "Don't cache it any more."] = False,
) -> Iterator[Action]:
    """Cache what a resource answers, or no more: its files rendered again, edits merged."""
    data = cached_options(cache=not off, cache_ttl=ttl)
    yield from set_aspect(context, what, name, CACHED.name, data)
