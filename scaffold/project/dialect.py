"""The ways of a repository as one value: what generated code must look like to fit in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from scaffold.project.database import Database, read_database
from scaffold.project.includes import Site
from scaffold.project.index import Index, is_aside, line_starts
from scaffold.project.locations import Home, home_of, router_home
from scaffold.project.style import Style, read_style
from scaffold.project.versions import Version, package_version, python_version

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
_V1 = re.compile(
    rb"orm_mode|@validator\(|@root_validator|from pydantic import [^\n]*BaseSettings|parse_obj\("
)
_V2 = re.compile(
    rb"model_config|field_validator|model_validator|ConfigDict|model_dump|pydantic_settings|model_validate"
)
_RELATIVE = re.compile(rb"from[ \t]+\.")


@dataclass(frozen=True)
class Dialect:
    """How this repository writes FastAPI code."""

    database: Database
    style: Style
    pydantic: int
    relative_imports: bool
    python: Version | None = None
    fastapi: Version | None = None
    sqlalchemy: Version | None = None
    pydantic_version: Version | None = None
    homes: Mapping[str, Home] = field(default_factory=dict)


def read_dialect(index: Index, root: str, site: Site | None, package: str) -> Dialect:
    """The dialect of the application whose routers are included at ``site``."""
    database = read_database(index)
    pydantic = package_version(index, root, "pydantic")
    samples = [site.path, *(i.path for i in site.includes)] if site else []
    return Dialect(
        database=database,
        style=read_style(index, root, list(dict.fromkeys(samples))),
        pydantic=_pydantic(index, pydantic),
        relative_imports=_relative(index, root, package),
        python=python_version(index, root),
        fastapi=package_version(index, root, "fastapi"),
        sqlalchemy=package_version(index, root, "sqlalchemy"),
        pydantic_version=pydantic,
        homes=_homes(index, root, site, database),
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


def _homes(index: Index, root: str, site: Site | None, database: Database) -> dict[str, Home]:
    homes = {"routers": router_home(index, site)} if site else {}
    inside = [p for p in index.modules if p.startswith(f"{root}/" if root else "")]
    for kind, needle in _KINDS.items():
        files = _files(index, inside if kind != "tests" else list(index.modules), kind, needle)
        if kind == "models" and database.models:
            files = list(database.models)
        home = _home(files)
        if home is not None:
            homes[kind] = home
    return homes


def _files(
    index: Index, paths: list[str], kind: str, needle: re.Pattern[bytes] | None
) -> list[str]:
    """The files of one kind: in a folder called so, or called so themselves."""
    found: list[str] = []
    for path in paths:
        *folders, name = path.split("/")
        stem = name.removesuffix(".py")
        called = set(folders) | {stem.rpartition("_")[2]}
        if kind != "tests" and (is_aside(path) or called.isdisjoint(FOLDERS[kind])):
            continue
        if kind == "tests" and not (stem.startswith("test_") or stem.endswith("_test")):
            continue
        if needle is None or needle.search(index.tree.read(path) or b""):
            found.append(path)
    return found


def _home(files: list[str]) -> Home | None:
    plain = [f for f in files if not f.endswith("__init__.py")] or files
    if not plain:
        return None
    directory = Counter(f.rpartition("/")[0] for f in plain).most_common(1)[0][0]
    inside = [f for f in plain if f.rpartition("/")[0] == directory]
    return home_of(directory, inside)
