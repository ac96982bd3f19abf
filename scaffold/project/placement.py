"""Where the files of a new resource go: beside the neighbours of their kind, or together."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from scaffold.project.access import Access
from scaffold.project.dialect import FOLDERS, Dialect
from scaffold.project.entry import Entry
from scaffold.project.index import Index
from scaffold.project.locations import ROUTER_FOLDERS, Home

KINDS = ("models", "schemas", "repositories", "services")
_ALONE = {
    "models": "models", "schemas": "schemas", "repositories": "repository",
    "services": "service", "routers": "router",
}  # fmt: skip
_SAYING = re.compile(r"\.(toml|txt|cfg|lock|in|ya?ml|py)$|(^|/)Pipfile$")
_INNER = ("core", "api", "web", "config", "routers", "routes", "v1", "api_v1")


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
    index: Index, root: str, dialect: Dialect, access: Access | None, plural: str, is_async: bool
) -> SuitePlace:
    """Where the test of a resource goes, if the repository's own tests show the tools for it."""
    home = dialect.homes.get("tests")
    if home is None:
        return SuitePlace(reason="there are no tests here")
    clients = (b"TestClient", b"httpx")
    tests = [p for p in index.modules if PurePosixPath(p).name.startswith(("test_", "conftest"))]
    contents = [index.tree.read(path) or b"" for path in tests]
    if not any(client in content for content in contents for client in clients):
        return SuitePlace(reason="no test here calls the API, so TestClient may not be installed")
    if not any(b"pytest" in content for content in contents):
        return SuitePlace(reason="the tests here are not run by pytest")
    if is_async and not _mentions(index, b"aiosqlite"):
        return SuitePlace(reason="it would need aiosqlite, which is not among the dependencies")
    if access is not None and access.base.schema:
        return SuitePlace(reason="the tables are in a schema, which SQLite has not")
    path = _join(_test_folder(index, home, tests), f"test_{plural}.py")
    if index.tree.get(path) is not None:
        return SuitePlace(reason=f"{path} is there already")
    return SuitePlace(path)


def _test_folder(index: Index, home: Home, tests: Sequence[str]) -> str:
    """The folder of the tests that call the API, if there is one that most of these are in."""
    calling = [p for p in tests if b"client" in (index.tree.read(p) or b"")]
    folders = Counter(_parent(p) for p in calling if PurePosixPath(p).name != "conftest.py")
    return folders.most_common(1)[0][0] if folders else home.directory


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
        kind: found.get(kind) if kind in stated else _valid(index, root, kind, found.get(kind))
        for kind in KINDS
    }
    router = found.get("routers")
    router = router if "routers" in stated else _router_home(index, root, router)
    base = _base(root, package, entry, homes, router)
    if router is not None and router.feature:
        paths = _together(index, router, singular, plural)
    else:
        paths = _by_kind(index, base, homes, singular, plural)
        paths["routers"] = _router(base, paths, router, singular, plural)
    return Placement(paths, tuple(_packages(index, root, paths.values())), base)


def _by_kind(
    index: Index, base: str, homes: Mapping[str, Home | None], singular: str, plural: str
) -> dict[str, str]:
    """Each kind in its folder; in a folder of the resource's own where there are no such folders."""
    paths: dict[str, str] = {}
    layered = any(homes.values())
    for kind in KINDS:
        home = homes[kind]
        if home is None and layered and _free(index, _join(base, kind)):
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


def _together(index: Index, router: Home, singular: str, plural: str) -> dict[str, str]:
    """All in the resource's own folder, the files called as in the folders of the neighbours."""
    path = router.path(singular, plural)
    folder = _parent(path)
    beside: Counter[str] = Counter()
    for module in index.modules:
        if _parent(_parent(module)) == router.directory:
            beside[PurePosixPath(module).stem] += 1
    paths = {"routers": path}
    for kind in KINDS:
        called = [name for name in FOLDERS[kind] if beside[name]]
        name = max(called, key=lambda n: beside[n]) if called else _ALONE[kind]
        paths[kind] = f"{folder}/{name}.py"
    return paths


def _valid(index: Index, root: str, kind: str, home: Home | None) -> Home | None:
    """A home in a folder of that kind which imports reach; its part below that folder cut off."""
    if home is None or not _importable(root, home.directory):
        return None
    parts = home.directory.split("/")
    for end in range(len(parts), 0, -1):
        if parts[end - 1] in FOLDERS[kind]:
            if end == len(parts):
                return home
            return Home("/".join(parts[:end]), plural=home.plural)
    return None


def _router_home(index: Index, root: str, home: Home | None) -> Home | None:
    """Where neighbouring routers are: a folder of routers, of features, or of two at least."""
    if home is None or not _importable(root, home.directory):
        return None
    named = not ROUTER_FOLDERS.isdisjoint(home.directory.split("/"))
    if home.evidence is None:
        return home if named and _has_modules(index, home.directory) else None
    return home if home.feature or named or home.count >= 2 else None


def _base(
    root: str, package: str, entry: Entry, homes: Mapping[str, Home | None], router: Home | None
) -> str:
    """The directory that holds the folders of the kinds."""
    for kind in KINDS:
        home = homes[kind]
        if home is not None:
            return _parent(home.directory)
    if router is not None and router.feature:
        return router.directory
    directory = _parent(router.directory) if router else _parent(entry.app.path)
    top = _join(root, *package.split(".")) if package else root
    while directory != top and directory.rpartition("/")[2] in _INNER:
        directory = _parent(directory)
    inside = directory == root or directory.startswith(root + "/" if root else "")
    return directory if inside and _importable(root, directory) else top


def _importable(root: str, directory: str) -> bool:
    """Whether modules in a directory have a name that starts at ``root``."""
    if directory == root:
        return True
    if root and not directory.startswith(root + "/"):
        return False
    below = directory[len(root) + 1 :] if root else directory
    return all(part.isidentifier() for part in below.split("/"))


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
