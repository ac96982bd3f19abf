from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path

import pytest

from scaffold import installed, registry


@pytest.mark.parametrize("group", [registry.GROUP, registry.COMMANDS, registry.ASPECTS])
def test_it_answers_what_importlib_metadata_does(group: str) -> None:
    ours = {(p.name, p.value, p.distribution) for p in installed.entry_points() if p.group == group}
    theirs = {(p.name, p.value, p.dist.name) for p in metadata.entry_points(group=group) if p.dist}
    assert ours == theirs


@pytest.fixture
def points(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty directory that is all of the path."""
    monkeypatch.setattr(sys, "path", [str(tmp_path / "first"), str(tmp_path / "second"), "a.zip"])
    installed.entry_points.cache_clear()
    yield tmp_path  # type: ignore[misc]
    installed.entry_points.cache_clear()


def write(folder: Path, text: str) -> None:
    folder.mkdir(parents=True)
    (folder / "entry_points.txt").write_text(text)


def test_the_first_on_the_path_counts(points: Path) -> None:
    text = "[console_scripts]\nx = x:main\n[scaffold.generators]\n# note\n{}\n[other]\ny = y\n"
    write(points / "second/My.Gen-2.0.dist-info", text.format("mine = my_gen:old"))
    write(points / "first/my_gen-1.0.dist-info", text.format("mine=my_gen:new.inner [extra]\n ; x"))
    write(points / "second/legacy-1.0-py3.11.egg-info", text.format("old = legacy"))
    write(points / "second/none-1.0.dist-info", "[console_scripts]\nz = z\n")
    (points / "second/empty-1.0.dist-info").mkdir()
    found = {p.name: (p.value, p.distribution) for p in installed.entry_points()}
    assert found == {"mine": ("my_gen:new.inner", "my-gen"), "old": ("legacy", "legacy")}


def test_a_point_is_loaded() -> None:
    point = installed.EntryPoint("x", "scaffold.generators", "os.path", "join.__name__", "d")
    assert point.load() == "join"
    assert installed.EntryPoint("x", "g", "os.path", "", "d").load().__name__ == "posixpath"  # type: ignore[attr-defined]
