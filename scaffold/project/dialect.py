"""The ways of a repository as one value: what generated code must look like to fit in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from scaffold.project.database import Database, read_database
from scaffold.project.includes import Site
from scaffold.project.index import Index, ancestors, is_aside, line_starts
from scaffold.project.locations import Home, home_of, router_home
from scaffold.project.style import Style, read_style
from scaffold.project.versions import Version, package_version, python_version
from scaffold.spec.nouns import singular_of

_KINDS = {
    "models": re.compile(rb"__tablename__|table=True|\bMapped\["),
    "schemas": re.compile(rb"\((?:\w+\.)?BaseModel\)|\(SQLModel\)"),
    "services": None,
    "repositories": None,
    "tests": re.compile(rb"def test_"),
}
FOLDERS = {
    "models": ("models", "model", "entities", "orm", "tables"),
    "schemas": ("schemas", "schema", "dto", "dtos", "serializers"),
    "services": ("services", "service", "usecases", "use_cases"),
    "repositories": ("repositories", "repository", "crud", "cruds", "dao", "daos", "repos"),
    "tests": ("tests", "test"),
}
_SQL = re.compile(rb"\b(select|insert|update|delete)\(|\.(query|execute|scalars?|exec)\(")
_V1 = re.compile(
    rb"orm_mode|@validator\(|@root_validator|from pydantic import [^\n]*BaseSettings|parse_obj\("
)
_V2 = re.compile(
    rb"model_config|field_validator|model_validator|ConfigDict|model_dump|pydantic_settings|model_validate"
)
_RELATIVE = re.compile(rb"from[ \t]+\.")


@dataclass(frozen=True)
class Dialect:
    """How this repository writes FastAPI code.

    ``files`` are those of each kind, wherever they are; a kind's home is where most of them are.
    """

    database: Database
    style: Style
    pydantic: int
    relative_imports: bool
    python: Version | None = None
    fastapi: Version | None = None
    sqlalchemy: Version | None = None
    pydantic_version: Version | None = None
    homes: Mapping[str, Home] = field(default_factory=dict)
    files: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def read_dialect(index: Index, root: str, site: Site | None, package: str) -> Dialect:
    """The dialect of the application whose routers are included at ``site``."""
    database = read_database(index, root)
    pydantic = package_version(index, root, "pydantic")
    samples = [site.path, *(i.path for i in site.includes)] if site else []
    above = set(ancestors(site.path)) if site else {root}
    files = _files(index, root, above, database)
    return Dialect(
        database=database,
        style=read_style(index, root, list(dict.fromkeys(samples))),
        pydantic=_pydantic(index, pydantic),
        relative_imports=_relative(index, root, package),
        python=python_version(index, root),
        fastapi=package_version(index, root, "fastapi"),
        sqlalchemy=package_version(index, root, "sqlalchemy"),
        pydantic_version=pydantic,
        homes=_homes(index, root, site, above, files),
        files=files,
    )


def _pydantic(index: Index, version: Version | None) -> int:
    """1 or 2: what is pinned, else what the code uses, else 2."""
    if version is not None and (version.exact or version.numbers[0] >= 2):
        return 1 if version.numbers[0] < 2 else 2
    ones = twos = 0
    for path in index.modules:
        content = index.tree.read(path) or b""
        if b"pydantic" in content and not is_aside(path):
            ones += len(_V1.findall(content))
            twos += len(_V2.findall(content))
    if ones or twos:
        return 1 if ones > twos else 2
    return 1 if version is not None and version.numbers[0] < 2 else 2


def _relative(index: Index, root: str, package: str) -> bool:
    """Whether most imports of the project's own package are relative."""
    if not package:
        return False
    below = "/".join(p for p in (root, package) if p) + "/"
    name = re.escape(package.encode())
    absolute = [re.compile(word + rb"[ \t]+" + name + rb"\b") for word in (b"from", b"import")]
    dots = names = 0
    for path in index.modules:
        if path.startswith(below):
            content = index.tree.read(path) or b""
            dots += sum(1 for _ in line_starts(_RELATIVE, content))
            names += sum(1 for pattern in absolute for _ in line_starts(pattern, content))
    return dots > names


def _homes(
    index: Index,
    root: str,
    site: Site | None,
    above: Collection[str],
    files: Mapping[str, tuple[str, ...]],
) -> dict[str, Home]:
    homes = {"routers": router_home(index, root, site)} if site else {}
    for kind in FOLDERS:
        found = _suite(files[kind]) if kind == "tests" else _home(index, kind, above, files[kind])
        if found is not None:
            homes[kind] = found
    return homes


def _files(
    index: Index, root: str, above: Collection[str], database: Database
) -> dict[str, tuple[str, ...]]:
    """The files of each kind: in a folder called so, or called so themselves.

    A folder that holds the application, as those ``above`` it do, is none of a kind.
    """
    below = f"{root}/" if root else ""
    inside = [p for p in index.modules if p.startswith(below) and not is_aside(p)]
    found = {
        kind: tuple(p for p in inside if _called(p, kind, above) and _holds(index, p, kind))
        for kind in FOLDERS
        if kind != "tests"
    }
    if database.models:
        found["models"] = tuple(p for p in database.models if p.startswith(below))
    found["tests"] = tuple(p for p in index.modules if _is_test(index, root, p))
    return found


def _called(path: str, kind: str, above: Collection[str]) -> bool:
    last = path.rpartition("/")[2].removesuffix(".py").rpartition("_")[2]
    return last in FOLDERS[kind] or _folder_called(path, kind, above) is not None


def _holds(index: Index, path: str, kind: str) -> bool:
    needle = _KINDS[kind]
    return needle is None or needle.search(index.tree.read(path) or b"") is not None


def _is_test(index: Index, root: str, path: str) -> bool:
    """Whether a file has tests of the project: below its root, or in ``tests`` of a folder above."""
    stem = path.rpartition("/")[2].removesuffix(".py")
    if not (stem.startswith("test_") or stem.endswith("_test")) or not _holds(index, path, "tests"):
        return False
    above = [f"{base}/" if base else "" for base in ancestors(f"{root}/_" if root else "_")]
    return path.startswith(above[-1]) or any(
        path.startswith(f"{base}{name}/") for base in above for name in FOLDERS["tests"]
    )


def _suite(files: Sequence[str]) -> Home | None:
    """The folder of most tests; where they are spread, the one that holds them all."""
    if not files:
        return None
    directory = common_folder(files)
    return home_of(directory, [f for f in files if _parent(f) == directory] or files, len(files))


def common_folder(files: Sequence[str]) -> str:
    """The folder of more than half of some files, else the deepest one that holds all of them."""
    folder, count = Counter(_parent(f) for f in files).most_common(1)[0]
    if count * 2 > len(files):
        return folder
    above = [set(ancestors(f)) for f in files]
    return max(set.intersection(*above), key=len)


def _home(index: Index, kind: str, above: Collection[str], files: Sequence[str]) -> Home | None:
    """The folder called by its kind that holds at least half of its files.

    What is in folders below it counts as in it; where one of these holds most, that is the home,
    unless it is the folder of one thing (``models/user/user.py``).
    """
    plain = [f for f in files if not f.endswith("__init__.py")] or list(files)
    plain = _working(index, kind, plain)
    folders = Counter(folder for f in plain if (folder := _folder_called(f, kind, above)))
    if not folders:
        return None
    directory, count = folders.most_common(1)[0]
    if count * 2 < len(plain):
        return None
    inside = [f for f in plain if _folder_called(f, kind, above) == directory]
    below, many = Counter(_parent(f) for f in inside).most_common(1)[0]
    deeper = [f for f in inside if _parent(f) == below]
    most = many * 4 >= len(inside) * 3
    if below != directory and most and not _own_folder(below, deeper, kind):
        directory, inside = below, deeper
    return home_of(directory, inside, len(plain))


def _working(index: Index, kind: str, files: list[str]) -> list[str]:
    """Of repositories those with SQL in them, if some have: others may be interfaces only."""
    files = [f for f in files if _parent(f) + "/base.py" != f] or files
    if kind != "repositories":
        return files
    return [f for f in files if _SQL.search(index.tree.read(f) or b"")] or files


def _folder_called(path: str, kind: str, above: Collection[str]) -> str | None:
    """The deepest folder of a file that is called by a kind; none ``above`` the application is."""
    for folder in reversed(ancestors(path)):
        if folder.rpartition("/")[2] in FOLDERS[kind] and folder not in above:
            return folder
    return None


def _own_folder(folder: str, files: Sequence[str], kind: str) -> bool:
    """Whether a folder is about one thing: its files are called as it is, or by kinds."""
    name = singular_of(folder.rpartition("/")[2])
    kinds = {name for names in FOLDERS.values() for name in names}
    stems = {f.rpartition("/")[2].removesuffix(".py") for f in files}
    return any(singular_of(stem) == name or stem in kinds for stem in stems)


def _parent(path: str) -> str:
    return path.rpartition("/")[0]
