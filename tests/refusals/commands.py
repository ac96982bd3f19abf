"""Each refusal of a command: the repository, the command, and what leads on."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.refusals.machine import Files, database


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
MAIL = "email:email:unique"
REVISION = (
    'revision = "{0}"\ndown_revision = None\n\n\n'
    "def upgrade() -> None:\n    pass\n\n\ndef downgrade() -> None:\n    pass\n"
)
LOGIN = (
    "from fastapi.security import OAuth2PasswordBearer\n\n"
    'scheme = OAuth2PasswordBearer(tokenUrl="/login")\n'
)
MONGO = (
    "from fastapi import FastAPI\nfrom motor.motor_asyncio import AsyncIOMotorClient\n\n"
    'client = AsyncIOMotorClient("mongodb://localhost")\napp = FastAPI()\n'
)
MARKS = database(
    "CREATE TABLE marks (id INTEGER PRIMARY KEY NOT NULL, code VARCHAR(9) NOT NULL, n INT, more INT, "
    "CONSTRAINT one UNIQUE (code, n))"
)
OLD = database(
    "CREATE TABLE people (code TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL)",
    "CREATE TABLE pairs (a INT NOT NULL, b INT NOT NULL, n INT NOT NULL, PRIMARY KEY (a, b))",
)
DATABASE = """\
from fastapi import Depends, FastAPI
from sqlalchemy import Column, Integer, create_engine
from sqlalchemy.orm import Session, declarative_base, sessionmaker

engine = create_engine("sqlite:///./test.db")
SessionLocal = sessionmaker(bind=engine)
Base = declarative_base()


class Item(Base):
    __tablename__ = "items"
    id = Column(Integer, primary_key=True)


def get_db():
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()


app = FastAPI()
"""
COMMON = (
    DATABASE.replace("app = FastAPI()\n", "")
    .replace("import Column, Integer, ", "import Column, Integer, String, ")
    .replace(
        "Base = declarative_base()",
        "class Common:\n    note = Column(String(9), nullable=False)\n\n\n"
        "Base = declarative_base(cls=Common)",
    )
)

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
    # what is in the way
    "a file of somebody's": Row(
        "add resource orders",
        "a file that scaffold did not make is in the way",
        {"app/models/orders.py": "x = 1\n"},
        Way("move or delete what is in the way", first=("!app/models/orders.py",)),
        made=True,
    ),
    "a directory of somebody's": Row(
        "add resource orders",
        "a directory is where a file should go: move it",
        {"app/models/orders.py/x": "1\n"},
        Way("move it", first=("!app/models/orders.py/x", "!app/models/orders.py")),
        made=True,
    ),
    "a file for a directory": Row(
        ADD,
        "a file is where a directory should go: move it",
        {"main.py": APP, "widgets": "x\n"},
        Way("move it", first=("!widgets",)),
    ),
    "several heads": Row(
        "add resource orders",
        "the migrations have 2 heads",
        {f"migrations/versions/{n}.py": REVISION.format(n) for n in ("aaa", "bbb")},
        Way("): --merge-heads joins them, as alembic merge heads does", options="--merge-heads"),
        made=True,
    ),
    "no migrations": Row(
        "add resource orders",
        "no Alembic set-up",
        {"pyproject.toml": '[project]\nname = "x"\ndependencies = []\n'},
        Way(
            "script_location in pyproject.toml",
            mended={
                "pyproject.toml": '[project]\nname = "x"\ndependencies = []\n\n'
                '[tool.alembic]\nscript_location = "%(here)s/migrations"\n'
            },
        ),
        made=True,
    ),
    # resources that are there
    "another resource of that name": Row(
        "add resource orders total:int",
        "is there with other fields or options",
        made=True,
        before=("add resource orders note:text",),
        way=Way("scaffold add field orders", instead="add field orders total:int:optional"),
    ),
    "a resource that is there, taken back": Row(
        "add resource orders total:int",
        "is there with other fields or options",
        made=True,
        before=("add resource orders note:text",),
        way=Way("scaffold remove resource orders", first=("remove resource orders",)),
    ),
    "a field of another kind": Row(
        "add field orders note:int:optional",
        "the field note is there as",
        made=True,
        before=("add resource orders note:text total:int",),
        way=Way("scaffold remove field orders note drops it with its values", first=("remove field orders note",)),
    ),
    "the last field": Row(
        "remove field orders note",
        "would have no field left",
        made=True,
        before=("add resource orders note:text",),
        way=Way("scaffold remove resource", instead="remove resource orders"),
    ),
    "a field without values": Row(
        "add field orders total:int",
        "is required and without a default",
        made=True,
        before=("add resource orders note:text",),
        way=Way("make it optional", instead="add field orders total:int:optional"),
    ),
    "no such resource for a field": Row(
        "add field carts note:text:optional",
        "scaffold made no resource carts here",
        made=True,
        before=("add resource orders note:text",),
        way=Way("there are: orders", instead="add field orders more:text:optional"),
    ),
    "no such resource to cache": Row(
        "cache resource carts",
        "scaffold made no resource carts here",
        made=True,
        before=("add cache", "add resource orders note:text"),
        way=Way("there are: orders", instead="cache resource orders"),
    ),
    "no cache yet": Row(
        "add resource orders note:text --cache",
        "needs cache: run scaffold add cache first",
        made=True,
        way=Way("scaffold add cache", first=("add cache",)),
    ),
    "a relation to nothing": Row(
        "add resource orders customer:ref",
        "refers to customers, and there is no such resource (there are: ",
        made=True,
        way=Way("add it first", first=("add resource customers name:str",)),
    ),
    "a relation that stays": Row(
        "remove resource customers",
        "orders refers to it by customer",
        made=True,
        before=("add resource customers name:str", "add resource orders n:int customer:ref"),
        way=Way(
            "scaffold remove relation orders customer",
            first=("remove relation orders customer",),
        ),
    ),
    "a capability that is used": Row(
        "remove cache",
        "the resource orders is there with cached",
        made=True,
        before=("add cache", "add resource orders note:text --cache"),
        way=Way("take that back first", first=("cache resource orders --off",)),
    ),
    # accounts
    "nobody to protect": Row(
        "protect resource carts --require-auth",
        "scaffold made no resource carts here",
        made=True,
        before=("add auth", "add resource orders note:text"),
        way=Way("there are: users, orders", instead="protect resource orders --require-auth"),
    ),
    "a relation that shows what is hidden": Row(
        "add resource notes order:ref",
        "refers to orders, whose rows are for their owners alone",
        made=True,
        before=("add auth", "add resource orders n:int --owned"),
        way=Way("--owned too", options="--owned"),
    ),
    "accounts without a base": Row(
        "add auth",
        "scaffold did not make this project",
        {"main.py": APP},
        way=Way("scaffold new", instead="new shop --no-git"),
    ),
    "users without a base": Row(
        "add auth",
        "its users are there: ",
        {"main.py": DATABASE.replace("class Item", "class User").replace('"items"', '"users"')},
        way=Way("scaffold new", instead="new shop --no-git"),
    ),
    "a way to log in": Row(
        "add auth",
        "there is a way to log in already",
        {"app/login.py": LOGIN},
        way=Way("app/login.py", first=("!app/login.py",)),
        made=True,
    ),
    **{
        f"accounts with {name}": Row(
            "add auth --users people",
            reason,
            made=True,
            before=(*before, f"add resource people {fields}"),
            way=Way("--users with another name", instead="add auth --users members"),
        )
        for name, reason, fields, before in (
            ("no address", "the field email of people is missing", "name:str", ()),
            ("names that are shared", ": accounts need it to be username:str:unique, or to have another name", f"{MAIL} username:str", ()),
            (
                "a required relation", "is required and refers to another resource",
                f"{MAIL} team:ref", ("add resource teams name:str",),
            ),
            ("other roles", ": accounts need an enum with the value ", f"{MAIL} role:str", ()),
            ("another state", "the field is_active of people is", f"{MAIL} is_active:bool", ()),
        )
    },
    # projects that scaffold did not make
    "a project below": Row(
        ADD,
        "scaffold made the project in shop",
        {"README.md": "# x\n"},
        before=("new shop --no-git",),
        way=Way("--root shop", instead="add resource widgets name:str --root shop"),
    ),
    "a resource of others to change": Row(
        "add field widgets more:str:optional",
        "a resource can be changed only in projects that scaffold made",
        {"main.py": APP, "requirements.txt": "fastapi\n"},
        before=(ADD,),
        way=Way("yours to edit", instead=ADD),
    ),
    "an aspect without a base": Row(
        f"{ADD} --owned", "--access needs the base", {"main.py": APP, **NEEDS},
        Way("leave it out", instead=ADD),
    ),
    "another data layer": Row(
        ADD,
        ": resources are written for SQLAlchemy and SQLModel; --bring-database adds a SQLite database of their own",
        {"main.py": MONGO, "requirements.txt": "fastapi\nmotor\n"},
        Way("--bring-database", options="--bring-database"),
    ),
    "a type without a base": Row(
        "add resource widgets a:enum:x,y b:ref",
        "needs the base that scaffold new makes",
        {"main.py": APP, **NEEDS},
        Way("here there are", instead="add resource widgets a:enum:x,y b:int"),
    ),
    "too many digits": Row(
        "add resource widgets a:decimal:20.2",
        "SQLite keeps 15 digits",
        {"main.py": APP, **NEEDS},
        Way(": write decimal:15.2", instead="add resource widgets a:decimal:15.2"),
    ),
    "a name that lists have": Row(
        "add resource widgets offset:int:index",
        "a list has something else of that name",
        {"main.py": APP, **NEEDS},
        Way("give it another", instead="add resource widgets distance:int:index"),
    ),
    "a limit that Pydantic 1 has not": Row(
        "add resource widgets mail:email:max=40",
        "can't limit the length of an e-mail",
        {"main.py": APP, "requirements.txt": "fastapi==0.95.2\npydantic==1.10.26\n"},
        Way("leave max= out", instead="add resource widgets mail:email"),
    ),
    "a circle": Row(
        ADD,
        "neither can come first; move them to a module of their own",
        {"main.py": DATABASE + '\nif __name__ == "__main__":\n    app = 1\n', **NEEDS},
        Way(
            "move them to a module of their own",
            mended={
                "db.py": DATABASE.replace("app = FastAPI()\n", ""),
                "main.py": "from db import get_db\n" + APP,
            },
        ),
    ),
    "a module that hides a library": Row(
        "add resource tokens name:str",
        "would hide the library of that name",
        {"main.py": "import tokens\n" + APP, **NEEDS},
        Way("give the resource another", instead="add resource badges name:str"),
    ),
    "a version beyond": Row(
        ADD,
        "is outside of what generated code is tested on",
        {"main.py": APP, "requirements.txt": "fastapi==0.50.0\n"},
        Way(
            "; if it is another one, state it in [tool.scaffold]",
            mended={"pyproject.toml": '[tool.scaffold]\nfastapi = "0.115"\n'},
        ),
    ),
    "another project here": Row(
        "new other --directory . --no-git",
        "scaffold made shop here already (",
        made=True,
        way=Way("shop", instead="new shop --directory . --no-git"),
    ),
    # capabilities
    "Pydantic 1": Row(
        "add cache",
        "needs Pydantic 2",
        {"main.py": APP, "requirements.txt": "fastapi\npydantic==1.10.26\n"},
        Way("upgrade it", mended={"requirements.txt": "fastapi\npydantic>=2\n"}),
    ),
    "an old Python": Row(
        "add cache",
        "needs Python 3.11",
        {
            "main.py": APP,
            "pyproject.toml": '[project]\nname = "x"\nrequires-python = ">=3.9"\ndependencies = []\n',
        },
        Way(
            "raise requires-python",
            mended={
                "pyproject.toml": '[project]\nname = "x"\nrequires-python = ">=3.11"\n'
                "dependencies = []\n"
            },
        ),
    ),
    # what rests on it
    "a migration that rests on it": Row(
        "remove resource orders --delete-migration",
        "rests on the migration",
        made=True,
        before=("add resource orders note:text", "add resource carts note:text"),
        way=Way("take the later work back first", first=("remove resource carts --delete-migration",)),
    ),
    "heads to remove on": Row(
        "remove resource orders",
        "the migrations have 2 heads",
        made=True,
        before=("add resource orders note:text", "+migrations/versions/zzz.py"),
        way=Way("): alembic merge heads", first=("!migrations/versions/zzz.py",)),
    ),
    # tables that were there
    "a column that can't be dropped": Row(
        "remove field marks code",
        ": drop it by a migration of your own",
        {"old.sqlite": MARKS},
        made=True,
        before=("add resource --from-database sqlite:///{root}/old.sqlite",),
        way=Way("drop it by a migration of your own", instead="remove field marks more"),
    ),
    "accounts of rows without numbers": Row(
        "add auth --users people",
        "the key of people is not a number called id, which accounts need",
        {"old.sqlite": OLD},
        made=True,
        before=("add resource --from-database sqlite:///{root}/old.sqlite",),
        way=Way("--users with another name", instead="add auth --users members"),
    ),
    "a relation to rows of several keys": Row(
        "add resource notes n:int pair:ref:to=pairs",
        "refers to pairs, whose key is of several columns",
        {"old.sqlite": OLD},
        made=True,
        before=("add resource --from-database sqlite:///{root}/old.sqlite",),
        way=Way("whose key", instead="add resource notes n:int"),
    ),
    "links to rows without numbers": Row(
        "add resource notes n:int people:many:people",
        ": links need a numbered key, and people has another",
        {"old.sqlite": OLD},
        made=True,
        before=("add resource --from-database sqlite:///{root}/old.sqlite",),
        way=Way("links need a numbered key", instead="add resource notes n:int people:ref:to=people"),
    ),
    "links in a table that is there": Row(
        "add resource orders n:int labels:many:labels",
        " would be in the table of orders_labels",
        made=True,
        before=("add resource labels name:str", "add resource orders_labels n:int"),
        way=Way("orders_labels", first=("remove resource orders_labels",)),
    ),
    "a table that has changed": Row(
        "add resource --from-database sqlite:///{root}/old.sqlite",
        " is not as it was: scaffold remove resource takes it back, then it can be read again",
        {"old.sqlite": OLD},
        made=True,
        before=(
            "add resource --from-database sqlite:///{root}/old.sqlite", "sql ALTER TABLE people ADD x INT"
        ),
        way=Way("scaffold remove resource", first=("remove resource people",)),
    ),
    "a key of another kind in a repository of others": Row(
        "add resource --from-database sqlite:///{root}/old.sqlite --table people",
        "only a key id:bigint can be made in a project that scaffold did not make",
        {"main.py": APP, "old.sqlite": OLD, **NEEDS},
        Way("only a key id:bigint", instead="add resource people name:str"),
    ),
    "middleware for what has no name": Row(
        "add ratelimit",
        "the application has no name where it is made: give it one",
        {"main.py": HEAD + "def make():\n    return debug and FastAPI()\n", **NEEDS},
        Way("give it one", mended={"main.py": APP}),
    ),
    "a mounted application": Row(
        "add cache --app api.py:api",
        " is mounted into another application here, and only the lifespan of that one runs: "
        "name it with --app",
        {
            "main.py": HEAD.strip() + "\nfrom api import api\n\napp = FastAPI()\napp.mount('/x', api)\n",
            "api.py": HEAD + "api = FastAPI()\n",
            **NEEDS,
        },
        Way("name it with --app", instead="add cache --app main.py:app"),
    ),
    "a base that wants a value": Row(
        ADD,
        ", which needs a value: name it among the fields, or state another base = ",
        {"main.py": "from db import get_db\n" + APP, "db.py": COMMON, **NEEDS},
        Way("name it among the fields", instead=f"{ADD} note:str"),
    ),
}  # fmt: skip
