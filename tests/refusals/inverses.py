"""What can't be taken back by meaning: the patch, and the edit made by hand since."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.refusals.patches import (
    CARRIED,
    ENTRY,
    HUB,
    LIMIT,
    MODEL,
    REDIS,
    ROUTER,
    SECTION,
    SETTING,
    VARIABLE,
    needs,
)

Edit = Callable[[str], str]


@dataclass(frozen=True)
class Row:
    codemod: str
    arguments: Mapping[str, Any]
    before: str
    edit: Edit
    path: str = "app/main.py"


def swap(old: str, new: str) -> Edit:
    def edit(text: str) -> str:
        assert old in text, (old, text)
        return text.replace(old, new)

    return edit


APP = "app = FastAPI()\n"
LIFE = "async def life(app):\n    yield\n"
INCLUDE = 'app.include_router(widgets_router, tags=["widgets"])\n'
IMPORT = "from app.routers.widgets import router as widgets_router\n"
SPACED = IMPORT.replace("import router", "import  router")
ADD = "app.add_middleware(Limit, size=3)\n"
CLASS = "class Settings:\n    b: str\n"
SERVICES = "services:\n  a:\n    image: x\n"


def router(old: str, new: str) -> Row:
    return Row("include_router", ROUTER, APP, swap(old, new))


def limit(old: str, new: str, before: str = APP) -> Row:
    return Row("add_middleware", LIMIT, before, swap(old, new))


def hub(old: str, new: str) -> Row:
    return Row("enter_lifespan", HUB, LIFE, swap(old, new))


def carried(old: str, new: str) -> Row:
    return Row("include_lifespan", CARRIED, APP, swap(old, new))


def setting(old: str, new: str) -> Row:
    return Row("add_setting", SETTING, CLASS, swap(old, new), "app/config.py")


def variable(old: str, new: str) -> Row:
    return Row("add_variable", VARIABLE, "A=1\n", swap(old, new), ".env.example")


def manifest(path: str, before: str, old: str, new: str, requirement: str = "redis>=5") -> Row:
    return Row("add_requirement", needs(path, requirement), before, swap(old, new), path)


REQUIREMENTS = ("requirements.txt", "aiosqlite\n")
PROJECT = ("pyproject.toml", '[project]\ndependencies = ["a", "b"]\n')

REASONS = {
    "a router imported twice": "the router is imported twice",
    "a router imported with others": "its import brings other names too",
    "a router included twice": "the router is used for more than one include",
    "a router that shares its line": "it shares its line with another statement",
    "a router alone in a branch": "it is the only statement of its block",
    "middleware imported twice": "it is imported twice",
    "middleware used twice": "it is used for more than one add_middleware",
    "middleware imported on a shared line": "its import shares a line or brings other names",
    "middleware that shares its line": "it shares its line with another statement",
    "middleware alone in a branch": "it is the only statement of its block",
    "a lifespan imported twice": "its import stands there twice",
    "a lifespan used twice": "it is used for more than one lifespan",
    "a lifespan imported on a shared line": "its import shares a line",
    "a lifespan laid out by hand": "its async with is laid out in no usual way",
    "a carried lifespan imported with others": "its import brings other names, or stands there twice",
    "a carried lifespan used twice": "it is used for more than one lifespan",
    "a carried lifespan that shares its line": "it shares its line with another statement",
    "a model that is used": "is used, or not alone on its line",
    "two settings": "several classes have a field",
    "another default": "its type or default was changed since",
    "a setting alone": "it is all that its class holds",
    "a setting that shares its line": "it shares its line with another statement",
    "a setting with a comment": "a comment stands beside it",
    "two lines of a variable": "several lines set SIZE",
    "another value": "SIZE has another value by now",
    "a variable in another encoding": "it is not UTF-8",
    "another value in .env": "SIZE has another value by now",
    "another section": "the section Cache was edited",
    "another service": "the service redis was changed",
    "a service that is needed": "another service depends on redis",
    "a service in brackets": "its services are written on one line",
    "another version": "its version or extras were changed since",
    "a comment beside it": "a comment stands beside it",
    "several times": "it is there several times",
    "in another encoding": "it is not utf-8",
    "extras alone": "only extras were put into an entry that was there",
    "another version in an array": "its version or extras were changed since",
    "several times in an array": "it is there several times",
    "the only one of its list": "it is the only one of its list",
    "the only one of an option": "changed since",
    "operations of another kind": "write them so",
    "two jobs that test": "2 of its jobs run pytest",
    "a step in another encoding": "it is not UTF-8",
}
"""What the inverse says of each."""

ROWS = {
    "a router imported twice": router(IMPORT, SPACED + "from app.routers import widgets\n"),
    "a router imported with others": router("import router", "import other, router"),
    "a router included twice": router(
        INCLUDE, INCLUDE.replace("(", "( ") + INCLUDE.replace("app.", "b.")
    ),
    "a router that shares its line": router(INCLUDE, f"x = 1; {INCLUDE}"),
    "a router alone in a branch": router(INCLUDE, f"if x:\n    {INCLUDE}"),
    "middleware imported twice": limit("import Limit", "import Limit, Limit as L"),
    "middleware used twice": limit(ADD, ADD.replace("(", "( ") + "print(Limit)\n"),
    "middleware imported on a shared line": limit("from app", "x = 1; from app"),
    "middleware that shares its line": limit(ADD, f"x = 1; {ADD}"),
    "middleware alone in a branch": limit(ADD, f"if x:\n    {ADD}"),
    "a lifespan imported twice": hub("import open_hub", "import open_hub, open_hub as hub"),
    "a lifespan used twice": hub("yield\n", "yield open_hub\n"),
    "a lifespan imported on a shared line": hub("from app", "x = 1; from app"),
    "a lifespan laid out by hand": hub("with open_hub(app)", "with open_hub(app), \\\n        x()"),
    "a carried lifespan imported with others": carried("import open_hub", "import open_hub, x"),
    "a carried lifespan used twice": carried("lifespan=open_hub))", "lifespan=open_hub, x=open_hub))"),
    "a carried lifespan that shares its line": carried("app.include", "x = 1; app.include"),
    "a model that is used": Row(
        "import_name", MODEL, "x = 1\n", swap("import Widget\n", "import Widget  # ours\nWidget()\n")
    ),
    "two settings": setting("    size: int = 3\n", "    size: int =  3\n    size: int = 4\n"),
    "another default": setting("size: int = 3", "size: int = 4"),
    "a setting alone": setting("    b: str\n    size: int = 3", "    size: int = (3)"),
    "a setting that shares its line": setting("    size: int = 3", "    size: int = 3; c: int"),
    "a setting with a comment": setting("size: int = 3", "size: int = 3  # ours"),
    "two lines of a variable": variable("SIZE=3\n", "SIZE= 3\nSIZE=4\n"),
    "another value": variable("SIZE=3", "SIZE=4"),
    "a variable in another encoding": variable("SIZE=3", "SIZE=3 ÿ"),
    "another value in .env": Row("set_variable", VARIABLE, "A=1\n", swap("=3", "=4"), ".env"),
    "another section": Row("add_section", SECTION, "# x\n", swap("Fast.", "Slow."), "README.md"),
    "another service": Row("add_service", REDIS, SERVICES, swap("redis:8", "redis:9"), "compose.yaml"),
    "a service that is needed": Row(
        "add_service", REDIS, SERVICES,
        swap("  redis:\n    image: redis:8", "  c: {image: c, depends_on: [redis]}\n  redis: {image: redis:8}"),
        "compose.yaml",
    ),
    "a service in brackets": Row(
        "add_service", REDIS, "services: {}\n", swap("redis: {", "redis: { "), "compose.yaml"
    ),
    "another version": manifest(*REQUIREMENTS, "redis>=5", "redis>=6"),
    "a comment beside it": manifest(*REQUIREMENTS, "redis>=5", "redis>=5  # ours"),
    "several times": manifest(*REQUIREMENTS, "redis>=5", "redis>= 5\nredis>=6"),
    "in another encoding": manifest(*REQUIREMENTS, "redis>=5", "redis>=5 # ÿ"),
    "extras alone": manifest("requirements.txt", "redis\n", "[x]", "[x,y]", "redis[x]"),
    "another version in an array": manifest(*PROJECT, "redis>=5", "redis>=6"),
    "several times in an array": manifest(*PROJECT, '"redis>=5"', '"redis >=5", "redis>=6"'),
    "the only one of its list": manifest(
        "environment.yml", "dependencies:\n- pip:\n  - a\n", "  - a\n  - redis>=5", "  - redis >=5"
    ),
    "the only one of an option": manifest(
        "setup.cfg", "[options]\ninstall_requires =\n  a\n", "  a\n  redis>=5", "  redis >=5 ; x"
    ),
    "two jobs that test": Row(
        "add_step", {"run": "x --y"}, "jobs:\n  a:\n    steps:\n    - run: pytest\n",
        swap("- run: x --y\n", "- run:  x --y\n    - run: pytest\n  b:\n    steps:\n"), "ci.yml",
    ),
    "a step in another encoding": Row(
        "add_step", {"run": "x --y"}, "jobs:\n  a:\n    steps:\n    - run: pytest\n",
        swap("- run: x --y\n", "- run:  x --y # ÿ\n"), "ci.yml",
    ),
    "operations of another kind": Row(
        "add_operations", ENTRY, "", swap("[[operations]]", "operations = [1]"), "schemathesis.toml"
    ),
}  # fmt: skip
