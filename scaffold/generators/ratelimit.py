"""``scaffold add ratelimit``: how often one caller may ask."""

from __future__ import annotations

from collections.abc import Iterator

from scaffold.api import (
    Action,
    AddDependency,
    AddLifespan,
    AddMiddleware,
    AddSection,
    AddSetting,
    Context,
    Next,
)
from scaffold.generators.redis import files, redis, redis_files, redis_in_ci, unable, variables

_ONLY_FOREIGN = ("{{package}}/limits/settings.py.jinja",)
_SECTION = """\
A caller may send `RATE_LIMIT_QUOTA` requests (100) in `RATE_LIMIT_WINDOW` seconds (60). Each answer
tells what is left, in the headers `RateLimit` and `RateLimit-Policy`; what is too much gets a 429
with `Retry-After`. `/health` and `/ready` don't count. A route that should allow less says so, on
top of the default:

```python
@router.post("/mail", dependencies=[limited("mail", 5, window=60)])
```

- **A caller** is a user where `app.state.identify` tells one (an async function that takes the
  connection), else an address. Behind a proxy, start the server with `--forwarded-allow-ips` and
  the proxy's address: nobody else is believed who the client is.
- **Several processes** count together on Redis: `REDIS_URL=redis://localhost:6379`. Without it,
  each allows the quota. While Redis is out of reach nobody is limited;
  `RATE_LIMIT_CLOSED=true` refuses everybody instead, with 503.

To try the API with many requests, as Schemathesis does, start it with a large
`RATE_LIMIT_QUOTA`.
"""


def ratelimit(context: Context) -> Iterator[Action]:
    """Limit how often one caller may ask, on one machine and on many."""
    refusals = list(unable(context, "the limiter"))
    if refusals:
        yield from refusals
        return
    seen = variables(context)
    yield from redis_files(context, seen, client=True)
    yield from files(context, "ratelimit", seen, leave_out=_ONLY_FOREIGN if seen["ours"] else ())
    if seen["ours"]:
        yield from redis()
        yield from redis_in_ci(context)
        yield AddSetting(
            "rate_limit_closed", "bool", "False", "Refuse everybody while Redis is out of reach."
        )
        yield AddSetting(
            "rate_limit_quota",
            "Annotated[int, Field(ge=1)]",
            "100",
            "How many requests one caller may send …",
        )
        yield AddSetting(
            "rate_limit_window", "Annotated[int, Field(ge=1)]", "60", "… in so many seconds."
        )
    else:
        yield AddDependency("pydantic-settings>=2")
        yield AddDependency("httpx2>=2.10", group="dev")
        yield from redis(variable="RATE_LIMIT_REDIS_URL")
    module = f"{seen['base']}limits.limiter"
    yield AddLifespan(module, "open_limiter")
    yield AddMiddleware(module, "RateLimitMiddleware")
    yield AddSection("Rate limits", _SECTION)
    yield Next("uv run pytest tests/test_limits.py", "the limits' own tests")
