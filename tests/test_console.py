"""What people read: every reason of an error, each once, and nothing that moves the cursor."""

from __future__ import annotations

import pytest

from scaffold.console import print_error, print_report, print_result
from scaffold.plan import Plan
from scaffold.reports import Report, Row
from scaffold.spec.errors import ConflictError, Refusal, RefusedError
from scaffold.tree import Tree
from scaffold.workflow import Result


def test_one_reason_is_not_said_twice(capsys: pytest.CaptureFixture[str]) -> None:
    print_error(RefusedError("add: no app (main.py)", refusals=(Refusal("no app", "main.py"),)))
    assert capsys.readouterr().err == "scaffold: add: no app (main.py)\n"


def test_one_reason_that_the_message_leaves_out_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """The lines of the one file that was edited, above all."""
    reasons = (Refusal("edited since: lines 3-4", "app/a.py", 3),)
    print_error(ConflictError("undo: 1 file(s) in the way: app/a.py", refusals=reasons))
    assert "\n  - app/a.py:3: edited since: lines 3-4\n" in capsys.readouterr().err


def test_what_files_of_others_say_stays_text(capsys: pytest.CaptureFixture[str]) -> None:
    """Plans and records come by mail and by pull request."""
    evil = "\x1b[2J\nscaffold: done"
    print_result(Result(f"apply {evil}", Plan(Tree(), Tree()), dry_run=False))
    print_report(Report({"runs": (Row(evil, evil, evil),)}))
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert len(out.splitlines()) == 3
