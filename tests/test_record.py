"""The record: readable, exact, without time or chance, mergeable."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaffold.record import Deleted, Patch, Record, Run, Spliced, made, read_record, run_id
from scaffold.spans import Span
from scaffold.spec.errors import RefusedError
from scaffold.tree import Entry, MemorySource, Tree


def _run(name: str, *parents: str, **changes: object) -> Run:
    arguments = {"name": name}
    run = Run(run_id("resource", arguments, parents), "resource", arguments, parents, "1", {})
    return replace(run, **changes)


def _tree(*runs: Run) -> Tree:
    return Tree(MemorySource({run.path: Entry(run.to_bytes()) for run in runs}))


@given(st.binary(), st.binary(), st.text())
def test_a_run_is_read_as_it_was_written(first: bytes, second: bytes, text: str) -> None:
    files = {
        "a": made(first, mode=0o755, secret=False, before=second),
        "b": Spliced((Patch("x", {"y": text}, (Span(first, b"", second, b""),)),)),
        "c": Deleted(second, 0o600),
        "d": made(first, mode=0o600, secret=True, before=second, found=second),
        "e": made(first, mode=0o644, secret=False, before=second, found=first),
    }
    run = _run("orders", files=files, relies=(("a", "x", {"y": text}),))
    assert read_record(_tree(run)).runs == (run,)


def test_a_secret_leaves_only_its_hash() -> None:
    run = _run("orders", files={".env": made(b"KEY=hunter2", mode=0o600, secret=True)})
    assert b"hunter2" not in run.to_bytes()


def test_the_id_follows_from_command_and_parents_alone() -> None:
    assert run_id("a", {"x": 1, "y": 2}, ()) == run_id("a", {"y": 2, "x": 1}, ())
    assert len({run_id("a", {}, ()), run_id("b", {}, ()), run_id("a", {}, ("p",))}) == 3


def test_parents_come_first_and_branches_make_two_heads() -> None:
    base = _run("base")
    left, right = _run("left", base.id), _run("right", base.id)
    record = read_record(_tree(right, left, base))
    assert record.runs[0] == base
    assert set(record.heads) == {left.id, right.id}


def test_a_run_taken_back_is_not_in_effect_until_that_is_taken_back() -> None:
    add = _run("orders", resources={"orders": {"n": 1}})
    remove = _run("x", add.id, reverts=(add.id,))
    again = _run("y", remove.id, reverts=(remove.id,))
    assert Record((add, remove)).resources == {}
    assert Record((add, remove, again)).resources == {"orders": {"n": 1}}


def test_the_last_run_in_effect_holds_the_base() -> None:
    one = _run("one", files={"a": made(b"1", mode=0o644, secret=False)})
    two = _run("two", one.id, files={"a": made(b"2", mode=0o644, secret=False, before=b"1")})
    record = Record((one, two))
    found = record.made("a")
    assert found is not None
    assert found.content == b"2"
    assert record.made("b") is None
    gone = _run("three", two.id, files={"a": Deleted(b"2")})
    assert Record((one, two, gone)).made("a") is None


def test_it_reads_well() -> None:
    text = _run("orders", files={"a.py": made(b"x = 1\ny\n", mode=0o644, secret=False)}).to_bytes()
    assert b'"x = 1",\n' in text
    assert json.loads(text)["files"]["a.py"]["content"] == ["x = 1", "y", ""]


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{}", b'{"format": 1}', b"\xff", b'{"format": 2, "scaffold": "9"}'],
)
def test_what_is_no_run_is_refused_in_one_line(content: bytes) -> None:
    tree = Tree(MemorySource({".scaffold/runs/abc.json": Entry(content)}))
    with pytest.raises(RefusedError) as caught:
        read_record(tree)
    assert "\n" not in caught.value.message


def test_a_run_under_another_name_is_refused() -> None:
    run = _run("orders")
    tree = Tree(MemorySource({".scaffold/runs/other.json": Entry(run.to_bytes())}))
    with pytest.raises(RefusedError):
        read_record(tree)


@pytest.mark.parametrize("broken", [3, {}, {"made": "x", "mode": 8}, {"patches": [{}]}, []])
def test_a_broken_file_of_a_run_is_refused_when_it_is_asked_for(broken: object) -> None:
    run = _run("orders", files={"a.py": Deleted(b"x"), "b.py": Deleted(b"y")})
    data = json.loads(run.to_bytes())
    data["files"]["a.py"] = broken
    tree = Tree(MemorySource({run.path: Entry(json.dumps(data).encode())}))
    (read,) = read_record(tree).runs
    assert list(read.files) == ["a.py", "b.py"]
    assert read.files["b.py"] == Deleted(b"y")
    with pytest.raises(RefusedError, match="not a run of scaffold"):
        read.files["a.py"]


def test_marks_of_a_merge_are_seen_at_once() -> None:
    run = _run("orders", files={"a.py": made(b"x = 1\n", mode=0o644, secret=False)})
    torn = run.to_bytes().replace(b'   "content"', b'<<<<<<< ours\n   "content"')
    with pytest.raises(RefusedError):
        read_record(Tree(MemorySource({run.path: Entry(torn)})))
    cut = Tree(MemorySource({run.path: Entry(run.to_bytes()[:-9])}))
    with pytest.raises(RefusedError):
        read_record(cut)
    bent = run.to_bytes().replace(b'"content"', b"content")
    (read,) = read_record(Tree(MemorySource({run.path: Entry(bent)}))).runs
    with pytest.raises(RefusedError):
        list(read.files)


@pytest.mark.parametrize(
    "changes",
    [
        {"id": 5},
        {"generator": None},
        {"arguments": None},
        {"arguments": []},
        {"parents": "abc"},
        {"parents": [[]]},
        {"resources": [1]},
        {"reverts": [1]},
        {"relies": [5]},
        {"relies": [{"path": 1, "codemod": "x", "arguments": {}}]},
        {"batch": ["x"]},
        {"files": None},
        {"files": {"a": 5}},
        {"files": {"a": {"made": "x", "mode": "zzz"}}},
        {"files": {"a": {"deleted": ["x"], "mode": "77777777"}}},
        {"files": {"a": {"deleted": [5], "mode": "644"}}},
    ],
)
def test_a_run_with_nonsense_in_it_is_refused_by_its_name(changes: dict[str, object]) -> None:
    run = _run("orders")
    text = json.dumps(json.loads(run.to_bytes()) | changes)
    with pytest.raises(RefusedError, match=run.path):
        for read in read_record(Tree(MemorySource({run.path: Entry(text.encode())}))).runs:
            dict(read.files)


@pytest.mark.parametrize("place", ["arguments", "files"])
def test_a_run_that_is_too_deep_to_read_is_refused(place: str) -> None:
    run = _run("orders", files={"a": Deleted(b"")})
    deep = b"[" * 100_000 + b"]" * 100_000
    whole = run.to_bytes().replace(
        b'"%s": {' % place.encode(), b'"%s": {"x": %s,' % (place.encode(), deep)
    )
    with pytest.raises(RefusedError, match=run.path):
        dict(read_record(Tree(MemorySource({run.path: Entry(whole)}))).runs[0].files)
