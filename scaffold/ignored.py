"""Whether git ignores a path: what is ignored may be secret, so its content is never kept."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatch

from scaffold.tree import Tree


def ignored(tree: Tree, path: str) -> bool:
    """Whether the ``.gitignore`` files on the way to ``path`` exclude it, the deepest one deciding.

    The rules are those of gitignore(5), by the pathspec library.
    """
    parts = path.split("/")
    # Below an excluded directory nothing is included again, whatever a later rule says.
    above = ["/".join(parts[:depth]) + "/" for depth in range(1, len(parts))]
    return any(_excluded(tree, candidate) for candidate in [*above, path])


def _excluded(tree: Tree, path: str) -> bool:
    verdict = False
    for folder, lines in _ignore_files(tree, path.rstrip("/")):
        below = path.removeprefix(folder + "/" if folder else "")
        if _might_match(lines, below):
            from pathspec import GitIgnoreSpec

            found = GitIgnoreSpec.from_lines(lines).check_file(below).include
            verdict = verdict if found is None else found
    return verdict


def _ignore_files(tree: Tree, path: str) -> Iterator[tuple[str, list[str]]]:
    parts = path.split("/")[:-1]
    for depth in range(len(parts) + 1):
        folder = "/".join(parts[:depth])
        content = tree.read(f"{folder}/.gitignore" if folder else ".gitignore")
        if content is not None:
            yield folder, content.decode("utf-8", errors="replace").splitlines()


def _might_match(lines: list[str], path: str) -> bool:
    """A cheap "no" for nearly all paths, so that the library isn't even imported.

    A pattern can match only if its last segment matches some segment of the path.
    """
    segments = path.split("/")
    for line in lines:
        pattern = line.strip().strip("/").rpartition("/")[2].lstrip("!")
        if pattern and not pattern.startswith("#"):
            if any(character in pattern for character in "\\[") or pattern == "**":
                return True
            if any(fnmatch(segment, pattern) for segment in segments):
                return True
    return False
