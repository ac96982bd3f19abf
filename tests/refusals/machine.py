"""A command as a machine runs it: what it answers in JSON, and what it says to paste."""

from __future__ import annotations

import contextlib
import io
import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scaffold.actions import Action
from scaffold.api import Context
from scaffold.cli import app, commands  # noqa: F401  (registers the commands)
from scaffold.console import error_data, result_data
from scaffold.spec.errors import ScaffoldError
from scaffold.workflow import Call, Options, generate
from tests.pasting import pasted

Files = Mapping[str, str | bytes]


@dataclass(frozen=True)
class Answer:
    """An exit code and the document on stdout."""

    code: int
    data: Mapping[str, Any]

    @property
    def reasons(self) -> list[Mapping[str, Any]]:
        """The refusals."""
        return list(self.data["error"]["reasons"]) if self.data["error"] else []

    @property
    def told(self) -> str:
        """All that is said about what is wrong and what to do."""
        error = self.data["error"]
        return " ".join(
            [error["message"], error["hint"] or "", *(one["reason"] for one in self.reasons)]
        )


def write(root: Path, files: Files) -> None:
    for path, content in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)


def database(*statements: str) -> bytes:
    """A SQLite database in which these statements were run."""
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        for statement in statements:
            connection.execute(statement)
        return connection.serialize()


def command(root: Path, *arguments: str) -> Answer:
    """``scaffold ARGUMENTS --json`` in this process."""
    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out):
            code = app([*arguments, "--root", str(root), "--json"], standalone_mode=False)
        return Answer(int(code or 0), json.loads(out.getvalue()))
    except ScaffoldError as error:
        return Answer(int(error.exit_code), error_data(" ".join(arguments[:2]), error))


def actions(root: Path, *wanted: Action) -> Answer:
    """The command of a generator that yields these actions."""

    def probe(context: Context) -> Iterable[Action]:
        """Yield what is wanted."""
        return wanted

    try:
        call = Call("probe", {}, probe)
        result = generate([call], Options(root, verify=False), title="add probe")
    except ScaffoldError as error:
        return Answer(int(error.exit_code), error_data("add probe", error))
    return Answer(0, result_data("add probe", result))


def paste(root: Path, reasons: Iterable[Mapping[str, Any]]) -> int:
    """Does what the reasons say, unchanged; how many blocks that were."""
    blocks = [block for reason in reasons for block in reason["paste"]]
    for path in {block["path"] for block in blocks}:
        target = root / path
        there = target.read_bytes().decode() if target.is_file() else ""
        here = [(b["line"], b["over"], b["text"]) for b in blocks if b["path"] == path]
        write(root, {path: pasted(there, here)})
    return len(blocks)
