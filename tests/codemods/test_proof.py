from __future__ import annotations

import pytest

from scaffold.codemods.proof import check_patched
from tests.codemods.shapes import WIDGETS

OLD = """from fastapi import FastAPI
from app.routers import alarms
def create_app():
    app = FastAPI()
    app.include_router(alarms.router)
    return app
other = FastAPI()
"""
IMPORT = "from app.routers.widgets import router as widgets_router\n"
INCLUDE = '    app.include_router(widgets_router, tags=["widgets"])\n'
FACTORY = {**WIDGETS, "scope": "create_app"}


def patched(
    *, imported_after: str = "alarms\n", included_after: str = "(alarms.router)\n", old: str = OLD
) -> str:
    text = old.replace(included_after, included_after + INCLUDE, 1)
    return text.replace(imported_after, imported_after + IMPORT, 1)


def check(new: str, old: str = OLD) -> str | None:
    return check_patched(old.encode(), new.encode(), **FACTORY)


def test_a_good_patch_is_proven() -> None:
    assert check(patched()) is None


WRONG = {
    "it does not parse": patched().replace("def create_app():", "def create_app("),
    "it does not compile": patched() + "return 1\n",
    "0 live statements include the router": OLD,
    "more than whole lines was changed": patched().replace("app = FastAPI()", "app =  FastAPI()"),
    "the include stands behind a return": patched(included_after="return app\n"),
    "the import comes after its use": patched(imported_after="other = FastAPI()\n"),
    "the import stands in another function": patched(
        imported_after="def g():\n    ", old=OLD
    ).replace(IMPORT, "")
    + "def g():\n    "
    + IMPORT,
    "more than the import and the include was added": patched() + "print()\n",
    "2 live statements include the router": patched().replace(INCLUDE, INCLUDE * 2),
}


@pytest.mark.parametrize("reason", WRONG)
def test_a_bad_patch_is_not(reason: str) -> None:
    found = check(WRONG[reason])
    assert found is not None
    assert found == reason


def test_names_are_bound_once() -> None:
    old = OLD + "widgets_router = 1\n"
    assert check(patched(old=old), old) == "widgets_router had another meaning"


def test_imports_that_only_type_checkers_see_do_not_count() -> None:
    old = OLD.replace("def", "if TYPE_CHECKING:\n    pass\ndef")
    new = patched(imported_after="TYPE_CHECKING:\n", old=old).replace(IMPORT, "    " + IMPORT)
    assert check(new, old) == "0 live statements include the router"


def test_imports_in_a_branch_do_not_count() -> None:
    old = OLD.replace("def", "if alarms:\n    pass\ndef")
    new = patched(imported_after="if alarms:\n", old=old).replace(IMPORT, "    " + IMPORT)
    assert check(new, old) == "the import stands in a branch"


def test_includes_in_a_branch_do_not_count() -> None:
    old = OLD.replace("    return", "    if alarms:\n        pass\n    return")
    new = patched(included_after="pass\n", old=old).replace(INCLUDE, "    " + INCLUDE)
    assert check(new, old) == "the include stands in a branch or loop of line 7"


@pytest.mark.parametrize(
    "shadow",
    [
        "app.mount('/', object())",
        "app.add_api_route('/{path:path}', print)",
        "app.mount('/widgets', object())",
        "app.add_api_route('/{name}', print)",
    ],
)
def test_shadowed_routes_are_seen(shadow: str) -> None:
    old = OLD.replace("app.include_router", shadow + "\n    app.include_router")
    found = check(patched(old=old), old)
    assert found and "would answer first" in found


def test_a_target_that_was_taken_over_is_seen() -> None:
    old = OLD.replace("    return", "    other.include_router(app)\n    return")
    new = patched(included_after="other.include_router(app)\n", old=old)
    assert check(new, old) == "line 7 has taken over what app holds"
    assert check(patched(old=old), old) is None


def test_module_level_targets_are_bound_before() -> None:
    old = "app.include_router(x)\nfrom fastapi import FastAPI\napp = FastAPI()\n"
    new = IMPORT + "app.include_router(widgets_router)\n" + old
    assert check_patched(old.encode(), new.encode(), **WIDGETS) == "app is not bound yet"
