from __future__ import annotations

from typing import Any

from scaffold.actions import AddMiddleware, AddService
from scaffold.api import Action, Context
from scaffold.testing import changed, paths, run, tree

MIDDLEWARE = AddMiddleware("app.limits", "LimitMiddleware", {"size": "3"})
SERVICE = AddService("redis", ("image: redis:8",), {"REDIS_URL": "redis://redis:6379/0"})


def _adding(action: Action) -> Any:
    def adding(context: Context) -> Any:
        """Add it."""
        yield action

    return adding


FACTORY = {
    "src/app/__init__.py": "",
    "src/app/server.py": (
        "from fastapi import FastAPI\nfrom .config import debug\n\n\n"
        "def create_app():\n    api = FastAPI()\n    api.add_middleware(debug)\n    return api\n"
    ),
    "src/app/config.py": "debug = None\n",
    "pyproject.toml": '[tool.fastapi]\nentrypoint = "app.server:create_app"\n',
}


def test_middleware_goes_where_the_application_is_made() -> None:
    plan = run(_adding(MIDDLEWARE), on=tree(FACTORY), name="limits")
    assert not plan.refusals
    (text,) = changed(plan).values()
    assert "from .limits import LimitMiddleware\n" in text
    assert "    api.add_middleware(LimitMiddleware, size=3)\n    api.add_middleware(debug)" in text
    again = run(_adding(MIDDLEWARE), on=plan.after, name="limits")
    assert again.changes == ()


def test_middleware_that_another_file_adds_stays_there() -> None:
    helper = (
        "from app.limits import LimitMiddleware\n\n\n"
        "def protect(app):\n    app.add_middleware(LimitMiddleware, size=9)\n"
    )
    plan = run(_adding(MIDDLEWARE), on=tree({**FACTORY, "src/app/protect.py": helper}))
    assert plan.changes == ()
    assert plan.refusals == ()


def test_middleware_without_an_application_is_refused_with_its_lines() -> None:
    plan = run(_adding(MIDDLEWARE), on=tree({"a.py": "x = 1\n"}))
    (refusal,) = plan.refusals
    assert refusal.snippet == (
        "from app.limits import LimitMiddleware\napp.add_middleware(LimitMiddleware, size=3)\n"
    )


def test_a_service_goes_into_the_compose_file_there_is() -> None:
    text = "services:\n  db:\n    image: postgres\n"
    plan = run(_adding(SERVICE), on=tree({**FACTORY, "docker-compose.yml": text}))
    assert changed(plan) == {"docker-compose.yml": text + "  redis:\n    image: redis:8\n"}
    assert run(_adding(SERVICE), on=plan.after).changes == ()


def test_without_a_compose_file_there_is_nothing_to_do() -> None:
    plan = run(_adding(SERVICE), on=tree(FACTORY))
    assert plan.changes == ()
    assert plan.refusals == ()
    assert plan.notes == ("no compose file to add the service redis to",)
    assert paths(plan) == set()
