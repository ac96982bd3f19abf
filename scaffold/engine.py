"""The fold: a generator's actions, applied one after another to a tree that nobody writes yet."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

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
from scaffold.codemods.outcome import Already, Cannot, Patched
from scaffold.ignored import ignored
from scaffold.merge import Merged, merge
from scaffold.plan import Conflict, Plan, Status, Step
from scaffold.record import (
    NEEDS,
    Deleted,
    Made,
    Patch,
    Record,
    Run,
    Spliced,
    Touched,
    content_hash,
    made,
    run_id,
)
from scaffold.spans import Span, diff_spans, take_back
from scaffold.spec.errors import Refusal
from scaffold.spec.known import Resources
from scaffold.spec.resource import Resource
from scaffold.tree import Entry, Tree

if TYPE_CHECKING:
    from scaffold.aspects import Aspect
    from scaffold.project import Project
    from scaffold.templates import Templates

Generator = Callable[..., Iterable[Action]]
ThroughProject = (
    AddDependency | AddSetting | Wire | AddLifespan | AddSection | AddMiddleware | AddService
)

_MERGE = "--merge writes both versions of these lines, between markers"


class Context:
    """What a generator sees: the tree as the actions yielded so far have left it, and facts."""

    def __init__(self, fold: Fold) -> None:
        self._fold = fold

    @property
    def tree(self) -> Tree:
        """The planned tree so far."""
        return self._fold.tree

    @property
    def record(self) -> Record:
        """What scaffold did here before this plan."""
        return self._fold.record

    @property
    def project(self) -> Project:
        """The facts of the planned tree so far, each with its evidence."""
        return self._fold.project()

    @property
    def surroundings(self) -> Project:
        """The facts without the files that scaffold made here: the same before a run and after."""
        return self._fold.surroundings()

    @property
    def no_wire(self) -> bool:
        """Whether routers are left for people to wire (``--no-wire``)."""
        return bool(self._fold.pins.get("no_wire"))

    @property
    def resources(self) -> Resources:
        """The resources that exist, by plural name, those of this plan included."""
        return self._fold.known | self._fold.resources

    @property
    def aspects(self) -> Mapping[str, Aspect]:
        """What installed generators can add to single resources, by name, sorted."""
        return self._fold.aspects()

    def render(
        self, folder: str, context: Mapping[str, object], *, leave_out: Iterable[str] = ()
    ) -> Iterator[Render]:
        """A ``Render`` for each template below ``templates/<folder>/``.

        ``leave_out`` names templates, or directories of them, that this project doesn't get.
        """
        without = tuple(leave_out)
        for name in self._fold.templates.files(folder):
            if not any(name == one or name.startswith(one + "/") for one in without):
                yield Render(f"{folder}/{name}", context)


class Fold:
    """Applies actions to a tree and remembers, for each path, what happened and why."""

    def __init__(
        self,
        tree: Tree,
        record: Record,
        templates: Templates,
        generators: Callable[[str], Generator],
        pins: Mapping[str, str] | None = None,
        aspects: Callable[[], Mapping[str, Aspect]] = dict,
    ) -> None:
        self.before = tree
        self.tree = tree
        self.record = record
        self.templates = templates
        self.generators = generators
        self.aspects = aspects
        self.pins = dict(pins or {})
        self.known = Resources(record.resources)
        self.settled = "marked" if self.pins.get("merge") else ""
        self.way = _MERGE
        self.resources: dict[str, Resource] = {}
        self.context = Context(self)
        self._statuses: dict[str, Status] = {}
        self._bases: dict[str, bytes] = {}
        self._hidden: set[str] = set()
        self._patches: dict[str, list[Patch]] = {}
        self._relies: list[tuple[str, str, Mapping[str, Any]]] = []
        self._refusals: list[Refusal] = []
        self._conflicts: list[Conflict] = []
        self._marked: list[str] = []
        self._next: list[Next] = []
        self._notes: list[str] = []
        self._requires: set[str] = set()
        self._project: Project | None = None
        self._surroundings: Project | None = None

    def project(self) -> Project:
        """The facts of the current tree; what hasn't changed since they were read isn't read again."""
        if self._project is None:
            from scaffold.project import read_project

            self._project = read_project(self.tree, self.pins)
        elif self._project.tree is not self.tree:
            self._project = self._project.at(self.tree)
        return self._project

    def surroundings(self) -> Project:
        """The facts of the tree before this plan, without what runs have made and put in."""
        if self._surroundings is None:
            tree = self.before
            for run in reversed(self.record.runs):
                for path, touched in run.files.items():
                    there = tree.read(path)
                    if there is None:
                        continue
                    if isinstance(touched, Made):
                        tree = tree.with_entry(path, None)
                    elif isinstance(touched, Spliced):
                        tree = tree.with_content(path, _without(there, touched.patches))
            self._surroundings = self.project().at(tree)
        return self._surroundings

    def run(self, generator: Generator, arguments: Mapping[str, Any]) -> None:
        """All actions of a generator called with ``arguments``, by parameter name."""
        positional: list[Any] = []
        keywords: dict[str, Any] = {}
        parameters = inspect.signature(generator).parameters
        for parameter in list(parameters.values())[1:]:
            if parameter.kind is parameter.VAR_POSITIONAL:
                positional += arguments.get(parameter.name, ())
            elif parameter.kind is parameter.KEYWORD_ONLY:
                keywords |= {k: v for k, v in arguments.items() if k == parameter.name}
            elif parameter.kind is parameter.VAR_KEYWORD:
                keywords |= {k: v for k, v in arguments.items() if k not in parameters}
            elif parameter.name in arguments:
                positional.append(arguments[parameter.name])
        for action in generator(self.context, *positional, **keywords):
            self.apply(action)

    def apply(self, action: Action) -> None:
        """One action, on the tree as it is now."""
        match action:
            case CreateFile():
                self._create(action)
            case Render():
                self._render(action)
            case PatchFile():
                self._patch(action)
            case DeleteFile(path):
                self._delete(path)
            case MoveFile():
                self._move(action)
            case AddDependency() | AddSetting() | Wire() | AddLifespan() | AddSection():
                self._through_project(action)
            case AddMiddleware() | AddService():
                self._through_project(action)
            case JoinHeads():
                self._join_heads()
            case Needs(path):
                self._relies.append((path, NEEDS, {}))
            case Use(generator, arguments):
                self.run(self.generators(generator), arguments)
            case Remember(resource):
                self.resources[resource.name.snake_plural] = resource
            case Next():
                self._next.append(action)
            case Note(text):
                self.note(text)
            case Refuse(reason, path, line, snippet, place, paste):
                self.refuse(Refusal(reason, path, line, snippet, place, paste=paste))

    def forget(self, name: str) -> None:
        """From here on there is no resource ``name``."""
        self.known = Resources({n: d for n, d in self.record.resources.items() if n != name})

    def settle(self, how: str, way: str) -> None:
        """Conflicts of files rendered again are ``how``: "kept", "replaced", or "" for refused.

        ``way`` is what the refusal says can be done.
        """
        self.settled, self.way = how, way

    def refuse(self, refusal: Refusal) -> None:
        """One more reason why this plan can't be carried out."""
        self._refusals.append(refusal)

    def conflict(self, conflict: Conflict) -> None:
        """One more place where the plan runs into edits made by hand."""
        self._conflicts.append(conflict)

    def note(self, text: str) -> None:
        """A line that the user should read, once."""
        if text not in self._notes:
            self._notes.append(text)

    def plan(self) -> Plan:
        """The plan as folded so far."""
        steps = (Step(p, s, p in self._hidden) for p, s in sorted(self._statuses.items()))
        return Plan(
            before=self.before,
            after=self.tree,
            steps=tuple(steps),
            refusals=tuple(self._refusals),
            conflicts=tuple(self._conflicts),
            next=tuple(dict.fromkeys(self._next)),
            notes=tuple(self._notes),
            reshaped=tuple(sorted(set(self._reshaped()))),
            served=tuple(sorted(self._served())),
            requires=tuple(sorted(self._requires)),
            marked=tuple(self._marked),
        )

    def _served(self) -> Iterator[str]:
        """The last path segment of each resource that there wasn't before, if it gets wired."""
        for name, resource in self.resources.items():
            if name not in self.record.resources and not self.context.no_wire:
                yield resource.path.rpartition("/")[2]

    def _reshaped(self) -> Iterator[str]:
        """The paths of resources that were there with another spec, or that such ones refer to.

        What refers to a resource decides what its deletion answers, through others as well.
        """
        known = self.record.resources
        changed = {n: r for n, r in self.resources.items() if known.get(n) != r.to_data()}
        ahead, seen = list(changed), set[str]()
        while ahead:
            name = ahead.pop()
            if name in seen:
                continue
            seen.add(name)
            specs = [Resource.from_data(known[name])] if name in known else []
            specs += [changed[name]] if name in changed else []
            yield from (spec.path for spec in specs if name in known)
            ahead += [f.to for s in specs for f in (*s.references, *s.links) if f.to]

    def write(self, path: str, entry: Entry | None, status: Status) -> None:
        """Puts ``entry`` at ``path`` in the planned tree; unchanged where it is there already."""
        if self.tree.get(path) == entry:
            self._statuses.setdefault(path, Status.UNCHANGED)
            return
        if ignored(self.tree, path):
            self._hidden.add(path)
        self.tree = self.tree.with_entry(path, entry)
        earlier = self._statuses.get(path, Status.UNCHANGED)
        self._statuses[path] = status if earlier is Status.UNCHANGED else earlier
        if self.before.get(path) == entry:
            self._statuses[path] = Status.UNCHANGED

    # -- files of ours

    def _create(self, action: CreateFile) -> None:
        if action.secret:
            self._hidden.add(action.path)
        if action.secret and self.tree.get(action.path) is not None:
            # A secret that is there is the user's: never compared, never replaced.
            self._statuses.setdefault(action.path, Status.UNCHANGED)
            return
        self._ours(action.path, action.content, action.mode)
        if action.shared:
            self._share(action.path)

    def _render(self, action: Render) -> None:
        folder, _, name = action.template.partition("/")
        path = action.path or self.templates.path(name, action.context)
        content = self.templates.render(
            folder,
            name,
            action.context,
            line_length=action.line_length or self._line_length,
            quote=action.quote,
            newline=action.newline,
        )
        self._ours(path, content, action.mode)
        if action.shared:
            self._share(path)

    def _share(self, path: str) -> None:
        """Note that this run needs a file which another one made."""
        if self.before.get(path) is not None:
            self._relies.append((path, "", {}))

    @cached_property
    def _line_length(self) -> int:
        """As wide as the project's own code is; an empty directory has no ways yet."""
        empty = next(iter(self.before.walk()), None) is None
        return 88 if empty else self.project().style.line_length

    def _ours(self, path: str, content: bytes, mode: int) -> None:
        """Create, leave, or merge a file that templates make."""
        there = self.tree.get(path)
        if there is None:
            if self._blocked(path):
                return
            self._bases[path] = content
            self.write(path, Entry(content, mode), Status.CREATED)
            return
        if there.link is None and there.content == content:
            self._statuses.setdefault(path, Status.UNCHANGED)
            return
        base = self._bases.get(path) or self._recorded(path, there)
        if there.link is not None or base is None:
            self.refuse(
                Refusal("a file that scaffold did not make is in the way", path, place=path)
            )
            return
        merged = merge(base, there.content, content)
        if merged.conflicts and self.settled in ("", "kept"):
            self._leave(path, merged)
            return
        if merged.conflicts and self.settled == "marked":
            self._marked.append(path)
            lines = ", ".join(f"{first}-{last}" for first, last in merged.marked)
            self.note(f"{path}: conflict markers in lines {lines}: settle them by hand")
        elif merged.conflicts:
            merged = Merged(content)
        self._bases[path] = content
        status = Status.PATCHED if there.content == base else Status.MERGED
        self.write(path, Entry(merged.content, there.mode), status)

    def _leave(self, path: str, merged: Merged) -> None:
        """Keeps a file that was edited where it would change, or says why nothing can be done."""
        if self.settled:
            self.note(f"{path}: kept as it is, edited since")
            return
        reason = "edited since scaffold rendered it"
        self.conflict(Conflict(path, reason, self.way, merged.conflicts, merged.shown()))

    def _recorded(self, path: str, there: Entry) -> bytes | None:
        """What the record has as the base of ``path``; of a secret, only if it is untouched."""
        recorded = self.record.made(path)
        if recorded is not None and recorded.content is None:
            untouched = recorded.sha256 == content_hash(there.content)
            return there.content if untouched else None
        return recorded.content if recorded else None

    def _blocked(self, path: str) -> bool:
        """Whether a file or symlink stands where a directory is needed, or the reverse."""
        if self.tree.is_directory(path):
            self.refuse(Refusal("a directory is where a file should go: move it", path))
            return True
        parts = path.split("/")[:-1]
        for end in range(1, len(parts) + 1):
            parent = "/".join(parts[:end])
            if self.tree.get(parent) is not None:
                self.refuse(Refusal("a file is where a directory should go: move it", parent))
                return True
        return False

    # -- files of the user's

    def _patch(self, action: PatchFile) -> None:
        from scaffold import codemods

        there = self.tree.get(action.path)
        if there is None or there.link is not None:
            what = "is a symlink" if there else "doesn't exist"
            self.refuse(Refusal(f"the file to patch {what}", action.path))
            return
        match codemods.apply(action.codemod, there.content, action.arguments):
            case Patched(content):
                self.write(action.path, Entry(content, there.mode), Status.PATCHED)
                spans = diff_spans(there.content, content)
                if ignored(self.tree, action.path):
                    spans = tuple(Span(b"", span.removed, span.inserted, b"") for span in spans)
                patch = Patch(action.codemod, action.arguments, spans)
                self._patches.setdefault(action.path, []).append(patch)
            case Already():
                self._relies.append((action.path, action.codemod, action.arguments))
                self._statuses.setdefault(action.path, Status.UNCHANGED)
            case Cannot(reason, line, snippet, place, paste):
                here = tuple(replace(one, path=action.path) for one in paste)
                place = place or ", ".join(one.place for one in here)
                self.refuse(Refusal(reason, action.path, line, snippet, place, paste=here))

    def _delete(self, path: str) -> None:
        if self.tree.get(path) is not None:
            self.write(path, None, Status.DELETED)

    def _move(self, action: MoveFile) -> None:
        entry = self.tree.get(action.source)
        if entry is None or self.tree.exists(action.target):
            what = "to move doesn't exist" if entry is None else "is in the way"
            path = action.source if entry is None else action.target
            self.refuse(Refusal(f"the file {what}", path))
            return
        self.write(action.source, None, Status.DELETED)
        self.write(action.target, entry, Status.MOVED)

    def _through_project(self, action: ThroughProject) -> None:
        """The project's facts say which file takes it, and how; or why none can."""
        from scaffold.project import resolve

        if isinstance(action, Wire | AddLifespan) and self.context.no_wire:
            self.note(_wiring_by_hand(action))
            return
        if isinstance(action, AddService) and self.project().compose is None:
            self.note(f"no compose file to add the service {action.name} to")
            return

        if isinstance(action, AddDependency) and not action.group:
            self._requires.add(action.requirement)
        for step in resolve(self.project(), action):
            if isinstance(step, Refusal):
                self.refuse(step)
            else:
                self.apply(step)

    def _join_heads(self) -> None:
        alembic = self.project().alembic
        heads = alembic.heads if alembic else ()
        if alembic is None or len(heads) < 2:
            return
        named = ", ".join(heads)
        if not self.pins.get("merge_heads"):
            reason = (
                f"the migrations have {len(heads)} heads ({named}): --merge-heads joins them, "
                "as alembic merge heads does"
            )
            self.refuse(Refusal(reason, alembic.versions))
            return
        # The same heads are joined by the same revision, on every machine.
        revision = hashlib.sha256(f"merge {named}".encode()).hexdigest()[:12]
        sample = self.tree.read(alembic.revisions[0].path) or b""
        self.apply(
            Render(
                "alembic/merge_heads.py.jinja",
                {"revision": revision, "down": heads, "heads": named},
                f"{alembic.versions}/{revision}_merge_heads.py",
                quote=self.project().style.quote,
                newline="\r\n" if b"\r\n" in sample else "\n",
            )
        )

    # -- the record of it

    def recorded(self, generator: str, arguments: Mapping[str, Any], version: str) -> Run | None:
        """The run to record; None where nothing changed."""
        files = {c.path: self._touched(c.path) for c in self.plan().changes}
        new = {
            name: resource.to_data()
            for name, resource in self.resources.items()
            if self.record.resources.get(name) != resource.to_data()
        }
        if not files and not new:
            return None
        parents = self.record.heads
        return Run(
            id=run_id(generator, arguments, parents),
            generator=generator,
            arguments=dict(arguments),
            parents=parents,
            scaffold=version,
            files=files,
            resources=new,
            relies=tuple(self._relies),
        )

    def _touched(self, path: str) -> Touched:
        before, after = self.before.get(path), self.tree.get(path)
        if after is None:
            assert before is not None
            return Deleted(before.content, before.mode)
        if path in self._bases or before is None:
            earlier: Made | None = self.record.made(path) if before is not None else None
            edited = (
                before is not None and earlier and content_hash(before.content) != earlier.sha256
            )
            return made(
                self._bases.get(path, after.content),
                mode=after.mode,
                secret=path in self._hidden,
                before=earlier.content if earlier else None,
                found=before.content if before and edited else None,
            )
        patches = self._patches.get(path)
        # A change by no codemod is one of a run that takes others back: its own spans undo it.
        whole = Patch("", {}, diff_spans(before.content, after.content))
        return Spliced(tuple(patches) if patches else (whole,))


def _wiring_by_hand(wire: Wire | AddLifespan) -> str:
    """The lines that wire a router or a lifespan, for people who place them themselves."""
    if isinstance(wire, AddLifespan):
        return (
            "not entered, as --no-wire says; these lines do it, around the yield of the lifespan:\n"
            f"    from {wire.module} import {wire.name}\n"
            f"    async with {wire.name}(app):"
        )
    options = f", prefix={wire.prefix!r}" if wire.prefix else ""
    options += f", tags={list(wire.tags)!r}" if wire.tags else ""
    return (
        "not wired, as --no-wire says; these lines do it:\n"
        f"    from {wire.module} import {wire.router} as {wire.alias}\n"
        f"    app.include_router({wire.alias}{options})"
    )


def _without(content: bytes, patches: tuple[Patch, ...]) -> bytes:
    """``content`` without what patches put in, where that is as they left it."""
    for patch in reversed(patches):
        content = take_back(content, patch.spans).content
    return content
