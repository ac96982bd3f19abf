"""Resources in repositories that scaffold did not make: each is followed, run, and taken back."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from scaffold import registry
from scaffold.engine import Fold
from scaffold.generators.resource import resource
from scaffold.plan import Plan, Status
from scaffold.project import read_project
from scaffold.record import Record
from scaffold.revert import Edited
from scaffold.templates import Templates
from scaffold.testing import changed, paths, run, tree
from scaffold.undo import remove
from scaffold.workflow import Call, Options, generate
from tests.environments import UV
from tests.generators.foreign_repos import MAIN, MONGO, ONE_FILE, REPOS, STACKS, Repo

FIELDS = [
    "name:str", "price:float", "sku:str:max=40:unique", "status:enum:a,b:default=a",
    "note:text:optional", "made:datetime",
]  # fmt: skip
ROUND_TRIP = Path(__file__).with_name("round_trip.py")
FAST = ["no database", "layered, async, mapped", "all in one file"]


def planned(repo: Repo) -> Plan:
    """The plan that adds widgets."""
    plan = run(resource, {"name": "widgets", "fields": FIELDS}, on=tree(repo.files))
    assert not plan.refusals, plan.refusals
    return plan


def written(folder: Path, repo: Repo, plan: Plan) -> Path:
    """The repository as the plan leaves it."""
    for path, content in {**repo.files, **changed(plan)}.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode())
    return folder / repo.root


@pytest.fixture(scope="session")
def pythons(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The interpreter of each stack, its environment made when it is first asked for."""

    class Pythons(dict[str, str]):
        def __missing__(self, stack: str) -> str:
            if not STACKS[stack]:
                return sys.executable
            if UV is None:
                message = "uv is not here to make an environment with other versions"
                pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
            kept = os.environ.get("SCAFFOLD_TEST_STACKS")
            place = Path(kept) if kept else tmp_path_factory.mktemp("stacks")
            root = place / stack
            if not root.is_dir():
                for command in (
                    (UV, "venv", "-q", "--python", sys.executable, str(root)),
                    (UV, "pip", "install", "-q", "-p", str(root / "bin/python"), "pytest")
                    + STACKS[stack],
                ):
                    subprocess.run(command, check=True, timeout=600)
            self[stack] = str(root / "bin/python")
            return self[stack]

    return Pythons()


def execute(python: str, *arguments: str, cwd: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "PYTHONPATH")}
    done = subprocess.run(
        [python, *arguments],
        cwd=cwd,
        env=environment | {"PYTHONPATH": str(cwd), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def check(tmp_path: Path, repo: Repo, python: str) -> None:
    plan = planned(repo)
    assert set(repo.places) <= paths(plan, Status.CREATED), sorted(paths(plan, Status.CREATED))
    root = written(tmp_path, repo, plan)
    execute(python, str(ROUND_TRIP), repo.app, repo.base, repo.url, cwd=root)
    for test in (p for p in paths(plan, Status.CREATED) if p.endswith("test_widgets.py")):
        execute(python, "-m", "pytest", "-q", str(tmp_path / test), cwd=root)


@pytest.mark.slow
@pytest.mark.parametrize("name", FAST)
def test_rows_come_and_go_by_their_session(tmp_path: Path, name: str) -> None:
    check(tmp_path, REPOS[name], sys.executable)


@pytest.mark.full
@pytest.mark.parametrize("name", [name for name in REPOS if name not in FAST])
def test_rows_come_and_go_on_other_versions(
    tmp_path: Path, name: str, pythons: dict[str, str]
) -> None:
    check(tmp_path, REPOS[name], pythons[REPOS[name].stack])


@pytest.mark.parametrize("name", REPOS)
def test_twice_is_once(name: str) -> None:
    plan = planned(REPOS[name])
    again = run(resource, {"name": "widgets", "fields": FIELDS}, on=plan.after)
    assert not again.refusals
    assert again.changes == ()


@pytest.mark.parametrize("name", REPOS)
def test_what_is_made_is_formatted_and_clean(tmp_path: Path, name: str) -> None:
    repo = REPOS[name]
    fields = [*FIELDS, "ref:uuid:index", "doc:json", "cost:decimal:8.2:min=0", "at:time:optional",
              "born:date:readonly:default=2026-01-31", "mail:email", "site:url", "secret:str:writeonly",
              "age:int:index:min=0:max=150", "size:bigint:default=7", "ok:bool:default=true"]  # fmt: skip
    plan = run(resource, {"name": "order items", "fields": fields}, on=tree(repo.files))
    assert not plan.refusals, plan.refusals
    written(tmp_path, repo, plan)
    made = [str(tmp_path / p) for p in paths(plan, Status.CREATED) if p.endswith(".py")]
    project = read_project(tree(repo.files))
    single = project.style.quote == "'"
    target = "py310" if repo.stack in ("lock", "sa20-v2", "sqlmodel-v2") else "py38"
    # B008 is about Depends(…) as a default: where it is so here, it is so in the neighbours;
    # FA100 asks for what FastAPI and Pydantic can't read.
    style = ["--target-version", target]
    style += ["--config", f"line-length={project.style.line_length}"]
    style += ["--config", f"format.quote-style='{'single' if single else 'double'}'"]
    for command in (["format", "--check", "--diff"], ["check", "--ignore=B008,FA100"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--isolated", *style, *made],
            capture_output=True, text=True, check=False, cwd=tmp_path / repo.root,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["layered, async, mapped", "no database", "layered, sync, classic"]
)
def test_two_come_and_go_and_every_byte_is_restored(tmp_path: Path, name: str) -> None:
    repo = REPOS[name]
    for path, content in repo.files.items():
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode())
    before = snapshot(tmp_path)
    options = Options(tmp_path, verify=False)
    for resource_name in ("widgets", "gadgets"):
        call = Call("resource", {"name": resource_name, "fields": ["name:str"]})
        assert not generate([call], options, title="add").nothing
        assert generate([call], options, title="add").nothing
    both = snapshot(tmp_path)
    remove(options, "resource", "widgets", Edited.REFUSE, delete_migration=True)
    left = snapshot(tmp_path)
    gone = {path for path in both.keys() - left.keys() if not path.startswith(".scaffold")}
    assert gone and all("widget" in path for path in gone)
    remove(options, "resource", "gadgets", Edited.REFUSE, delete_migration=True)
    rest = {p: c for p, c in snapshot(tmp_path).items() if not p.startswith(".scaffold/")}
    assert rest == before


def snapshot(root: Path) -> dict[str, bytes]:
    files = (path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


ENV = """
from logging.config import fileConfig

from alembic import context
from sqlalchemy import create_engine

from app.db import Base
from app.models import item  # noqa: F401

target_metadata = Base.metadata
engine = create_engine("sqlite:///./test.db")
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=target_metadata)
    with context.begin_transaction():
        context.run_migrations()
"""
FIRST = """
import sqlalchemy as sa
from alembic import op

revision = "1"
down_revision = None


def upgrade():
    op.create_table(
        "items",
        sa.Column("id", sa.Integer(), nullable=False, primary_key=True),
        sa.Column("title", sa.String(50), nullable=False),
    )


def downgrade():
    op.drop_table("items")
"""


def migrated(**more: str) -> Repo:
    layered = REPOS["layered, sync, classic"]
    files = {p: c for p, c in layered.files.items() if p != "app/database.py"}
    files = {p: c.replace("app.database", "app.db") for p, c in files.items()}
    return replace(
        layered,
        base="app.db:Base",
        files={
            **files,
            "app/db.py": layered.files["app/database.py"],
            "app/main.py": files["app/main.py"].replace(
                "Base.metadata.create_all(bind=engine)", ""
            ),
            "alembic.ini": "[alembic]\nscript_location = migrations\nprepend_sys_path = .\n",
            "migrations/env.py": ENV,
            "migrations/versions/1_first.py": FIRST,
            "requirements.txt": "fastapi\nsqlalchemy>=2\npydantic>=2\n",
            **more,
        },
    )


@pytest.mark.slow
def test_a_revision_makes_the_table_and_leaves_nothing_to_migrate(tmp_path: Path) -> None:
    repo = migrated()
    plan = planned(repo)
    assert (
        "from app.models.widget import Widget  # noqa: F401\n" in changed(plan)["migrations/env.py"]
    )
    root = written(tmp_path, repo, plan)
    for command in ("upgrade head", "check", "downgrade base", "upgrade head"):
        execute(sys.executable, "-m", "alembic", *command.split(), cwd=root)
    execute(sys.executable, str(ROUND_TRIP), repo.app, repo.base, repo.url, cwd=root)


def test_several_heads_are_refused_by_name() -> None:
    second = FIRST.replace('revision = "1"', 'revision = "2"')
    plan = run(
        resource,
        {"name": "widgets"},
        on=tree(migrated(**{"migrations/versions/2.py": second}).files),
    )
    assert [r.reason for r in plan.refusals] == [
        "the migrations have 2 heads (1, 2): --merge-heads joins them, as alembic merge heads does"
    ]


def reasons(files: dict[str, str], *fields: str, **arguments: object) -> list[str]:
    plan = run(resource, {"name": "widgets", "fields": list(fields), **arguments}, on=tree(files))
    assert plan.refusals
    return [refusal.reason for refusal in plan.refusals]


@pytest.mark.parametrize(
    ("files", "fields", "said"),
    [
        ({"main.py": MONGO}, ["name:str"], "the data layer here is MongoDB (motor)"),
        ({"main.py": MAIN, "requirements.txt": "fastapi==0.40.0\n"}, [], "FastAPI 0.40.0 is outside"),
        ({"main.py": MAIN, "requirements.txt": "sqlalchemy==1.3.2\n"}, [], "SQLAlchemy 1.3.2 is outside"),
        ({"main.py": MAIN}, ["x:decimal:20.2"], "the field x: SQLite keeps 15 digits, not 20"),
        ({"main.py": MAIN}, ["offset:int:index"], "the field offset: a list has something else"),
        (
            {"main.py": ONE_FILE + '\nif __name__ == "__main__":\n    run(app)\n'},
            [],
            "get_db and Base: defined in the file",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_honoured_is_refused_by_name(
    files: dict[str, str], fields: list[str], said: str
) -> None:
    assert any(said in reason for reason in reasons(files, *fields)), reasons(files, *fields)


def test_a_library_is_not_hidden_by_a_module_at_the_root() -> None:
    files = {"main.py": MAIN + "\nimport requests\n"}
    plan = run(resource, {"name": "requests"}, on=tree(files))
    (refusal,) = plan.refusals
    assert refusal.reason.startswith(
        "a top-level module requests would hide the library of that name: give the resource another"
    )


@pytest.mark.slow
def test_a_database_is_brought_beside_another_data_layer(tmp_path: Path) -> None:
    files = {"app/__init__.py": "", "app/main.py": MAIN, "app/store.py": MONGO.replace("app = FastAPI()", ""),
             "requirements.txt": "fastapi\nmotor\n"}  # fmt: skip
    arguments = {"name": "widgets", "fields": FIELDS, "bring_database": True}
    plan = run(resource, arguments, on=tree(files))
    assert not plan.refusals
    assert any("app/database.py brings SQLite" in note for note in plan.notes)
    repo = Repo(files, "app.main:app", "app.database:Base", ("", ""))
    root = written(tmp_path, repo, plan)
    execute(sys.executable, str(ROUND_TRIP), repo.app, repo.base, repo.url, cwd=root)
    assert run(resource, arguments, on=plan.after).changes == ()


def test_their_quotes_width_and_line_ends_are_kept() -> None:
    main = MAIN.replace('"', "'").replace("\n", "\r\n")
    files = {"app/__init__.py": "", "app/main.py": main, "ruff.toml": "line-length = 60\n"}
    plan = run(resource, {"name": "widgets", "fields": ["name:str"]}, on=tree(files))
    made = {p: c for p, c in changed(plan).items() if p.startswith("app/widgets/") and c}
    assert "prefix='/widgets'" in made["app/widgets/router.py"]
    assert all(line.endswith("\r\n") for c in made.values() for line in c.splitlines(keepends=True))
    assert all(
        len(line) <= 60 for c in made.values() for line in c.splitlines() if '"""' not in line
    )


def test_a_prefix_on_the_command_line_counts() -> None:
    on_app = run(resource, {"name": "widgets", "prefix": "/v9"}, on=tree({"main.py": MAIN}))
    assert 'app.include_router(widgets_router, prefix="/v9")' in changed(on_app)["main.py"]
    aggregate = REPOS["aggregate with a prefix, async SQLAlchemy 1.4"]
    below = run(resource, {"name": "widgets", "prefix": "/v9"}, on=tree(aggregate.files))
    router = changed(below)["app/api/v1/endpoints/widget.py"]
    assert 'prefix="/v9/widgets"' in router


def test_files_without_wiring_and_the_lines_that_wire_them() -> None:
    fold = Fold(
        tree({"main.py": MAIN}),
        Record(),
        Templates(registry.template_folder),
        registry.load,
        {"no_wire": "yes"},
    )
    fold.run(resource, {"name": "widgets"})
    plan = fold.plan()
    assert not plan.refusals
    assert "main.py" not in changed(plan)
    assert any("from widgets.router import router as widgets_router" in n for n in plan.notes)


def test_sql_by_hand_and_sessions_that_nobody_can_follow_are_named() -> None:
    by_hand = {"main.py": MAIN, "store.py": "import asyncpg\npool = asyncpg.create_pool('x')\n"}
    plan = run(resource, {"name": "widgets"}, on=tree(by_hand))
    assert any("written by hand, with asyncpg (store.py:1): database.py" in n for n in plan.notes)
    layered = REPOS["layered, sync, classic"].files
    hidden = {
        **layered,
        "app/database.py": "from sqlalchemy.orm import declarative_base\nBase = declarative_base()\n",
    }
    hidden["app/routers/items.py"] = "from fastapi import APIRouter\nrouter = APIRouter()\n"
    plan = run(resource, {"name": "widgets"}, on=tree(hidden))
    (note,) = (n for n in plan.notes if "brings SQLite" in n)
    assert "sqlalchemy (app/database.py:1) gives no session that can be followed" in note
    assert "[tool.scaffold]" in note


def test_a_resource_with_a_database_of_its_own_keeps_it() -> None:
    files = {
        "app/__init__.py": "",
        "app/main.py": MAIN,
        "app/store.py": MONGO.replace("app = FastAPI()", ""),
    }
    first = Fold(tree(files), Record(), Templates(registry.template_folder), registry.load)
    arguments = {"name": "widgets", "fields": ["name:str"], "bring_database": True}
    first.run(resource, arguments)
    made = first.recorded("resource", arguments, "1")
    assert made is not None
    again = Fold(
        first.plan().after, Record((made,)), Templates(registry.template_folder), registry.load
    )
    again.run(resource, {"name": "widgets", "fields": ["name:str"]})
    assert again.plan().refusals == ()
    assert again.plan().changes == ()


COLUMNS = "    note = Column(String(9){0})\n"


def based(columns: str) -> dict[str, str]:
    """Migrations, and a base that gives every model a column of its own."""
    files = dict(migrated().files)
    files["app/db.py"] = (
        files["app/db.py"]
        .replace("import create_engine", "import Column, String, create_engine")
        .replace(
            "Base = declarative_base()",
            f"class Common:\n{columns}\n\nBase = declarative_base(cls=Common)",
        )
    )
    return files


def test_a_table_with_columns_of_its_base_is_left_to_autogenerate() -> None:
    plan = run(resource, {"name": "widgets"}, on=tree(based(COLUMNS.format(""))))
    assert not plan.refusals
    assert not any(path.startswith("migrations/versions") for path in changed(plan))
    assert "no revision was written: the base of models brings columns of its own" in plan.notes
    assert any("--autogenerate" in step.command for step in plan.next)
    assert "migrations/env.py" in changed(plan)  # where autogenerate sees the model


def test_a_base_that_wants_a_value_for_its_column_is_refused_by_name() -> None:
    wanting = based(COLUMNS.format(", nullable=False"))
    (reason,) = reasons(wanting, "name:str")
    assert reason.startswith("Base gives every model the column note, which needs a value")
    plan = run(resource, {"name": "widgets", "fields": ["name:str", "note:str"]}, on=tree(wanting))
    assert not plan.refusals


@pytest.mark.parametrize(
    ("package", "line"),
    [
        ("from .item import Item\n", "from .widget import Widget\n"),
        ("from .item import Item  # noqa: F401\n", "from .widget import Widget  # noqa: F401\n"),
    ],
)
def test_an_import_is_marked_for_linters_where_its_neighbours_are(package: str, line: str) -> None:
    files = {**REPOS["layered, sync, classic"].files, "app/models/__init__.py": package}
    made = changed(run(resource, {"name": "widgets"}, on=tree(files)))["app/models/__init__.py"]
    assert made.splitlines(keepends=True)[-1].replace("app.models", "") == line
