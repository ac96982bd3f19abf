from __future__ import annotations

from scaffold.project import Project, read_project
from tests.project.repos import tree

APP = """
from fastapi import FastAPI
from app.routers import items
app = FastAPI()
app.include_router(items.router)
"""
FILES = {
    "app/main.py": APP,
    "app/routers/items.py": "from fastapi import APIRouter\nrouter = APIRouter()\n",
    "Dockerfile": 'CMD ["uvicorn", "app.main:app"]\n',
    "requirements.txt": "fastapi\n",
}


def read() -> tuple[Project, list[object]]:
    """A project whose facts have been read, and those facts."""
    found = read_project(tree(FILES))
    return found, [found.entry, found.site, found.root, found.manifest]


def test_facts_that_nothing_changed_are_not_read_again() -> None:
    found, facts = read()
    later = found.at(found.tree.with_content("app/models/orders.py", b"x = 1\n"))
    again = [later.entry, later.site, later.root, later.manifest]
    assert all(a is b for a, b in zip(facts, again, strict=True))


def test_a_fact_that_rests_on_a_changed_file_is_read_again() -> None:
    found, _ = read()
    renamed = found.at(
        found.tree.with_content("app/main.py", APP.replace("app =", "api =").encode())
    )
    assert renamed.entry is not None
    assert renamed.entry.app.target == "api"
    other = found.at(
        found.tree.with_content("app/main.py", APP.replace("items.router", "other").encode())
    )
    assert other.site is not None
    assert [i.router for i in other.site.includes] == ["other"]


def test_a_new_file_that_a_search_would_find_changes_the_fact() -> None:
    found, _ = read()
    another = b"from fastapi import FastAPI\napp = FastAPI()\n"
    later = found.at(found.tree.with_content("app/other.py", another))
    assert later.entry is not None and found.entry is not None
    assert later.entry.app == found.entry.app
    assert (found.entry.confidence, later.entry.confidence) == ("certain", "likely")
    served = found.tree.with_content("Procfile", b"web: uvicorn app.nothing:app\n")
    assert found.at(served).entry == found.entry
    manifest = found.at(
        found.tree.with_content("pyproject.toml", b"[project]\ndependencies = []\n")
    )
    assert (found.manifest, manifest.manifest) == ("requirements.txt", "pyproject.toml")


def test_a_file_that_goes_takes_its_fact_with_it() -> None:
    found, _ = read()
    assert found.at(found.tree.with_entry("requirements.txt", None)).manifest is None
    assert found.at(found.tree.with_entry("app/main.py", None)).entry is None


def test_a_module_that_comes_before_another_one_is_seen() -> None:
    found, _ = read()
    assert found.site is not None
    package = found.tree.with_content("app/routers/items/__init__.py", b"")
    later = found.at(package.with_entry("app/routers/items.py", None))
    assert later.site is not None
    assert later.site is not found.site


def test_another_source_shares_nothing() -> None:
    found, _ = read()
    assert found.at(tree({"main.py": "import os\n"})).entry is None
