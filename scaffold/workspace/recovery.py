"""What a crashed commit left: found, shown as it was before, or taken back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from scaffold.spec.errors import ConflictError
from scaffold.tree import Entry, Tree
from scaffold.workspace import journal as journals
from scaffold.workspace.filesystem import DISK, FileSystem, machine_error
from scaffold.workspace.journal import Phase, label
from scaffold.workspace.lock import locked
from scaffold.workspace.paths import nearest_directory
from scaffold.workspace.rollback import Action, decide, finish, roll_back, spare
from scaffold.workspace.source import DiskSource
from scaffold.workspace.stage import discard, stages


def pending(parent: Path, *, files: FileSystem = DISK) -> list[Path]:
    """``parent`` and the directories in it, as far as ``recover`` has work there. Reads only.

    One listing of ``parent`` and one look into each directory there; what we may not look into
    is left out.
    """

    def has_work(place: Path) -> bool:
        try:
            return _unfinished(files, place) or (place == parent and bool(stages(files, place)))
        except OSError:
            return False

    try:
        below = sorted(name for name, is_directory in files.names(parent).items() if is_directory)
    except OSError:
        return []
    return [place for place in (parent, *(parent / name for name in below)) if has_work(place)]


def recover(root: Path, *, files: FileSystem = DISK) -> bool:
    """Make the old tree again after a crash (or tidy up a complete new one).

    Whether there was something to do. Where ``root`` doesn't exist, its closest parent that does
    is looked at. Edits made since the crash are kept: then ConflictError names them, once, and
    where to find what was there before. RefusedError and MachineError as ``journal.load``.
    """
    try:
        directory = nearest_directory(files.resolve(root))
        if not _unfinished(files, directory) and not stages(files, directory):
            return False
        with locked(directory):
            return take_back(files, directory)
    except OSError as error:
        raise machine_error(error, "Run the command again to go on with it.") from error


def take_back(files: FileSystem, directory: Path) -> bool:
    """``recover`` for one who has the lock. ``directory`` is resolved. OSError."""
    left = stages(files, directory)
    for stage in left:
        discard(files, stage)
    if not _unfinished(files, directory):
        return bool(left)
    found = journals.load(files, directory)
    if found is None:
        journals.clear(files, directory)
        return True
    journal, phase = found
    if phase is Phase.COMPLETE:
        strange = finish(files, directory, journal)
    else:
        strange = roll_back(files, directory, journal, phase)
    if strange:
        raise ConflictError(
            f"an interrupted scaffold was taken back, but {'; '.join(strange)}",
            hint="Look at these files, then run the command again.",
        )
    return True


def open_tree(root: Path, *, files: FileSystem = DISK) -> Tree:
    """The project as ``recover`` would leave it; nothing is written. Lazy, read once.

    RefusedError, MachineError, also later by the tree's methods.
    """
    source = DiskSource(root, files)
    place = files.resolve(root)
    try:
        found = journals.load(files, place)
        if found is None or found[1] is Phase.COMPLETE:
            return Tree(source)
        journal, phase = found
        entries = _recovered(files, place, journal) if phase is Phase.SWAPPING else {}
        return Tree(_Recovered(source, entries, frozenset(journal.directories)))
    except OSError as error:
        raise machine_error(error) from error


@dataclass(frozen=True)
class _Recovered:
    """A source with some entries as they will be, and without directories that only we made."""

    source: DiskSource
    entries: Mapping[str, Entry | None]
    made: frozenset[str]

    def get(self, path: str) -> Entry | None:
        return self.entries[path] if path in self.entries else self.source.get(path)

    def is_directory(self, path: str) -> bool:
        return self.source.is_directory(path) and (path not in self.made or any(self.walk(path)))

    def walk(self, prefix: str = "") -> Iterable[str]:
        below = prefix.rstrip("/") + "/" if prefix else ""
        paths = {p for p in self.source.walk(prefix) if p not in self.entries}
        back = {p for p, e in self.entries.items() if e is not None and p.startswith(below)}
        return sorted(paths | back)


def _recovered(files: FileSystem, root: Path, journal: journals.Journal) -> dict[str, Entry | None]:
    entries: dict[str, Entry | None] = {}
    for number, step in enumerate(journal.steps):
        temporary = root / journal.temporary(number)
        here, aside = files.look(root / step.path), files.look(temporary)
        third = files.look(spare(temporary))
        if third is not None and here is None:
            here = third
        elif third is not None and aside in (None, here):
            aside = third
        match decide(step, label(here, step.modes), label(aside, step.modes)):
            case Action.RESTORE | Action.EXCHANGE:
                entries[step.path] = aside
            case Action.RETIRE:
                entries[step.path] = None
            case Action.DROP if step.old is None and label(here, step.modes) == step.new:
                entries[step.path] = None  # one file under both names: cut off within a move
            case _:
                entries[step.path] = here
    return entries


def _unfinished(files: FileSystem, directory: Path) -> bool:
    """Whether a journal, its draft, or only their empty directory was left."""
    place = directory / journals.FOLDER
    if not files.is_directory(place):
        return False
    names = files.names(place)
    return not names or not {"journal", "journal.new"}.isdisjoint(names)
