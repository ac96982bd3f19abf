from __future__ import annotations

import pytest

from scaffold.project.features import Features, agreed, features_of, pattern_of


@pytest.mark.parametrize(
    ("folder", "inner", "pattern"),
    [
        ("users", "router.py", "router.py"),
        ("users", "users.py", "{plural}.py"),
        ("users", "user.py", "{singular}.py"),
        ("user", "api/v1/user.py", "api/v1/{singular}.py"),
        ("categories", "category_views.py", "{singular}_views.py"),
        ("user", "userless.py", "userless.py"),
    ],
)
def test_the_name_of_a_feature_is_left_open(folder: str, inner: str, pattern: str) -> None:
    assert pattern_of(folder, inner) == pattern


@pytest.mark.parametrize(
    ("files", "directory", "pattern"),
    [
        (["app/users/router.py", "app/items/router.py"], "app", "router.py"),
        (["users/views.py", "items/views.py"], "", "views.py"),
        (["app/api/users/users.py", "app/api/items/items.py"], "app/api", "{plural}.py"),
        (
            ["app/user/web/v1/user.py", "app/item/web/v1/item.py", "app/auth/web/v1/auth.py"],
            "app",
            "web/v1/{singular}.py",
        ),
        # deeper ones count as called the same way, and don't take the place of those above
        (
            [f"a/{n}/views.py" for n in ("b", "c", "d", "e/f", "e/g", "e/h", "k/l", "m/n")],
            "a",
            "views.py",
        ),
    ],
)
def test_features_are_found_by_what_their_files_are_called(
    files: list[str], directory: str, pattern: str
) -> None:
    found = features_of(files)
    assert found is not None
    assert (found.directory, found.pattern) == (directory, pattern)
    assert found.sample in files


@pytest.mark.parametrize(
    "files",
    [
        [],
        ["app/users/router.py"],
        ["app/routers/users.py", "app/routers/items.py"],
        ["app/api/v1/users.py", "app/api/v2/users.py"],  # versions are no features
        ["app/routers/main.py", "app/views/main.py"],  # nor are layers
        ["app/users/__init__.py", "app/items/__init__.py"],  # tells nothing of the files
        ["app/users/web.py", "app/items/http.py"],
        ["app/users/router.py", "app/items/router.py", "a/x.py", "a/y.py", "a/z.py"],
    ],
)
def test_other_layouts_have_no_features(files: list[str]) -> None:
    assert features_of(files) is None


FEATURES = Features("app", ("app/user", "app/item", "app/auth"), "views.py", "app/user/views.py")


@pytest.mark.parametrize(
    ("files", "pattern"),
    [
        ([], None),
        (["app/user/models.py", "app/item/models.py", "app/auth/tables.py"], "models.py"),
        (["app/user/models.py", "app/item/orm/item.py"], None),  # each as it likes
        (["app/user/domain/user.py"], "domain/{singular}.py"),
        # what is called by neither its feature nor its kind says nothing of a new one
        (["app/user/service/jwt.py", "app/item/service/item.py"], "service/{singular}.py"),
        (["app/user/service/jwt.py"], None),
        (["elsewhere/models.py", "app/user/__init__.py"], None),
    ],
)
def test_features_agree_on_a_kind_or_do_not(files: list[str], pattern: str | None) -> None:
    assert agreed(FEATURES, files) == pattern
