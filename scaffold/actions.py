"""What a generator may ask for: a closed union of actions, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from scaffold.spec.errors import Paste, Refusal
from scaffold.spec.resource import Resource


@dataclass(frozen=True)
class CreateFile:
    """A file with this content; nothing to do where it is there with the same bytes.

    A ``secret`` file's content never enters the record, a diff, JSON or a log. Where it has the mark
    ``scaffold.api.SECRET``, chance writes 64 characters when the plan is carried out.
    A ``shared`` file is needed by each run that asked for it: it goes with the last of them.
    """

    path: str
    content: bytes
    mode: int = 0o644
    secret: bool = False
    shared: bool = False


@dataclass(frozen=True)
class Render:
    """A template rendered to ``path``: created, unchanged, or merged with edits made since.

    ``path`` defaults to the template's own name with its variables filled in. ``line_length``,
    ``quote`` and ``newline`` are those of a project that has its own; ``shared`` as in CreateFile.
    """

    template: str
    context: Mapping[str, object]
    path: str | None = None
    mode: int = 0o644
    line_length: int | None = None
    quote: str = '"'
    newline: str = "\n"
    shared: bool = False


@dataclass(frozen=True)
class PatchFile:
    """A file that isn't ours, changed by the named codemod with plain arguments."""

    path: str
    codemod: str
    arguments: Mapping[str, object]


@dataclass(frozen=True)
class DeleteFile:
    """A file that goes away; nothing to do where it is absent."""

    path: str


@dataclass(frozen=True)
class MoveFile:
    """A file that goes to another path, its content and mode kept."""

    source: str
    target: str


@dataclass(frozen=True)
class AddDependency:
    """A PEP 508 requirement in whatever manifest the project uses; ``group`` "" is run-time."""

    requirement: str
    group: str = ""


@dataclass(frozen=True)
class AddSetting:
    """A setting in the project's settings class and its line in ``.env.example``."""

    name: str
    annotation: str
    default: str
    comment: str = ""


@dataclass(frozen=True)
class Wire:
    """A router included in the app, among its neighbours; ``prefix`` None is what these get.

    ``late`` puts its import in front of the include, for a module that imports that very file.
    """

    module: str
    router: str
    alias: str
    prefix: str | None
    tags: tuple[str, ...] = ()
    late: bool = False


@dataclass(frozen=True)
class AddLifespan:
    """An async context manager entered around the application's life: ``name(app)`` of ``module``.

    It is inside the lifespan that is there (what that opens is open), and several are entered in
    the order of their names.
    """

    module: str
    name: str


@dataclass(frozen=True)
class AddSection:
    """A section of the project's README.md, if there is one: ``text`` is Markdown."""

    heading: str
    text: str


@dataclass(frozen=True)
class AddMiddleware:
    """An ASGI middleware class of ``module`` around all routes, inside of what is there.

    ``arguments`` are keyword arguments as source text.
    """

    module: str
    name: str
    arguments: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class AddService:
    """A service of the project's compose file; a note where there is no such file.

    ``lines`` stand inside it, ``environment`` goes to the service that runs the application.
    """

    name: str
    lines: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class JoinHeads:
    """One head for a new Alembic revision to rest on.

    Nothing to do where there is one, or none yet. Several are joined by a merge revision if
    ``--merge-heads`` says so, and refused by name if not.
    """


@dataclass(frozen=True)
class Needs:
    """A file that another run made, without which this one's don't work: that can't go first."""

    path: str


@dataclass(frozen=True)
class Use:
    """Another generator's actions, here."""

    generator: str
    arguments: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Remember:
    """A resource that exists from this run on: the spec that later runs read."""

    resource: Resource


@dataclass(frozen=True)
class Next:
    """A command for the user to type next, with what it does."""

    command: str
    purpose: str = ""


@dataclass(frozen=True)
class Note:
    """A line that the user should read."""

    text: str


@dataclass(frozen=True)
class Refuse:
    """A reason why this can't be done surely; all of a plan's are collected, none is written.

    ``paste`` holds the lines that do it by hand; ``snippet`` and ``place`` the same for people.
    """

    reason: str
    path: str | None = None
    line: int | None = None
    snippet: str | None = None
    place: str | None = None
    paste: tuple[Paste, ...] = ()

    @classmethod
    def told(cls, refusal: Refusal) -> Refuse:
        """What the facts refuse, as an action."""
        return cls(
            refusal.reason,
            refusal.path,
            refusal.line,
            refusal.snippet,
            refusal.place,
            refusal.paste,
        )


Action = (
    CreateFile
    | Render
    | PatchFile
    | DeleteFile
    | MoveFile
    | AddDependency
    | AddSetting
    | Wire
    | AddLifespan
    | AddSection
    | AddMiddleware
    | AddService
    | JoinHeads
    | Needs
    | Use
    | Remember
    | Next
    | Note
    | Refuse
)
