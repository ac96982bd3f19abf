"""Where a new resource goes, in layouts that real repositories have."""

from __future__ import annotations

import pytest

from scaffold.project import Project
from tests.project.repos import project

LEAF = "from fastapi import APIRouter\nrouter = APIRouter()\n@router.get('/')\ndef read(): ...\n"
MODEL = "from app.base import Base\nclass One(Base):\n    __tablename__ = 'ones'\n"
SCHEMA = "from pydantic import BaseModel\nclass One(BaseModel): ...\n"
SERVICE = "class OneService: ...\n"
SQL = "from sqlalchemy import select\ndef all(db):\n    return db.scalars(select(One))\n"
BASE = "from sqlalchemy.orm import DeclarativeBase\nclass Base(DeclarativeBase): ...\n"
CALLING = "def test_x(client):\n    client.get('/')\n"
KINDS = ("routers", "models", "schemas", "repositories", "services")


def repository(routers: list[str], **files: str) -> dict[str, str]:
    """An application that includes what ``routers`` define; files by kind, several with spaces."""
    names = [p.removesuffix(".py").replace("/", ".") for p in routers]
    main = "from fastapi import FastAPI\n" + "".join(f"import {n}\n" for n in names)
    main += "app_ = FastAPI()\n" + "".join(f"app_.include_router({n}.router)\n" for n in names)
    text = {"models": MODEL, "schemas": SCHEMA, "repositories": SQL, "services": SERVICE}
    found = {"app/main.py": main, "app/base.py": BASE, **dict.fromkeys(routers, LEAF)}
    for kind, paths in files.items():
        found |= dict.fromkeys(paths.split(), text.get(kind, CALLING))
    return found


def places(facts: Project) -> tuple[str, ...]:
    placement = facts.placement("widget", "widgets")
    assert placement is not None
    assert facts.refusals == ()
    return tuple(placement.paths[kind] for kind in KINDS)


LAYOUTS = {
    "a folder a layer": (
        repository(
            ["app/routers/users.py", "app/routers/items.py"],
            models="app/models/user.py app/models/item.py",
            schemas="app/schemas/user.py app/schemas/item.py",
            repositories="app/crud/user.py",
            services="app/services/user_service.py",
        ),
        ("app/routers/widgets.py", "app/models/widget.py", "app/schemas/widget.py",
         "app/crud/widget.py", "app/services/widget_service.py"),
    ),
    "features, flat": (
        repository(
            ["app/users/views.py", "app/items/views.py"],
            models="app/users/models.py app/items/models.py",
            schemas="app/users/dto.py app/items/dto.py",
            services="app/users/service.py app/items/service.py",
        ),
        ("app/widgets/views.py", "app/widgets/models.py", "app/widgets/dto.py",
         "app/widgets/repository.py", "app/widgets/service.py"),
    ),
    "features, in layers each": (
        repository(
            ["app/user/web/v1/user.py", "app/auth/web/v1/auth.py"],
            models="app/user/domain/entity/user.py",
            services="app/user/use/service/user.py app/auth/use/service/jwt.py",
            repositories="core/repository/base.py",
        ),
        ("app/widget/web/v1/widget.py", "app/widget/domain/entity/widget.py", "app/widget/schemas.py",
         "app/widget/repository.py", "app/widget/use/service/widget.py"),
    ),
    "features with their models together": (
        repository(
            ["app/users/router.py", "app/items/router.py"],
            models="app/models/user.py app/models/item.py",
            schemas="app/users/schemas.py app/items/schemas.py",
        ),
        ("app/widgets/router.py", "app/models/widget.py", "app/widgets/schemas.py",
         "app/widgets/repository.py", "app/widgets/service.py"),
    ),
    "a folder for each router, the layers beside them": (
        repository(
            ["app/api/users/users.py", "app/api/items/items.py"],
            models="app/models/user.py app/models/item.py",
            schemas="app/schemas/users.py app/schemas/items.py",
        ),
        ("app/api/widgets/widgets.py", "app/models/widget.py", "app/schemas/widgets.py",
         "app/repositories/widgets.py", "app/services/widgets.py"),
    ),
    "one feature": (
        repository(["app/users/views.py"], models="app/users/models.py"),
        ("app/widgets/views.py", "app/widgets/models.py", "app/widgets/schemas.py",
         "app/widgets/repository.py", "app/widgets/service.py"),
    ),
    "models that are no folder's": (  # three of four are elsewhere: app/a/models is no home
        repository(
            ["app/routers/users.py", "app/routers/items.py"],
            models="app/a/models/user.py app/b/table.py app/c/table.py app/d/table.py",
        ),
        ("app/routers/widgets.py", "app/widgets/models.py", "app/widgets/schemas.py",
         "app/widgets/repository.py", "app/widgets/service.py"),
    ),
    "all models a folder deeper": (
        repository(
            ["app/routers/users.py", "app/routers/items.py"],
            models="app/models/db/user.py app/models/db/item.py",
            schemas="app/models/schemas/user.py app/models/schemas/item.py",
        ),
        ("app/routers/widgets.py", "app/models/db/widget.py", "app/models/schemas/widget.py",
         "app/models/repositories/widgets.py", "app/models/services/widgets.py"),
    ),
    "a folder a model": (
        repository(
            ["app/routers/users.py", "app/routers/items.py"],
            models="app/models/user/user.py app/models/item/model.py",
        ),
        ("app/routers/widgets.py", "app/models/widget.py", "app/schemas/widgets.py",
         "app/repositories/widgets.py", "app/services/widgets.py"),
    ),
    "schemas of requests and answers": (
        repository(
            ["app/routers/users.py", "app/routers/items.py"],
            schemas="app/schemas/requests/user.py app/schemas/responses/user.py app/schemas/responses/x.py",
        ),
        ("app/routers/widgets.py", "app/models/widgets.py", "app/schemas/widget.py",
         "app/repositories/widgets.py", "app/services/widgets.py"),
    ),
    "models below the database": (
        repository(
            ["app/routers/users.py", "app/routers/items.py"],
            models="app/db/models/user.py app/db/models/item.py",
        ),
        ("app/routers/widgets.py", "app/db/models/widget.py", "app/schemas/widgets.py",
         "app/repositories/widgets.py", "app/services/widgets.py"),
    ),
    "repositories and their interfaces": (
        {
            **repository(
                ["app/routers/users.py", "app/routers/items.py"],
                repositories="app/infra/repositories/user.py",
            ),
            "app/domain/repositories/user.py": "class Users: ...\n",
            "app/domain/repositories/item.py": "class Items: ...\n",
        },
        ("app/routers/widgets.py", "app/models/widgets.py", "app/schemas/widgets.py",
         "app/infra/repositories/widget.py", "app/services/widgets.py"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LAYOUTS)
def test_files_go_where_their_neighbours_are(name: str) -> None:
    files, wanted = LAYOUTS[name]
    assert places(project(files)) == wanted


@pytest.mark.parametrize(
    ("routers", "models", "wanted"),
    [
        ("UserRouter ItemRouter", "UserModel ItemModel", ("OrderItemRouter", "OrderItemModel")),
        ("userRouter itemRouter", "userModel itemModel", ("orderItemRouter", "orderItemModel")),
        ("user_router item_router", "user item", ("order_item_router", "order_item")),
        ("controller_users controller_items", "user_model item_model", ("controller_order_items", "order_item_model")),
    ],
)  # fmt: skip
def test_files_are_called_as_their_neighbours(
    routers: str, models: str, wanted: tuple[str, str]
) -> None:
    files = repository(
        [f"app/routers/{name}.py" for name in routers.split()],
        models=" ".join(f"app/models/{name}.py" for name in models.split()),
    )
    placement = project(files).placement("order_item", "order_items")
    assert placement is not None
    found = (placement.paths["routers"], placement.paths["models"])
    assert found == (f"app/routers/{wanted[0]}.py", f"app/models/{wanted[1]}.py")


def test_a_folder_that_holds_the_application_is_no_home_whatever_it_is_called() -> None:
    files = repository(
        ["src/api/users.py", "src/api/items.py"], services="src/logic/user_service.py"
    )
    main = files.pop("app/main.py").replace(
        "import src.", "from src.api import users as x\nimport src."
    )
    files = {f"service/{p}": t for p, t in files.items() if p.startswith("src/")}
    files |= {"service/src/main.py": main, "service/src/base.py": BASE}
    facts = project(files)
    assert facts.root == "service"
    assert all(path.startswith("service/src/") for path in places(facts))


def test_layers_that_share_a_folder_keep_the_missing_ones_there() -> None:
    files = repository(
        ["api/v1/routes/users.py", "api/v1/routes/items.py"],
        models="api/v1/models/user.py",
        schemas="api/v1/schemas/user.py",
    )
    files["main.py"] = files.pop("app/main.py")
    assert places(project(files))[3:] == (
        "api/v1/repositories/widgets.py",
        "api/v1/services/widgets.py",
    )


def test_spread_routers_share_the_deepest_folder_that_holds_them() -> None:
    spread = [f"app/api/admin/{name}/{name}_{n}.py" for name in "abcd" for n in (1, 2)]
    assert places(project(repository(spread)))[0] == "app/api/admin/widget.py"


def test_routers_that_are_spread_below_one_folder_share_that_one() -> None:
    spread = [f"app/routes/{name}/{name}_{n}.py" for name in "abcd" for n in (1, 2)]
    assert places(project(repository(spread)))[0] == "app/routes/widget.py"


def test_a_router_that_is_handed_on_by_a_package_is_followed_to_its_file() -> None:
    files = repository(["app/api/users/users.py", "app/api/items/items.py"])
    for name in ("users", "items"):
        files[f"app/api/{name}/__init__.py"] = (
            f"from fastapi import APIRouter\nfrom .{name} import router as inner\n"
            "router = APIRouter()\nrouter.include_router(inner)\n"
        )
    files["app/main.py"] = (
        "from fastapi import FastAPI\nfrom app.api import items, users\napp_ = FastAPI()\n"
        "app_.include_router(users.router)\napp_.include_router(items.router)\n"
    )
    assert places(project(files))[0] == "app/api/widgets/widgets.py"


def test_routers_that_are_included_unseen_show_where_routers_are() -> None:
    files = repository(["app/api/v1/users.py", "app/api/v1/items.py"])
    files["app/main.py"] = (
        "from fastapi import FastAPI\nfrom app.wiring import wire\napp_ = FastAPI()\nwire(app_)\n"
    )
    assert places(project(files))[0] == "app/api/v1/widgets.py"


def test_what_the_owner_states_is_not_doubted() -> None:
    files = {**LAYOUTS["features, flat"][0]}
    files["pyproject.toml"] = (
        '[tool.scaffold]\nmodels = "app/tables"\nrouters = "app/{plural}/web/{singular}.py"\n'
    )
    assert places(project(files))[:3] == (
        "app/widgets/web/widget.py",
        "app/tables/widgets.py",
        "app/widgets/dto.py",
    )


def test_files_stay_below_the_root_of_the_project() -> None:
    one = repository(
        ["app/routers/users.py"], models="app/models/user.py", schemas="app/schemas/x.py"
    )
    other = dict.fromkeys(
        ("two/app/models/a.py", "two/app/models/b.py", "two/app/models/c.py"), MODEL
    )
    files = {f"one-1/{p}": t for p, t in one.items()} | other
    facts = project(files, {"app": "one-1/app/main.py:app_"})
    assert facts.root == "one-1"
    assert places(facts)[1:3] == ("one-1/app/models/widget.py", "one-1/app/schemas/widget.py")
    assert facts.dialect.database.base is not None
    assert facts.dialect.database.base.path == "one-1/app/base.py"


def test_what_migrations_define_is_not_for_new_models() -> None:
    files = repository(["app/routers/users.py"], models="app/models/user.py")
    old = f"{BASE}class Old(Base):\n    __tablename__ = 'old'\n"
    files |= dict.fromkeys((f"alembic/versions/{n}.py" for n in "abcdef"), old)
    base = project(files).dialect.database.base
    assert base is not None
    assert base.path == "app/base.py"


@pytest.mark.parametrize(
    ("tests", "path"),
    [
        ("tests/test_users.py", "tests/test_widgets.py"),
        ("tests/api/test_users.py tests/api/test_items.py tests/test_x.py", "tests/api/test_widgets.py"),
        # spread over features and layers: none of their folders is a stranger's
        ("tests/core/middleware/test_a.py tests/users/test_b.py tests/items/test_c.py", "tests/test_widgets.py"),
        ("tests/api/v1/users/test_a.py tests/api/v1/items/test_b.py", "tests/api/v1/test_widgets.py"),
        ("app/users/test_a.py app/items/test_b.py", "app/test_widgets.py"),
    ],
)  # fmt: skip
def test_the_test_goes_where_the_api_is_called(tests: str, path: str) -> None:
    files = repository(["app/routers/users.py"], tests=tests)
    files["tests/conftest.py"] = (
        "import pytest\nfrom fastapi.testclient import TestClient\nclient = TestClient\n"
    )
    assert project(files).suite_place("widgets", is_async=False).path == path


def test_the_tests_of_another_project_are_not_joined() -> None:
    files = {f"one/{p}": t for p, t in repository(["app/routers/users.py"]).items()}
    files["two/tests/test_x.py"] = f"import pytest\nfrom httpx import Client\n{CALLING}"
    facts = project(files, {"app": "one/app/main.py:app_"})
    assert facts.suite_place("widgets", is_async=False).reason == "there are no tests here"
    files["tests/test_y.py"] = files["two/tests/test_x.py"]
    facts = project(files, {"app": "one/app/main.py:app_"})
    assert facts.suite_place("widgets", is_async=False).path == "tests/test_widgets.py"
