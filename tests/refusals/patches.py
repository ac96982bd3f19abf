"""Each refusal of a codemod: the file, the patch, and what leads on where no lines would."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

ROUTER: dict[str, Any] = {
    "module": "app.routers.widgets", "name": "router", "alias": "widgets_router", "tags": ["widgets"]
}  # fmt: skip
LIMIT: dict[str, Any] = {"module": "app.limits", "name": "Limit", "arguments": {"size": "3"}}
HUB: dict[str, Any] = {"module": "app.hub", "name": "open_hub", "function": "life"}
CARRIED: dict[str, Any] = {"module": "app.hub", "name": "open_hub"}
MODEL: dict[str, Any] = {"module": "app.widget", "name": "Widget"}
SETTING: dict[str, Any] = {
    "name": "size", "annotation": "int", "default": "3", "class_name": "Settings"
}  # fmt: skip
REDIS: dict[str, Any] = {"name": "redis", "lines": ["image: redis:8"], "environment": {"URL": "r"}}
SECTION: dict[str, Any] = {"heading": "Cache", "text": "Fast."}
ENTRY: dict[str, Any] = {
    "paths": ["/a"],
    "methods": ["POST"],
    "reason": "why",
    "statuses": '["2xx"]',
}
VARIABLE: dict[str, Any] = {"name": "SIZE", "value": "3"}


def needs(file: str, requirement: str = "redis[x]>=5", group: str = "") -> dict[str, Any]:
    return {"requirement": requirement, "file": file, "group": group}


@dataclass(frozen=True)
class Row:
    """``mended`` is the file as its owner mends it, where no lines to paste would lead on."""

    codemod: str
    content: str | bytes
    reason: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    path: str = "app/main.py"
    mended: str | bytes = b""


def router(content: str | bytes, reason: str, mended: str = "", **changes: Any) -> Row:
    return Row("include_router", content, reason, {**ROUTER, **changes}, mended=mended)


def limit(content: str, reason: str, mended: str = "", **changes: Any) -> Row:
    return Row("add_middleware", content, reason, {**LIMIT, **changes}, mended=mended)


def hub(content: str, reason: str, mended: str = "") -> Row:
    return Row("enter_lifespan", content, reason, HUB, mended=mended)


def setting(content: str, reason: str, mended: str = "", **changes: Any) -> Row:
    return Row("add_setting", content, reason, {**SETTING, **changes}, mended=mended)


def manifest(
    path: str, content: str | bytes, reason: str, mended: str | bytes = "", **changes: Any
) -> Row:
    return Row("add_requirement", content, reason, needs(path, **changes), path, mended)


JOBS = (
    "jobs:\n  a:\n    steps:\n      - run: pytest\n"
    "  b:\n    steps:\n      - uses: x\n      - run: pytest b\n"
)
APP = "app = FastAPI()\n"
CLASS = "class Settings(BaseSettings):\n"

ROWS = {
    # what can't be read
    "a syntax error": router("app = FastAPI(\n", "does not parse", APP),
    "undecodable": router(b"# coding: ascii\nx = '\xff'\n", "can't be read as Python", APP),
    "an encoding with two ways to write": router(
        b"# coding: cp932\nx = '\x87\x9c'\napp = FastAPI()\n", "doesn't write back", APP
    ),
    # routers
    "no target": router("api = 1\n", "app is not bound where its routers are included"),
    "bound by match": router(
        "match x:\n  case 1:\n    app = make()\n    app.include_router(a)\n", "is not bound"
    ),
    "crowded": router("app = FastAPI(); run(app)\n", "several statements share the line"),
    "a function on a line": router(
        "def make(): app = FastAPI(); return app\n", "several statements share", scope="make"
    ),
    "behind a return": router(
        "from app.routers import widgets\ndef f(app):\n    return app\n    f(widgets.router)\n",
        "it is included where nothing ever runs",
        scope="f",
    ),
    "no such scope": router(APP, "no function or class is called make", scope="make"),
    "two such scopes": router(
        "if x:\n    def f(app): 0\nelse:\n    def f(app):\n        return app\n",
        "several definitions are called f",
        scope="f",
    ),
    "nowhere to import a router": router(
        "\\\ndef make():\n\tapp = FastAPI()\n\treturn app\n", "no line of its own", scope="make"
    ),
    # middleware
    "a syntax error where middleware goes": limit("app = FastAPI(\n", "does not parse", APP),
    "middleware of nothing": limit("api = 1\n", "app is not bound where the application is made"),
    "middleware in no scope": limit(APP, "no function or class is called make", scope="make"),
    "crowded middleware": limit("app = FastAPI(); run(app)\n", "several statements share the line"),
    "nowhere to import middleware": limit(
        "\\\ndef make():\n    app = FastAPI()\n    return app\n", "no line of its own", scope="make"
    ),
    "an application without a name": limit(
        "def f():\n    return wrap(FastAPI())\n", "has no name", scope="f", target="", line=2
    ),
    "a list that is made": limit("app = FastAPI(middleware=make())\n", "is no plain list"),
    "a list with another": limit(
        "app = FastAPI(middleware=[*BASE, Middleware(A)])\n", "no plain list of Middleware"
    ),
    "nowhere to import for a list": limit(
        "from __future__ import division; app = FastAPI(middleware=[Middleware(A)])\n", "no line of its own"
    ),
    "an odd list": limit(
        "app = FastAPI(middleware=[\n    Middleware(A)  # a\n    , ])\n", "laid out in no usual way"
    ),
    # lifespans
    "a syntax error where a lifespan goes": hub(
        "async def life(app):\n", "does not parse", "async def life(app):\n    yield\n"
    ),
    "no such lifespan": hub(
        "async def other(app):\n    yield\n", "there is no single async function life",
        "async def life(app):\n    yield\n",
    ),
    "two such lifespans": hub(
        "async def life(app):\n    yield\n\n\nasync def life(app):\n    yield 1\n",
        "there is no single async function life",
    ),
    "two yields": hub(
        "async def life(app):\n    '''doc'''\n    if app.x:\n        yield\n    else:\n        yield\n",
        "life yields at 2 places",
    ),
    "a lifespan on one line": hub(
        "async def life(app): x = yield; yield\n", "life yields at 2 places",
        "async def life(app):\n    yield\n",
    ),
    "a yield in a loop": hub(
        "async def life(app):\n    for x in y:\n        yield\n", "its yield stands in a branch"
    ),
    "nowhere to import a lifespan": hub(
        "\\\n@manager\nasync def life(app):\n    yield\n", "no line of its own"
    ),
    "a yield among others": hub(
        "async def life(app):\n    up(); yield {'a': 1}; down()\n", "its yield shares a line"
    ),
    "a syntax error where a lifespan is carried": Row(
        "include_lifespan", "app = FastAPI(\n", "does not parse", CARRIED, mended=APP
    ),
    "nowhere to import APIRouter": Row(
        "include_lifespan",
        "\\\ndef make():\n    app = FastAPI()\n    return app\n",
        "no line of its own to import APIRouter on",
        {**CARRIED, "scope": "make"},
    ),
    "a crowded application": Row(
        "include_lifespan", "app = FastAPI(); run(app)\n", "several statements share", CARRIED
    ),
    # names that are gathered
    "a syntax error among models": Row(
        "import_name", "def (\n", "does not parse", MODEL, mended="\n"
    ),
    "a name that is taken": Row(
        "import_name", "from other import Widget\n", "Widget means something else there", MODEL
    ),
    "nowhere to import a name": Row("import_name", "\\\nx = 1\n", "no line of its own", MODEL),
    # settings
    "a syntax error among settings": setting("class (\n", "does not parse", CLASS + "    a: int\n"),
    "no such settings": setting("x = 1\n", "it defines 0 of what was looked for: ", CLASS + "    a: int\n"),
    "two such settings": setting(
        f"if x:\n    {CLASS}        a: int\nelse:\n    {CLASS}        b: int\n", "it defines 2 of what was looked for: "
    ),
    "a type that is not imported": setting(
        CLASS + "    a: int\n", "Annotated, Field is not imported", annotation="Annotated[int, Field()]"
    ),
    "a type that is unknown": setting(
        CLASS + "    a: int\n", "Odd is not imported", "from odd import Odd\n" + CLASS + "    a: int\n",
        annotation="Odd",
    ),
    "settings on a line": setting("class Settings(BaseSettings): a: int\n", "share a line"),
    "no UTF-8 in a dotenv file": Row(
        "add_variable", b"A=\xff\n", "save it as UTF-8", VARIABLE, ".env.example", "A=ÿ\n"
    ),
    "no UTF-8 in .env": Row("set_variable", b"A=\xff\n", "save it as UTF-8", VARIABLE, ".env", "A=ÿ\n"),
    # manifests
    "no UTF-8 in requirements": manifest(
        "requirements.txt", b"# \xff\n", "save it as UTF-8", "# ÿ\n"
    ),
    "compiled": manifest("requirements.txt", "# autogenerated by pip-compile\na==1", "is compiled"),
    "hashes": manifest(
        "requirements.txt", "a==1 \\\n    --hash=sha256:0\n", "are pinned by hash"
    ),
    "a dangling line": manifest("requirements.txt", "a==1\nb \\\n", "its last line is continued"),
    "no sections": manifest("setup.cfg", "a = 1\n", "it can't be read", "[options]\ninstall_requires =\n  a\n"),
    "no install_requires": manifest("setup.cfg", "[metadata]\nname = x\n", "it has no [options]"),
    "an option without one": manifest(
        "setup.cfg", "[options]\npackages = find:\n", "it has no [options] install_requires"
    ),
    "no extra": manifest(
        "setup.cfg", "[options]\ninstall_requires =\n  a\n", "it has no [options.extras_require] dev",
        group="dev",
    ),
    "requirements of a file": manifest(
        "setup.cfg", "[options]\ninstall_requires = file: r.txt\n", 'it reads install_requires from a file: state it in [tool.scaffold], as manifest = "r.txt"',
        "[options]\ninstall_requires = a\n",
    ),
    "requirements on a line": manifest(
        "setup.cfg", "[options]\ninstall_requires = a; b\n", "stands on one line"
    ),
    "a line end that ini files don't have": manifest(
        "setup.cfg", "[options]\ninstall_requires =\n  a\n  b\r", "can't be put in"
    ),
    "conda without pip": manifest(
        "environment.yml", "dependencies:\n- python=3.11\n- pip\n", "it has no pip: list"
    ),
    "conda in brackets": manifest(
        "environment.yml", "dependencies: [python]\nname: x\n", "it has no pip: list"
    ),
    "pip in brackets": manifest(
        "environment.yml",
        "dependencies:\n- python\n- pip: [a, b]\n",
        "its pip: list is written in brackets",
    ),
    "conda of nothing": manifest("environment.yml", "name: x\n", "it has no pip: list"),
    "no YAML": manifest(
        "environment.yml", "dependencies: [\n", "can't be read as YAML", "dependencies:\n- pip:\n  - a\n"
    ),
    "no TOML": manifest(
        "pyproject.toml", "[project\n", "is not valid TOML", "[project]\ndependencies = []\n"
    ),
    "no TOML in a Pipfile": manifest("Pipfile", "[\n", "is not valid TOML", "[packages]\n"),
    "dynamic": manifest(
        "pyproject.toml", '[project]\ndynamic = ["dependencies"]\n', "its dependencies are dynamic: ",
        "[project]\ndependencies = []\n",
    ),
    "no project": manifest(
        "pyproject.toml", "[tool.ruff]\n", "neither [project] nor", "[project]\ndependencies = []\n"
    ),
    "no array": manifest(
        "pyproject.toml", "[project]\ndependencies = 'a'\n", "not written as an array",
        "[project]\ndependencies = []\n",
    ),
    "no table": manifest("Pipfile", "packages = 1\n", "is not a table", "[packages]\n"),
    "a version for each Python": manifest(
        "pyproject.toml",
        "[tool.poetry.dependencies]\nredis = [{version = '5'}, {version = '6'}]\n",
        "redis lacks x: add them to each of its versions",
        "[tool.poetry.dependencies]\nredis = {version = '5', extras = ['x']}\n",
    ),
    "an escape in a string": manifest(
        "pyproject.toml", '[project]\ndependencies = ["\\u0072edis>=5"]\n', "put it in by hand",
        '[project]\ndependencies = ["redis[x]>=5"]\n',
    ),
    # what else is patched
    "no UTF-8 in Markdown": Row(
        "add_section", b"# \xff\n", "save it as UTF-8", SECTION, "README.md", "# ÿ\n"
    ),
    "no UTF-8 in schemathesis.toml": Row(
        "add_operations", b"# \xff\n", "save it as UTF-8", ENTRY, "schemathesis.toml", "# ÿ\n"
    ),
    "no TOML in schemathesis.toml": Row(
        "add_operations", "a =\n", "no valid TOML", ENTRY, "schemathesis.toml", "a = 1\n"
    ),
    "operations in brackets": Row(
        "add_operations", "operations = []\n", "write them so", ENTRY, "schemathesis.toml", "a = 1\n"
    ),
    "no UTF-8 in compose": Row(
        "add_service", b"# \xff\n", "not UTF-8", REDIS, "compose.yaml", "services:\n"
    ),
    "no YAML in compose": Row(
        "add_service", "services: [\n", "read as YAML", REDIS, "compose.yaml", "services:\n"
    ),
    "an empty compose file": Row(
        "add_service", "# ours\n", "services: is missing", REDIS, "compose.yaml", "services:\n"
    ),
    "services in a list": Row(
        "add_service", "services: [a]\n", "write it as one", REDIS, "compose.yaml", "services: {}\n"
    ),
    "a service with odd keys": Row(
        "add_service",
        "services:\n  ? a\n  : image: x\n",
        "put it in by hand",
        REDIS,
        "compose.yaml",
        "services:\n  a:\n    image: x\n",
    ),
    "two jobs that test": Row(
        "add_step", JOBS, "2 of its jobs run pytest, and one should: add it to each that needs it", {"run": "x --y"}, ".github/workflows/ci.yml"
    ),
    "no job that tests": Row(
        "add_step",
        "jobs:\n",
        "0 of its jobs run pytest",
        {"run": "x --y"},
        ".github/workflows/ci.yml",
        JOBS.partition("  b:")[0],
    ),
}  # fmt: skip
