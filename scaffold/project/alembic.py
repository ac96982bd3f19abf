"""An Alembic set-up: where its revisions live, and which of them are heads."""

from __future__ import annotations

import ast
import configparser
import re
import tomllib
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from scaffold.project.index import Evidence
from scaffold.tree import Tree

_REVISION = re.compile(rb"^revision\b[^=\r\n]*=[ \t]*(['\"][^'\"\r\n]+['\"])", re.MULTILINE)
_PLAIN = re.compile(rb"(['\"])([^'\"\\\r\n]*)\1")
_DOWN = re.compile(rb"^down_revision\b[^=]*?=[ \t]*(\([^)]*\)|\[[^\]]*\]|[^\r\n#]+)", re.MULTILINE)


@dataclass(frozen=True)
class Revision:
    """One revision file: its identifier and those it revises."""

    path: str
    revision: str
    down: tuple[str, ...]


@dataclass(frozen=True)
class Alembic:
    """``directory`` holds ``env.py``; ``versions`` the revision files."""

    directory: str
    versions: str
    revisions: tuple[Revision, ...]
    evidence: Evidence

    @property
    def heads(self) -> tuple[str, ...]:
        """The revisions that no other one revises, sorted."""
        revised = {d for r in self.revisions for d in r.down}
        return tuple(sorted(r.revision for r in self.revisions if r.revision not in revised))


def read_alembic(tree: Tree, root: str = "") -> Alembic | None:
    """The Alembic set-up at ``root`` or at the top of the tree; None without one."""
    for base in dict.fromkeys((root, "")):
        found = _location(tree, base)
        if found:
            location, evidence = found
            directory = _below(base, location)
            versions = f"{directory}/versions"
            return Alembic(directory, versions, _revisions(tree, versions), evidence)
    return None


def _location(tree: Tree, base: str) -> tuple[str, Evidence] | None:
    """``script_location`` of pyproject.toml or alembic.ini, with where it says so."""
    path = _below(base, "pyproject.toml")
    content = tree.read(path)
    if content and b"alembic" in content:
        try:
            value = tomllib.loads(content.decode()).get("tool", {}).get("alembic", {})
        except (tomllib.TOMLDecodeError, UnicodeDecodeError):
            value = {}
        location = value.get("script_location") if isinstance(value, dict) else None
        if isinstance(location, str):
            return _plain(location), _evidence(path, content, b"script_location")
    path = _below(base, "alembic.ini")
    content = tree.read(path)
    if content:
        parser = configparser.RawConfigParser(strict=False)
        try:
            parser.read_string(content.decode("utf-8", "replace"))
            location = parser.get("alembic", "script_location")
        except configparser.Error:
            return None
        return _plain(location), _evidence(path, content, b"script_location")
    return None


def _plain(location: str) -> str:
    return location.replace("%(here)s", ".").replace("\\", "/")


def _below(base: str, path: str) -> str:
    return str(PurePosixPath(base) / PurePosixPath(path.replace(":", "/")))


def _evidence(path: str, content: bytes, needle: bytes) -> Evidence:
    for number, row in enumerate(content.splitlines(), 1):
        if row.lstrip().startswith(needle):
            return Evidence(path, number, row.decode("utf-8", "replace").strip())
    return Evidence(path)


def _revisions(tree: Tree, versions: str) -> tuple[Revision, ...]:
    found: list[Revision] = []
    for path in tree.walk(versions):
        content = tree.read(path) if path.endswith(".py") else None
        revision = read_revision(path, content) if content else None
        if revision is not None:
            found.append(revision)
    return tuple(found)


def read_revision(path: str, content: bytes) -> Revision | None:
    """The identifiers of a revision file, read without parsing all of it; None if it is none."""
    name, down = _REVISION.search(content), _DOWN.search(content)
    if not name:
        return None
    try:
        revised = _value(down[1].strip()) if down else None
        revision = _value(name[1])
    except (ValueError, SyntaxError):
        return None
    below = (revised,) if isinstance(revised, str) else tuple(revised or ())
    return Revision(path, str(revision), tuple(str(b) for b in below))


def _value(written: bytes) -> Any:
    """The value of a literal; hundreds of plain strings need no parser. Raises as ``ast`` does."""
    plain = _PLAIN.fullmatch(written)
    return plain[2].decode() if plain else ast.literal_eval(written.decode())
