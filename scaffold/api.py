"""What a generator may import: the actions it yields, the facts it reads, the words it uses."""

from collections.abc import Iterator

from scaffold import __version__ as scaffold_version
from scaffold.actions import (
    Action,
    AddDependency,
    AddLifespan,
    AddMiddleware,
    AddSection,
    AddService,
    AddSetting,
    CreateFile,
    DeleteFile,
    JoinHeads,
    MoveFile,
    Needs,
    Next,
    Note,
    PatchFile,
    Refuse,
    Remember,
    Render,
    Use,
    Wire,
)
from scaffold.aspects import Around, Aspect, Seam, asked_for, fielded
from scaffold.chance import MARK as SECRET
from scaffold.engine import Context
from scaffold.ignored import ignored
from scaffold.spec.errors import Paste, RefusedError, UsageError
from scaffold.spec.fields import Field, parse_field, print_field
from scaffold.spec.naming import Name, parse_name, parse_package, parse_project_name
from scaffold.spec.resource import Resource, check_resource, make_resource

__all__ = [
    "SECRET",
    "Action",
    "AddDependency",
    "AddLifespan",
    "AddMiddleware",
    "AddSection",
    "AddService",
    "AddSetting",
    "Around",
    "Aspect",
    "Context",
    "CreateFile",
    "DeleteFile",
    "Field",
    "JoinHeads",
    "MoveFile",
    "Name",
    "Needs",
    "Next",
    "Note",
    "Paste",
    "PatchFile",
    "Refuse",
    "RefusedError",
    "Remember",
    "Render",
    "Resource",
    "Seam",
    "UsageError",
    "Use",
    "Wire",
    "asked_for",
    "change_resource",
    "check_resource",
    "fielded",
    "ignored",
    "make_resource",
    "parse_field",
    "parse_name",
    "parse_package",
    "parse_project_name",
    "print_field",
    "scaffold_version",
]


def change_resource(context: Context, before: Resource | None, after: Resource) -> Iterator[Action]:
    """What makes the resource ``before`` (None: there is none yet) into ``after``.

    Its files are rendered again and merged with the edits made since; a revision turns its table
    into the new one, if columns differ; later runs read the new spec. What would lose or lack values
    of existing rows is refused by name. ``dataclasses.replace(before, …)`` makes ``after``.
    """
    yield Use("resource:change", {"before": before, "after": after})
