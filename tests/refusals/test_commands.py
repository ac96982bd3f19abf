from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from tests.generators.made import shop
from tests.refusals.commands import ROWS, Row
from tests.refusals.machine import Answer, command, paste, write


def run(root: Path, words: str) -> Answer:
    return command(root, *shlex.split(words))


def made(root: Path, row: Row) -> Path:
    """The repository of a row."""
    if row.made:
        tree = shop()
        write(root, {path: tree.read(path) or b"" for path in tree.walk()})
    write(root, row.files)
    for words in row.before:
        assert run(root, words).code == 0, words
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
            assert run(tmp_path, words).code == 0, words
        write(tmp_path, row.way.mended)
        again = run(tmp_path, row.way.instead or f"{row.command} {row.way.options}".strip())
    assert (again.code, again.data["error"]) == (0, None)
    assert run(tmp_path, "undo --keep").code == 0
