"""The path of every command: read, plan, prove, show, commit. Nothing is written on the way."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from scaffold import __version__, registry
from scaffold.actions import Next
from scaffold.chance import filled
from scaffold.engine import Fold, Generator
from scaffold.plan import Plan, Status, Step
from scaffold.record import Record, read_record
from scaffold.spec.errors import (
    ConflictError,
    Refusal,
    RefusedError,
    UsageError,
    VerificationError,
)
from scaffold.tree import Change, Entry, Tree


@dataclass(frozen=True)
class Options:
    """What every command that changes something takes.

    ``pins`` are facts that the command line states, so that nothing is guessed: ``app``, ….
    ``verify`` is None for the default: the import proof in projects that scaffold made.
    """

    root: Path
    dry_run: bool = False
    verify: bool | None = None
    python: str | None = None
    pins: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """A generator with its arguments; ``generator`` is its name in the record.

    ``where`` is the file and line that said it, which errors begin with.
    """

    generator: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    function: Generator | None = None
    where: str = ""


@dataclass(frozen=True)
class Result:
    """What a command did, or would do: a value that the console shows."""

    title: str
    plan: Plan
    dry_run: bool
    proof: str = ""
    runs: tuple[str, ...] = ()

    @property
    def nothing(self) -> bool:
        """Whether there was nothing to do."""
        return not self.plan.changes


Arrange = Callable[[Sequence[Call], Record], Sequence[Call]]


def generate(
    calls: Sequence[Call], options: Options, *, title: str, arranged: Arrange | None = None
) -> Result:
    """Runs generators in the project at ``options.root``: one plan, one commit, a run each.

    ``arranged`` puts the calls in order, given what was done here before.

    Raises:
        RefusedError: it can't be done surely; every reason is collected.
        ConflictError: it would run into edits made by hand.
        VerificationError: the planned project doesn't work.
        MachineError: disk, permission, lock.
    """
    with session(options) as tree:
        plans: list[Plan] = []
        runs: list[str] = []
        wrong: list[UsageError] = []
        calls = arranged(calls, read_record(tree)) if arranged else calls
        for call in calls:
            fold = new_fold(plans[-1].after if plans else tree, options)
            try:
                fold.run(call.function or registry.load(call.generator), call.arguments)
            except UsageError as error:
                wrong.append(_placed(error, call))
                continue
            run = fold.recorded(call.generator, call.arguments, __version__)
            if run is not None:
                runs.append(run.id)
                run = replace(run, batch=runs[0]) if len(calls) > 1 else run
                fold.write(run.path, Entry(run.to_bytes()), Status.CREATED)
            plans.append(_told(fold.plan(), call))
        if wrong:
            raise _together(wrong, title)
        return finish(combine(tree, plans), options, title=title, runs=tuple(runs))


def _placed(error: UsageError, call: Call) -> UsageError:
    """``error`` with the place of the line that it is about."""
    return UsageError(f"{call.where}: {error}", hint=error.hint) if call.where else error


def _told(plan: Plan, call: Call) -> Plan:
    """The plan of one call, its refusals with the place of the line that asks for it."""
    if not call.where:
        return plan
    refusals = (replace(r, reason=f"{call.where}: {r.reason}") for r in plan.refusals)
    return replace(plan, refusals=tuple(refusals))


def _together(errors: Sequence[UsageError], title: str) -> UsageError:
    """One error for all of them."""
    if len(errors) == 1:
        return errors[0]
    reasons = tuple(Refusal(f"{e} ({e.hint})" if e.hint else str(e)) for e in errors)
    return UsageError(f"{title}: {len(errors)} lines can't be understood", refusals=reasons)


@contextmanager
def session(options: Options) -> Iterator[Tree]:
    """The project's tree: locked and recovered; for a dry run read only, recovered in memory."""
    from scaffold import workspace

    if options.dry_run:
        yield workspace.open_tree(options.root)
        return
    settle(options.root)
    with workspace.locked(options.root):
        workspace.recover(options.root)
        yield workspace.open_tree(options.root)


def settle(root: Path) -> None:
    """Finishes what a killed scaffold left: in the project, here, and in the directories here.

    A killed ``scaffold new`` leaves it beside what it was to make, so every command looks there.
    """
    from scaffold import workspace

    for place in dict.fromkeys([root, *workspace.pending(Path.cwd())]):
        workspace.recover(place)


def new_fold(tree: Tree, options: Options) -> Fold:
    """An empty fold over ``tree`` and its record, with the installed generators and templates."""
    from scaffold.templates import Templates

    templates = Templates(registry.template_folder)
    return Fold(tree, read_record(tree), templates, registry.load, options.pins, registry.aspects)


def finish(plan: Plan, options: Options, *, title: str, runs: tuple[str, ...] = ()) -> Result:
    """Refuses, proves and commits a plan; the one place from which anything is written."""
    from scaffold import proof, workspace

    _refuse(plan, title)
    failures = proof.static(plan)
    if failures:
        raise VerificationError(
            f"{title}: the planned files don't hold together",
            hint="nothing was written; this is a fault of the generator: please report it",
            refusals=failures,
        )
    shown = "static"
    if plan.changes and not options.dry_run:
        shown = (
            proof.by_import(plan, options.root, options.verify, options.python, options.pins)
            or shown
        )
        workspace.commit(options.root, list(_with_secrets(plan)))
    return Result(title, plan, options.dry_run, shown if plan.changes else "", runs)


def _with_secrets(plan: Plan) -> Iterator[Change]:
    """What is written: a plan says only where its secrets go, and chance makes them here."""
    hidden = {step.path for step in plan.steps if step.hidden}
    for change in plan.changes:
        if change.path in hidden and change.after is not None:
            content = filled(change.after.content, lambda length: token_urlsafe(length)[:length])
            yield replace(change, after=replace(change.after, content=content))
        else:
            yield change


def combine(before: Tree, plans: Sequence[Plan]) -> Plan:
    """Several plans, each on the tree that the one before it left, as one."""
    if len(plans) == 1:
        return plans[0]
    after = plans[-1].after if plans else before
    steps: dict[str, Step] = {}
    for step in (step for plan in plans for step in plan.steps):
        earlier = steps.get(step.path)
        if earlier is None or earlier.status is Status.UNCHANGED:
            steps[step.path] = replace(step, hidden=step.hidden or bool(earlier and earlier.hidden))
    return Plan(
        before=before,
        after=after,
        steps=tuple(steps[path] for path in sorted(steps)),
        refusals=tuple(r for plan in plans for r in plan.refusals),
        conflicts=tuple(c for plan in plans for c in plan.conflicts),
        next=tuple(_joined(n for plan in plans for n in plan.next)),
        notes=tuple(dict.fromkeys(n for plan in plans for n in plan.notes)),
        reshaped=tuple(sorted({path for plan in plans for path in plan.reshaped})),
        served=tuple(sorted({name for plan in plans for name in plan.served})),
        requires=tuple(sorted({one for plan in plans for one in plan.requires})),
        marked=tuple(sorted({path for plan in plans for path in plan.marked})),
    )


def _joined(steps: Iterable[Next]) -> Iterator[Next]:
    """Each command once, with all that it is for."""
    purposes: dict[str, list[str]] = {}
    for step in steps:
        known = purposes.setdefault(step.command, [])
        known += [] if step.purpose in known else [step.purpose]
    yield from (Next(command, ", ".join(known)) for command, known in purposes.items())


def _refuse(plan: Plan, title: str) -> None:
    """Raises for what the plan collected; refusals weigh more than conflicts."""
    if plan.refusals:
        first = plan.refusals[0]
        where = f" ({first.path})" if first.path else ""
        more = f", and {len(plan.refusals) - 1} more" if len(plan.refusals) > 1 else ""
        raise RefusedError(
            f"{title}: {first.reason}{where}{more}", hint=_way_on(plan), refusals=plan.refusals
        )
    if plan.conflicts:
        places = tuple(
            Refusal(
                f"{c.reason}: {_ranges(c.lines)}" if c.lines else c.reason,
                c.path,
                c.lines[0][0] if c.lines else None,
                shown=c.shown or None,
            )
            for c in plan.conflicts
        )
        raise ConflictError(
            f"{title}: {len(places)} file(s) edited by hand are in the way: "
            + ", ".join(c.path for c in plan.conflicts),
            hint="; ".join(["nothing was written", *dict.fromkeys(c.way for c in plan.conflicts)]),
            refusals=places,
        )


def _way_on(plan: Plan) -> str:
    if any(refusal.snippet for refusal in plan.refusals):
        return "paste the lines shown where they belong, then run the same command again"
    if any(refusal.place for refusal in plan.refusals):
        paths = " ".join(shlex.quote(r.path) for r in plan.refusals if r.place and r.path)
        return f"move or delete what is in the way ({paths}), then run the same command again"
    return "nothing was written"


def _ranges(lines: Sequence[tuple[int, int]]) -> str:
    return ", ".join(f"line {a}" if a == b else f"lines {a}-{b}" for a, b in lines)
