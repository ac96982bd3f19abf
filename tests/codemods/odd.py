"""Modules that are odd but valid: their text, the scope in which the application is made, its name."""

from __future__ import annotations

SHAPES: dict[str, tuple[str, str, str]] = {
    "plain": (
        """\
from fastapi import FastAPI

app = FastAPI()
""",
        "",
        "app",
    ),
    "docstring concat": (
        '''\
"""One""" " two"
from __future__ import annotations
from fastapi import FastAPI

app = FastAPI()
''',
        "",
        "app",
    ),
    "dotenv": (
        """\
import os
from dotenv import load_dotenv
load_dotenv()
from app.config import settings
from fastapi import FastAPI
app = FastAPI()
app.state.x = settings
""",
        "",
        "app",
    ),
    "type checking": (
        """\
from typing import TYPE_CHECKING
from fastapi import FastAPI
if TYPE_CHECKING:
    from app.routers.widgets import router as widgets_router
    from app.limits import Limit
    from app.hub import open_hub
app = FastAPI()
""",
        "",
        "app",
    ),
    "isort skip": (
        """\
import os  # isort: skip
from fastapi import FastAPI  # isort: skip
from app.routers import items  # isort: skip
app = FastAPI()
app.include_router(items.router)
""",
        "",
        "app",
    ),
    "conditional include": (
        """\
from fastapi import FastAPI
from app.routers import items, users
from app.config import settings
app = FastAPI()
if settings.debug:
    app.include_router(items.router)
if settings.extra:
    app.include_router(users.router)
""",
        "",
        "app",
    ),
    "with": (
        """\
from contextlib import nullcontext
from fastapi import FastAPI
from app.routers import items
app = FastAPI()
with nullcontext():
    app.include_router(items.router)
""",
        "",
        "app",
    ),
    "match": (
        """\
from fastapi import FastAPI
from app.routers import items
app = FastAPI()
match 1:
    case 1:
        app.include_router(items.router)
    case _:
        pass
""",
        "",
        "app",
    ),
    "nested": (
        """\
from fastapi import FastAPI
from app.routers import items
def create_app():
    def inner(x):
        x.include_router(items.router)
        return x
    app = FastAPI()
    inner(app)
    return app
""",
        "create_app",
        "app",
    ),
    "decorated": (
        '''\
from functools import lru_cache
from fastapi import FastAPI
@lru_cache
def create_app() -> FastAPI:
    """Doc."""
    app = FastAPI()
    @app.get("/")
    def index(): return 1
    return app
''',
        "create_app",
        "app",
    ),
    "created twice": (
        """\
from fastapi import FastAPI
from app.routers import items
app = FastAPI()
app.include_router(items.router)
app = FastAPI(title="second")
""",
        "",
        "app",
    ),
    "created twice 2": (
        """\
from fastapi import FastAPI
from app.routers import items
app = FastAPI()
app = FastAPI(title="second")
app.include_router(items.router)
""",
        "",
        "app",
    ),
    "rebound wrapper": (
        """\
from fastapi import FastAPI
app = FastAPI()
def wrap(x): return x
app = wrap(app)
""",
        "",
        "app",
    ),
    "collide": (
        """\
from fastapi import FastAPI
widgets_router = 1
Limit = 2
open_hub = 3
APIRouter = 4
app = FastAPI()
print(widgets_router, Limit, open_hub, APIRouter)
""",
        "",
        "app",
    ),
    "collide later": (
        """\
from fastapi import FastAPI
app = FastAPI()
for widgets_router in (1, 2):
    pass
def Limit(): pass
try:
    pass
except ValueError as open_hub:
    pass
""",
        "",
        "app",
    ),
    "star": (
        """\
from fastapi import *
from app.routers.items import *
from fastapi import FastAPI
app = FastAPI()
""",
        "",
        "app",
    ),
    "semicolons": (
        """\
import os; import sys
from fastapi import FastAPI; x = 1
app = FastAPI(); app.state.x = x
""",
        "",
        "app",
    ),
    "semicolon end": (
        """\
from fastapi import FastAPI;
app = FastAPI();
app.state.y = 1;
""",
        "",
        "app",
    ),
    "continuation": (
        """\
from fastapi \\
    import FastAPI
app = \\
    FastAPI(
    title="x"
)
app.state.x = 1 + \\
    2
""",
        "",
        "app",
    ),
    "walrus": (
        """\
from fastapi import FastAPI
from app.routers import items
(app := FastAPI()).include_router(items.router)
""",
        "",
        "app",
    ),
    "annotated": (
        """\
from fastapi import FastAPI
app: FastAPI = FastAPI()
""",
        "",
        "app",
    ),
    "tuple": (
        """\
from fastapi import FastAPI
app, x = FastAPI(), 1
""",
        "",
        "app",
    ),
    "chained": (
        """\
from fastapi import FastAPI
app = application = FastAPI()
""",
        "",
        "app",
    ),
    "main guard": (
        """\
import uvicorn
from fastapi import FastAPI
app = FastAPI()
if __name__ == "__main__":
    uvicorn.run(app)
""",
        "",
        "app",
    ),
    "run bottom": (
        """\
import uvicorn
from fastapi import FastAPI
app = FastAPI()
uvicorn.run(app, port=1)
""",
        "",
        "app",
    ),
    "try": (
        """\
from fastapi import FastAPI
try:
    app = FastAPI(docs=1)
except TypeError:
    app = FastAPI()
""",
        "",
        "app",
    ),
    "try import": (
        """\
try:
    from fastapi import FastAPI
except ImportError:
    FastAPI = None
app = FastAPI()
""",
        "",
        "app",
    ),
    "if else": (
        """\
from fastapi import FastAPI
from app.config import settings
if settings.debug:
    app = FastAPI()
else:
    app = FastAPI(title="x")
""",
        "",
        "app",
    ),
    "if only": (
        """\
from fastapi import FastAPI
from app.config import settings
if settings.debug:
    app = FastAPI()
""",
        "",
        "app",
    ),
    "while": (
        """\
from fastapi import FastAPI
while True:
    app = FastAPI()
    break
""",
        "",
        "app",
    ),
    "class attr": (
        """\
from fastapi import FastAPI
class Server:
    app = FastAPI()
""",
        "Server",
        "app",
    ),
    "method": (
        """\
from fastapi import FastAPI
from app.routers import items
class Server:
    def __init__(self):
        self.app = FastAPI()
        self.app.include_router(items.router)
    def other(self):
        return self
""",
        "Server.__init__",
        "self.app",
    ),
    "return early": (
        """\
from fastapi import FastAPI
from app.config import settings
def create_app():
    app = FastAPI()
    if settings.extra:
        return app
    app.state.x = 1
    return app
""",
        "create_app",
        "app",
    ),
    "try finally": (
        """\
from fastapi import FastAPI
def create_app():
    app = FastAPI()
    try:
        return app
    finally:
        pass
""",
        "create_app",
        "app",
    ),
    "one line def": (
        """\
from fastapi import FastAPI
def create_app(): app = FastAPI(); return app
""",
        "create_app",
        "app",
    ),
    "comment tail": (
        """\
from fastapi import FastAPI  # the framework
app = FastAPI()  # the app
# the end""",
        "",
        "app",
    ),
    "string tail": (
        '''\
from fastapi import FastAPI
app = FastAPI(description="""
from app.routers import nothing
app.include_router(x)
""")
"""a string
that stands alone"""
''',
        "",
        "app",
    ),
    "only relative": (
        """\
from fastapi import FastAPI
from .routers import items, users
app = FastAPI()
app.include_router(items.router)
app.include_router(users.router)
""",
        "",
        "app",
    ),
    "local imports": (
        """\
from fastapi import FastAPI
def create_app():
    app = FastAPI()
    from app.routers import items
    app.include_router(items.router)
    from app.routers import users
    app.include_router(users.router)
    return app
""",
        "create_app",
        "app",
    ),
    "local import shadow": (
        """\
from fastapi import FastAPI
def create_app(widgets_router=None, Limit=None, open_hub=None):
    app = FastAPI()
    return app
""",
        "create_app",
        "app",
    ),
    "del": (
        """\
from fastapi import FastAPI
from app.routers.items import router as items_router
app = FastAPI()
app.include_router(items_router)
del items_router
""",
        "",
        "app",
    ),
    "all": (
        """\
from fastapi import FastAPI
__all__ = ["app"]
app = FastAPI()
""",
        "",
        "app",
    ),
    "multi import": (
        """\
from app.routers import (
    items,  # one
    users,
)
from fastapi import FastAPI
app = FastAPI()
app.include_router(
    items.router,
    prefix="/x",
)
app.include_router(users.router); app.state.z = 1
""",
        "",
        "app",
    ),
    "middleware list": (
        """\
from fastapi import FastAPI
from starlette.middleware import Middleware
from fastapi.middleware.cors import CORSMiddleware
app = FastAPI(middleware=[Middleware(CORSMiddleware)])
""",
        "",
        "app",
    ),
    "middleware list 3": (
        """\
from fastapi import FastAPI
from starlette.middleware import Middleware
from fastapi.middleware.cors import CORSMiddleware
def create_app():
    from app.limits import Limit as Other
    app = FastAPI(middleware=[
        Middleware(CORSMiddleware)])
    return app
""",
        "create_app",
        "app",
    ),
    "async def": (
        """\
import asyncio
from fastapi import FastAPI
app = FastAPI()
@app.on_event("startup")
async def up(): pass
""",
        "",
        "app",
    ),
    "lambda include": (
        """\
from fastapi import FastAPI
from app.routers import items
app = FastAPI()
attach = lambda r: app.include_router(r)
attach(items.router)
""",
        "",
        "app",
    ),
    "comprehension include": (
        """\
from fastapi import FastAPI
from app.routers import items, users
app = FastAPI()
[app.include_router(r) for r in (items.router, users.router)]
""",
        "",
        "app",
    ),
    "loop": (
        """\
from fastapi import FastAPI
from app.routers import items, users
app = FastAPI()
for r in (items.router, users.router):
    app.include_router(r)
""",
        "",
        "app",
    ),
    "loop in function": (
        """\
from fastapi import FastAPI
from app.routers import items, users
def create_app():
    app = FastAPI()
    for r in (items.router, users.router): app.include_router(r)
    return app
""",
        "create_app",
        "app",
    ),
    "assert after": (
        """\
from fastapi import FastAPI
app = FastAPI()
assert app, "no"
raise_it = False
if raise_it:
    raise SystemExit
""",
        "",
        "app",
    ),
    "generator": (
        """\
from contextlib import contextmanager
from fastapi import FastAPI
@contextmanager
def making():
    app = FastAPI()
    yield app
def create_app():
    with making() as app:
        return app
""",
        "create_app",
        "app",
    ),
    "unicode names": (
        """\
from fastapi import FastAPI
from app.routers import items
größe = "ä" * 3; app = FastAPI()
app.include_router(items.router)
""",
        "",
        "app",
    ),
}
