from __future__ import annotations

import contextlib
import shlex
import sqlite3
from pathlib import Path

import pytest

from tests.generators.made import shop
from tests.refusals.commands import REVISION, ROWS, Row
from tests.refusals.machine import Answer, command, paste, write


def run(root: Path, words: str) -> Answer:
    """A command, in a directory of its own where it names one."""
    arguments = shlex.split(words.replace("{root}", str(root)))
    if "--root" in arguments:
        at = arguments.index("--root")
        root = root / arguments[at + 1]
        del arguments[at : at + 2]
    return command(root, *arguments)


def done(root: Path, words: str) -> None:
    """A command that works; ``!path`` takes a file or an empty directory away, ``+path`` is new."""
    if words.startswith("!"):
        target = root / words[1:]
        target.rmdir() if target.is_dir() else target.unlink()
    elif words.startswith("sql "):
        with contextlib.closing(sqlite3.connect(root / "old.sqlite")) as connection:
            connection.execute(words[4:])
    elif words.startswith("+"):
        write(root, {words[1:]: REVISION.format("zzz")})
    else:
        answer = run(root, words)
        assert answer.code == 0, (words, answer.told)


def made(root: Path, row: Row) -> Path:
    """The repository of a row."""
    if row.made:
        tree = shop()
        write(root, {path: tree.read(path) or b"" for path in tree.walk()})
    write(root, row.files)
    for words in row.before:
        done(root, words)
    return root


def contents(root: Path) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in root.rglob("*") if p.is_file()}


@pytest.mark.parametrize("name", ROWS)
def test_what_the_refusal_says_leads_on(name: str, tmp_path: Path) -> None:
    row = ROWS[name]
    made(tmp_path, row)
    before = contents(tmp_path)
    refused = run(tmp_path, row.command)
    assert refused.code == 3, refused
    assert any(row.reason in one["reason"] for one in refused.reasons), refused.told
    assert contents(tmp_path) == before
    if row.way is None:
        assert paste(tmp_path, refused.reasons)
        again = run(tmp_path, row.command)
    else:
        assert row.way.said in refused.told + " ".join(str(r["path"]) for r in refused.reasons)
        assert not any(one["paste"] for one in refused.reasons)
        for words in row.way.first:
            done(tmp_path, words)
        write(tmp_path, row.way.mended)
        again = run(tmp_path, row.way.instead or f"{row.command} {row.way.options}".strip())
    assert (again.code, again.data["error"]) == (0, None)
