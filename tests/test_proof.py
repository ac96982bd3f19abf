"""The proofs: a plan that doesn't parse, or breaks the app, is never written."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scaffold import proof
from scaffold.api import Action, AddDependency, Context, CreateFile, Wire
from scaffold.generators.project import project
from scaffold.generators.resource import resource
from scaffold.plan import Plan
from scaffold.spec.errors import MachineError, VerificationError
from scaffold.testing import tree
from scaffold.workflow import Call, Options, Result, generate
from tests.generated.harness import Project

NEWS = b"import nobody_has_this\nfrom fastapi import APIRouter\n\nrouter = APIRouter()\n"
RESOURCE = Call("resource", {"name": "orders"}, resource)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("made") / "shop"
    generate([Call("new", {"name": "shop"}, project)], Options(root), title="new shop")
    return root


@pytest.fixture
def shop(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    shutil.copytree(made, tmp_path / "shop")
    return tmp_path / "shop"


def _add(root: Path, *, verify: bool | None = None, python: str | None = sys.executable) -> Result:
    return generate([RESOURCE], Options(root, verify=verify, python=python), title="add orders")


@pytest.mark.parametrize(
    ("path", "content", "line"),
    [("a.py", "x = (\n", 1), ("b.toml", "x = \n", None), ("c.txt", "x = (", None)],
)
def test_static_names_the_file_that_does_not_parse(
    path: str, content: str, line: int | None
) -> None:
    after = tree({}).with_content(path, content.encode())
    failures = proof.static(Plan(tree({}), after))
    assert [f.path for f in failures] == ([] if path == "c.txt" else [path])
    assert all(failure.line == line for failure in failures)


@pytest.mark.slow
def test_the_import_proof_is_the_default_in_projects_of_ours(shop: Path) -> None:
    result = _add(shop)
    assert result.proof.startswith("import (the app imports; 2 paths unchanged, 2 new)")
    assert (shop / "app" / "models" / "orders.py").is_file()


@pytest.mark.slow
def test_a_failure_that_the_change_causes_writes_nothing(shop: Path) -> None:
    main = shop / "app" / "main.py"
    main.write_text(main.read_text() + '\nassert "/api/v1/orders" not in app.openapi()["paths"]\n')
    before = Project(shop).files()
    with pytest.raises(VerificationError) as caught:
        _add(shop)
    assert "AssertionError" in caught.value.message
    assert caught.value.exit_code == 5
    assert Project(shop).files() == before


@pytest.mark.slow
def test_a_failure_that_was_there_before_is_said_and_the_static_proof_stands(shop: Path) -> None:
    main = shop / "app" / "main.py"
    main.write_text(main.read_text() + '\nraise RuntimeError("no settings here")\n')
    result = _add(shop)
    assert result.proof.startswith("static (the app could not be imported before either")
    assert "no settings here" in result.proof


def test_without_an_interpreter_it_says_that_nothing_was_imported(shop: Path) -> None:
    assert "the import was not tried" in _add(shop, python=None).proof


def test_asked_for_without_an_interpreter_it_refuses(shop: Path) -> None:
    before = Project(shop).files()
    with pytest.raises(MachineError):
        _add(shop, verify=True, python=None)
    with pytest.raises(MachineError):
        _add(shop, python="/nowhere/python")
    assert Project(shop).files() == before


@pytest.mark.slow
def test_what_the_plan_itself_declares_need_not_be_installed_yet(shop: Path) -> None:
    def new(context: Context) -> Iterator[Action]:
        yield AddDependency("nobody-has-this>=1")
        yield AddDependency("fastapi")
        yield CreateFile("app/routers/news.py", NEWS)
        yield Wire("app.routers.news", "router", "news_router", prefix="")

    before = Project(shop).files()
    options = Options(shop, verify=True, python=sys.executable)
    with pytest.raises(MachineError, match="nobody-has-this must be installed first"):
        generate([Call("news", {}, new)], options, title="add news")
    assert Project(shop).files() == before
    options = Options(shop, python=sys.executable)
    result = generate([Call("news", {}, new)], options, title="add news")
    assert result.proof == (
        "static (to be installed first: nobody-has-this; the import was not tried)"
    )
    assert (shop / "app" / "routers" / "news.py").read_bytes() == NEWS


@pytest.mark.slow
def test_a_module_that_no_requirement_brings_is_a_failure(shop: Path) -> None:
    def new(context: Context) -> Iterator[Action]:
        yield AddDependency("fastapi")
        yield CreateFile("app/routers/news.py", NEWS)
        yield Wire("app.routers.news", "router", "news_router", prefix="")

    with pytest.raises(VerificationError, match="No module named 'nobody_has_this'"):
        generate([Call("news", {}, new)], Options(shop, python=sys.executable), title="add news")


@pytest.mark.slow
def test_what_a_resource_refers_to_may_answer_otherwise(shop: Path) -> None:
    """A row that others need isn't deleted any more: 409, however far away they are."""
    for name, *fields in (["customers"], ["orders", "customer:ref:on_delete=cascade"]):
        call = Call("resource", {"name": name, "fields": fields}, resource)
        generate([call], Options(shop, verify=False), title=f"add {name}")
    call = Call("resource", {"name": "items", "fields": ["order:ref"]}, resource)
    options = Options(shop, python=sys.executable)
    result = generate([call], options, title="add items")
    assert result.proof.startswith("import (the app imports; 2 paths unchanged, ")
    assert result.plan.reshaped == ("/api/v1/customers", "/api/v1/orders")


def test_no_verify_leaves_it_at_the_static_proof(shop: Path) -> None:
    assert _add(shop, verify=False).proof == "static"
