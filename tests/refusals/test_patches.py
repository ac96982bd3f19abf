from __future__ import annotations

from pathlib import Path

import pytest

from scaffold.actions import PatchFile
from tests.refusals.machine import actions, paste, write
from tests.refusals.patches import ROWS


@pytest.mark.parametrize("name", ROWS)
def test_pasting_unchanged_and_running_again(name: str, tmp_path: Path) -> None:
    row = ROWS[name]
    write(tmp_path, {row.path: row.content})
    patch = PatchFile(row.path, row.codemod, row.arguments)
    refused = actions(tmp_path, patch)
    assert refused.code == 3
    (reason,) = refused.reasons
    assert row.reason in reason["reason"]
    assert reason["path"] == row.path
    assert (tmp_path / row.path).read_bytes() == (
        row.content.encode() if isinstance(row.content, str) else row.content
    )
    if row.mended:
        assert not reason["paste"], "there are lines to paste: those must lead on"
        write(tmp_path, {row.path: row.mended})
        again = actions(tmp_path, patch)
        assert (again.code, again.data["error"]) == (0, None)
        return
    assert paste(tmp_path, refused.reasons)
    again = actions(tmp_path, patch)
    assert (again.code, again.data["error"]) == (0, None)
    assert {file["action"] for file in again.data["plan"]["files"]} == {"unchanged"}
    if row.path.endswith(".py"):
        compile((tmp_path / row.path).read_bytes(), row.path, "exec")
