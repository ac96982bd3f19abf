"""Writing a plan: all of it or nothing, and never over anybody else's edit.

1. Lock the root; take back what a crashed commit left.
2. Compare every ``before`` with the disk: content, mode, link.
3. Journal names and hashes; make the missing directories; write every new file beside its place.
4. Make all of that durable, and note so in the journal.
5. Move each created file to its free name; exchange each replaced one with the file at its path;
   move each deleted one aside. What comes out must be the ``before``; else it is put back.
6. Make the directories durable, and note in the journal that the commit is complete.
7. Remove what was replaced, the directories that became empty, the journal.

Whatever goes wrong up to 6 is rolled back. After a crash the next command rolls back, or finishes
7 if 6 was reached. A root that doesn't exist is built whole and then renamed (see ``stage``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from scaffold.spec.errors import ConflictError, Refusal, RefusedError
from scaffold.tree import Change, Entry
from scaffold.workspace import journal as journals
from scaffold.workspace import stage
from scaffold.workspace.filesystem import DISK, FileSystem, machine_error, put
from scaffold.workspace.interrupts import Interrupts, Stopped, deferred
from scaffold.workspace.journal import Journal, Phase, Step
from scaffold.workspace.lock import locked
from scaffold.workspace.paths import check_writable, locate, nearest_directory, parents
from scaffold.workspace.recovery import take_back
from scaffold.workspace.rollback import finish, roll_back, spare

_STOPPED = "nothing was written"


def commit(root: Path, changes: Sequence[Change], *, files: FileSystem = DISK) -> None:
    """Make every change below ``root``, or none.

    New files get their mode less the umask, others exactly ``after.mode``. A path that is a
    symlink to a file inside the root is written through, if ``before`` is that file's content.

    ConflictError when a path isn't as its ``before`` says; RefusedError when one is not ours to
    write; MachineError when the disk or the lock fails. An interrupt (SIGINT, SIGTERM, SIGHUP)
    is heard between two steps: everything is rolled back, or complete, before it takes effect; a
    second one ends the process at once and leaves the rest to the next command. What the
    KeyboardInterrupt of the first one says is how it ended.
    """
    needed = [change for change in changes if change.before != change.after]
    if not needed:
        return
    ended = ""
    try:
        with locked(root), deferred() as interrupts:
            try:
                _write(files, files.resolve(root), needed, interrupts)
                ended = "the change is complete"
            except Stopped:
                ended = _STOPPED
            except OSError as error:
                raise machine_error(error, "Nothing was changed.") from error
    except KeyboardInterrupt as error:
        raise KeyboardInterrupt(*filter(None, [ended])) from error
    if ended == _STOPPED:  # and somebody's handler thought nothing of it
        raise KeyboardInterrupt(ended)


def _write(files: FileSystem, root: Path, changes: list[Change], interrupts: Interrupts) -> None:
    above = nearest_directory(root)
    take_back(files, above)
    if above != root:
        for change in changes:
            check_writable(change.path)
        _refuse_moved([change.path for change in changes if change.before])
        stage.build(files, root, above, changes, interrupts)
        return
    checked = _verified(files, root, changes)
    missing = [d for d in parents(c.path for c in checked) if not files.is_directory(root / d)]
    _refuse_moved([path for path in missing if files.look(root / path)])
    journal = Journal(
        stage.new_token(),
        tuple(path for path in missing if path != journals.FOLDER),
        tuple(Step.of(change) for change in checked),
    )
    _Commit(files, root, journal, checked, interrupts).run()


def _verified(files: FileSystem, root: Path, changes: list[Change]) -> list[Change]:
    """The changes with the paths of the files themselves, each ``before`` found on disk."""
    checked = [replace(change, path=_target(files, root, change)) for change in changes]
    twice = [path for path, count in Counter(c.path for c in checked).items() if count > 1]
    if twice:
        raise RefusedError(f"the plan changes {', '.join(twice)} under two names")
    _refuse_moved([c.path for c in checked if not _same(files.look(root / c.path), c.before)])
    return checked


def _target(files: FileSystem, root: Path, change: Change) -> str:
    path = check_writable(locate(files, root, change.path))
    if change.after is None or change.before is None or change.after.link is not None:
        return path
    if change.before.link is not None:
        raise RefusedError(
            f"{path} is a symbolic link, which the plan would replace with a file",
            hint="scaffold keeps links: change the file that it points to.",
        )
    return check_writable(locate(files, root, change.path, follow=True))


def _same(found: Entry | None, expected: Entry | None) -> bool:
    if found is None or expected is None or found.link is None:
        return found == expected
    return found.link == expected.link  # a link's mode means nothing


def _refuse_moved(paths: list[str]) -> None:
    if paths:
        raise ConflictError(
            f"changed since the plan was made: {', '.join(paths)}",
            hint="Nothing was written. Run the command again.",
            refusals=tuple(Refusal("changed since the plan was made", path) for path in paths),
        )


@dataclass
class _Commit:
    """One run of steps 3 to 7 of this module's protocol."""

    files: FileSystem
    root: Path
    journal: Journal
    changes: list[Change]
    interrupts: Interrupts
    phase: Phase = Phase.PREPARING

    def run(self) -> None:
        """The whole commit. ConflictError, MachineError, OSError, Stopped: all rolled back."""
        try:
            self._prepare()
            self._swap()
        except (OSError, ConflictError, Stopped) as error:
            self._take_back(error)
            raise
        try:
            strange = finish(self.files, self.root, self.journal)
        except OSError as error:
            hint = "The change is complete; the next scaffold command removes what is left."
            raise machine_error(self._public(error), hint) from error
        if strange:
            raise ConflictError(f"the change is complete, but {'; '.join(strange)}")

    def _prepare(self) -> None:
        self.journal.begin(self.files, self.root)
        for directory in self.journal.directories:
            self.files.make_directory(self.root / directory)
        mask = self.files.umask()
        fresh = []
        for number, change in enumerate(self.changes):
            self.interrupts.check()
            temporary, entry = self.root / self.journal.temporary(number), change.after
            if entry is not None and change.before is None:
                put(self.files, temporary, entry, entry.mode & ~mask)
            elif entry is not None:
                put(self.files, temporary, entry, entry.mode, like=self.root / change.path)
            if entry is not None and entry.link is None:
                fresh.append(temporary)
        for temporary in fresh:  # all at last: the system writes them out together
            self.interrupts.check()
            self.files.sync(temporary)
        journals.mark(self.files, self.root, Phase.SWAPPING)
        self.phase = Phase.SWAPPING

    def _swap(self) -> None:
        for number, change in enumerate(self.changes):
            self.interrupts.check()
            try:
                came_out = self._swap_one(number, change)
            except (FileExistsError, FileNotFoundError) as error:
                raise _overtaken(change.path) from error
            if not came_out:
                raise _overtaken(change.path)
        directories = {(self.root / c.path).parent for c in self.changes}
        directories |= {(self.root / path).parent for path in self.journal.directories}
        for directory in sorted(directories):
            self.files.sync(directory)
        self.interrupts.check()
        self.phase = Phase.COMPLETE
        journals.mark(self.files, self.root, Phase.COMPLETE)

    def _swap_one(self, number: int, change: Change) -> bool:
        """Whether what was at the path is what was expected there; it is aside now."""
        path, temporary = self.root / change.path, self.root / self.journal.temporary(number)
        if change.before is None:
            self.files.publish(temporary, path)
            return True
        if change.after is None:
            self.files.rename(path, temporary)
        else:
            self.files.exchange(temporary, path, spare(temporary))
        return _same(self.files.look(temporary), change.before)

    def _take_back(self, error: Exception) -> None:
        try:
            if self.phase is Phase.COMPLETE:  # the disk failed on noting it, and may have it
                with suppress(FileNotFoundError):  # somebody took the journal away
                    journals.mark(self.files, self.root, Phase.SWAPPING)
                self.phase = Phase.SWAPPING
            strange = roll_back(self.files, self.root, self.journal, self.phase)
        except OSError as second:
            hint = "The next scaffold command in this directory puts that in order."
            raise machine_error(self._public(second), hint) from error
        if isinstance(error, OSError):
            self._public(error)
        if strange:
            raise ConflictError(f"nothing was written; {'; '.join(strange)}") from error

    def _public(self, error: OSError) -> OSError:
        """``error`` with the name that the user knows."""
        name = str(error.filename).removesuffix("~")
        for number, change in enumerate(self.changes):
            if name == str(self.root / self.journal.temporary(number)):
                error.filename = str(self.root / change.path)
        return error


def _overtaken(path: str) -> ConflictError:
    return ConflictError(
        f"{path} was changed by somebody else at this moment",
        hint="Nothing was written. Run the command again.",
        refusals=(Refusal("changed by somebody else at this moment", path),),
    )
