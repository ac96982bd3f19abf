"""What git ignores, by gitignore's own rules."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaffold.ignored import ignored
from scaffold.testing import tree


@pytest.mark.parametrize(
    ("rules", "path", "expected"),
    [
        (".env\n", ".env", True),
        (".env\n", "sub/.env", True),
        ("/.env\n", "sub/.env", False),
        ("*.db\n!keep.db\n", "keep.db", False),
        ("build/\n", "build/a/b.py", True),
        ("# .env\n", ".env", False),
        ("**\n", "anything", True),
        ("a[b]c\n", "abc", True),
        ("", "app/main.py", False),
    ],
)
def test_gitignore(rules: str, path: str, expected: bool) -> None:
    assert ignored(tree({".gitignore": rules}), path) is expected


def test_the_deepest_file_decides() -> None:
    files = {".gitignore": "*.txt\n", "a/.gitignore": "!x.txt\n"}
    assert ignored(tree(files), "a/x.txt") is False
    assert ignored(tree(files), "b/x.txt") is True


@pytest.mark.slow
@given(
    rules=st.lists(
        st.sampled_from(
            [
                "a",
                "/a",
                "a/",
                "*.py",
                "!b.py",
                "a/*",
                "**/b.py",
                "c/**",
                "a*/b.py",
                "\\!x",
                "[ab].py",
            ]
        ),
        max_size=4,
    )
)
def test_git_says_the_same(tmp_path_factory: pytest.TempPathFactory, rules: list[str]) -> None:
    root = tmp_path_factory.mktemp("repo")
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    text = "\n".join(rules) + "\n"
    (root / ".gitignore").write_text(text)
    paths = ["a", "b.py", "a/b.py", "c/a/b.py", "c/d.py", "!x", "ab/b.py"]
    said = subprocess.run(
        ["git", "-C", str(root), "check-ignore", "--no-index", "--stdin"],
        input="\n".join(paths),
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split("\n")
    ours = {path for path in paths if ignored(tree({".gitignore": text}), path)}
    # A file and a directory of one name can't both be; git is asked about names alone here.
    assert {p for p in paths if p in said and "/" in p} == {p for p in ours if "/" in p}
    assert Path(root).is_dir()
