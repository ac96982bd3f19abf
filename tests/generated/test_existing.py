"""``add resource --from-database``: databases that were there before, served as they are."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.generated import legacy
from tests.generated.adopted import judge, new_project, server, sqlite_file
from tests.generated.harness import Project

CHINOOK = Path(__file__).parents[1] / "data" / "chinook.sqlite"


@pytest.mark.slow
def test_an_awkward_database_is_served_as_it_is(tmp_path: Path) -> None:
    file = sqlite_file(tmp_path / "old shop.sqlite", legacy.SQLITE)
    before = file.read_bytes()
    made = new_project(tmp_path)
    options = ("--from-database", f"sqlite:///{file}")
    planned = made.scaffold("add", "resource", *options, "--dry-run", "--json").stdout
    assert not list((made.root / "app" / "models").glob("o*.py"))
    said = made.scaffold("add", "resource", *options).stdout
    for note in (
        "nokey: no primary key says which row is meant",
        "Open Orders: a view has no key",
        "tblOrders: the index IX lower stays the database's alone",
        "Order Details.Order ID: its reference to tblOrders stays the database's alone",
        "Customers.CustomerCode: a key with a slash, or of dots, is listed but has no path",
        "mixed.when: DATETIME in name, integer in its rows",
    ):
        assert note in said
        assert note in planned
    assert file.read_bytes() == before
    models = {path.stem for path in (made.root / "app" / "models").glob("[a-z]*.py")}
    assert models == {"customers", "mixeds", "order_details", "orders"}
    assert list((made.root / "migrations" / "versions").glob("*.py")) == []
    judge(
        made, f"sqlite+aiosqlite:///{file}", "tests/test_order_details.py", "tests/test_orders.py"
    )
    files = made.files()
    made.scaffold("add", "resource", *options)
    assert made.files() == files
    made.scaffold("undo")
    assert not (made.root / "app" / "stored.py").exists()


@pytest.mark.slow
def test_tables_can_be_chosen_and_the_rest_is_left_alone(tmp_path: Path) -> None:
    file = sqlite_file(tmp_path / "shop.sqlite", legacy.SQLITE)
    made = new_project(tmp_path)
    url = f"sqlite:///{file}"
    made.scaffold("add", "resource", "--from-database", url, "--table", "Customers")
    done = made.scaffold(
        *("add", "resource", "--from-database", url, "--table", "customers"), check=False
    )
    assert done.returncode == 2
    assert "--table customers: sqlite:///shop.sqlite has no such table" in done.stderr
    made.scaffold("add", "resource", "--from-database", url, "--table", "tblOrders")
    made.scaffold("add", "resource", "notes", "text:text", "order:ref")
    environment = {"DATABASE_URL": f"sqlite+aiosqlite:///{file}"}
    made.python("-m", "alembic", "upgrade", "head", env=environment)
    made.python("-m", "alembic", "check", env=environment)
    made.python("-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "tests/test_notes.py")


@pytest.mark.full
def test_chinook_in_full(tmp_path: Path) -> None:
    file = tmp_path / "chinook.sqlite"
    file.write_bytes(CHINOOK.read_bytes())
    made = new_project(tmp_path)
    made.scaffold("add", "resource", "--from-database", f"sqlite:///{file}")
    judge(made, f"sqlite+aiosqlite:///{file}")


@pytest.mark.full
@pytest.mark.parametrize(
    ("database", "script"), [("postgresql", legacy.POSTGRESQL), ("mysql", legacy.MYSQL)]
)
def test_awkward_servers(tmp_path: Path, database: str, script: str) -> None:
    with server(database, script) as (url, app_url):
        made = new_project(tmp_path, database)
        made.scaffold("add", "resource", "--from-database", url)
        judge(made, app_url)


def test_no_password_is_kept_or_shown(tmp_path: Path) -> None:
    made = new_project(tmp_path)
    url = "postgresql://ada:s3cr3t%2Fword@127.0.0.1:1/shop?sslmode=disable"
    done = made.scaffold("add", "resource", "--from-database", url, "--json", check=False)
    assert done.returncode == 6
    assert "postgresql:///shop can't be read" in done.stderr
    for secret in ("s3cr3t", "ada:"):
        assert secret not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--from-database", "oracle://x/y"), "not the URL of a database it can read"),
        (("--from-database", "shop.db"), "not the URL of a database it can read"),
        (("--from-database", "sqlite:///nowhere.db"), "there is no file nowhere.db"),
        (("orders", "--from-database", "sqlite:///x"), "name can't be given with it"),
        (("--table", "orders"), "--table: is of --from-database"),
        ((), "NAME is missing"),
    ],
)
def test_what_is_refused_in_one_line(
    tmp_path: Path, arguments: tuple[str, ...], reason: str
) -> None:
    done = Project(tmp_path).scaffold("add", "resource", *arguments, check=False)
    assert done.returncode == 2
    assert reason in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_missing_driver_is_one_line_with_the_command(tmp_path: Path) -> None:
    hidden = "import sys; sys.modules['psycopg'] = None; from scaffold.__main__ import main; main()"
    done = Project(tmp_path).run(
        *(sys.executable, "-c", hidden, "add", "resource"),
        *("--from-database", "postgresql://x@localhost/y"),
        check=False,
    )
    assert done.returncode == 6
    assert 'pip install "scaffold-api[database]"' in done.stderr
