from __future__ import annotations

from typing import Any

import pytest

from scaffold import codemods
from scaffold.project import Wiring, read_project
from scaffold.project.wiring import relative_module
from scaffold.spec.errors import Refusal
from tests.pasting import by_hand
from tests.project.repos import ROUTER, project, router, tree, wired

IMPORT = "from app.routers.widgets import router as widgets_router"
LEAF = "from fastapi import APIRouter\nrouter = APIRouter()\n"
LEAVES = {"app/routers/alarms.py": LEAF, "app/routers/items.py": LEAF}
NEIGHBOURS = "from app.routers import alarms, items\n"

SHAPES: dict[str, tuple[dict[str, str], str, list[str]]] = {
    "on the app": (
        {
            **LEAVES,
            "app/main.py": """
            from fastapi import FastAPI
            from app.routers import alarms, items
            app = FastAPI()
            app.include_router(alarms.router)
            app.include_router(items.router)
            """,
        },
        "app/main.py",
        [IMPORT, 'app.include_router(widgets_router, tags=["widgets"])'],
    ),
    "a root below the repository's, relative imports": (
        {
            "backend/app/__init__.py": "",
            "backend/app/routers/alarms.py": LEAF,
            "backend/app/main.py": """
            import fastapi as f
            from .routers import alarms
            api = f.FastAPI()
            api.include_router(alarms.router, prefix="/alarms", tags=["alarms"])
            """,
            "backend/Dockerfile": 'CMD ["uvicorn", "app.main:api"]\n',
        },
        "backend/app/main.py",
        [
            "from .routers.widgets import router as widgets_router",
            'api.include_router(widgets_router, tags=["widgets"])',
        ],
    ),
    "on an aggregate router": (
        {
            **LEAVES,
            "app/api.py": """
            from fastapi import APIRouter
            from app.routers import alarms, items
            api_router = APIRouter()
            api_router.include_router(alarms.router, prefix="/alarms")
            api_router.include_router(items.router, prefix="/items")
            """,
            "app/main.py": """
            from fastapi import FastAPI
            from app.api import api_router
            app = FastAPI()
            app.include_router(api_router, prefix="/api/v1")
            """,
        },
        "app/api.py",
        [IMPORT, 'api_router.include_router(widgets_router, tags=["widgets"])'],
    ),
    "on an aggregate that is re-exported": (
        {
            **LEAVES,
            "app/api/v1/__init__.py": """
            from fastapi import APIRouter
            from app.routers.alarms import router as alarms
            from app.routers.items import router as items
            v1 = APIRouter()
            v1.include_router(alarms)
            v1.include_router(items)
            """,
            "app/api/__init__.py": "from .v1 import *\n",
            "app/main.py": """
            from fastapi import FastAPI
            import app.api as api
            def create_app():
                application = FastAPI()
                application.include_router(api.v1)
                return application
            app = create_app()
            """,
        },
        "app/api/v1/__init__.py",
        [IMPORT, 'v1.include_router(widgets_router, tags=["widgets"])'],
    ),
    "a function that makes the aggregate": (
        {
            **LEAVES,
            "app/api.py": """
            from fastapi import APIRouter
            from app.routers import alarms, items
            def make_router() -> APIRouter:
                router = APIRouter()
                router.include_router(alarms.router)
                router.include_router(items.router)
                return router
            """,
            "app/main.py": """
            from fastapi import FastAPI
            from app.api import make_router
            app = FastAPI()
            app.include_router(make_router())
            """,
        },
        "app/api.py",
        [IMPORT, '    router.include_router(widgets_router, tags=["widgets"])'],
    ),
    "a helper in another file": (
        {
            **LEAVES,
            "app/setup.py": """
            from app.routers import alarms, items
            def register_routers(application):
                application.include_router(alarms.router)
                application.include_router(items.router)
            """,
            "app/main.py": """
            from fastapi import FastAPI
            from app import setup
            def create_app() -> FastAPI:
                app = FastAPI()
                setup.register_routers(application=app)
                return app
            app = create_app()
            """,
        },
        "app/setup.py",
        [IMPORT, '    application.include_router(widgets_router, tags=["widgets"])'],
    ),
    "a helper that includes its parameter": (
        {
            **LEAVES,
            "app/main.py": """
            from fastapi import FastAPI
            from app.routers import alarms, items
            def attach(app, router, **kwargs):
                app.include_router(router, prefix="/api", **kwargs)
            def create_app() -> FastAPI:
                app = FastAPI()
                attach(app, alarms.router)
                attach(app, router=items.router)
                return app
            """,
        },
        "app/main.py",
        [IMPORT, "    attach(app, router=widgets_router)"],
    ),
    "methods of a class": (
        {
            **LEAVES,
            "app/server.py": """
            from fastapi import FastAPI
            from app.routers import alarms
            class Server:
                def __init__(self):
                    self._app = FastAPI()
                    self._routes()
                def _routes(self):
                    self._app.include_router(alarms.router)
            """,
        },
        "app/server.py",
        [IMPORT, '        self._app.include_router(widgets_router, tags=["widgets"])'],
    ),
    "a class that is handed the app": (
        {
            **LEAVES,
            "app/setup.py": """
            from app.routers import alarms
            class Setup:
                def __init__(self, app):
                    self.app = app
                def routes(self):
                    self.app.include_router(alarms.router)
            """,
            "app/main.py": """
            from fastapi import FastAPI
            from app.setup import Setup
            app = FastAPI()
            Setup(app).routes()
            """,
        },
        "app/setup.py",
        [IMPORT, '        self.app.include_router(widgets_router, tags=["widgets"])'],
    ),
    "a subclass": (
        {
            **LEAVES,
            "app/main.py": """
            from fastapi import FastAPI
            from app.routers import alarms
            class Api(FastAPI):
                def __init__(self, **kwargs):
                    super().__init__(**kwargs)
                    self.include_router(alarms.router)
            app = Api()
            """,
        },
        "app/main.py",
        [IMPORT, '        self.include_router(widgets_router, tags=["widgets"])'],
    ),
    "a subclass used from outside": (
        {
            **LEAVES,
            "app/base.py": "from fastapi import FastAPI\nclass Api(FastAPI): ...\n",
            "app/main.py": """
            from app.base import Api
            app = Api()
            """,
        },
        "app/main.py",
        [IMPORT, 'app.include_router(widgets_router, tags=["widgets"])'],
    ),
    "a loop over a list of another file": (
        {
            **LEAVES,
            "app/routers/__init__.py": "from . import alarms, items\nALL = [alarms.router, items.router]\n",
            "app/main.py": """
            from fastapi import FastAPI
            from app.routers import ALL
            app = FastAPI()
            for one in ALL:
                app.include_router(one, prefix="/api")
            """,
        },
        "app/main.py",
        [IMPORT, 'app.include_router(widgets_router, tags=["widgets"], prefix="/api")'],
    ),
    "inside a lifespan": (
        {
            **LEAVES,
            "app/main.py": """
            from contextlib import asynccontextmanager
            from fastapi import FastAPI
            from app.routers import alarms
            @asynccontextmanager
            async def lifespan(api: FastAPI):
                api.include_router(alarms.router)
                yield
            app = FastAPI(lifespan=lifespan)
            """,
        },
        "app/main.py",
        [IMPORT, '    api.include_router(widgets_router, tags=["widgets"])'],
    ),
    "what only start-up reaches goes where the app is made": (
        {
            **LEAVES,
            "app/main.py": """
            from contextlib import asynccontextmanager
            from fastapi import FastAPI
            from app.routers import alarms
            def include_all(api):
                api.include_router(alarms.router)
            @asynccontextmanager
            async def lifespan(api: FastAPI):
                include_all(api)
                yield
            app = FastAPI(lifespan=lifespan)
            """,
        },
        "app/main.py",
        [IMPORT, 'app.include_router(widgets_router, tags=["widgets"])'],
    ),
    "included by files that import the app": (
        {
            **LEAVES,
            "app/main.py": "from fastapi import FastAPI\napp = FastAPI()\nimport app.wiring\n",
            "app/wiring.py": """
            from app.main import app as api
            from app.routers import alarms
            api.include_router(alarms.router)
            """,
        },
        "app/wiring.py",
        [IMPORT, 'api.include_router(widgets_router, tags=["widgets"])'],
    ),
    "on a mounted application": (
        {
            **LEAVES,
            "app/main.py": """
            from fastapi import FastAPI
            from app.routers import alarms
            app = FastAPI()
            api = FastAPI()
            api.include_router(alarms.router)
            app.mount("/api", api)
            app.mount("/", FastAPI())
            """,
        },
        "app/main.py",
        [IMPORT, 'api.include_router(widgets_router, tags=["widgets"])'],
    ),
    "wrapped in middleware": (
        {
            "app/main.py": """
            from fastapi import FastAPI
            from x import Wrapper
            api = FastAPI()
            app = Wrapper(api)
            """,
            "Procfile": "web: uvicorn app.main:app\n",
        },
        "app/main.py",
        [IMPORT, 'api.include_router(widgets_router, tags=["widgets"])'],
    ),
    "a function mounts the frontend": (
        {
            **LEAVES,
            "app/main.py": """
            from fastapi import FastAPI
            from app.frontend import mount_frontend
            from app.routers import alarms
            app = FastAPI()
            app.include_router(alarms.router)
            mount_frontend(app)
            """,
            "app/frontend.py": "def mount_frontend(app):\n    app.mount('/', object())\n",
        },
        "app/main.py",
        [IMPORT, 'app.include_router(widgets_router, tags=["widgets"])'],
    ),
    "a method mounts the frontend before another includes": (
        {
            **LEAVES,
            "app/main.py": """
            from fastapi import FastAPI
            from app.routers import alarms
            class Api:
                def __init__(self, app):
                    self.app = app
                    self.app.mount("/", object())
                def launch(self):
                    self.app.include_router(alarms.router)
            app = FastAPI()
            Api(app).launch()
            """,
        },
        "app/main.py",
        [IMPORT, '        self.app.include_router(widgets_router, tags=["widgets"])'],
    ),
    "a neighbour takes every path": (
        {
            **LEAVES,
            "app/routers/spa.py": LEAF + "@router.get('/{path:path}')\ndef spa(): ...\n",
            "app/main.py": """
            from fastapi import FastAPI
            from app.routers import alarms, spa
            app = FastAPI()
            app.include_router(alarms.router)
            app.include_router(spa.router)
            """,
        },
        "app/main.py",
        [IMPORT, 'app.include_router(widgets_router, tags=["widgets"])'],
    ),
    "neighbours share prefix and dependencies": (
        {
            **LEAVES,
            "app/main.py": """
            from fastapi import FastAPI
            from app.config import settings, signed_in
            from app.routers import alarms, items
            app = FastAPI()
            app.include_router(alarms.router, prefix=f"{settings.api}/alarms", dependencies=[signed_in])
            app.include_router(items.router, prefix=f"{settings.api}/items", dependencies=[signed_in])
            """,
        },
        "app/main.py",
        [
            IMPORT,
            "app.include_router(",
            '    widgets_router, tags=["widgets"], dependencies=[signed_in], prefix=settings.api',
            ")",
        ],
    ),
}


@pytest.mark.parametrize("name", SHAPES)
def test_shape(name: str) -> None:
    files, path, lines = SHAPES[name]
    assert wired(files) == (path, lines)


def test_modules_at_the_root() -> None:
    files = {
        "main.py": """
        from fastapi import FastAPI
        from routers import alarms
        app = FastAPI()
        app.include_router(alarms.router)
        """,
        "routers/alarms.py": LEAF,
    }
    assert wired(files, "routers.widgets") == (
        "main.py",
        [
            "from routers.widgets import router as widgets_router",
            'app.include_router(widgets_router, tags=["widgets"])',
        ],
    )


@pytest.mark.parametrize(
    ("module", "package", "written"),
    [
        ("app.routers.widgets", "app", ".routers.widgets"),
        ("app.routers.widgets", "app.routers", ".widgets"),
        ("app.routers.widgets", "app.api.v1", "...routers.widgets"),
        ("app.widgets", "app.widgets", "..widgets"),
    ],
)
def test_relative_module(module: str, package: str, written: str) -> None:
    assert relative_module(module, package) == written


REFUSED: dict[str, tuple[dict[str, str], str, str | None, int | None]] = {
    "no application": ({"app/main.py": "x = 1\n"}, "no FastAPI application was found", None, None),
    "several": (
        {
            "a/main.py": "from fastapi import FastAPI\napp = FastAPI()\n",
            "b/main.py": "from fastapi import FastAPI\nb = FastAPI()\n",
        },
        "one of several applications",
        "a/main.py",
        2,
    ),
    "only in tests": (
        {"tests/main.py": "from fastapi import FastAPI\napp = FastAPI()\n"},
        "only tests, documentation or samples make one",
        "tests/main.py",
        2,
    ),
    "without a name": (
        {"app/main.py": "from fastapi import FastAPI\nasync def make():\n    return FastAPI()\n"},
        "made without a name",
        "app/main.py",
        3,
    ),
    "dynamic discovery": (
        {
            "app/main.py": """
            import importlib, pkgutil
            from fastapi import FastAPI
            app = FastAPI()
            for one in pkgutil.iter_modules():
                app.include_router(importlib.import_module(one.name).router)
            """
        },
        "discovered while running",
        "app/main.py",
        5,
    ),
    "routes are checked at start-up": (
        {
            "app/main.py": """
            from fastapi import FastAPI
            app = FastAPI()
            def check(application):
                for route in application.routes:
                    if not route.dependencies:
                        raise RuntimeError(route)
            check(app)
            """
        },
        "every route is checked here",
        "app/main.py",
        4,
    ),
    "a site that doesn't parse": (
        {
            "app/main.py": "from fastapi import FastAPI\napp = FastAPI()\n",
            "pyproject.toml": '[tool.fastapi]\nentrypoint = "app.broken:app"\n',
            "app/broken.py": "app = (\n",
        },
        "does not parse",
        "app/broken.py",
        1,
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusal(name: str) -> None:
    files, reason, path, line = REFUSED[name]
    found = project(files).wiring(router())
    assert not isinstance(found, Wiring), found
    assert reason in found[0].reason
    assert (found[0].path, found[0].line) == (path, line)
    assert found[0].snippet and found[0].place


@pytest.mark.parametrize("name", REFUSED)
def test_pasted_lines_count(name: str) -> None:
    files, _, path, _ = REFUSED[name]
    before = tree({**files, "app/routers/widgets.py": ROUTER})
    found = read_project(before).wiring(router())
    assert not isinstance(found, Wiring)
    target = path or "app/main.py"
    old = before.read(target) or b""
    old = b"app = None\n" if name == "a site that doesn't parse" else old
    after = before.with_content(target, old + (found[0].snippet or "").encode())
    if found[0].path and found[0].paste:
        after = before.with_content(target, by_hand(old, found[0].paste))
    again = read_project(after).wiring(router())
    assert isinstance(again, Wiring), again
    content = after.read(again.path) or b""
    assert isinstance(codemods.apply("include_router", content, again.arguments), codemods.Already)


def test_pins_choose_among_several() -> None:
    files = REFUSED["several"][0]
    for pin in ("b/main.py:b", "b.main:b"):
        assert wired(files, pins={"app": pin})[0] == "b/main.py"
    found = project(files, {"app": "c/main.py:x"}).wiring(router())
    assert isinstance(found, tuple)
    assert isinstance(found[0], Refusal)


def test_a_given_prefix_is_taken() -> None:
    facts: Any = project(SHAPES["on the app"][0]).wiring(router(prefix="/api/v1"))
    assert facts.arguments["prefix"] == "/api/v1"
    aggregated: Any = project(SHAPES["on an aggregate router"][0]).wiring(router(prefix="/api/v1"))
    assert aggregated.arguments["prefix"] == ""


def test_one_group_of_several_is_not_where_new_routers_go() -> None:
    groups = {"admin": "ab", "users": "cd", "recipes": "efg"}
    files = {
        f"app/{name}/__init__.py": "from fastapi import APIRouter\n"
        + "".join(f"from . import {leaf}\n" for leaf in leaves)
        + "router = APIRouter()\n"
        + "".join(f"router.include_router({leaf}.router)\n" for leaf in leaves)
        for name, leaves in groups.items()
    }
    files |= {f"app/{name}/{leaf}.py": ROUTER for name, leaves in groups.items() for leaf in leaves}
    files["app/main.py"] = (
        "from fastapi import FastAPI\nfrom app import admin, recipes, users\napp = FastAPI()\n"
        + "".join(f"app.include_router({name}.router)\n" for name in groups)
    )
    assert wired(files)[0] == "app/main.py"
    del files["app/users/__init__.py"]  # of two, the one with more of them
    files["app/main.py"] = files["app/main.py"].replace("app.include_router(users.router)\n", "")
    assert wired(files)[0] == "app/recipes/__init__.py"


@pytest.mark.parametrize(("routes", "path"), [(1, "app/api.py"), (2, "app/main.py")])
def test_a_health_check_on_an_aggregate_does_not_make_it_a_leaf(routes: int, path: str) -> None:
    own = "".join(f"@router.get('/{n}')\ndef own_{n}(): ...\n" for n in range(routes))
    files = {
        **LEAVES,
        "app/api.py": "from fastapi import APIRouter\nfrom app.routers import alarms, items\n"
        "router = APIRouter()\nrouter.include_router(alarms.router)\n"
        f"router.include_router(items.router)\n{own}",
        "app/main.py": "from fastapi import FastAPI\nfrom app.api import router\napp = FastAPI()\n"
        "app.include_router(router)\n",
    }
    assert wired(files)[0] == path


FACTORY = """
from fastapi import APIRouter, FastAPI
def create_app(router: APIRouter, title: str = "x") -> FastAPI:
    app = FastAPI(title=title)
    app.include_router(router)
    return app
"""
API = """
from fastapi import APIRouter
from app.routers import alarms, items
router = APIRouter(prefix="/api")
router.include_router(alarms.router)
router.include_router(items.router)
"""


@pytest.mark.parametrize("call", ["create_app(router)", "create_app(title='y', router=router)"])
def test_a_router_that_a_factory_is_given_is_the_one_of_its_caller(call: str) -> None:
    main = f"from app.api import router\nfrom app.setup import create_app\napp = {call}\n"
    files = {**LEAVES, "app/setup.py": FACTORY, "app/api.py": API, "app/main.py": main}
    assert wired(files)[0] == "app/api.py"
    files["app/admin.py"] = (
        "from app.routers.items import router\nfrom app.setup import create_app\n"
        "app = create_app(router)\n"
    )
    assert wired(files)[0] == "app/setup.py"  # given by two: neither is the one


@pytest.mark.parametrize(
    ("names", "surely"),
    [("[p.stem for p in Path('app/routers').glob('*.py')]", False), ("settings.extensions", True)],
)
def test_a_file_elsewhere_that_includes_what_it_finds_is_seen(names: str, surely: bool) -> None:
    files = {
        **LEAVES,
        "app/routers/widgets.py": ROUTER,
        "app/register.py": f"""
        import importlib
        from pathlib import Path
        from fastapi import APIRouter
        class Register:
            def names(self):
                return {names}
            def into(self, parent):
                for name in self.names():
                    parent.include_router(importlib.import_module(name).router)
        def register():
            parent = APIRouter()
            Register().into(parent)
            return parent
        """,
        "app/main.py": """
        from fastapi import FastAPI
        from app.register import register
        from app.routers import alarms, items
        app = FastAPI()
        app.include_router(alarms.router)
        app.include_router(items.router)
        app.include_router(register())
        """,
    }
    found = project(files).wiring(router())
    assert isinstance(found, Wiring) == surely
    if not isinstance(found, Wiring):
        assert [(r.path, r.line) for r in found] == [("app/main.py", 9)]
