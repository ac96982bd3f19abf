"""Which routers included at a site answer for a path before a new one gets to."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from scaffold.codemods.routes import claims, served, takes
from scaffold.codemods.source import parse
from scaffold.project.includes import Include, Site, router_of
from scaffold.project.index import Index
from scaffold.project.names import Found, refer

_OPEN = re.compile(rb"""["']/?\{""")
"""The start of a path whose first segment is a parameter."""

_LONGEST = 40
"""So many lines may the call that makes a router have to be read without the rest of its file."""


def shadowing(index: Index, site: Site, path: str) -> list[str]:
    """The routers included at the site that would answer for ``path``."""
    return [i.router for i in site.includes if any(_claims(index, i, served(path)))]


def router_path(index: Index, root: str, module: str, name: str) -> str:
    """The literal ``prefix`` of the router that ``module`` defines; "" when unknown."""
    file = index.module_at(root, module)
    found = refer(index, file, name) if file else None
    return (_prefix(index, found) or "") if found and found.path == file else ""


def _claims(index: Index, include: Include, urls: Sequence[str]) -> Iterator[bool]:
    found = router_of(index, include)
    content = index.tree.read(found.path) if found else None
    last = urls[0].rpartition("/")[2].encode()
    if found is None or content is None or not (_OPEN.search(content) or last in content):
        return
    outer = re.fullmatch(r"""['"](.*)['"]""", include.keywords.get("prefix", "''"))
    own = _prefix(index, found) if outer else None
    if outer is None or own is None or not _may_take(outer[1] + own, urls):
        return
    source = index.source(found.path)
    for node in ast.walk(source.tree) if source else ():
        if isinstance(node, ast.stmt):
            for template, mount in claims(node, found.name):
                yield takes(outer[1] + own + template, urls, mount=mount)


def _may_take(start: str, urls: Sequence[str]) -> bool:
    """Whether a template that starts so can take one of ``urls``."""
    literal = start.partition("{")[0].rstrip("/")
    return any(url.startswith(literal) for url in urls)


def _prefix(index: Index, found: Found) -> str | None:
    """The prefix that a router is made with, "" for none; None where it is no literal."""
    made = _plain_definition(index.tree.read(found.path) or b"", found.name) or found.statement
    if not isinstance(made, ast.Assign | ast.AnnAssign):
        return None
    for keyword in made.value.keywords if isinstance(made.value, ast.Call) else ():
        if keyword.arg == "prefix":
            return str(keyword.value.value) if isinstance(keyword.value, ast.Constant) else None
    return ""


def _plain_definition(content: bytes, name: str) -> ast.stmt | None:
    """The only assignment to a name at the module's own level, the rest of the file unparsed."""
    pattern = rb"^" + re.escape(name.encode()) + rb"\b[ \t]*(?::[^=\r\n]*)?=(?!=)"
    starts = [match.start() for match in re.finditer(pattern, content, re.MULTILINE)]
    if len(starts) != 1:
        return None
    text = b""
    for line in content[starts[0] :].splitlines(keepends=True)[:_LONGEST]:
        text += line
        if text.count(b"(") == text.count(b")"):
            try:
                (statement,) = parse(text).body
            except (SyntaxError, ValueError):
                continue
            return statement
    return None
