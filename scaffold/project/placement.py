"""Where the files of a new resource go: beside the neighbours of their kind, or together."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from scaffold.project.access import Access
from scaffold.project.dialect import Dialect, common_folder
from scaffold.project.entry import Entry
from scaffold.project.features import Features, agreed, pattern_of
from scaffold.project.index import Index, ancestors, importable, is_aside
from scaffold.project.locations import ROUTER_FOLDERS, Home, filled

KINDS = ("models", "schemas", "repositories", "services")
_ALONE = {
    "models": "models", "schemas": "schemas", "repositories": "repository",
    "services": "service", "routers": "router",
}  # fmt: skip
_SAYING = re.compile(r"\.(toml|txt|cfg|lock|in|ya?ml|py)$|(^|/)Pipfile$")
_INNER = (
    "core", "api", "web", "config", "routers", "routes", "v1", "api_v1", "db", "database", "infra",
    "infrastructure", "persistence", "storage", "domain",
)  # fmt: skip


@dataclass(frozen=True)
class Placement:
    """The path of each file by kind, and the directories that become packages with them.

    ``base`` is the directory that what belongs to no kind goes to.
    """

    paths: Mapping[str, str]
    packages: tuple[str, ...]
    base: str


@dataclass(frozen=True)
class SuitePlace:
    """The path of a new resource's test, or the reason why it wouldn't run here."""

    path: str = ""
    reason: str = ""


def place_suite(
    index: Index,
    dialect: Dialect,
    access: Access | None,
    stated: Collection[str],
    plural: str,
    is_async: bool,
) -> SuitePlace:
    """Where the test of a resource goes, if the repository's own tests show the tools for it."""
    home = dialect.homes.get("tests")
    if home is None:
        return SuitePlace(reason="there are no tests here")
    clients = (b"TestClient", b"httpx")
    tests = dialect.files.get("tests", ())
    around = [p for p in index.modules if PurePosixPath(p).name.startswith(("test_", "conftest"))]
    contents = [index.tree.read(path) or b"" for path in around]
    if not any(client in content for content in contents for client in clients):
        return SuitePlace(reason="no test here calls the API, so TestClient may not be installed")
    if not any(b"pytest" in content for content in contents):
        return SuitePlace(reason="the tests here are not run by pytest")
    if is_async and not _mentions(index, b"aiosqlite"):
        return SuitePlace(reason="it would need aiosqlite, which is not among the dependencies")
    if access is not None and access.base.schema:
        return SuitePlace(reason="the tables are in a schema, which SQLite has not")
    folder = home.directory if "tests" in stated else _test_folder(index, home, tests)
    path = _join(folder, f"test_{plural}.py")
    if index.tree.get(path) is not None:
        return SuitePlace(reason=f"{path} is there already")
    return SuitePlace(path)


def _test_folder(index: Index, home: Home, tests: Sequence[str]) -> str:
    """The folder of most tests that call the API, or the one that holds all of these."""
    calling = [p for p in tests if b"client" in (index.tree.read(p) or b"")]
    return common_folder(calling) if calling else home.directory


def _mentions(index: Index, name: bytes) -> bool:
    """Whether a module or a manifest names a distribution."""
    return any(name in (index.tree.read(path) or b"") for path in index.called(_SAYING))


def place(
    index: Index,
    root: str,
    package: str,
    entry: Entry,
    dialect: Dialect,
    stated: Collection[str],
    names: tuple[str, str],
) -> Placement:
    """The places of a resource called ``names`` (snake case, singular and plural).

    ``stated`` are the kinds whose homes the owner of the repository names: nobody doubts them.
    """
    singular, plural = names
    found = dialect.homes
    homes = {
        kind: home
        for kind in KINDS
        if (home := found.get(kind)) and (kind in stated or importable(root, home.directory))
    }
    router = found.get("routers")
    router = router if "routers" in stated else _router_home(index, root, router)
    base = _base(root, package, entry, homes, router)
    shared = "routers" not in stated and _alone(index, dialect, router, homes)
    if router is not None and router.feature and not shared:
        paths = _together(index, dialect, router, homes, stated, singular, plural)
    else:
        paths = _by_kind(index, base, homes, singular, plural)
        paths["routers"] = _router(base, paths, router, singular, plural)
    return Placement(paths, tuple(_packages(index, root, paths.values())), base)


def _by_kind(
    index: Index, base: str, homes: Mapping[str, Home], singular: str, plural: str
) -> dict[str, str]:
    """Each kind in its folder; in a folder of the resource's own where there are no such folders."""
    paths: dict[str, str] = {}
    for kind in KINDS:
        home = homes.get(kind)
        if home is None and homes and _free(index, _join(base, kind)):
            home = Home(_join(base, kind), plural=True)
        alone = _join(base, plural, f"{_ALONE[kind]}.py")
        paths[kind] = home.path(singular, plural) if home else alone
    return paths


def _router(
    base: str, paths: Mapping[str, str], home: Home | None, singular: str, plural: str
) -> str:
    if home is not None:
        return home.path(singular, plural)
    if all(_parent(path) == _join(base, plural) for path in paths.values()):
        return _join(base, plural, "router.py")
    return _join(base, "routers", f"{plural}.py")


def _together(
    index: Index,
    dialect: Dialect,
    router: Home,
    homes: Mapping[str, Home],
    stated: Collection[str],
    singular: str,
    plural: str,
) -> dict[str, str]:
    """All in the resource's own folder, the files called as in the folders of the neighbours.

    A kind that has a folder of its own outside of the features goes there.
    """
    path = router.path(singular, plural)
    below = f"{router.directory}/" if router.directory else ""
    own = below + path[len(below) :].partition("/")[0]
    features = _features(index, router)
    paths = {"routers": path}
    for kind in KINDS:
        home = homes.get(kind)
        inside = home and any(f"{home.directory}/".startswith(f"{f}/") for f in features.folders)
        pattern = agreed(features, dialect.files.get(kind, ()))
        if home and (kind in stated or (home.count > 1 and not inside)):
            paths[kind] = home.path(singular, plural)
        elif pattern and f"{own}/{filled(pattern, singular, plural)}" not in paths.values():
            paths[kind] = f"{own}/{filled(pattern, singular, plural)}"
        else:
            paths[kind] = f"{own}/{_ALONE[kind]}.py"
    return paths


def _alone(index: Index, dialect: Dialect, router: Home | None, homes: Mapping[str, Home]) -> bool:
    """Whether the features' folders hold routers only, and the layers are beside them."""
    if router is None:
        return False
    features = _features(index, router)
    return bool(homes) and not any(agreed(features, dialect.files.get(kind, ())) for kind in KINDS)


def _features(index: Index, router: Home) -> Features:
    """The folders that hold a file such as a feature's router; all, if its owner states a new one."""
    below = f"{router.directory}/" if router.directory else ""
    patterns: dict[str, set[str]] = {}
    for path in index.modules:
        folder, _, inner = path[len(below) :].partition("/")
        if path.startswith(below) and inner and not is_aside(path):
            patterns.setdefault(below + folder, set()).add(pattern_of(folder, inner))
    alike = [folder for folder, found in patterns.items() if router.feature in found]
    return Features(router.directory, tuple(alike or patterns), router.feature, "")


def _router_home(index: Index, root: str, home: Home | None) -> Home | None:
    """Where neighbouring routers are: a folder of routers, of features, or of two at least."""
    if home is None or not importable(root, home.directory):
        return None
    named = not ROUTER_FOLDERS.isdisjoint(home.directory.split("/"))
    if home.evidence is None:
        return home if named and _has_modules(index, home.directory) else None
    if home.feature:
        return home
    return home if home.count * 2 >= home.total and (named or home.count >= 2) else None


def _base(
    root: str, package: str, entry: Entry, homes: Mapping[str, Home], router: Home | None
) -> str:
    """The directory that holds the folders of the kinds."""
    top = _join(root, *package.split(".")) if package else root
    if homes:
        around = [_parent(home.directory) for home in homes.values()]
        directory = max(set.intersection(*(set(ancestors(_join(d, "_"))) for d in around)), key=len)
        if around.count(directory) > 1:
            return directory
        if directory not in around and _within(top, directory):
            directory = top
    elif router is not None and router.feature:
        return router.directory
    else:
        directory = _parent(router.directory) if router else _parent(entry.app.path)
    while directory != top and directory.rpartition("/")[2] in _INNER:
        directory = _parent(directory)
    return directory if _within(directory, root) and importable(root, directory) else top


def _within(directory: str, root: str) -> bool:
    return directory == root or directory.startswith(root + "/" if root else "")


def _free(index: Index, directory: str) -> bool:
    """Whether a package can be made there, or holds modules already."""
    if index.tree.get(f"{directory}.py") is not None:
        return False
    there = next(iter(index.tree.walk(directory)), None)
    return there is None or index.tree.get(f"{directory}/__init__.py") is not None


def _has_modules(index: Index, directory: str) -> bool:
    return any(path.endswith(".py") for path in index.tree.walk(directory))


def _packages(index: Index, root: str, paths: Iterable[str]) -> list[str]:
    """The new directories that get an ``__init__.py``: all but those in a package without one."""
    found: list[str] = []
    for path in paths:
        directory = _parent(path)
        while directory not in ("", root) and not _has_modules(index, directory):
            above = _parent(directory)
            plain = above in ("", root) or not _has_modules(index, above)
            if plain or index.tree.get(f"{above}/__init__.py") is not None:
                found.append(directory)
            directory = above
    return sorted(set(found))


def _join(*parts: str) -> str:
    return "/".join(part for part in parts if part)


def _parent(path: str) -> str:
    return path.rpartition("/")[0]
