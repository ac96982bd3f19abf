"""Actions that name no file, turned into patches of the files that the facts point at."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from scaffold.actions import (
    AddDependency,
    AddLifespan,
    AddMiddleware,
    AddSection,
    AddService,
    AddSetting,
    PatchFile,
    Wire,
)
from scaffold.project.lifespan import plan_lifespan
from scaffold.project.project import Project
from scaffold.project.wiring import Router, Wiring, already_added, first_party, package_of, written
from scaffold.spec.errors import Paste, Refusal


def resolve(
    project: Project,
    action: AddDependency
    | AddSetting
    | Wire
    | AddLifespan
    | AddSection
    | AddMiddleware
    | AddService,
) -> Iterator[PatchFile | Refusal]:
    """The patches that do ``action`` in this project, or the reasons why it can't be done."""
    match action:
        case AddDependency(requirement, group):
            yield _dependency(project, requirement, group)
        case AddSetting():
            yield from _setting(project, action)
        case AddLifespan(module, name):
            yield plan_lifespan(project, module, name)
        case AddSection(heading, text):
            if project.readme:
                yield PatchFile(project.readme, "add_section", {"heading": heading, "text": text})
        case Wire(module, router, alias, prefix, tags, late):
            found = project.wiring(Router(module, router, alias, prefix, tuple(tags), late))
            if isinstance(found, Wiring):
                yield PatchFile(found.path, "include_router", found.arguments)
            else:
                yield from found
        case AddMiddleware():
            yield from _middleware(project, action)
        case AddService(name, lines, environment) if project.compose:
            arguments = {"name": name, "lines": list(lines), "environment": dict(environment)}
            yield PatchFile(project.compose, "add_service", arguments)


def _middleware(project: Project, action: AddMiddleware) -> Iterator[PatchFile | Refusal]:
    path = already_added(project.index, project.root, action.module, action.name)
    if project.entry is None and path is None:
        rows = [f"{key}={value}" for key, value in action.arguments.items()]
        call = ", ".join([action.name, *rows])
        lines = f"from {action.module} import {action.name}\napp.add_middleware({call})\n"
        for refusal in project.refusals:
            yield replace(refusal, snippet=lines, place="where the application is made")
        return
    app = project.entry.app if project.entry else None
    where = path or (app.path if app else "")
    package = package_of(where, project.root)
    arguments = {
        "module": written(project.index, where, action.module, package),
        "name": action.name,
        "arguments": dict(action.arguments),
        "target": app.target if app else "",
        "scope": app.scope if app else "",
        "line": app.line if app else None,
        "package": package,
        "first_party": first_party(project.index, project.root),
        "line_length": project.style.line_length,
    }
    yield PatchFile(where, "add_middleware", arguments)


def _dependency(project: Project, requirement: str, group: str) -> PatchFile | Refusal:
    path = project.manifest
    if path is None:
        new = f"{project.root}/requirements.txt".lstrip("/")
        return Refusal(
            "no file declares the dependencies: looked for pyproject.toml, requirements.txt, "
            "Pipfile, setup.cfg and environment.yml",
            snippet=requirement + "\n",
            place=f"in a new file {new}",
            paste=(Paste(new, 1, requirement + "\n"),),
        )
    arguments = {"requirement": requirement, "file": path, "group": group}
    return PatchFile(path, "add_requirement", arguments)


def _setting(project: Project, action: AddSetting) -> Iterator[PatchFile | Refusal]:
    settings = project.settings
    line = f"{action.name}: {action.annotation} = {action.default}\n"
    if settings is None:
        yield Refusal(
            "there is no single subclass of BaseSettings: state the one that is meant in "
            '[tool.scaffold], as settings = "app/config.py:Settings"',
            snippet=line,
            place="in the body of the settings class",
        )
        return
    yield PatchFile(
        settings.path,
        "add_setting",
        {
            "name": action.name,
            "annotation": action.annotation,
            "default": action.default,
            "class_name": settings.name,
        },
    )
    if project.dotenv:
        value = _plain(action.default)
        yield PatchFile(
            project.dotenv,
            "add_variable",
            {"name": action.name.upper(), "value": value, "comment": action.comment},
        )


def _plain(default: str) -> str:
    """A default as the environment would say it; nothing where it is no plain value."""
    try:
        value = ast.literal_eval(default)
    except (SyntaxError, ValueError):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return default.strip("\"'") if value is not None else ""
