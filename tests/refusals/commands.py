"""Each refusal of a command: the repository, the command, and what leads on."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.refusals.machine import Files


@dataclass(frozen=True)
class Way:
    """What leads on where no lines would; ``said`` are the words of the refusal that name it.

    ``first`` are commands, ``mended`` the files as their owner mends them; then comes ``instead``,
    or the same command with ``options``.
    """

    said: str
    first: tuple[str, ...] = ()
    mended: Files = field(default_factory=dict)
    options: str = ""
    instead: str = ""


@dataclass(frozen=True)
class Row:
    """``made`` says that scaffold makes the project first; ``before`` are commands run there."""

    command: str
    reason: str
    files: Files = field(default_factory=dict)
    way: Way | None = None
    made: bool = False
    before: tuple[str, ...] = ()


HEAD = "from fastapi import FastAPI\n\n"
APP = HEAD + "app = FastAPI()\n"
ADD = "add resource widgets name:str"
NEEDS = {"requirements.txt": "fastapi\n"}

ROWS = {
    # no application that can be told
    "no application": Row(ADD, "no FastAPI application was found", {"README.md": "# x\n"}),
    "no application, and the usual names taken": Row(
        ADD,
        "no FastAPI application was found",
        {f"{name}.py": "x = 1\n" for name in ("main", "app", "api", "asgi", "server")},
        Way("FastAPI(…) in the code", mended={"main.py": APP}),
    ),
    "several applications": Row(
        ADD,
        "one of several applications",
        {"a.py": APP, "b.py": APP},
        Way("--app a.py:app", options="--app a.py:app"),
    ),
    "an application of tests": Row(
        ADD,
        "only tests, documentation or samples make one",
        {"tests/app.py": APP},
        Way("--app tests/app.py:app", options="--app tests/app.py:app"),
    ),
    "an application that doesn't parse": Row(
        ADD,
        "does not parse",
        {"main.py": HEAD + "app = FastAPI(\n"},
        Way("main.py", mended={"main.py": APP}),
    ),
    "a pointer to what doesn't parse": Row(
        ADD,
        "does not parse",
        {"main.py": HEAD + "app = FastAPI(\n", "Dockerfile": "CMD uvicorn main:app\n"},
        Way("main.py", mended={"main.py": APP}),
    ),
    "a pointer to nothing": Row(
        ADD,
        "names no single FastAPI(…)",
        {
            "main.py": APP,
            "other.py": "x = 1\n",
            "pyproject.toml": '[tool.fastapi]\nentrypoint = "other:x"\n',
        },
        Way("--app main.py:app", options="--app main.py:app"),
    ),
    "an option that names no file": Row(
        f"{ADD} --app other.py:app",
        "there is no other.py",
        {"main.py": APP},
        Way("--app main.py:app", options="--app main.py:app"),
    ),
    "an option that names no application": Row(
        f"{ADD} --app other.py:x",
        "names no single FastAPI(…)",
        {"main.py": APP, "other.py": "x = 1\n"},
        Way("--app main.py:app", options="--app main.py:app"),
    ),
    # an application that can't be wired
    "an application without a name": Row(
        ADD, "made without a name", {"main.py": HEAD + "def make():\n    return FastAPI(title='x')\n"}
    ),
    "an application in a lambda": Row(
        ADD,
        "made without a name, so nothing can be included on it there: give it one",
        {"main.py": HEAD + "def make():\n    return debug and FastAPI()\n"},
        Way("give it one", mended={"main.py": APP}),
    ),
    "routers that are discovered": Row(
        ADD,
        "routers are discovered while running",
        {
            "main.py": "import importlib\nimport pkgutil\n\n" + APP
            + "for one in pkgutil.iter_modules():\n"
            "    app.include_router(importlib.import_module(one.name).router)\n"
        },
    ),
    "routes that are checked": Row(
        ADD,
        "every route is checked here",
        {
            "main.py": APP + "\n\ndef check(application):\n    for route in application.routes:\n"
            "        assert route.dependencies\n\n\ncheck(app)\n"
        },
    ),
    # lifespans
    "an old FastAPI": Row(
        "add cache",
        "enters no lifespan of a router",
        {"main.py": APP, "requirements.txt": "fastapi==0.100.0\n"},
    ),
    "a lifespan that is replaced": Row(
        "add cache",
        "the lifespan is replaced here",
        {"main.py": APP + "app.router.lifespan_context = life\n", **NEEDS},
    ),
    "a lifespan for what has no name": Row(
        "add cache",
        "the application has no name there",
        {"main.py": HEAD + "def make():\n    return FastAPI()\n", **NEEDS},
    ),
    "a lifespan for a lambda": Row(
        "add cache",
        "no lifespan that can be followed: give it a name",
        {"main.py": HEAD + "def make():\n    return debug and FastAPI()\n", **NEEDS},
        Way("give it a name", mended={"main.py": APP}),
    ),
    # dependencies
    "nothing that declares dependencies": Row(
        "add cache", "no file declares the dependencies", {"main.py": APP}
    ),
    "hashes": Row(
        "add cache",
        "pinned by hash",
        {"main.py": APP, "requirements.txt": "fastapi==0.165.0 --hash=sha256:00\n"},
    ),
}  # fmt: skip
