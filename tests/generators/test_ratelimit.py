"""``scaffold add ratelimit``: what it makes, where, and what it leaves alone."""

from __future__ import annotations

import pytest

from scaffold.generators.ratelimit import ratelimit
from scaffold.plan import Status
from scaffold.testing import changed, paths, run, tree
from tests.generators.foreign_apps import APP, REFUSED, RUNNING
from tests.generators.made import shop


def test_in_a_project_of_ours() -> None:
    plan = run(ratelimit, on=shop())
    assert not plan.refusals
    assert paths(plan, Status.CREATED) == {
        "app/limits/__init__.py",
        "app/limits/limiter.py",
        "app/limits/windows.py",
        "app/redis_client.py",
        "tests/redis_server.py",
        "tests/test_limits.py",
    }
    now = changed(plan)
    main = now["app/main.py"]
    assert "from app.limits.limiter import RateLimitMiddleware, open_limiter\n" in main
    assert "        open_limiter(app),\n    ):\n        yield\n" in main
    assert (
        "    app.add_middleware(BodyLimitMiddleware, max_size=settings.max_body_size)\n"
        "    app.add_middleware(RateLimitMiddleware)\n"
        "    app.add_middleware(UnexpectedErrorMiddleware)\n"
    ) in main
    assert "    rate_limit_quota: Annotated[int, Field(ge=1)] = 100\n" in now["app/config.py"]
    assert "# RATE_LIMIT_QUOTA=100\n" in now[".env.example"]
    assert "### Rate limits\n" in now["README.md"]
    assert run(ratelimit, on=plan.after).changes == ()


@pytest.mark.parametrize("name", RUNNING)
def test_elsewhere(name: str) -> None:
    files, root, base = RUNNING[name]
    plan = run(ratelimit, on=tree(files))
    assert not plan.refusals
    folder = f"{root}{base.replace('.', '/')}"
    assert f"{folder}limits/settings.py" in paths(plan, Status.CREATED)
    text = "".join(changed(plan)[path] for path in paths(plan, Status.PATCHED))
    assert "import RateLimitMiddleware, open_limiter\n" in text
    assert "app.add_middleware(RateLimitMiddleware)\n" in text
    assert "application/problem+json" in changed(plan)[f"{folder}limits/limiter.py"]
    assert run(ratelimit, on=plan.after).changes == ()


@pytest.mark.parametrize("name", REFUSED)
def test_refuses_where_it_could_not_run(name: str) -> None:
    files, reason = REFUSED[name]
    plan = run(ratelimit, on=tree(files))
    assert plan.changes == ()
    assert reason in plan.refusals[0].reason


def test_an_application_whose_middleware_can_not_be_followed() -> None:
    text = APP.replace("FastAPI()", "FastAPI(middleware=make())")
    plan = run(ratelimit, on=tree({"main.py": text, "requirements.txt": "fastapi\n"}))
    (refusal,) = plan.refusals
    assert "no plain list" in refusal.reason
    assert "Middleware(RateLimitMiddleware)" in (refusal.snippet or "")
