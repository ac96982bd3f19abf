from __future__ import annotations

import time

import pytest

from scaffold.project.alembic import read_alembic, read_revision
from scaffold.tree import Entry, MemorySource, Tree
from tests.project.repos import tree

INI = "[alembic]\nscript_location = %(here)s/db/migrations\n"


def revision(name: str, down: str) -> str:
    return f'"""x"""\nimport sqlalchemy as sa\n\nrevision: str = "{name}"\ndown_revision = {down}\n'


@pytest.mark.parametrize(
    ("files", "root"),
    [
        ({"alembic.ini": INI}, ""),
        ({"backend/alembic.ini": INI}, "backend"),
        ({"pyproject.toml": '[tool.alembic]\nscript_location = "db/migrations"\n'}, ""),
        ({"alembic.ini": INI}, "backend"),
    ],
)
def test_location(files: dict[str, str], root: str) -> None:
    found = read_alembic(tree(files), root)
    assert found is not None
    base = "backend/" if "backend/alembic.ini" in files else ""
    assert found.versions == f"{base}db/migrations/versions"
    assert found.evidence.line == 2
    assert found.heads == ()


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"alembic.ini": "nonsense"},
        {"pyproject.toml": "alembic ="},
        {"alembic.ini": "[alembic]\n"},
    ],
)
def test_none(files: dict[str, str]) -> None:
    assert read_alembic(tree(files)) is None


@pytest.mark.parametrize(
    ("text", "down"),
    [
        ('revision = "b"\ndown_revision = None\n', ()),
        ('revision = "b"\ndown_revision = "\\x61"\n', ("a",)),
        ("revision = 'b'\ndown_revision = 'a'  # first\n", ("a",)),
        ('revision: str = "b"\ndown_revision: str | None = "a"\n', ("a",)),
        ('revision = "b"\ndown_revision = (\n    "a",\n    "c",\n)\n', ("a", "c")),
        (
            'revision = "b"\r\ndown_revision: Union[str, Sequence[str], None] = ("a", "c")\r\n',
            ("a", "c"),
        ),
        ('revision = "b"\n', ()),
    ],
)
def test_revision(text: str, down: tuple[str, ...]) -> None:
    found = read_revision("x.py", text.encode())
    assert found is not None
    assert (found.revision, found.down) == ("b", down)


@pytest.mark.parametrize(
    "text", ["x = 1\n", "revision = make()\n", 'revision = "b"\ndown_revision = x\n']
)
def test_what_is_no_plain_revision(text: str) -> None:
    assert read_revision("x.py", text.encode()) is None


def test_heads_of_many_revisions_are_found_fast() -> None:
    files = {
        f"db/migrations/versions/{n:04}.py": Entry(
            (revision(f"r{n}", f'"r{n - 1}"' if n else "None") + "x = 1\n" * 300).encode()
        )
        for n in range(300)
    }
    files["db/migrations/versions/side.py"] = Entry(revision("side", '"r7"').encode())
    files["alembic.ini"] = Entry(INI.encode())
    started = time.perf_counter()
    found = read_alembic(Tree(MemorySource(files)))
    assert found is not None
    assert found.heads == ("r299", "side")
    assert time.perf_counter() - started < 1
