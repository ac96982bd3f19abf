"""No refusal without a test of what leads on."""

from __future__ import annotations

import pytest

from tests.refusals import commands, inverses, patches
from tests.refusals.sites import Site, sites

ELSEWHERE = {
    " has no inverse by meaning": "never asked: what has none is taken back by its text",
    "it can't be taken out without changing something else": "a proof that no known file fails",
    "the patch could not be proven: ": "test_actions.py",
    "the file to patch ": "test_actions.py",
    "to move doesn't exist": "test_actions.py",
    "there is no single subclass of BaseSettings": "test_actions.py",
    "no installed package brings the aspect ": "a plug-in is gone: test_actions.py",
    "the record has no options for the aspect ": "a record edited by hand: test_actions.py",
    " can't change once there are rows": "no command asks for it: test_actions.py",
    " would change with its values in it": "no command asks for it: test_actions.py",
    ") rests on it": "test_actions.py",
    "doesn't parse: ": "no refusal: exit code 5, tests/test_proof.py",
    "changed since the plan was made": "no refusal: exit code 4, tests/workspace",
    "changed by somebody else at this moment": "no refusal: exit code 4, tests/workspace",
}
"""What no table here has, and why."""

REASONS = [
    *(row.reason for row in patches.ROWS.values()),
    *(row.reason for row in commands.ROWS.values()),
    *(row.way.said for row in commands.ROWS.values() if row.way),
    *inverses.REASONS.values(),
]


@pytest.mark.parametrize("site", sites(), ids=lambda site: f"{site.path}:{site.line}")
def test_every_refusal_has_a_row(site: Site) -> None:
    known = any(site.says(reason) for reason in REASONS)
    assert known or any(site.says(words) for words in ELSEWHERE), site.words


def test_nothing_is_left_out_that_is_not_there() -> None:
    found = sites()
    assert [words for words in ELSEWHERE if not any(site.says(words) for site in found)] == []
