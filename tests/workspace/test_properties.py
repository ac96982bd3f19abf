"""Any plan on any tree: done as a dictionary would, or, cut off anywhere, not at all."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaffold.tree import Change, Entry
from scaffold.workspace import commit, open_tree, recover

from .faults import FaultyDisk, Killed, kill_at, make, picture

names = st.sampled_from(["a", "b", "c.py", "é 'x'", ".env", "UP"])
paths = st.lists(names, min_size=1, max_size=3).map("/".join)
contents = st.sampled_from([b"", b"one\n", b"two\r\n", bytes(range(256))])
files = st.builds(Entry, contents, st.sampled_from([0o644, 0o755, 0o600, 0o400]))
links = st.builds(Entry, st.just(b""), st.just(0o644), st.sampled_from(["a", "../b", "no where"]))
entries = st.one_of(files, files, files, links)


def consistent(tree: Mapping[str, Entry]) -> bool:
    """No path is both a file and a directory."""
    return not any(other.startswith(path + "/") for path in tree for other in tree)


trees = st.dictionaries(paths, entries, max_size=8).filter(consistent)


@st.composite
def plans(draw: st.DrawFn) -> tuple[dict[str, Entry], dict[str, Entry]]:
    """A tree and another one that a commit can make of it."""
    before = draw(trees)
    after = dict(before)
    for path, entry in draw(st.dictionaries(paths, st.none() | entries, max_size=6)).items():
        if entry is None:
            after.pop(path, None)
        elif consistent({**before, **after, path: entry}):
            old = before.get(path)
            if old is None or (old.link is None) == (entry.link is None):
                after[path] = entry
    return before, after


def changes_of(before: Mapping[str, Entry], after: Mapping[str, Entry]) -> list[Change]:
    return [Change(p, before.get(p), after.get(p)) for p in sorted(before.keys() | after.keys())]


@contextlib.contextmanager
def directory() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def tree_of(root: Path) -> dict[str, Entry]:
    tree = open_tree(root)
    return {path: entry for path in tree.walk() if (entry := tree.get(path)) is not None}


def masked(tree: Mapping[str, Entry]) -> dict[str, Entry]:
    return {p: Entry(e.content, e.mode & ~0o022, e.link) for p, e in tree.items()}


@settings(max_examples=40)
@given(plans(), st.sampled_from(["renameat2", "link", ""]))
def test_a_commit_does_what_a_dictionary_does(
    plan: tuple[dict[str, Entry], dict[str, Entry]], can: str
) -> None:
    before, after = plan
    with directory() as root:
        make(root, before)
        commit(root, changes_of(before, after), files=FaultyDisk(can=can))
        assert masked(tree_of(root)) == masked(after)
        assert not [path for path in picture(root) if ".scaffold" in path]
        commit(root, changes_of(after, before))
        assert masked(tree_of(root)) == masked(before)


@pytest.mark.slow
@settings(max_examples=300)
@given(
    plans(),
    st.sampled_from(["renameat2", "link", ""]),
    st.lists(st.integers(1, 120), min_size=1, max_size=4),
)
def test_cut_off_anywhere_it_is_old_or_new(
    plan: tuple[dict[str, Entry], dict[str, Entry]], can: str, kills: list[int]
) -> None:
    before, after = plan
    with directory() as base:
        pictures = []
        for name, changes in (("old", []), ("new", changes_of(before, after))):
            make(base / name, before)
            (base / name).mkdir(exist_ok=True)
            commit(base / name, changes)
            pictures.append(picture(base / name))
        root = base / "cut"
        root.mkdir()
        make(root, before)
        with contextlib.suppress(Killed):
            commit(
                root,
                changes_of(before, after),
                files=FaultyDisk(kill_at(kills[0], torn=True), can=can),
            )
        for number in kills[1:]:
            with contextlib.suppress(Killed):
                recover(root, files=FaultyDisk(kill_at(number), can=can))
        recover(root, files=FaultyDisk(can=can))
        assert picture(root) in pictures
