"""A directory on disk as a tree's source: lazy, read once, never outside the root."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from scaffold.spec.errors import MachineError
from scaffold.tree import Entry
from scaffold.workspace.filesystem import DISK, NEITHER, UNPRINTABLE, FileSystem
from scaffold.workspace.paths import DRAFT, JOURNAL, PRUNED, TEMPORARY, check, directory_of

_NOT_CODE = {"pyvenv.cfg", "CACHEDIR.TAG", "conda-meta"}  # marks of an environment, of a cache
_BUILDERS = {"package.json", "pyproject.toml", "setup.py", "setup.cfg"}
_BUILT = {"build", "dist"}


class DiskSource:
    """The files below ``root`` as they are when first asked for; then from memory.

    ``root`` needn't exist: then the source is empty. Every method raises RefusedError for a path
    that leads out of the root and MachineError for what the system doesn't let us read.
    """

    def __init__(self, root: Path, files: FileSystem = DISK) -> None:
        self._files = files
        self._root = files.resolve(root)
        self._entries: dict[str, Entry | None] = {}
        self._places: dict[str, Path] = {"": self._root}
        self._walks: dict[str, tuple[str, ...]] = {}

    def get(self, path: str) -> Entry | None:
        """The file or symlink at ``path``; None when there is none, or only a directory."""
        if path not in self._entries:
            try:
                found = self._files.look(self._place(path))
            except OSError as error:
                raise MachineError(f"cannot read {path}: {error.strerror}") from error
            self._entries[path] = None if found is NEITHER else found
        return self._entries[path]

    def is_directory(self, path: str) -> bool:
        """Whether ``path`` ("" for the root) is a directory, not through a symlink."""
        try:
            return self._files.is_directory(self._place(path) if path else self._root)
        except OSError as error:
            raise MachineError(f"cannot read {path}: {error.strerror}") from error

    def walk(self, prefix: str = "") -> Iterable[str]:
        """All file and symlink paths below ``prefix``, sorted; what holds no code is pruned.

        Names that can't be printed are left out, directories that we may not list as well.
        """
        start = prefix.rstrip("/")
        if start not in self._walks:
            found = self._below(start) if self.is_directory(start) else ()
            self._walks[start] = tuple(sorted(found))
        return self._walks[start]

    def _place(self, path: str) -> Path:
        parent, _, name = check(path).rpartition("/")
        if parent not in self._places:  # one look-up a directory, not one a file
            self._places[parent] = directory_of(self._files, self._root, path)
        return self._places[parent] / name

    def _below(self, start: str) -> Iterator[str]:
        waiting = [(start, self._names(start))]
        while waiting:
            directory, names = waiting.pop()
            prefix = directory + "/" if directory else ""
            for name, is_directory in names.items():
                if not is_directory:
                    if prefix + name not in (JOURNAL, DRAFT):
                        yield prefix + name
                elif name not in PRUNED:
                    below = self._names(prefix + name)
                    if not _holds_no_code(name, names, below):
                        waiting.append((prefix + name, below))

    def _names(self, directory: str) -> dict[str, bool]:
        try:
            names = self._files.names(self._root / directory)
        except PermissionError:  # a database's data, say: there is nothing for us in there
            return {}
        except OSError as error:
            raise MachineError(f"cannot list {directory or '.'}: {error.strerror}") from error
        return {
            name: is_directory
            for name, is_directory in names.items()
            if not UNPRINTABLE.search(name) and not TEMPORARY.fullmatch(name)
        }


def _holds_no_code(name: str, beside: dict[str, bool], below: dict[str, bool]) -> bool:
    if not _NOT_CODE.isdisjoint(below):
        return True
    return name in _BUILT and not _BUILDERS.isdisjoint(beside) and "__init__.py" not in below
