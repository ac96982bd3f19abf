"""Import an application from a copy of its tree, in a process and an interpreter of its own."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scaffold.codemods.requirement import read_requirement
from scaffold.spec.errors import MachineError
from scaffold.tree import Tree

TIMEOUT = 60.0  # seconds for one import of the app; a project that takes longer isn't proven
LONGEST = 200  # characters of an error that are shown

# Runs in the project's own interpreter, so it knows nothing of scaffold. Behind middleware that
# wraps the application there is the application itself.
_PROBE = """
import importlib, json, os, sys
sys.dont_write_bytecode = True
sys.path[0] = os.getcwd()
module = importlib.import_module(sys.argv[1])
home = os.path.realpath(getattr(module, "__file__", None) or os.getcwd())
if not home.startswith(os.path.realpath(sys.argv[3]) + os.sep):
    raise ImportError(f"{sys.argv[1]} comes from {home}, not from the copy")
app = module
for part in sys.argv[2].split("."):
    app = getattr(app, part)
for _ in range(20):
    if hasattr(app, "openapi"):
        break
    app = app.app if hasattr(app, "app") else app()
print("\\x00" + json.dumps(app.openapi(), default=str))
"""
_ABSENT = """
import sys
from importlib.metadata import PackageNotFoundError, version
for name in sys.argv[1:]:
    try:
        version(name)
    except PackageNotFoundError:
        print(name)
"""
_ERROR = re.compile(r"[A-Za-z_][\w.]*(?:Error|Exception|Exit|Interrupt|Warning)\b")
_LEFT_OUT = ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP")


@dataclass(frozen=True)
class Target:
    """``attribute`` of ``module``, imported from the directory ``root`` of the tree."""

    root: str
    module: str
    attribute: str


@dataclass(frozen=True)
class Probe:
    """What importing the app gave: its OpenAPI document, or the error in one line."""

    openapi: Mapping[str, Any] | None
    error: str = ""

    @property
    def paths(self) -> Mapping[str, Any]:
        """The paths of its OpenAPI document."""
        found = (self.openapi or {}).get("paths", {})
        return found if isinstance(found, Mapping) else {}


def interpreter_for(root: Path, start: str, python: str | None) -> str | None:
    """``--python``, the project's own environment, or the one that is active.

    ``start`` is the directory of the project that imports start from: its environment may be there.

    Raises:
        MachineError: there is no such program.
    """
    if python:
        from shutil import which

        found = which(python)
        if found is None:
            raise MachineError(f"--python {python}: no such program", hint="give its path")
        return found
    active = os.environ.get("VIRTUAL_ENV")
    places = [base / name for base in (root / start, root) for name in (".venv", "venv")]
    for folder in (*places, *([Path(active)] if active else [])):
        if (folder / "bin" / "python").is_file():
            return str(folder / "bin" / "python")
    return None


def absent(interpreter: str, requirements: Sequence[str]) -> tuple[str, ...]:
    """The distributions of ``requirements`` that ``interpreter`` doesn't have, in any version.

    Raises:
        MachineError: the interpreter can't be started.
    """
    import subprocess

    read = [read_requirement(text) for text in requirements]
    names = [requirement.name for requirement in read if requirement is not None]
    if not names:
        return ()
    try:
        done = subprocess.run(
            [interpreter, "-c", _ABSENT, *names],
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
    except OSError as error:
        raise MachineError(f"{interpreter}: {error.strerror}", hint="give --python EXE") from error
    return tuple(done.stdout.split())


def probe(tree: Tree, folder: Path, interpreter: str, target: Target) -> Probe:
    """Copies ``tree`` to ``folder``, which mustn't exist, and imports the application there.

    Raises:
        MachineError: the interpreter can't be started.
    """
    import signal
    import subprocess

    copy(tree, folder)
    try:
        process = subprocess.Popen(
            [interpreter, "-c", _PROBE, target.module, target.attribute, str(folder)],
            cwd=folder / target.root,
            env={k: v for k, v in os.environ.items() if k not in _LEFT_OUT},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
        )
    except OSError as error:
        raise MachineError(f"{interpreter}: {error.strerror}", hint="give --python EXE") from error
    try:
        said, complained = process.communicate(timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)  # with all that the import has started
        process.communicate()
        return Probe(None, f"no answer within {TIMEOUT:g} s")
    _, mark, document = said.rpartition("\0")
    if process.returncode != 0 or not mark:
        return Probe(None, _last_error(complained) or f"exit code {process.returncode}")
    return Probe(json.loads(document))


def copy(tree: Tree, folder: Path) -> None:
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


def _last_error(complained: str) -> str:
    """The error that a traceback ends in, with the start of what it says, on one line."""
    lines = [line.rstrip() for line in complained.strip().splitlines()]
    for number in range(len(lines) - 1, -1, -1):
        if _ERROR.match(lines[number]):
            lines = lines[number : number + 3]
            break
    else:
        lines = lines[-1:]
    text = " ".join(" ".join(lines).split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
