from __future__ import annotations

from pathlib import Path

import pytest

from scaffold.actions import PatchFile
from scaffold.codemods import Cannot, invert
from tests.refusals.inverses import REASONS, ROWS
from tests.refusals.machine import actions, command, write


@pytest.mark.parametrize("name", ROWS)
def test_an_edit_in_the_way_is_a_conflict_with_a_way_on(name: str, tmp_path: Path) -> None:
    row = ROWS[name]
    write(tmp_path, {row.path: row.before})
    assert actions(tmp_path, PatchFile(row.path, row.codemod, row.arguments)).code == 0
    target = tmp_path / row.path
    text = row.edit(target.read_text())
    target.write_bytes(text.encode("latin-1" if "ÿ" in text else "utf-8"))
    edited = target.read_bytes()
    inserted = b"[x]" if name == "extras alone" else b""
    cannot = invert(row.codemod, edited, row.arguments, inserted)
    assert isinstance(cannot, Cannot)
    assert REASONS[name] in cannot.reason
    refused = command(tmp_path, "undo")
    assert refused.code == 4
    (reason,) = refused.reasons
    assert (reason["path"], bool(reason["line"])) == (row.path, True)
    assert "--keep" in refused.data["error"]["hint"]
    assert "--force" in refused.data["error"]["hint"]
    assert target.read_bytes() == edited
    kept = command(tmp_path, "undo", "--keep")
    assert (kept.code, kept.data["error"]) == (0, None)
    assert target.read_bytes() == edited
