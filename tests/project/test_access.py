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


BASES = """
from sqlalchemy import Column, DateTime, Integer, MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, declarative_base, mapped_column, relationship
class Model(DeclarativeBase):
    __abstract__ = True
class Stamped(Model):
    __abstract__ = True
    modified_at: Mapped[int | None] = mapped_column(nullable=True)
class Keyed(Model):
    __abstract__ = True
    id: Mapped[int] = mapped_column(primary_key=True)
class Named:
    owner: Mapped[str] = mapped_column()
class Record(Keyed, Stamped):
    __abstract__ = True
class Alone(DeclarativeBase):
    id: Mapped[int] = mapped_column(primary_key=True)
    made_by = Column(Integer, nullable=False)
    parts: Mapped[list["Part"]] = relationship()
class Dated(DeclarativeBase):
    id: Mapped[int] = mapped_column(primary_key=True)
    created_at = Column(DateTime)
class Common:
    note = Column(Integer)
Made = declarative_base(cls=Common)
class Placed(DeclarativeBase):
    metadata = MetaData(schema="shop")
"""


@pytest.mark.parametrize(
    ("base", "chosen", "columns", "schema"),
    [
        # the nearest above that brings no column, not one of its mixins, nor one with half of them
        ("Record", "Model", {}, True),
        ("Keyed", "Model", {}, True),
        ("Named, Model", "Model", {}, True),
        ("Dated", "Dated", {"id": True, "created_at": True}, True),
        ("Alone", "Alone", {"id": True, "made_by": False}, True),
        ("Made", "Made", {"note": True}, True),
    ],
)
def test_new_models_derive_from_what_brings_them_no_columns(
    base: str, chosen: str, columns: dict[str, bool], schema: bool
) -> None:
    files = {
        "app/main.py": MAIN,
        "app/base.py": BASES,
        "app/models.py": f"from app.base import {base}\n"
        f"class Item({base}):\n    __tablename__ = 'items'\n    x: Mapped[int] = mapped_column()\n",
        "app/db.py": "from sqlalchemy.orm import sessionmaker\nmake = sessionmaker()\n",
    }
    found = project(files).access
    assert found is not None
    assert found.base.symbol is not None
    assert (found.base.symbol.name, dict(found.base.columns)) == (chosen, columns)
    assert found.base.schema == schema  # told by the file of the base
