"""Which manifest a repository keeps its dependencies in, and where its settings live."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass

from scaffold.codemods.source import dotted
from scaffold.project.apps import scoped_statements
from scaffold.project.index import Index, is_aside

_NAMES = (
    "pyproject.toml",
    "Pipfile",
    "setup.cfg",
    "requirements.in",
    "requirements/base.in",
    "requirements/base.txt",
    "requirements/requirements.txt",
    "requirements.txt",
    "environment.yml",
    "environment.yaml",
)


def manifest(index: Index, root: str) -> str | None:
    """The file that declares what the application needs, nearest to its root."""
    for base in _bases(root):
        for name in _NAMES:
            path = f"{base}/{name}".lstrip("/")
            content = index.tree.read(path)
            if content is not None and _declares(name, content):
                return path
    return None


def _bases(root: str) -> Iterator[str]:
    parts = root.split("/") if root else []
    for length in range(len(parts), -1, -1):
        yield "/".join(parts[:length])


def _declares(name: str, content: bytes) -> bool:
    if name == "pyproject.toml":
        try:
            data = tomllib.loads(content.decode())
        except (tomllib.TOMLDecodeError, UnicodeDecodeError):
            return False
        project = data.get("project", {})
        if "dependencies" in project.get("dynamic", []):
            return False
        return "dependencies" in project or "dependencies" in data.get("tool", {}).get("poetry", {})
    if name == "setup.cfg":
        return b"install_requires" in content
    if name.startswith("environment"):
        return b"dependencies" in content
    return True


@dataclass(frozen=True)
class SettingsClass:
    """A pydantic-settings class."""

    path: str
    name: str
    line: int


def settings_class(index: Index, package: str) -> SettingsClass | None:
    """The only subclass of BaseSettings of the application; None when there isn't just one."""
    found: list[SettingsClass] = []
    for path, _ in index.containing(b"BaseSettings"):
        source = index.source(path)
        if source is None or is_aside(path):
            continue
        for scoped in scoped_statements(source.tree.body):
            node = scoped.statement
            if isinstance(node, ast.ClassDef) and any(
                (dotted(b) or "").endswith("BaseSettings") for b in node.bases
            ):
                found.append(SettingsClass(path, node.name, node.lineno))
    inside = [c for c in found if c.path.startswith(package + "/")] or found
    named = [c for c in inside if c.name == "Settings"]
    return inside[0] if len(inside) == 1 else named[0] if len(named) == 1 else None


def dotenv_example(index: Index, root: str) -> str | None:
    """The dotenv file that documents the settings, if there is one."""
    for base in _bases(root):
        for name in (".env.example", ".env.sample", ".env.template", "example.env", "env.example"):
            path = f"{base}/{name}".lstrip("/")
            if index.tree.read(path) is not None:
                return path
    return None


def compose_file(index: Index, root: str) -> str | None:
    """The compose file that starts the application's services, nearest to its root."""
    for base in _bases(root):
        for name in ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"):
            path = f"{base}/{name}".lstrip("/")
            if index.tree.read(path) is not None:
                return path
    return None
