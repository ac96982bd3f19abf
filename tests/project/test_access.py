"""How new code reaches the database: only by what surely is a session, its factory or an engine."""

from __future__ import annotations

import pytest

from scaffold.project.access import Access, read_access
from tests.project.repos import project

MAIN = "from fastapi import FastAPI\napp = FastAPI()\n"
MODELS = """
from sqlalchemy import Column, Integer
from sqlalchemy.orm import declarative_base
Base = declarative_base()
class Item(Base):
    __tablename__ = "items"
    id = Column(Integer, primary_key=True)
"""


def access(database: str) -> Access | None:
    files = {"app/main.py": MAIN, "app/models.py": MODELS, "app/db.py": database}
    found = project(files)
    return read_access(found.index, found.dialect.database)


@pytest.mark.parametrize(
    "database",
    [
        "from sqlalchemy.orm import sessionmaker\nmake = sessionmaker()\n",
        "import sqlalchemy.orm\nmake = sqlalchemy.orm.sessionmaker()\n",
        "from sqlalchemy import orm\nmake: orm.sessionmaker = orm.sessionmaker()\n",
        "from sqlalchemy.orm import *\nmake = sessionmaker()\n",
    ],
)
def test_a_sessionmaker_is_a_factory(database: str) -> None:
    found = access(database)
    assert found is not None
    assert (found.way, found.session.name, found.is_async) == ("factory", "make", False)


@pytest.mark.parametrize(
    "database",
    [
        # A method of the repository's own, which gives a session.
        "from app.core import Database\ndatabase = Database()\nmake = database.sessionmaker()\n",
        "from app.core import sessionmaker\nmake = sessionmaker()\n",
        "from .core import sessionmaker\nmake = sessionmaker()\n",
        "def sessionmaker(): ...\nmake = sessionmaker()\n",
    ],
)
def test_what_is_only_called_so_is_none(database: str) -> None:
    assert access(database) is None
