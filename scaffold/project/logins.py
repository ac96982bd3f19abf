"""Where a repository lets people log in already: a library, a scheme of FastAPI's, a route."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from scaffold.codemods.source import dotted
from scaffold.project.index import Evidence, Index, is_aside

LIBRARIES = (
    "authlib", "authx", "fastapi_auth0", "fastapi_azure_auth", "fastapi_cloudauth",
    "fastapi_jwt_auth", "fastapi_keycloak", "fastapi_login", "fastapi_sso", "fastapi_users",
)  # fmt: skip
SCHEMES = (
    "HTTPBearer", "OAuth2AuthorizationCodeBearer", "OAuth2PasswordBearer",
    "OAuth2PasswordRequestForm", "OAuth2PasswordRequestFormStrict", "OpenIdConnect",
)  # fmt: skip
_ROUTE = re.compile(r"(?:^|/)(?:log-?in|sign-?in|(?:access[-_])?token)/?$")


def read_logins(index: Index) -> tuple[Evidence, ...]:
    """What the application has for it, by path and line; tests and samples are no evidence."""
    needles = [*(name.encode() for name in (*LIBRARIES, *SCHEMES)), b".post("]
    paths = {path for needle in needles for path, _ in index.containing(needle)}
    return tuple(
        evidence
        for path in sorted(paths)
        if not is_aside(path) and (source := index.source(path)) is not None
        for evidence in sorted(_found(path, source.tree), key=lambda one: one.line or 0)
    )


def _found(path: str, tree: ast.Module) -> Iterator[Evidence]:
    schemes = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("fastapi.security")
        for alias in node.names
        if alias.name in SCHEMES
    }
    for node in ast.walk(tree):
        if text := _library(node) or _route(node) or _scheme(node, schemes):
            yield Evidence(path, getattr(node, "lineno", None), text)


def _library(node: ast.AST) -> str:
    """The import of a library that brings accounts, as it is written."""
    names: list[str] = []
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom) and not node.level:
        names = [node.module or ""]
    found = any(name.split(".")[0] in LIBRARIES for name in names)
    return ast.unparse(node) if found else ""


def _scheme(node: ast.AST, imported: set[str]) -> str:
    """The use of one of FastAPI's schemes, however it is imported."""
    name = dotted(node) or "" if isinstance(node, ast.Name | ast.Attribute) else ""
    module, _, last = name.rpartition(".")
    spelt = module in ("fastapi.security", "security") and last in SCHEMES
    return name if name in imported or spelt else ""


def _route(node: ast.AST) -> str:
    """A function that serves a POST to a path which says what it is for."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return next((said for one in node.decorator_list if (said := _served(one))), "")
    return ""


def _served(node: ast.expr) -> str:
    if not isinstance(node, ast.Call) or not (dotted(node.func) or "").endswith(".post"):
        return ""
    said = [*node.args[:1], *(k.value for k in node.keywords if k.arg == "path")]
    paths = [one.value for one in said if isinstance(one, ast.Constant)]
    matches = [p for p in paths if isinstance(p, str) and p.startswith("/") and _ROUTE.search(p)]
    return f"POST {matches[0]}" if matches else ""
