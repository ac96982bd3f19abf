"""Proof that a plan works, before it is written: by reading it, and by importing a copy of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from scaffold.codemods.outcome import Cannot
from scaffold.codemods.source import read_source
from scaffold.plan import Plan
from scaffold.record import read_record
from scaffold.spec.errors import MachineError, Refusal, VerificationError
from scaffold.tree import Tree

if TYPE_CHECKING:
    from scaffold.importing import Probe, Target


def static(plan: Plan) -> tuple[Refusal, ...]:
    """Every changed Python or TOML file without conflict markers parses; the reasons where not.

    What a patch means (names bound once and before use, the route reachable) is checked by the
    codemod that made it, which answers ``Cannot`` instead.
    """
    failures = []
    for change in plan.changes:
        if change.after is None or change.after.link is not None or change.path in plan.marked:
            continue
        content = change.after.content
        try:
            if change.path.endswith(".py"):
                broken = read_source(content)
                if isinstance(broken, Cannot):
                    failures.append(Refusal(broken.reason, change.path, broken.line))
            elif change.path.endswith(".toml"):
                import tomllib

                tomllib.loads(content.decode("utf-8-sig"))
        except ValueError as error:
            failures.append(Refusal(f"doesn't parse: {error}", change.path))
    return tuple(failures)


def by_import(
    plan: Plan,
    root: Path,
    wanted: bool | None,
    python: str | None,
    pins: Mapping[str, str] | None = None,
) -> str:
    """Imports the app before and after the plan, each in a copy, and compares their OpenAPI.

    ``wanted`` None means: in projects that scaffold made. Returns what holds, "" where it wasn't
    asked for.

    Raises:
        VerificationError: the plan breaks the import, changes or loses an operation, or a resource
            that it adds isn't served.
        MachineError: it was asked for, and there is no interpreter or no app to import, or what the
            plan requires is not installed.
    """
    ours = bool(read_record(plan.before).by_generator("new"))
    if plan.marked:
        return "static, without the files that have conflict markers (the import was not tried)"
    if wanted is False or (wanted is None and not ours):
        return ""
    from scaffold.importing import absent, interpreter_for

    target = target_of(plan.after, pins)
    interpreter = interpreter_for(root, target.root if target else "", python)
    if interpreter is None or target is None:
        missing = "no app to import" if interpreter else "no interpreter with the dependencies"
        if wanted:
            raise MachineError(f"--verify: {missing} was found", hint="name one with --python EXE")
        return f"static ({missing}: the import was not tried)"
    if awaited := ", ".join(absent(interpreter, plan.requires)):
        # What the plan itself declares is installed after it; that is no fault of the plan's.
        if wanted:
            raise MachineError(
                f"--verify: {awaited} must be installed first, in what {interpreter} runs in",
                hint="install it, or leave --verify out",
            )
        return f"static (to be installed first: {awaited}; the import was not tried)"
    before, after = _probes(plan, interpreter, target, together=ours)
    return _compare(before, after, plan)


def _probes(
    plan: Plan, interpreter: str, target: Target, *, together: bool
) -> tuple[Probe, Probe | None]:
    """The app before and after the plan; None where it can't even be imported before.

    A stranger's app is never imported twice at once: it may hold a port or a file.
    """
    import tempfile

    from scaffold.importing import probe

    with tempfile.TemporaryDirectory(prefix="scaffold-proof-") as scratch:
        here = Path(scratch)
        if not together:
            before = probe(plan.before, here / "before", interpreter, target)
            if before.openapi is None:
                return before, None
            return before, probe(plan.after, here / "after", interpreter, target)
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(2) as pool:
            first = pool.submit(probe, plan.before, here / "before", interpreter, target)
            second = pool.submit(probe, plan.after, here / "after", interpreter, target)
            return first.result(), second.result()


def _compare(before: Probe, after: Probe | None, plan: Plan) -> str:
    if before.openapi is None or after is None:
        return f"static (the app could not be imported before either: {before.error})"
    if after.openapi is None:
        raise VerificationError(
            f"the app can't be imported any more: {after.error}", hint="nothing was written"
        )
    meant = tuple(f"{path}/" for path in plan.reshaped)
    kept = [path for path in before.paths if not f"{path}/".startswith(meant)]
    changed = sorted(path for path in kept if after.paths.get(path) != before.paths[path])
    if changed:
        raise VerificationError(
            f"operations would change or go: {', '.join(changed[:5])}", hint="nothing was written"
        )
    added = sorted(set(after.paths) - set(before.paths))
    missing = [name for name in plan.served if not any(_is_below(p, name) for p in added)]
    if missing:
        raise VerificationError(
            f"the app imports, but its OpenAPI has no path of {', '.join(missing)}",
            hint="nothing was written; --no-verify writes it all the same",
        )
    return f"import (the app imports; {len(kept)} paths unchanged, {len(added)} new)"


def _is_below(path: str, name: str) -> bool:
    """Whether a path of the API has ``name`` as one of its segments."""
    return name in path.split("/")


def target_of(tree: Tree, pins: Mapping[str, str] | None = None) -> Target | None:
    """What a server would be told to run; None where nothing of the module's own is the app."""
    from scaffold.importing import Target
    from scaffold.project import read_project

    project = read_project(tree, pins)
    entry = project.entry
    if entry is None:
        return None
    path, name, start = entry.app.path, entry.app.scope or entry.app.target, project.root
    if entry.pointer is not None:
        path, name = entry.pointer.path, entry.pointer.name
        start = start if path.startswith(f"{start}/" if start else "") else entry.pointer.root
    elif "." in entry.app.scope:
        return None
    below = path.removeprefix(f"{start}/" if start else "")
    module = below.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
    # In a factory it is the function that is called for the app.
    return Target(start, module, name)
