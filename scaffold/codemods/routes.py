"""Which paths a route or a mount takes away from what is registered after it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from scaffold.codemods.source import dotted

_METHODS = [
    "get",
    "post",
    "put",
    "patch",
    "delete",
    "options",
    "head",
    "trace",
    "api_route",
    "route",
    "websocket",
    "add_api_route",
    "add_route",
]
_PARAMETER = re.compile(r"\{[^}:]*(?::([a-z]+))?\}")


def pattern(template: str, *, mount: bool = False) -> re.Pattern[str]:
    """The regular expression of a Starlette path template; a mount takes all below it."""
    pieces: list[str] = []
    done = 0
    for match in _PARAMETER.finditer(template):
        pieces.append(re.escape(template[done : match.start()]))
        pieces.append(
            {"path": ".*", "int": "[0-9]+", "uuid": "[0-9a-f-]{36}"}.get(match[1] or "", "[^/]+")
        )
        done = match.end()
    pieces.append(re.escape(template[done:].rstrip("/") if mount else template[done:]))
    return re.compile("".join(pieces) + ("(?:/.*)?" if mount else ""))


def takes(template: str, paths: Sequence[str], *, mount: bool = False) -> bool:
    """Whether a request for one of ``paths`` ends at ``template``."""
    compiled = pattern(template, mount=mount)
    return any(compiled.fullmatch(path) for path in paths)


def served(path: str) -> tuple[str, ...]:
    """The URLs that stand for a resource at ``path``: its list and one of its items."""
    base = path.rstrip("/")
    return (base or "/", base + "/", f"{base}/1")


def claims(statement: ast.stmt, target: str) -> Iterator[tuple[str, bool]]:
    """The (template, is mount) pairs that ``statement`` itself registers on ``target``.

    Decorators, plain calls, and what an application is mounted into by other libraries.
    """
    calls: list[ast.Call] = []
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
        calls = [d for d in statement.decorator_list if isinstance(d, ast.Call)]
    elif isinstance(statement, ast.Expr | ast.Assign | ast.AnnAssign):
        value = statement.value
        calls = [value] if isinstance(value, ast.Call) else []
    for call in calls:
        called = dotted(call.func) or ""
        receiver, _, method = called.rpartition(".")
        if receiver == target and method in (*_METHODS, "mount"):
            template = _path_argument(call, "path", 0)
            if template is not None:
                yield template, method == "mount"
        elif method == "mount_gradio_app":
            template = _path_argument(call, "path", 2)
            if template is not None:
                yield template, True


def _path_argument(call: ast.Call, name: str, position: int) -> str | None:
    """A literal path argument; f-strings and names count as unknown (None)."""
    found: ast.expr | None = call.args[position] if len(call.args) > position else None
    for keyword in call.keywords:
        if keyword.arg == name:
            found = keyword.value
    if isinstance(found, ast.Constant) and isinstance(found.value, str):
        return found.value
    return None
