"""Actions that name no file, turned into patches of the files that the facts point at."""

from __future__ import annotations

from collections.abc import Iterator

from scaffold.actions import AddDependency, AddLifespan, AddSection, AddSetting, PatchFile, Wire
from scaffold.project.lifespan import plan_lifespan
from scaffold.project.project import Project
from scaffold.project.wiring import Router, Wiring
from scaffold.spec.errors import Refusal


def resolve(
    project: Project, action: AddDependency | AddSetting | Wire | AddLifespan | AddSection
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
        case Wire(module, router, alias, prefix, tags):
            found = project.wiring(Router(module, router, alias, prefix, tuple(tags)))
            if isinstance(found, Wiring):
                yield PatchFile(found.path, "include_router", found.arguments)
            else:
                yield from found


def _dependency(project: Project, requirement: str, group: str) -> PatchFile | Refusal:
    path = project.manifest
    if path is None:
        return Refusal(
            "no file declares the dependencies: looked for pyproject.toml, requirements.txt, "
            "Pipfile, setup.cfg and environment.yml",
            snippet=requirement + "\n",
            place="in what the environment is installed from",
        )
    arguments = {"requirement": requirement, "file": path, "group": group}
    return PatchFile(path, "add_requirement", arguments)


def _setting(project: Project, action: AddSetting) -> Iterator[PatchFile | Refusal]:
    settings = project.settings
    line = f"{action.name}: {action.annotation} = {action.default}\n"
    if settings is None:
        yield Refusal(
            "there is no single subclass of BaseSettings",
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
        value = action.default.strip("\"'") if action.default != "None" else ""
        yield PatchFile(
            project.dotenv,
            "add_variable",
            {"name": action.name.upper(), "value": value, "comment": action.comment},
        )
