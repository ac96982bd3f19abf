"""``scaffold new``: a project that isn't there yet, on the same path as every other command."""

from __future__ import annotations

import inspect
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from scaffold import registry
from scaffold.generators.project import project
from scaffold.spec.errors import UsageError
from scaffold.spec.naming import parse_project_name
from scaffold.workflow import Call, Options, Result, generate


def create(
    name: str,
    *,
    base: Path,
    directory: str = "",
    package: str = "app",
    database: str = "sqlite",
    extras: Sequence[str] = (),
    minimal: bool = False,
    git: bool = True,
    dry_run: bool = False,
) -> Result:
    """Makes the project ``name`` in ``base / (directory or name)`` and runs ``extras`` in it.

    Raises:
        UsageError: a name or an option can't work.
        RefusedError: something is in the way.
    """
    root = (base / (directory or parse_project_name(name))).absolute()
    if root.exists() and not root.is_dir():
        raise UsageError(f"{directory or name}: exists and is no directory", hint="--directory DIR")
    given = {"package": package, "database": database, "minimal": minimal}
    defaults = {"package": "app", "database": "sqlite", "minimal": False}
    arguments = {"name": name} | {k: v for k, v in given.items() if v != defaults[k]}
    for extra in extras:
        _check_alone(extra)
    calls = [Call("new", arguments, project), *(Call(extra) for extra in extras)]
    result = generate(calls, Options(root, dry_run=dry_run), title=f"new {name}")
    if git and result.plan.changes and not dry_run:
        note = _git_init(root)
        result = replace(result, plan=replace(result.plan, notes=(*result.plan.notes, note)))
    return result


def _check_alone(extra: str) -> None:
    """Raises UsageError for a generator that can't run without being told more than its name."""
    parameters = list(inspect.signature(registry.load(extra)).parameters.values())[1:]
    optional = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    for parameter in parameters:
        if parameter.default is parameter.empty and parameter.kind not in optional:
            raise UsageError(
                f"--with {extra}: it needs to be told {parameter.name.upper()}",
                hint=f"make the project first, then scaffold add {extra} …",
            )


def _git_init(root: Path) -> str:
    """Makes ``root`` a repository unless it is in one; what was done, as a line."""
    if any((folder / ".git").exists() for folder in (root, *root.parents)):
        return "git: this directory is in a repository already"
    git = shutil.which("git")
    if git is None:
        return "git: not installed, so no repository was made"
    done = subprocess.run([git, "init", "--quiet"], cwd=root, capture_output=True, check=False)
    return "git: made a repository" if done.returncode == 0 else "git init failed; run it by hand"
