"""``undo`` and ``remove``: runs taken back, on the same path as every other command."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from scaffold import __version__, registry
from scaffold.actions import CreateFile, Next
from scaffold.engine import Fold
from scaffold.migrations import Revision, inverse_revision, parse_revision
from scaffold.plan import Status
from scaffold.record import NEEDS, Made, Record, Run, read_record, run_id
from scaffold.revert import WAYS, Edited, resting_on, take_back_runs
from scaffold.spec.errors import Refusal, RefusedError
from scaffold.tree import Entry, Tree
from scaffold.workflow import Options, Result, finish, new_fold, session


@dataclass(frozen=True)
class Migration:
    """An Alembic revision that a run made: where it is and what it says."""

    path: str
    revision: Revision


def undo(options: Options, wanted: str | None, edited: Edited) -> Result:
    """Takes back the run whose id starts with ``wanted``; the last one by default.

    Raises:
        RefusedError: several could be meant, or later work rests on it.
        ConflictError: what it made was edited since, and ``edited`` says to refuse then.
    """
    # What is taken back loses its routes on purpose: comparing OpenAPI documents says nothing.
    options = replace(options, verify=False)
    with session(options) as tree:
        record = read_record(tree)
        run = _choose(record, wanted)
        fold = new_fold(tree, options)
        if run is None:
            fold.note("nothing to undo: scaffold has no run in effect here")
            return finish(fold.plan(), options, title="undo")
        # What one command did is taken back together, unless one of its runs is named.
        runs = [run] if wanted is not None or not run.batch else _batch(record, run)
        title = f"undo {', '.join(describe(one) for one in runs)}"
        _refuse_needed(title, runs, fold)
        _refuse_resting(title, runs, record, tree, migrations=True)
        _say_downgrade(fold, _migrations(runs, tree))
        stays = take_back_runs(fold, runs, edited)
        _close(fold, runs, "undo", {"run": run.id}, needed=stays)
        return finish(fold.plan(), options, title=title, runs=tuple(one.id for one in runs))


def remove(
    options: Options,
    generator: str,
    name: str | None,
    edited: Edited,
    *,
    delete_migration: bool,
) -> Result:
    """Takes back all that ``generator`` did (for ``name``), later work staying where it is.

    A migration that somebody may have run is not deleted: a new one drops what it made. It is
    deleted where ``delete_migration`` says so or it never entered git, if nothing rests on it.
    """
    options = replace(options, verify=False)
    with session(options) as tree:
        record = read_record(tree)
        runs = _runs_of(record, generator, name)
        title = f"remove {generator}" + (f" {name}" if name else "")
        fold = new_fold(tree, options)
        if not runs:
            fold.note(f"nothing to remove: {_what_there_is(record, generator)}")
            return finish(fold.plan(), options, title=title)
        migrations = _migrations(runs, tree)
        delete = bool(migrations) and (delete_migration or _never_in_git(migrations, tree))
        delete = delete and (delete_migration or not _later(migrations, tree))
        _refuse_needed(title, runs, fold)
        resource = name if generator == "resource" else None
        _refuse_referred(title, resource, fold)
        _refuse_resting(title, runs, record, tree, migrations=delete, resource=resource)
        kept = frozenset() if delete else frozenset(m.path for m in migrations)
        others = _of_others(runs) if resource else frozenset()
        stays = take_back_runs(fold, runs, edited, leave=kept | others)
        if resource and others:
            _part(fold, resource, edited)
        if kept:
            _drop(fold, migrations)
        elif delete:
            _say_downgrade(fold, migrations)
        arguments = {"generator": generator, "name": name}
        _close(fold, runs, "remove", arguments, needed=bool(kept) or stays)
        return finish(fold.plan(), options, title=title, runs=tuple(r.id for r in runs))


def describe(run: Run) -> str:
    """A run as the user knows it: its generator and the name it was given."""
    generator, _, part = run.generator.partition(":")
    what = f"{part} {generator}" if part else generator
    name = run.arguments.get("name") or run.arguments.get("run")
    return f"{what} {name}" if isinstance(name, str) else what


def _choose(record: Record, wanted: str | None) -> Run | None:
    if wanted is None:
        heads = [run for run in record.runs if run.id in record.heads]
        if len(heads) > 1:
            listed = ", ".join(f"{run.id} ({describe(run)})" for run in heads)
            raise RefusedError(
                f"undo: {len(heads)} runs are the last of their branch: {listed}",
                hint="name one: scaffold undo RUN",
            )
        return heads[0] if heads else None
    matching = [run for run in record.in_effect if run.id.startswith(wanted)]
    if len(matching) != 1:
        what = "no run" if not matching else f"{len(matching)} runs"
        raise RefusedError(
            f"undo: {what} in effect with an id that starts with {wanted!r}",
            hint="scaffold history lists them",
        )
    return matching[0]


def _batch(record: Record, run: Run) -> list[Run]:
    """The runs in effect of the command that made ``run``, oldest first."""
    return [one for one in record.in_effect if one.batch == run.batch]


def _runs_of(record: Record, generator: str, name: str | None) -> list[Run]:
    """The runs in effect to take back, oldest first."""
    if generator != "resource":
        return [
            run
            for run in record.by_generator(generator)
            if name is None or run.arguments.get("name") == name
        ]
    return [run for run in record.in_effect if name in run.resources]


def _what_there_is(record: Record, generator: str) -> str:
    if generator == "resource":
        names = ", ".join(record.resources) or "none"
        return f"scaffold made no such resource here (there are: {names})"
    return f"{generator} was not added here"


def _refuse_needed(title: str, runs: Sequence[Run], fold: Fold) -> None:
    """Raises where what stays needs what would be gone: an aspect its generator, a run a file."""
    taken = {run.id for run in runs}
    staying = [run for run in fold.record.in_effect if run.id not in taken]
    gone = {run.generator for run in runs} - {run.generator for run in staying}
    resources = {name: data for run in staying for name, data in run.resources.items()}
    needing = [
        f"the resource {name} is there with {asked}"
        for name, data in resources.items()
        for asked in data.get("aspects", ())
        if (aspect := fold.context.aspects.get(asked)) and aspect.requires in gone
    ]
    theirs = {path for run in runs for path, made in run.files.items() if isinstance(made, Made)}
    needing += [
        f"run {run.id} ({describe(run)}) is there"
        for run in staying
        if any(codemod == NEEDS and path in theirs for path, codemod, _ in run.relies)
    ]
    if needing:
        raise RefusedError(
            f"{title}: {'; '.join(needing)}, which needs it",
            hint="take that back first: scaffold history lists the runs",
            refusals=tuple(Refusal(reason) for reason in needing),
        )


def _refuse_referred(title: str, resource: str | None, fold: Fold) -> None:
    """Raises where other resources have relations to the one that would be gone."""
    reasons = [
        f"{other} refers to it by {field.name}: scaffold remove relation {other} {field.name}"
        for other, spec in fold.context.resources.items()
        for field in (spec.fields if resource is not None and other != resource else ())
        if field.to == resource
    ]
    if reasons:
        raise RefusedError(
            f"{title}: {'; '.join(reasons)}",
            hint="take the relations out first, or the resources that have them",
            refusals=tuple(Refusal(reason) for reason in reasons),
        )


def _of_others(runs: Sequence[Run]) -> frozenset[str]:
    """The files of other resources that ``runs`` rendered again: both sides tell of a relation."""
    made = [(path, t) for run in runs for path, t in run.files.items() if isinstance(t, Made)]
    own = {path for path, touched in made if touched.before is None}
    return frozenset(path for path, _ in made if path not in own)


def _part(fold: Fold, resource: str, edited: Edited) -> None:
    """Renders what ``resource`` relates to again, now without it; later relations stay."""
    related = {field.to for field in fold.context.resources[resource].fields} - {None, resource}
    fold.forget(resource)
    fold.settle({Edited.KEEP: "kept", Edited.FORCE: "replaced"}.get(edited, ""), WAYS)
    for name in sorted(related & {*fold.context.resources}, key=str):
        fold.run(registry.load("resource:refresh"), {"name": name})


def _refuse_resting(
    title: str,
    runs: Sequence[Run],
    record: Record,
    tree: Tree,
    *,
    migrations: bool,
    resource: str | None = None,
) -> None:
    """Raises where later work needs what would go away.

    What runs of other resources did to the files of the ``resource`` that goes, they only did by
    relations, which are gone by now.
    """
    reasons = [
        Refusal(f"run {run.id} ({describe(run)}) rests on it")
        for run in resting_on(runs, record, tree)
        if resource is None or not (run.resources or run.reverts)
    ]
    if migrations:
        reasons += [
            Refusal(f"revision {later.revision.id} rests on the migration", later.path)
            for later in _later(_migrations(runs, tree), tree)
        ]
    if reasons:
        names = "; ".join(r.reason + (f" ({r.path})" if r.path else "") for r in reasons)
        raise RefusedError(
            f"{title}: {names}",
            hint="take the later work back first, or use scaffold remove, which leaves it alone",
            refusals=tuple(reasons),
        )


def _migrations(runs: Iterable[Run], tree: Tree) -> list[Migration]:
    """The Alembic revisions that the runs made and that are still there, oldest first."""
    return [
        Migration(path, revision)
        for run in runs
        for path, touched in run.files.items()
        if isinstance(touched, Made) and (revision := _revision_at(path, tree)) is not None
    ]


def _revision_at(path: str, tree: Tree) -> Revision | None:
    content = tree.read(path) if path.endswith(".py") else None
    if content is None or b"down_revision" not in content:
        return None
    return parse_revision(content.decode("utf-8", errors="replace"))


def _all_revisions(near: Sequence[Migration], tree: Tree) -> list[Migration]:
    """Every revision in the directories of ``near``."""
    folders = sorted({m.path.rpartition("/")[0] for m in near})
    return [
        Migration(path, revision)
        for folder in folders
        for path in tree.walk(folder)
        if (revision := _revision_at(path, tree)) is not None
    ]


def _later(migrations: Sequence[Migration], tree: Tree) -> list[Migration]:
    """The revisions that rest on ``migrations`` without being among them."""
    ours = {m.revision.id for m in migrations}
    return [
        m
        for m in _all_revisions(migrations, tree)
        if m.revision.id not in ours and ours & set(m.revision.down)
    ]


def _drop(fold: Fold, migrations: Sequence[Migration]) -> None:
    """A revision on the head for each of ``migrations``, newest first, that does it backwards."""
    everything = _all_revisions(migrations, fold.tree)
    parents = {down for m in everything for down in m.revision.down}
    heads = [m.revision.id for m in everything if m.revision.id not in parents]
    if len(heads) != 1:
        fold.refuse(
            Refusal(
                f"the migrations have {len(heads)} heads ({', '.join(heads)}): alembic merge heads"
            )
        )
        return
    head = heads[0]
    for migration in reversed(migrations):
        if len(migration.revision.down) > 1:
            continue  # it only joins branches, which others may rest on by now
        folder, _, file = migration.path.rpartition("/")
        new, source = inverse_revision(migration.revision, head)
        stem = file.removesuffix(".py").removeprefix(f"{migration.revision.id}_")
        fold.apply(CreateFile(f"{folder}/{new}_revert_{stem}.py", source.encode()))
        head = new
    fold.apply(Next("alembic upgrade head", "drops the table; its rows are gone then"))


def _never_in_git(migrations: Sequence[Migration], tree: Tree) -> bool:
    """Whether git surely knows none of these files, read from its index without running it.

    Only index versions 2 and 3 spell paths out, and neither a split nor a sparse one has all of
    them (git's index-format documentation); anything else counts as "may be known". A repository
    without an index has never seen a file.
    """
    index = tree.read(".git/index")
    if index is None:
        return tree.read(".git/HEAD") is not None
    if index[:4] != b"DIRC" or index[4:8] not in (b"\0\0\0\2", b"\0\0\0\3"):
        return False
    if any(extension + b"\0" in index for extension in (b"link", b"sdir")):
        return False
    return not any(m.path.encode() + b"\0" in index for m in migrations)


def _say_downgrade(fold: Fold, migrations: Sequence[Migration]) -> None:
    """Notes what to type first; back to where the oldest of ``migrations`` started from."""
    ours = {m.revision.id for m in migrations}
    oldest = [m for m in migrations if not ours & set(m.revision.down)]
    if not oldest:
        return
    migration = oldest[0]
    down = migration.revision.down[0] if migration.revision.down else "base"
    fold.note(
        f"a database that has run {migration.revision.id} ({migration.revision.title}) needs "
        f"`alembic downgrade {down}` before this revision goes away"
    )


def _close(
    fold: Fold, runs: Sequence[Run], command: str, arguments: Mapping[str, Any], *, needed: bool
) -> None:
    """Forgets runs that nothing came after; records that earlier ones were taken back.

    ``needed`` says that they must not be forgotten: taking them back made files of its own, or
    left what another run relies on.
    """
    ids = {run.id for run in runs}
    rest_of = [run for run in fold.record.runs if run.id not in ids]
    last = not any(ids & set(run.parents) for run in rest_of)
    if last and not needed:
        for run in runs:
            fold.write(run.path, None, Status.DELETED)
        return
    taken = fold.recorded(command, arguments, __version__)
    parents = fold.record.heads
    run = Run(
        id=run_id(command, arguments, parents),
        generator=command,
        arguments=dict(arguments),
        parents=parents,
        scaffold=__version__,
        files=taken.files if taken else {},
        reverts=tuple(run.id for run in runs),
    )
    fold.write(run.path, Entry(run.to_bytes()), Status.CREATED)
