"""``--verify`` in repositories that scaffold did not make, with an interpreter of their own."""

from __future__ import annotations

import sys
import textwrap
import time
from pathlib import Path

import pytest

from scaffold import importing, proof
from scaffold.generators.resource import resource
from scaffold.spec.errors import MachineError, VerificationError
from scaffold.workflow import Call, Options, Result, generate
from tests.generated.harness import Project
from tests.project.repos import tree

FILES = {
    "requirements.txt": "fastapi\nsqlalchemy>=2.1\npydantic>=2\n",
    "Dockerfile": 'CMD ["uvicorn", "shop.main:app"]\n',
    "shop/__init__.py": "",
    "shop/db.py": """
    from sqlalchemy import create_engine
    from sqlalchemy.orm import DeclarativeBase, sessionmaker

    sessions = sessionmaker(create_engine("sqlite://"))


    class Base(DeclarativeBase):
        pass


    def get_session():
        with sessions() as session:
            yield session
    """,
    "shop/models/__init__.py": "",
    "shop/models/item.py": """
    from sqlalchemy.orm import Mapped, mapped_column

    from shop.db import Base


    class Item(Base):
        __tablename__ = "items"

        id: Mapped[int] = mapped_column(primary_key=True)
    """,
    "shop/routers/__init__.py": "",
    "shop/routers/items.py": """
    from fastapi import APIRouter, Depends
    from sqlalchemy.orm import Session

    from shop.db import get_session

    router = APIRouter(prefix="/items", tags=["items"])


    @router.get("")
    def list_items(session: Session = Depends(get_session)):
        return []
    """,
    "shop/main.py": """
    from fastapi import FastAPI

    from shop.routers.items import router as items_router

    app = FastAPI()
    app.include_router(items_router)
    """,
}


def repository(root: Path, **changes: str) -> Path:
    """The repository with other texts for the files that are named (``main`` is shop/main.py)."""
    for path, text in {**FILES, **{f"shop/{name}.py": t for name, t in changes.items()}}.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(textwrap.dedent(text).lstrip("\n"))
    return root


def add(root: Path, *, python: str | None = sys.executable, **pins: str) -> Result:
    call = Call("resource", {"name": "widgets", "fields": ["name:str"]}, resource)
    options = Options(root, verify=True, python=python, pins=pins)
    return generate([call], options, title="add resource widgets")


UNIQUE = """
from fastapi import FastAPI

from shop.routers.items import router as items_router


def operation_id(route):
    return f"{route.tags[0]}-{route.name}"


def create_app():
    app = FastAPI(generate_unique_id_function=operation_id)
    app.include_router(items_router)
    return app


app = create_app()
"""


@pytest.mark.slow
@pytest.mark.parametrize("main", ["", UNIQUE], ids=["plain", "operation ids made of tags"])
def test_the_app_is_imported_before_and_after(tmp_path: Path, main: str) -> None:
    root = repository(tmp_path / "shop", **({"main": main} if main else {}))
    result = add(root)
    assert result.proof == "import (the app imports; 1 paths unchanged, 2 new)"
    assert "widgets_router" in (root / "shop/main.py").read_text()


@pytest.mark.slow
def test_a_failure_that_the_change_causes_writes_nothing(tmp_path: Path) -> None:
    check = (
        FILES["shop/main.py"]
        + """
    paths = app.openapi()["paths"]
    if len(paths) > 1:
        raise LookupError(f"who added {sorted(paths)}?")
    """
    )
    root = repository(tmp_path / "shop", main=check)
    before = Project(root).files()
    with pytest.raises(VerificationError) as caught:
        add(root)
    assert caught.value.exit_code == 5
    assert "can't be imported any more: LookupError: who added ['/items', '/widgets" in str(
        caught.value
    )
    assert Project(root).files() == before


SETTINGS = """
from fastapi import FastAPI
from pydantic_settings import BaseSettings, SettingsConfigDict

from shop.routers.items import router as items_router


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_file=".env")
    api_key: str


settings = Settings()
app = FastAPI()
app.include_router(items_router)
"""


@pytest.mark.slow
def test_an_app_that_lacks_its_settings_is_said_and_the_static_proof_stands(tmp_path: Path) -> None:
    root = repository(tmp_path / "shop", main=SETTINGS)
    result = add(root)
    assert result.proof.startswith("static (the app could not be imported before either: ")
    assert "1 validation error for Settings api_key" in result.proof
    assert "widgets_router" in (root / "shop/main.py").read_text()


@pytest.mark.slow
def test_settings_of_the_repository_reach_the_copy_and_no_output(tmp_path: Path) -> None:
    root = repository(tmp_path / "shop", main=SETTINGS)
    (root / ".env").write_text("API_KEY=s3cret\n")
    (root / ".gitignore").write_text(".env\n")
    result = add(root)
    assert result.proof.startswith("import (")
    recorded = b"".join(p.read_bytes() for p in (root / ".scaffold").rglob("*.json"))
    assert b"s3cret" not in recorded


@pytest.mark.slow
def test_what_takes_too_long_is_ended_with_all_that_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = tmp_path / "mark"
    slow = f"""
    import subprocess, sys, time
    from fastapi import FastAPI
    app = FastAPI()
    child = "import time; time.sleep(3); open({str(mark)!r}, 'w')"
    subprocess.Popen([sys.executable, "-c", child])
    time.sleep(60)
    """
    root = repository(tmp_path / "shop", main=slow)
    monkeypatch.setattr(importing, "TIMEOUT", 1.5)
    result = add(root)
    assert "could not be imported before either: no answer within 1.5 s" in result.proof
    time.sleep(4)
    assert not mark.exists()


@pytest.mark.slow
def test_middleware_around_the_app_and_a_root_below_the_repository(tmp_path: Path) -> None:
    wrapped = (
        FILES["shop/main.py"]
        .replace("app = FastAPI()", "api = FastAPI()")
        .replace("app.inc", "api.inc")
    )
    wrapped = "    from starlette.middleware.cors import CORSMiddleware\n" + wrapped
    wrapped += "\n    app = CORSMiddleware(api, allow_origins=[])\n"
    repository(tmp_path / "mono/back", main=wrapped)
    result = add(tmp_path / "mono")
    assert result.proof.startswith("import (the app imports; 1 paths")


@pytest.mark.slow
def test_routes_that_nobody_serves_are_no_success(tmp_path: Path) -> None:
    hidden = FILES["shop/main.py"].replace(
        "app = FastAPI()",
        "class Api(FastAPI):\n        def openapi(self):\n            return {'paths': {'/items': {}}}\n\n    app = Api()",
    )
    root = repository(tmp_path / "shop", main=hidden)
    with pytest.raises(VerificationError, match="has no path of widgets"):
        add(root)


def test_without_an_interpreter_it_is_no_success(tmp_path: Path) -> None:
    root = repository(tmp_path / "shop")
    with pytest.raises(MachineError, match="no interpreter with the dependencies"):
        add(root, python=None)
    assert not (root / ".scaffold/runs").exists()


def test_the_environment_is_looked_for_where_the_project_starts(tmp_path: Path) -> None:
    for place in ("back/.venv/bin", "venv/bin"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "python").touch()
    found = importing.interpreter_for(tmp_path, "back", None)
    assert found == str(tmp_path / "back/.venv/bin/python")
    assert importing.interpreter_for(tmp_path, "", None) == str(tmp_path / "venv/bin/python")


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        ({"Dockerfile": "CMD uvicorn app.run:served\n", "app/run.py": "from app.made import make\nserved = make()\n", "app/made.py": "from fastapi import FastAPI\ndef make():\n    return FastAPI()\n"}, ("", "app.run", "served")),
        ({"back/app/made.py": "from fastapi import FastAPI\ndef make():\n    return FastAPI()\n", "back/app/__init__.py": ""}, ("back", "app.made", "make")),
        ({"main.py": "from fastapi import FastAPI\nclass A:\n    def __init__(self):\n        self.app = FastAPI()\n"}, None),
        ({"main.py": "from fastapi import FastAPI\nclass A:\n    def __init__(self):\n        self.app = FastAPI()\napp = A().app\n", "Procfile": "web: uvicorn main:app\n"}, ("", "main", "app")),
        ({"main.py": "x = 1\n"}, None),
    ],
)  # fmt: skip
def test_what_is_imported_is_what_a_server_would_be_told(
    files: dict[str, str], wanted: tuple[str, str, str] | None
) -> None:
    found = proof.target_of(tree(files))
    assert (found and (found.root, found.module, found.attribute)) == wanted
