"""What starts the application: the official pointer, then the scripts that name ``module:name``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass

from scaffold.project.index import Evidence, Index, ancestors, is_aside

_SCRIPTS = re.compile(
    r"(^|/)([^/]*Dockerfile[^/]*|[^/]*\.dockerfile|(docker-)?compose[^/]*\.ya?ml|Procfile[^/]*|"
    r"[^/]+\.(sh|service|bat|ps1)|[Mm]akefile|[Jj]ustfile|Taskfile\.ya?ml|fly\.toml|render\.yaml|"
    r"app\.ya?ml|vercel\.json|serverless\.ya?ml|pyproject\.toml|package\.json|railway\.(json|toml)|"
    r"supervisord?\.conf|launch\.json|tasks\.json|noxfile\.py|[^/]*gunicorn[^/]*\.py)$"
)
_BELOW = re.compile(r"/pyproject\.toml$")
_POINTER = re.compile(r"(?<![\w./:@-])([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*):([A-Za-z_]\w*)(?![\w/:.-])")
_RUN_FILE = re.compile(r"fastapi\s+(?:run|dev)\s+(?:--?[\w-]+(?:[ =]\S+)?\s+)*([\w./-]+\.py)")
_SERVERS = re.compile(r"uvicorn|gunicorn|hypercorn|granian|daphne|fastapi\b|mangum", re.IGNORECASE)


@dataclass(frozen=True)
class Pointer:
    """``name`` of the file ``path`` is what gets served; ``root`` is the directory it runs in."""

    path: str
    name: str
    root: str
    evidence: Evidence


def official_pointer(index: Index) -> Pointer | None:
    """``[tool.fastapi] entrypoint`` of the pyproject.toml nearest the top."""
    content = index.tree.read("pyproject.toml")
    found = _official(index, "pyproject.toml", content)
    if found is not None:
        return found
    for path in index.called(_BELOW):
        if not is_aside(path):
            found = _official(index, path, index.tree.read(path))
            if found is not None:
                return found
    return None


def _official(index: Index, path: str, content: bytes | None) -> Pointer | None:
    if content is None or b"fastapi" not in content or b"entrypoint" not in content:
        return None
    try:
        data = tomllib.loads(content.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return None
    entry = data.get("tool", {}).get("fastapi", {}).get("entrypoint")
    if not isinstance(entry, str) or ":" not in entry:
        return None
    module, _, name = entry.partition(":")
    line = next((n for n, row in enumerate(content.splitlines(), 1) if entry.encode() in row), None)
    found = locate(index, module, path)
    if found is None:
        return None
    return Pointer(found[0], name, found[1], Evidence(path, line, f"entrypoint = {entry}"))


def script_pointers(index: Index) -> list[Pointer]:
    """Every ``module:name`` in launch files, and in ``uvicorn.run("…")``, that exists here."""
    found: list[Pointer] = []
    for path in index.called(_SCRIPTS):
        if not is_aside(path):
            content = index.tree.read(path)
            if content and _SERVERS.search(content.decode("utf-8", "replace")):
                found += _in_script(index, path, content.decode("utf-8", "replace"))
    for path, content in index.containing(b"uvicorn"):
        if not is_aside(path):
            found += _in_script(index, path, content.decode("utf-8", "replace"), quoted=True)
    return found


def _in_script(index: Index, path: str, text: str, *, quoted: bool = False) -> Iterator[Pointer]:
    for number, row in enumerate(text.splitlines(), 1):
        if row.lstrip().startswith("#"):
            continue
        for match in _POINTER.finditer(row):
            if quoted and text.count(f'"{match[0]}"') + text.count(f"'{match[0]}'") == 0:
                continue
            found = locate(index, match[1], path)
            if found:
                yield Pointer(found[0], match[2], found[1], Evidence(path, number, row.strip()))
        for match in _RUN_FILE.finditer(row):
            for base in reversed(ancestors(path)):
                file = f"{base}/{match[1]}".lstrip("/").replace("/./", "/")
                if index.tree.get(file) is not None:
                    yield Pointer(file, "app", base, Evidence(path, number, row.strip()))
                    break


def locate(index: Index, module: str, mentioned: str) -> tuple[str, str] | None:
    """The file of ``module`` and its root: beside the file that mentions it, above, or anywhere."""
    for base in reversed(ancestors(mentioned)):
        for inner in (base, f"{base}/src".lstrip("/"), f"{base}/app".lstrip("/")):
            found = index.module_at(inner, module)
            if found:
                return found, inner
    tail = re.compile(rf"/{re.escape(module.replace('.', '/'))}(?:/__init__)?\.py$")
    matches = [p for p in index.called(tail) if not is_aside(p)]
    if not matches:
        return None
    nearest = min(matches, key=lambda path: (path.count("/"), path))
    return nearest, tail.sub("", nearest)
