"""Module layouts as one text each: lines that start with ``+`` are what the codemod must add."""

from __future__ import annotations

import textwrap
from typing import Any

WIDGETS: dict[str, Any] = {
    "module": "app.routers.widgets",
    "alias": "widgets_router",
    "tags": ("widgets",),
    "package": "app",
    "path": "/widgets",
}


def split(marked: str) -> tuple[str, str]:
    """The text before and after: without and with the lines marked by ``+``."""
    lines = textwrap.dedent(marked).lstrip("\n").splitlines(keepends=True)
    before = "".join(line for line in lines if not line.startswith("+"))
    return before, "".join(line.removeprefix("+") for line in lines)


SHAPES: dict[str, tuple[str, dict[str, Any]]] = {
    "module app, neighbours sorted": (
        """
from fastapi import FastAPI

from app.routers.items import router as items_router
from app.routers.users import router as users_router
+from app.routers.widgets import router as widgets_router

app = FastAPI()
app.include_router(items_router)
app.include_router(users_router)
+app.include_router(widgets_router, tags=["widgets"])
""",
        {},
    ),
    "sorted place is in the middle": (
        """
from fastapi import FastAPI
from app.routers.alarms import router as alarms_router
+from app.routers.widgets import router as widgets_router
from app.routers.zebras import router as zebras_router
app = FastAPI()
app.include_router(alarms_router)
+app.include_router(widgets_router, tags=["widgets"])
app.include_router(zebras_router)
""",
        {},
    ),
    "neighbours that aren't sorted": (
        """
from fastapi import FastAPI
from app.routers.zebras import router as zebras_router
from app.routers.alarms import router as alarms_router
+from app.routers.widgets import router as widgets_router
app = FastAPI()
app.include_router(zebras_router)
app.include_router(alarms_router)
+app.include_router(widgets_router, tags=["widgets"])

@app.get("/health")
def health(): ...
""",
        {},
    ),
    "first of all: in front, below the heading comment": (
        """
from fastapi import FastAPI
# our routers
+from app.routers.widgets import router as widgets_router
from app.routers.xylophones import router as xylophones_router
app = FastAPI()
# all of them
+app.include_router(widgets_router, tags=["widgets"])
app.include_router(xylophones_router)
""",
        {},
    ),
    "factory": (
        """
from fastapi import FastAPI

from app.config import settings
+from app.routers.widgets import router as widgets_router


def create_app() -> FastAPI:
    app = FastAPI()
    app.add_middleware(object)
+    app.include_router(widgets_router, tags=["widgets"])

    return app
""",
        {"scope": "create_app"},
    ),
    "factory with a route function before the return": (
        """
from fastapi import FastAPI
+
+from app.routers.widgets import router as widgets_router

def create_app():
    app = FastAPI()

    @app.get("/health")
    def health():
        return {}
+
+    app.include_router(widgets_router, tags=["widgets"])

    return app
""",
        {"scope": "create_app"},
    ),
    "nothing included yet: behind the set-up, before the routes": (
        '''
"""The application."""
from __future__ import annotations

import logging
from fastapi import FastAPI
+
+from app.routers.widgets import router as widgets_router

log = logging.getLogger(__name__)

app = FastAPI(
    title="x",
)
app.add_middleware(object)
app.state.ready = False
+app.include_router(widgets_router, tags=["widgets"])


@app.get("/{name}")
def hello(name): ...
''',
        {},
    ),
    "before a root mount": (
        """
from fastapi import FastAPI
from app.routers.zebras import router as zebras_router
+from app.routers.widgets import router as widgets_router
from app.routers.alarms import router as alarms_router
app = FastAPI()
app.include_router(alarms_router)
+app.include_router(widgets_router, tags=["widgets"])
app.mount("/", object(), name="static")
""".replace(
            """from app.routers.zebras import router as zebras_router
+from app.routers.widgets import router as widgets_router
from app.routers.alarms import router as alarms_router
""",
            """from app.routers.alarms import router as alarms_router
+from app.routers.widgets import router as widgets_router
""",
        ),
        {},
    ),
    "before a conditional root mount and what is behind it": (
        """
import os
from fastapi import FastAPI
+
+from app.routers.widgets import router as widgets_router
app = FastAPI()
+app.include_router(widgets_router, tags=["widgets"])
if os.path.isdir("static"):
    app.mount("/", object())
""",
        {},
    ),
    "before a catch-all route": (
        """
from fastapi import FastAPI
from app.routers.alarms import router as alarms_router
+from app.routers.widgets import router as widgets_router

app = FastAPI()
app.include_router(alarms_router)
+app.include_router(widgets_router, tags=["widgets"])


@app.get("/{path:path}")
async def spa(path: str): ...


app.include_router(object())
""",
        {},
    ),
    "before a router that takes every path": (
        """
from fastapi import FastAPI
from app.routers.alarms import router as alarms_router
from app.routers.spa import router as spa_router
+from app.routers.widgets import router as widgets_router
app = FastAPI()
app.include_router(alarms_router)
+app.include_router(widgets_router, tags=["widgets"])
app.include_router(spa_router)
""",
        {"before": ["spa_router"]},
    ),
    "before the call that mounts the frontend": (
        """
from fastapi import FastAPI
from app.frontend import mount_frontend
+from app.routers.widgets import router as widgets_router
app = FastAPI()
+app.include_router(widgets_router, tags=["widgets"])
mount_frontend(app)
""",
        {"before": ["mount_frontend"]},
    ),
    "before the target itself is included": (
        """
from fastapi import APIRouter, FastAPI
from app.routers.alarms import router as alarms_router
+from app.routers.widgets import router as widgets_router
api = APIRouter(prefix="/api")
api.include_router(alarms_router)
+api.include_router(widgets_router, tags=["widgets"])
app = FastAPI()
app.include_router(api)
""",
        {"target": "api"},
    ),
    "before the server runs": (
        """
import uvicorn
from fastapi import FastAPI
+
+from app.routers.widgets import router as widgets_router
if __name__ == "__main__":
    app = FastAPI()
+    app.include_router(widgets_router, tags=["widgets"])
    uvicorn.run(app)
""",
        {},
    ),
    "before the app is wrapped": (
        """
from fastapi import FastAPI
from app.middleware import Wrapper
+from app.routers.widgets import router as widgets_router
app = FastAPI()
+app.include_router(widgets_router, tags=["widgets"])
app = Wrapper(app)
""",
        {},
    ),
    "in a helper of its own": (
        """
from fastapi import FastAPI
from .routers import alarms
+from .routers.widgets import router as widgets_router
def register(application: FastAPI) -> None:
    application.include_router(alarms.router, prefix="/a")
+    application.include_router(widgets_router, tags=["widgets"])
""",
        {"scope": "register", "target": "application", "module": ".routers.widgets"},
    ),
    "in a method": (
        """
from fastapi import FastAPI
from app.routers import alarms
+from app.routers.widgets import router as widgets_router
class Server:
    def __init__(self):
        self.app = FastAPI()
        self.routes()
    def routes(self):
        self.app.include_router(alarms.router)
+        self.app.include_router(widgets_router, tags=["widgets"])
""",
        {"scope": "Server.routes", "target": "self.app"},
    ),
    "in a class body": (
        """
from fastapi import FastAPI
from app.routers import alarms
+from app.routers.widgets import router as widgets_router
class Server:
    app = FastAPI()
    app.include_router(alarms.router)
+    app.include_router(widgets_router, tags=["widgets"])
""",
        {"scope": "Server"},
    ),
    "in a lifespan, before the yield": (
        """
from contextlib import asynccontextmanager
from app.routers import alarms
+from app.routers.widgets import router as widgets_router
@asynccontextmanager
async def lifespan(app):
    app.include_router(alarms.router)
+    app.include_router(widgets_router, tags=["widgets"])
    yield
    await app.close()
""",
        {"scope": "lifespan"},
    ),
    "behind a loop": (
        """
from fastapi import FastAPI
from app.routers import alarms, zebras
+from app.routers.widgets import router as widgets_router
app = FastAPI()
for one in (alarms.router, zebras.router):
    app.include_router(one)
+app.include_router(widgets_router, tags=["widgets"])
""",
        {},
    ),
    "behind a conditional include": (
        """
from fastapi import FastAPI
from app.routers import debug
+from app.routers.widgets import router as widgets_router
app = FastAPI()
if debug:
    app.include_router(debug.router)
+app.include_router(widgets_router, tags=["widgets"])
""",
        {},
    ),
    "made in two branches": (
        """
from fastapi import FastAPI
from app.config import debug
+from app.routers.widgets import router as widgets_router
if debug:
    app = FastAPI()
else:
    app = FastAPI(docs_url=None)
+app.include_router(widgets_router, tags=["widgets"])
""",
        {},
    ),
    "annotated and attribute": (
        """
import fastapi
from app.config import debug
+from app.routers.widgets import router as widgets_router
app: fastapi.FastAPI = fastapi.FastAPI()
+app.include_router(widgets_router, tags=["widgets"])
""",
        {},
    ),
    "inside a with": (
        """
from fastapi import FastAPI
from app.routers import alarms, zebras
+from app.routers.widgets import router as widgets_router
app = FastAPI()
with app.state.timer:
    app.include_router(alarms.router)
    app.include_router(zebras.router)
+    app.include_router(widgets_router, tags=["widgets"])
""".replace(
            """    app.include_router(zebras.router)
+    app.include_router(widgets_router, tags=["widgets"])
""",
            """+    app.include_router(widgets_router, tags=["widgets"])
    app.include_router(zebras.router)
""",
        ),
        {},
    ),
    "helper of the project": (
        """
from fastapi import FastAPI
from app.http import attach
from app.routers import alarms
+from app.routers.widgets import router as widgets_router
app = FastAPI()
attach(app, alarms.router)
+attach(app, widgets_router)
""",
        {"call": "attach(app, {})"},
    ),
    "imports inside the factory": (
        """
from fastapi import FastAPI
def create_app():
    from app.routers import alarms
+    from app.routers.widgets import router as widgets_router
    app = FastAPI()
    app.include_router(alarms.router)
+    app.include_router(widgets_router, tags=["widgets"])
    return app
""",
        {"scope": "create_app"},
    ),
    "after load_dotenv and sys.path": (
        """
import sys
from dotenv import load_dotenv
load_dotenv()
sys.path.append("..")
from fastapi import FastAPI
load_dotenv("other")
+
+from app.routers.widgets import router as widgets_router

app = FastAPI()
+app.include_router(widgets_router, tags=["widgets"])
""",
        {},
    ),
    "never under TYPE_CHECKING": (
        """
from typing import TYPE_CHECKING
from fastapi import FastAPI
+
+from app.routers.widgets import router as widgets_router_2
if TYPE_CHECKING:
    from app.routers.widgets import router as widgets_router
app = FastAPI()
+app.include_router(widgets_router_2, tags=["widgets"])
""",
        {},
    ),
    "after a fallback import": (
        """
import sys
from fastapi import FastAPI
try:
    from app.routers import alarms
except ImportError:
    sys.path.insert(0, ".")
    from app.routers import alarms
+
+from app.routers.widgets import router as widgets_router
app = FastAPI()
app.include_router(alarms.router)
+app.include_router(widgets_router, tags=["widgets"])
""",
        {},
    ),
    "a name that is taken": (
        """
from fastapi import FastAPI
from app.routers import alarms
+from app.routers.widgets import router as widgets_router_2
app = FastAPI()
app.include_router(alarms.router)
+app.include_router(widgets_router_2, tags=["widgets"])
def f(widgets_router): ...
""",
        {},
    ),
    "imported already, not included": (
        """
from fastapi import FastAPI
from app.routers import widgets
app = FastAPI()
+app.include_router(widgets.router, tags=["widgets"])
""",
        {},
    ),
    "a package is imported, not the module": (
        """
import app.routers
from fastapi import FastAPI
+
+from app.routers.widgets import router as widgets_router
api = FastAPI()
+api.include_router(widgets_router, tags=["widgets"])
""",
        {"target": "api"},
    ),
    "multi-line neighbours with comments": (
        """
from fastapi import FastAPI
from app.routers import (  # isort: skip
    alarms,  # the loud ones
    zebras
)  # end
+from app.routers.widgets import router as widgets_router
app = FastAPI()
app.include_router(
    alarms.router,  # first
    prefix="/alarms",
)  # done
app.include_router(
    zebras.router
); print()
+app.include_router(widgets_router, tags=["widgets"])
""".replace(
            """app.include_router(
    zebras.router
); print()
+app.include_router(widgets_router, tags=["widgets"])
""",
            """+app.include_router(widgets_router, tags=["widgets"])
app.include_router(
    zebras.router
); print()
""",
        ),
        {},
    ),
    "concatenated docstring and __future__": (
        """
"One " "text."
from __future__ import annotations
+
+from app.routers.widgets import router as widgets_router
app = object()
+app.include_router(widgets_router, tags=["widgets"])
""",
        {},
    ),
    "prefix, code and single quotes": (
        """
from fastapi import FastAPI
from app.config import auth
+from app.routers.widgets import router as widgets_router
app = FastAPI()
+app.include_router(widgets_router, prefix='/v1', tags=['w'], dependencies=[auth])
""",
        {"prefix": "/v1", "tags": ("w",), "code": {"dependencies": "[auth]"}, "quote": "'"},
    ),
    "late, for a circular import": (
        """
from fastapi import FastAPI
app = FastAPI()
def get_db(): ...
+
+
+from app.routers.widgets import router as widgets_router
+app.include_router(widgets_router, tags=["widgets"])
""",
        {"late": True},
    ),
}
