"""Which file has to import a new model, so that migrations and relations see it."""

from __future__ import annotations

import pytest

from tests.project.repos import project

APP = "from fastapi import FastAPI\napp = FastAPI()\n"
BASE = "from sqlalchemy.orm import DeclarativeBase\nclass Base(DeclarativeBase): ...\n"
MODEL = "from app.base import Base\nclass {0}(Base):\n    __tablename__ = '{0}'\n"
ENV = "from app.base import Base\ntarget_metadata = Base.metadata\n"
INI = "[alembic]\nscript_location = migrations\n"
FILES = {
    "app/__init__.py": "",
    "app/main.py": APP,
    "app/base.py": BASE,
    "app/models/__init__.py": "",
    "app/models/user.py": MODEL.format("User"),
    "app/models/item.py": MODEL.format("Item"),
    "alembic.ini": INI,
    "migrations/env.py": ENV,
    "migrations/versions/1.py": "revision = '1'\ndown_revision = None\n",
}


def gathering(**changes: str) -> str | None:
    """What gathers a new model; ``app__models__INIT`` is app/models/__init__.py."""
    changed = {
        name.replace("__", "/").replace("INIT", "__init__") + ".py": text
        for name, text in changes.items()
    }
    return project({**FILES, **changed}).gathering("app/models/widget.py")


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"app__models__INIT": "from app.models.user import User\n"}, "app/models/__init__.py"),
        ({"app__models__INIT": "from . import user, item\n"}, "app/models/__init__.py"),
        ({"app__models__INIT": "from .user import User  # re-exported\n"}, "app/models/__init__.py"),
        ({"migrations__env": "from app.models import user\n" + ENV}, "migrations/env.py"),
        ({"migrations__env": "import app.models.item\n" + ENV}, "migrations/env.py"),
        # env.py imports a file that gathers them
        (
            {
                "migrations__env": "from app.all_models import *\n" + ENV,
                "app__all_models": "from app.models.user import User\n",
            },
            "app/all_models.py",
        ),
    ],
)  # fmt: skip
def test_whoever_brings_the_others_together_brings_the_new_one(
    changes: dict[str, str], path: str
) -> None:
    assert gathering(**changes) == path


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"app__models__INIT": "from app.base import Base\n"},
        {"app__models__INIT": "import pkgutil\nfrom . import user\n"},
        {"migrations__env": "import importlib\nfrom app.models import user\n" + ENV},
        {"migrations__env": ENV + "def run():\n    from app.models import user\n"},
        {"migrations__env": "syntax error here\nfrom app.models import user\n"},
    ],
)
def test_nothing_is_touched_where_none_does_or_they_are_found_while_running(
    changes: dict[str, str],
) -> None:
    assert gathering(**changes) is None


def test_a_package_that_hands_on_its_own_models_does_not_gather_those_of_others() -> None:
    files = {
        **FILES,
        "app/accounts/__init__.py": "from app.accounts.tables import Account\n",
        "app/accounts/tables.py": MODEL.format("Account"),
        "migrations/env.py": "from app.accounts import Account\n" + ENV,
    }
    assert project(files).gathering("app/widgets/models.py") == "migrations/env.py"
    assert project(files).gathering("app/accounts/widget.py") == "app/accounts/__init__.py"


def test_a_model_that_imports_another_does_not_gather_them() -> None:
    item = "from app.models.user import User\n" + MODEL.format("Item")
    env = "from app.models import item\n" + ENV
    assert gathering(app__models__item=item, migrations__env=env) == "migrations/env.py"
    assert gathering(app__models__item=item) is None
