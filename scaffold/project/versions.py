"""Which versions a repository may run on: what it pins, or the lowest that it admits."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scaffold.codemods.requirement import normalised, read_requirement
from scaffold.project.index import Evidence, Index

_NUMBER = re.compile(r"(\d+)(?:\.(\d+))?(?:\.(\d+))?")
_LOCKS = ("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock")


@dataclass(frozen=True)
class Version:
    """A version as numbers, with the place that says so; ``exact`` when it is pinned there."""

    numbers: tuple[int, ...]
    exact: bool
    evidence: Evidence

    def __str__(self) -> str:
        return ("" if self.exact else "≥ ") + ".".join(map(str, self.numbers))


def numbers(text: str) -> tuple[int, ...] | None:
    """The leading numbers of a version; None without any."""
    match = _NUMBER.search(text)
    return tuple(int(g) for g in match.groups() if g) if match else None


def python_version(index: Index, root: str) -> Version | None:
    """The lowest Python that ``requires-python`` (or Poetry, Pipfile, .python-version) admits."""
    for path, data in _tables(index, root):
        project = data.get("project", {}).get("requires-python")
        poetry = data.get("tool", {}).get("poetry", {}).get("dependencies", {}).get("python")
        for spec in (project, poetry):
            if isinstance(spec, str) and (low := lowest(spec)):
                return Version(low, False, _line(index, path, spec))
    for base in _bases(root):
        path = f"{base}/.python-version".lstrip("/")
        content = index.tree.read(path)
        if content and (found := numbers(content.decode("utf-8", "replace"))):
            return Version(found[:2], True, Evidence(path, 1))
    return None


def package_version(index: Index, root: str, name: str) -> Version | None:
    """The locked version of a distribution, else the lowest that the manifests admit."""
    key = normalised(name)
    for base in _bases(root):
        for lock in _LOCKS:
            path = f"{base}/{lock}".lstrip("/")
            content = index.tree.read(path)
            if content and (found := _locked(path, content, key)):
                return found
    for path, line, spec in _declared(index, root, key):
        low = lowest(spec)
        if low:
            return Version(low, "==" in spec, Evidence(path, line, spec))
    return None


def lowest(spec: str) -> tuple[int, ...] | None:
    """The lowest version that a specifier admits; None when it sets no lower bound."""
    for part in re.split(r"[,|\s]+", spec.replace("= ", "=").replace("> ", ">")):
        if re.match(r"(>=|==|~=|\^|~|>)?\s*v?\d", part) and not part.startswith(("<", "!")):
            return numbers(part)
    return None


def _bases(root: str) -> Iterator[str]:
    parts = root.split("/") if root else []
    for length in range(len(parts), -1, -1):
        yield "/".join(parts[:length])


def _tables(index: Index, root: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for base in _bases(root):
        path = f"{base}/pyproject.toml".lstrip("/")
        content = index.tree.read(path)
        if content:
            try:
                yield path, tomllib.loads(content.decode())
            except (tomllib.TOMLDecodeError, UnicodeDecodeError):
                continue


def _line(index: Index, path: str, text: str) -> Evidence:
    content = (index.tree.read(path) or b"").decode("utf-8", "replace")
    for number, row in enumerate(content.splitlines(), 1):
        if text in row:
            return Evidence(path, number, row.strip())
    return Evidence(path)


def _locked(path: str, content: bytes, key: str) -> Version | None:
    """A lock file's version of a package, found without parsing all of it."""
    text = content.decode("utf-8", "replace")
    if path.endswith("Pipfile.lock"):
        try:
            entry = json.loads(text).get("default", {}).get(key, {})
        except ValueError:
            return None
        found = numbers(str(entry.get("version", "")))
        return Version(found, True, Evidence(path)) if found else None
    pattern = rf'^name = "{re.escape(key)}"\r?\nversion = "([^"]+)"'
    match = re.search(pattern, text, re.MULTILINE | re.IGNORECASE)
    found = numbers(match[1]) if match else None
    if not match or not found:
        return None
    return Version(found, True, Evidence(path, text.count("\n", 0, match.start()) + 2, match[1]))


def _declared(index: Index, root: str, key: str) -> Iterator[tuple[str, int, str]]:
    """(file, line, specifier) wherever a manifest names the package."""
    pattern = re.compile(
        rf"""^[\s"'-]*{re.escape(key).replace("-", "[-_.]")}(?:\[[^\]]*\])?["']?\s*(.*)""",
        re.IGNORECASE,
    )
    for base in _bases(root):
        prefix = f"{base}/" if base else ""
        for path in _manifests(index, prefix):
            text = (index.tree.read(path) or b"").decode("utf-8", "replace").lstrip("\ufeff")
            for number, row in enumerate(text.replace("\0", "").splitlines(), 1):
                match = pattern.match(row)
                spec = _specifier(match[1]) if match else ""
                if lowest(spec) is not None:
                    yield path, number, spec
                elif f'"{key}' in row.lower() and (found := _inline(row, key)):
                    yield path, number, found


def _specifier(text: str) -> str:
    """The version bounds behind a name: as a requirement, a TOML value, a table's ``version``."""
    table = re.search(r"""version\s*=\s*["']([^"']+)""", text)
    plain = re.sub(r"^\s*=\s*(?!=)", "", text)
    return (table[1] if table else plain).split("#")[0].strip("\"', ")


def _inline(row: str, key: str) -> str | None:
    """The specifier in a list on one line: ``["fastapi>=0.1", "uvicorn"]``."""
    for item in re.findall(r"""["']([^"']+)["']""", row):
        requirement = read_requirement(item)
        if requirement and requirement.key == key and requirement.version:
            return requirement.version
    return None


def _manifests(index: Index, prefix: str) -> list[str]:
    names = ["pyproject.toml", "setup.cfg", "Pipfile", "environment.yml", "environment.yaml"]
    found = [prefix + n for n in names if index.tree.get(prefix + n) is not None]
    pattern = re.compile(
        "^"
        + re.escape(prefix)
        + r"(?:(?:requirements/)?[\w.-]*requirements?[\w.-]*|requirements/[\w.-]+)\.(?:txt|in)$"
    )
    return [*found, *index.called(pattern)]
