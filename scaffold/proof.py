"""Proof that a plan works, before it is written: by reading it, and by importing a copy of it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scaffold.codemods.source import parse
from scaffold.plan import Plan
from scaffold.record import read_record
from scaffold.spec.errors import MachineError, Refusal, VerificationError
from scaffold.tree import Tree

TIMEOUT = 60.0  # seconds for one import of the app; a project that takes longer isn't proven

# Runs in the project's own interpreter, so it knows nothing of scaffold.
_PROBE = """
import importlib, json, sys
sys.dont_write_bytecode = True
app = importlib.import_module(sys.argv[1])
for part in sys.argv[2].split("."):
    app = getattr(app, part)
if not hasattr(app, "openapi"):
    app = app()
print("\\x00" + json.dumps(app.openapi(), default=str))
"""


@dataclass(frozen=True)
class Probe:
    """What importing the app gave: its OpenAPI document, or the last line of the error."""

    openapi: Mapping[str, Any] | None
    error: str = ""


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
                parse(content)
            elif change.path.endswith(".toml"):
                import tomllib

                tomllib.loads(content.decode("utf-8-sig"))
        except SyntaxError as error:
            failures.append(Refusal(f"doesn't parse: {error.msg}", change.path, error.lineno))
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
        VerificationError: the plan breaks the import, or changes or loses an operation.
        MachineError: it was asked for, and there is no interpreter or no app to import.
    """
    record = read_record(plan.before)
    if plan.marked:
        return "static, without the files that have conflict markers (the import was not tried)"
    if wanted is False or (wanted is None and not record.by_generator("new")):
        return ""
    interpreter = _interpreter(root, python)
    entry = _entrypoint(plan.after, pins) if interpreter else None
    if interpreter is None or entry is None:
        missing = "no app to import" if interpreter else "no interpreter with the dependencies"
        if wanted:
            raise MachineError(f"--verify: {missing} was found", hint="name one with --python EXE")
        return f"static ({missing}: the import was not tried)"
    import tempfile
    from concurrent.futures import ThreadPoolExecutor

    with tempfile.TemporaryDirectory(prefix="scaffold-proof-") as scratch:
        folders = Path(scratch) / "before", Path(scratch) / "after"
        with ThreadPoolExecutor(2) as pool:
            before, after = pool.map(
                lambda pair: _probe(pair[0], pair[1], interpreter, entry),
                zip((plan.before, plan.after), folders, strict=True),
            )
    return _compare(before, after, plan.reshaped)


def _compare(before: Probe, after: Probe, reshaped: tuple[str, ...] = ()) -> str:
    if before.openapi is None:
        return f"static (the app could not be imported before either: {before.error})"
    if after.openapi is None:
        raise VerificationError(
            f"the app can't be imported any more: {after.error}", hint="nothing was written"
        )
    old, new = before.openapi.get("paths", {}), after.openapi.get("paths", {})
    meant = tuple(f"{path}/" for path in reshaped)
    kept = [path for path in old if not f"{path}/".startswith(meant)]
    changed = sorted(path for path in kept if new.get(path) != old[path])
    if changed:
        raise VerificationError(
            f"operations would change or go: {', '.join(changed[:5])}", hint="nothing was written"
        )
    added = sorted(set(new) - set(old))
    return f"import (the app imports; {len(kept)} paths unchanged, {len(added)} new)"


def _interpreter(root: Path, python: str | None) -> str | None:
    """``--python``, the project's own ``.venv``, or the environment that is active."""
    if python:
        from shutil import which

        found = which(python)
        if found is None:
            raise MachineError(f"--python {python}: no such program", hint="give its path")
        return found
    active = os.environ.get("VIRTUAL_ENV")
    for folder in (root / ".venv", Path(active) if active else None):
        if folder is not None and (folder / "bin" / "python").is_file():
            return str(folder / "bin" / "python")
    return None


def _entrypoint(tree: Tree, pins: Mapping[str, str] | None = None) -> tuple[str, str, str] | None:
    """``(import root, module, attribute)`` of the app: what a server would be told to run."""
    from scaffold.project import read_project

    project = read_project(tree, pins)
    entry = project.entry
    if entry is None or "." in entry.app.scope:
        return None
    below = entry.app.path.removeprefix(project.root + "/" if project.root else "")
    module = below.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
    # In a factory it is the function that is called for the app.
    return project.root, module, entry.app.scope or entry.app.target


def _probe(tree: Tree, folder: Path, interpreter: str, entry: tuple[str, str, str]) -> Probe:
    import subprocess

    _copy(tree, folder)
    root, module, attribute = entry
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME")}
    try:
        done = subprocess.run(
            [interpreter, "-c", _PROBE, module, attribute],
            cwd=folder / root,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Probe(None, f"no answer within {TIMEOUT:.0f} s")
    except OSError as error:
        raise MachineError(f"{interpreter}: {error.strerror}", hint="give --python EXE") from error
    _, mark, document = done.stdout.rpartition("\0")
    if done.returncode != 0 or not mark:
        lines = done.stderr.strip().splitlines()
        return Probe(None, lines[-1] if lines else f"exit code {done.returncode}")
    return Probe(json.loads(document))


def _copy(tree: Tree, folder: Path) -> None:
    """The whole tree below ``folder``, which only this user can read."""
    folder.mkdir(mode=0o700)
    for path in tree.walk():
        entry = tree.get(path)
        if entry is None:
            continue
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if entry.link is None:
            target.write_bytes(entry.content)
            target.chmod(entry.mode | 0o600)
        elif not Path(entry.link).is_absolute():
            target.symlink_to(entry.link)
