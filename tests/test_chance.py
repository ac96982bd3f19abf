from __future__ import annotations

import stat
from pathlib import Path

import pytest

from scaffold.actions import Action, CreateFile, PatchFile
from scaffold.chance import LENGTH, MARK, filled, marked
from scaffold.engine import Context
from scaffold.plan import Plan
from scaffold.record import Made, read_record
from scaffold.revert import Edited
from scaffold.undo import undo
from scaffold.workflow import Call, Options, Result, generate
from scaffold.workspace import open_tree

TEMPLATE = f"A=1\nSECRET={MARK}\nOTHER={MARK}\n".encode()


def test_each_mark_becomes_a_secret_of_its_own_and_back() -> None:
    drawn = iter("ab")
    content = filled(TEMPLATE, lambda length: next(drawn) * length)
    _, one, other = (line.partition(b"=")[2] for line in content.splitlines())
    assert len(MARK) == len(one) == len(other) == LENGTH == 64
    assert one.startswith(b"a" * 56)
    assert one != other
    assert marked(content) == TEMPLATE


@pytest.mark.parametrize("text", [b"", b"a" * 64, b"a" * 63, b"SECRET=" + b"x" * 64 + b"\n"])
def test_what_scaffold_did_not_make_is_no_secret_of_its_own(text: bytes) -> None:
    assert marked(text) == text
    assert filled(text, lambda length: "a" * length) == text


def secrets(context: Context, *, there: bool = False) -> list[Action]:
    if there:
        return [PatchFile(".env", "set_variable", {"name": "SECRET", "value": MARK})]
    return [CreateFile(".env", TEMPLATE, mode=0o600, secret=True)]


def add(root: Path, *, there: bool = False, dry_run: bool = False) -> Result:
    call = Call("secrets", {"there": there} if there else {}, secrets)
    return generate([call], Options(root, dry_run=dry_run), title="add secrets")


def shown(plan: Plan) -> str:
    return "".join(plan.diff(step.path) for step in plan.steps)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / ".gitignore").write_text(".env\n")
    return tmp_path


def test_a_secret_is_made_when_the_plan_is_carried_out(root: Path) -> None:
    add(root, dry_run=True)
    assert not (root / ".env").exists()
    result = add(root)
    content = (root / ".env").read_bytes()
    assert stat.S_IMODE((root / ".env").stat().st_mode) == 0o600
    assert MARK.encode() not in content
    assert marked(content) == TEMPLATE
    made = read_record(open_tree(root)).made(".env")
    assert isinstance(made, Made)
    assert made.content is None
    secret = content.splitlines()[1].partition(b"=")[2].decode()
    recorded = "".join(path.read_text() for path in (root / ".scaffold").rglob("*.json"))
    assert secret not in recorded + shown(result.plan)
    assert add(root).nothing
    assert (root / ".env").read_bytes() == content


def test_undo_takes_a_secret_that_nobody_touched(root: Path) -> None:
    add(root)
    undo(Options(root), None, Edited.REFUSE)
    assert not (root / ".env").exists()


def test_undo_leaves_a_secret_that_somebody_put_there(root: Path) -> None:
    add(root)
    own = b"SECRET=" + b"x" * 64
    (root / ".env").write_bytes(own)
    undo(Options(root), None, Edited.KEEP)
    assert (root / ".env").read_bytes() == own


def test_a_secret_joins_a_file_that_is_there_and_goes_again(root: Path) -> None:
    (root / ".env").write_bytes(b"MINE=1\r\n# SECRET=\r\n")
    result = add(root, there=True)
    content = (root / ".env").read_bytes()
    assert marked(content) == b"MINE=1\r\n# SECRET=\r\n" + f"SECRET={MARK}\r\n".encode()
    assert content[-66:-2].decode() not in shown(result.plan)
    assert add(root, there=True).nothing
    undo(Options(root), None, Edited.REFUSE)
    assert (root / ".env").read_bytes() == b"MINE=1\r\n# SECRET=\r\n"
