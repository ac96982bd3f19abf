"""Where a context manager is entered around the application's life: which file, by which codemod."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from scaffold.actions import PatchFile
from scaffold.codemods import imports
from scaffold.codemods.lifespan import entered_at, followable
from scaffold.codemods.pasted import named, put_in, refuse_in
from scaffold.codemods.source import Source, blocks, dotted
from scaffold.project.apps import App
from scaffold.project.flow import call_at, callees
from scaffold.project.index import Evidence, Index, is_aside
from scaffold.project.names import refer
from scaffold.project.project import Project
from scaffold.project.style import read_style
from scaffold.project.wiring import first_party, package_of, told, written
from scaffold.spec.errors import Refusal

_CARRIES = (0, 112, 2)
"""The first FastAPI that enters the lifespan of an included router."""


def plan_lifespan(project: Project, module: str, name: str) -> PatchFile | Refusal:
    """The patch that enters ``name(app)`` of ``module``, or why it can't be done surely.

    A lifespan function of the repository takes it around its yield. Where there is none, or none
    that can be followed (a lambda, a library's), a router without routes carries it, so that
    ``on_event`` handlers and the lifespan that is there still run.
    """
    there = _entered(project.index, project.root, module, name)
    planned = _planned(project, module, name)
    if there is None or (isinstance(planned, PatchFile) and planned.path == there.path):
        return planned
    return there


def _planned(project: Project, module: str, name: str) -> PatchFile | Refusal:
    """The patch that would enter it, wherever it is entered already."""
    index = project.index
    entry = project.entry
    if entry is None:
        (refusal, *_) = project.refusals
        return replace(refusal, snippet=refusal.snippet or _by_hand(module, name)[0])
    app = entry.app
    outer = _mounting(index, app)
    if outer is not None:
        reason = (
            f"{app.label} is mounted into another application here, and only the lifespan of that "
            "one runs: name it with --app"
        )
        return Refusal(reason, outer.path, outer.line)
    for path, function in _functions(index, app):
        arguments = _arguments(project, path, module, name)
        return PatchFile(path, "enter_lifespan", {**arguments, "function": function})
    obstacle = _obstacle(project, app)
    if obstacle is not None:
        return _refused(project, app, module, name, *obstacle)
    arguments = _arguments(project, app.path, module, name)
    return PatchFile(
        app.path, "include_lifespan", {**arguments, "target": app.target, "scope": app.scope}
    )


def _entered(index: Index, root: str, module: str, name: str) -> PatchFile | None:
    """The file that enters it already, by whatever means, as a patch that finds nothing to do."""
    for path, _ in index.containing(name.encode()):
        source = index.source(path)
        package = package_of(path, root)
        if source and not is_aside(path) and entered_at(source, module, name, package):
            arguments = {"module": module, "name": name, "package": package}
            return PatchFile(path, "enter_lifespan", arguments)
    return None


def _mounting(index: Index, app: App) -> Evidence | None:
    """Where another application mounts this one, if any does."""
    for path, _ in index.containing(b".mount"):
        source = index.source(path)
        for node in ast.walk(source.tree) if source and not is_aside(path) else ():
            if not isinstance(node, ast.Call) or not (dotted(node.func) or "").endswith(".mount"):
                continue
            for value in [*node.args[1:2], *(k.value for k in node.keywords if k.arg == "app")]:
                name = dotted(value)
                found = refer(index, path, name) if name else None
                if found and (found.path, found.name) == (app.path, app.target or app.scope):
                    return Evidence(path, node.lineno, ast.unparse(node))
    return None


def _functions(index: Index, app: App) -> Iterator[tuple[str, str]]:
    """(file, qualified name) of the function that the application is made with as ``lifespan``."""
    source = index.source(app.path)
    call = call_at(source, app) if source else None
    for keyword in call.keywords if call else ():
        expression = dotted(keyword.value) if keyword.arg == "lifespan" else None
        if source and expression:
            found = callees(index, source, app.path, app.scope, expression)
            for path, qualname, function, _ in found:
                if followable(function):
                    yield path, qualname
                return


def _obstacle(project: Project, app: App) -> tuple[str, Evidence] | None:
    """Why a router can't carry the lifespan, with the line that says so."""
    if not app.target:
        reason = "the application has no name there, and no lifespan that can be followed"
        return reason, app.evidence
    for path, _ in project.index.containing(b"lifespan_context"):
        source = project.index.source(path)
        for node in ast.walk(source.tree) if source and not is_aside(path) else ():
            match node:
                case ast.Attribute(attr="lifespan_context", ctx=ast.Store()):
                    return "the lifespan is replaced here", Evidence(path, node.lineno)
    version = project.dialect.fastapi
    if version is not None and version.exact and version.numbers < _CARRIES:
        reason = (
            f"FastAPI {version} enters no lifespan of a router, and this has no function for one"
        )
        return reason, app.evidence
    return None


def _refused(
    project: Project, app: App, module: str, name: str, reason: str, found: Evidence
) -> Refusal:
    """A refusal with the lines that put the context manager inside the lifespan that is there.

    Where the application has no name it gets one first.
    """
    source = project.index.source(found.path)
    if source is None:
        return Refusal(reason, found.path, found.line)
    taken = imports.names_in(source.tree)
    target = app.target or imports.free_name("app", taken)
    own = written(project.index, found.path, module, package_of(found.path, project.root))
    lines = _inside(own, name, target, taken)
    call = None if app.target else call_at(source, app)
    if call is not None:
        edits = named(source, call, target, lines)
    else:
        place = _behind(source, found.line or 1)
        edits = put_in(source, *place, lines) if place else None
    if edits is None:
        return Refusal(f"{reason}: give it a name", found.path, found.line)
    return told(refuse_in(source, edits, reason, found.line), found.path)


def _inside(module: str, name: str, target: str, taken: set[str]) -> list[str]:
    """The statements that enter ``name`` inside the lifespan that ``target`` has by then."""
    inner, outer = (imports.free_name(one, taken) for one in ("inner_lifespan", "lifespan"))
    return [
        "from contextlib import asynccontextmanager",
        imports.import_line(module, name, name),
        f"{inner} = {target}.router.lifespan_context",
        "@asynccontextmanager",
        f"async def {outer}(app):",
        f"    async with {inner}(app) as state, {name}(app):",
        "        yield state",
        f"{target}.router.lifespan_context = {outer}",
    ]


def _behind(source: Source, line: int) -> tuple[list[ast.stmt], int] | None:
    """Behind the innermost statement that stands on ``line``, as its block and index."""
    found = None
    for node in ast.walk(source.tree):
        inside = blocks(node) if isinstance(node, ast.stmt) else ()
        for block in [source.tree.body] if node is source.tree else inside:
            for index, statement in enumerate(block):
                if statement.lineno <= line <= (statement.end_lineno or statement.lineno):
                    found = block, index + 1
    return found


def _arguments(project: Project, path: str, module: str, name: str) -> dict[str, object]:
    package = package_of(path, project.root)
    style = read_style(project.index, project.root, [path])
    return {
        "module": written(project.index, path, module, package),
        "name": name,
        "package": package,
        "first_party": first_party(project.index, project.root),
        "line_length": style.line_length,
    }


def _by_hand(module: str, name: str) -> tuple[str, str]:
    """The lines to paste, and where they go."""
    lines = (
        f"from {module} import {name}\n\n"
        "@asynccontextmanager\n"
        "async def lifespan(app: FastAPI) -> AsyncIterator[None]:\n"
        f"    async with {name}(app):\n"
        "        yield\n"
    )
    return lines, "above the application, as FastAPI(lifespan=lifespan)"
