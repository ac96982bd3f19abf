from __future__ import annotations

import itertools
from typing import Any

import pytest

from scaffold.codemods import Already, Cannot, Patched, apply, invert, middleware
from scaffold.codemods.middleware import add_middleware
from scaffold.codemods.unmiddleware import remove_middleware
from tests.codemods.shapes import split
from tests.pasting import by_hand

LIMITS: dict[str, Any] = {
    "module": "app.limits",
    "name": "LimitMiddleware",
    "arguments": {"size": "3"},
    "package": "app",
}
IMPORT = "+from app.limits import LimitMiddleware\n"


def add(text: str | bytes, **changes: Any) -> Patched | Already | Cannot:
    content = text.encode() if isinstance(text, str) else text
    return add_middleware(content, **{**LIMITS, **changes})


SHAPES: dict[str, tuple[str, dict[str, Any]]] = {
    "none yet, at the module's level": (
        """
from fastapi import FastAPI
+
+from app.limits import LimitMiddleware

app = FastAPI()
+app.add_middleware(LimitMiddleware, size=3)
app.include_router(object())
""",
        {},
    ),
    "none yet, behind what is set on the application": (
        """
from fastapi import FastAPI
+
+from app.limits import LimitMiddleware
app = FastAPI(
    title="x",
)
app.state.ready = False
+app.add_middleware(LimitMiddleware, size=3)

@app.get("/")
def f(): ...
""",
        {},
    ),
    "innermost in a factory": (
        """
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from app.config import settings
+from app.limits import LimitMiddleware


def create_app() -> FastAPI:
    app = FastAPI()
    app.state.x = 1

    # From the innermost to the outermost.
+    app.add_middleware(LimitMiddleware, size=3)
    app.add_middleware(CORSMiddleware, allow_origins=["*"])
    app.include_router(object())
    return app
""",
        {"scope": "create_app"},
    ),
    "behind the project's own that sorts before": (
        """
from fastapi import FastAPI
from app.bodies import BodyMiddleware
+from app.limits import LimitMiddleware
from app.zebras import ZebraMiddleware

app = FastAPI()
app.add_middleware(BodyMiddleware)
+app.add_middleware(LimitMiddleware, size=3)
app.add_middleware(ZebraMiddleware)
""",
        {},
    ),
    "a class attribute": (
        """
from fastapi import FastAPI
+
+from app.limits import LimitMiddleware


class Server:
    def __init__(self) -> None:
        self.app = FastAPI()
+        self.app.add_middleware(LimitMiddleware, size=3)
        self.routes()
""",
        {"scope": "Server.__init__", "target": "self.app"},
    ),
    "made in two branches": (
        """
from fastapi import FastAPI
from app.config import debug
+from app.limits import LimitMiddleware
if debug:
    app = FastAPI()
else:
    app = FastAPI(docs_url=None)
+app.add_middleware(LimitMiddleware, size=3)
app = Wrapped(app)
""",
        {},
    ),
    "others are added in a branch": (
        """
from fastapi import FastAPI
from app.cors import CORSMiddleware
+from app.limits import LimitMiddleware
app = FastAPI()
+app.add_middleware(LimitMiddleware, size=3)
if x:
    app.add_middleware(CORSMiddleware)
""",
        {},
    ),
    "imports in the module, relative": (
        """
from fastapi import FastAPI
from .config import debug
+from .limits import LimitMiddleware
app = FastAPI()
+app.add_middleware(LimitMiddleware, size=3)
""",
        {"module": ".limits"},
    ),
    "a name that is taken": (
        """
from fastapi import FastAPI
+
+from app.limits import LimitMiddleware as LimitMiddleware_2
app = FastAPI()
+app.add_middleware(LimitMiddleware_2, size=3)
def f(LimitMiddleware): ...
""",
        {},
    ),
    "a long call": (
        """
from fastapi import FastAPI
+
+from app.limits import LimitMiddleware
app = FastAPI()
+app.add_middleware(
+    LimitMiddleware, a_long_argument="a long value", another="and another one of them"
+)
""",
        {
            "arguments": {
                "a_long_argument": '"a long value"',
                "another": '"and another one of them"',
            }
        },
    ),
    "imported already": (
        """
from fastapi import FastAPI
from app import limits
app = FastAPI()
+app.add_middleware(limits.LimitMiddleware, size=3)
""",
        {},
    ),
    "a list, one line an element": (
        """
from fastapi import FastAPI
from starlette.middleware import Middleware
+
+from app.limits import LimitMiddleware
app = FastAPI(
    middleware=[
        Middleware(CORSMiddleware),
        Middleware(GZipMiddleware, size=1),
+        Middleware(LimitMiddleware, size=3),
    ],
)
""",
        {},
    ),
    "a list behind a name": (
        """
from fastapi import FastAPI
from starlette import middleware as m
from app.zebras import ZebraMiddleware
from app.apes import ApeMiddleware
+from app.limits import LimitMiddleware
MIDDLEWARE = [
    m.Middleware(ZebraMiddleware),
+    m.Middleware(LimitMiddleware, size=3),
    m.Middleware(ApeMiddleware),
]
def create():
    return FastAPI(middleware=MIDDLEWARE)
""",
        {"scope": "create", "target": "", "line": 11},
    ),
}


def marked(name: str) -> tuple[str, str, dict[str, Any]]:
    text, changes = SHAPES[name]
    before, after = split(text)
    if "line" in changes:
        changes = {**changes, "line": before.splitlines().index(before.splitlines()[-1]) + 1}
    return before, after, changes


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("name", SHAPES)
def test_shape(name: str, ending: str) -> None:
    before, after, changes = marked(name)
    outcome = add(before.replace("\n", ending), **changes)
    assert isinstance(outcome, Patched), outcome
    assert outcome.content.decode() == after.replace("\n", ending)
    assert isinstance(add(outcome.content, **changes), Already)


@pytest.mark.parametrize("name", [n for n in SHAPES if n != "a long call"])
def test_bom_tabs_and_no_final_newline(name: str) -> None:
    before, after, changes = marked(name)
    before, after = (t.removesuffix("\n").replace("    ", "\t") for t in (before, after))
    outcome = add(b"\xef\xbb\xbf" + before.encode(), **changes)
    assert outcome == Patched(b"\xef\xbb\xbf" + after.encode())


@pytest.mark.parametrize("name", SHAPES)
def test_it_is_taken_out_again(name: str) -> None:
    before, after, changes = marked(name)
    outcome = invert("add_middleware", after.encode(), {**LIMITS, **changes})
    if name == "imported already":
        assert isinstance(outcome, Cannot | Patched)
        return
    assert isinstance(outcome, Patched), outcome
    solid = [line for line in outcome.content.decode().splitlines() if line.strip()]
    assert solid == [line for line in before.splitlines() if line.strip()]


def test_elements_on_one_line() -> None:
    head = "from starlette.middleware import Middleware as M\n"
    text = head + "app = FastAPI(middleware=[M(A, x=1)])\n"
    outcome = add(text)
    assert isinstance(outcome, Patched)
    assert b"[M(A, x=1), M(LimitMiddleware, size=3)])" in outcome.content
    back = invert("add_middleware", outcome.content, LIMITS)
    assert isinstance(back, Patched)
    assert back.content.decode().replace("\n\n", "\n") == text


def test_it_joins_what_its_module_gives_already() -> None:
    text = "from app.limits import MAX, open_limits\napp = FastAPI()\nopen_limits(app)\n"
    joined = text.replace("MAX, open_limits", "MAX, LimitMiddleware, open_limits").replace(
        "FastAPI()\n", "FastAPI()\napp.add_middleware(LimitMiddleware, size=3)\n"
    )
    assert add(text) == Patched(joined.encode())
    assert invert("add_middleware", joined.encode(), LIMITS) == Patched(text.encode())
    broken = add(text, line_length=50)
    assert isinstance(broken, Patched)
    assert broken.content.startswith(
        b"from app.limits import (\n    MAX,\n    LimitMiddleware,\n    open_limits,\n)\n"
    )


def test_any_order_gives_the_same_bytes() -> None:
    start = (
        b"from fastapi import FastAPI\nfrom app.ms import MMiddleware\nimport z\n\napp = FastAPI()\n"
        b"app.add_middleware(MMiddleware)\napp.add_middleware(z.Middleware)\n"
    )
    results = set()
    for order in itertools.permutations(["A", "M2", "Z"]):
        content = start
        for name in order:
            outcome = add(content, module=f"app.{name.lower()}", name=f"{name}Middleware")
            assert isinstance(outcome, Patched)
            content = outcome.content
        results.add(content)
    assert len(results) == 1


WIRED = {
    "a call": "app.add_middleware(LimitMiddleware)",
    "in a helper": "def f(a):\n    a.add_middleware(LimitMiddleware, size=9)",
    "in a list": "m = [Middleware(LimitMiddleware)]",
    "around it": "app = LimitMiddleware(app)",
    "by keyword": "app.add_middleware(middleware_class=LimitMiddleware)",
}


@pytest.mark.parametrize("name", WIRED)
def test_already(name: str) -> None:
    text = f"from app.limits import LimitMiddleware\napp = FastAPI()\n{WIRED[name]}\n"
    assert isinstance(add(text), Already)


REFUSED: dict[str, tuple[str, dict[str, Any]]] = {
    "a syntax error": ("app = FastAPI(\n", {}),
    "no such scope": ("app = 1\n", {"scope": "create_app"}),
    "no name": ("def f():\n    return FastAPI()\n", {"scope": "f", "target": "", "line": 2}),
    "not bound there": ("api = FastAPI()\n", {}),
    "a list that is made": ("app = FastAPI(middleware=make())\n", {}),
    "a list of other things": ("app = FastAPI(middleware=[*BASE, Middleware(A)])\n", {}),
    "an empty list": ("app = FastAPI(middleware=[])\n", {}),
    "no list at all": ("app = FastAPI(middleware=None)\n", {}),
    "a choice": ("app = FastAPI(middleware=a if b else c)\n", {}),
    "a line for all": ("from __future__ import x; app = FastAPI(middleware=[Middleware(A)])\n", {}),
    "crowded": ("app = FastAPI(); run(app)\n", {}),
    "in a loop": ("for x in y:\n    app = FastAPI()\n", {}),
    "a function on a line": ("def f(): app = FastAPI(); return app\n", {"scope": "f"}),
    "two functions": ("def f(app): 0\ndef f(app): 1\n", {"scope": "f"}),
    "a comma alone": (
        "app = FastAPI(middleware=[\n    Middleware(A)  # a\n    , ])\n",
        {},
    ),
    "a list that is bound twice": ("m = [M(A)]\nm = [M(B)]\napp = FastAPI(middleware=m)\n", {}),
}


@pytest.mark.parametrize("name", REFUSED)
def test_leaves_alone(name: str) -> None:
    text, changes = REFUSED[name]
    outcome = add(text, **changes)
    assert isinstance(outcome, Cannot)
    if name == "a syntax error":
        assert (outcome.line, outcome.paste) == (1, ())
        return
    assert "from app.limits import LimitMiddleware" in outcome.snippet
    assert "(LimitMiddleware, size=3)" in outcome.snippet
    assert isinstance(add(by_hand(text.encode(), outcome).decode(), **changes), Already)


KEPT = {
    "nothing there": ("app = 1\n", Already),
    "used otherwise": ("app.add_middleware(LimitMiddleware)\nprint(LimitMiddleware)\n", Cannot),
    "twice": ("a.add_middleware(LimitMiddleware)\nb.add_middleware(LimitMiddleware)\n", Cannot),
    "alone in its block": ("if x:\n    a.add_middleware(LimitMiddleware)\n", Cannot),
    "shares its line": ("x = 1; a.add_middleware(LimitMiddleware)\n", Cannot),
    "wraps by hand": ("app = LimitMiddleware(app)\n", Cannot),
}


@pytest.mark.parametrize("name", KEPT)
def test_taking_out_leaves_alone(name: str) -> None:
    text, expected = KEPT[name]
    head = "" if expected is Already else "from app.limits import LimitMiddleware\n"
    outcome = remove_middleware((head + text).encode(), module="app.limits", name="LimitMiddleware")
    assert isinstance(outcome, expected)


def test_a_lifespan_of_the_same_module_shares_the_import() -> None:
    text = (
        b"from app.limits import LimitMiddleware\n\n\n@asynccontextmanager\n"
        b"async def lifespan(app):\n    yield\n"
    )
    arguments = {"module": "app.limits", "name": "open_limits", "package": "app"}
    entered = apply("enter_lifespan", text, arguments)
    assert isinstance(entered, Patched), entered
    assert entered.content.startswith(b"from app.limits import LimitMiddleware, open_limits\n\n")
    assert invert("enter_lifespan", entered.content, arguments) == Patched(text)


@pytest.mark.parametrize("call", ["app.add_middleware(Other)", "app.add_middleware(Limit); x = 1"])
def test_what_is_not_proven_is_refused(call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(middleware, "_call", lambda *_: call.replace("Limit", "LimitMiddleware"))
    outcome = add("from fastapi import FastAPI\napp = FastAPI()\n")
    assert isinstance(outcome, Cannot)
    assert outcome.reason in (
        "it would not be added once",
        "more than the import and the middleware would change",
    )
