"""Taking a commit back, or tidying up after a complete one: from any state it can be cut off in.

Both look only at the disk and at the journal, do one step after another, and can themselves be
cut off and started again. They remove only what the journal proves to be the commit's own.
"""

from __future__ import annotations

import enum
import errno
import os
from pathlib import Path

from scaffold.workspace.filesystem import FileSystem
from scaffold.workspace.journal import Journal, Phase, Step, clear, label, remove_if_empty


class Action(enum.Enum):
    """What one path needs next on its way back."""

    NOTHING = enum.auto()
    DROP = enum.auto()  # remove the temporary: its content is ours, or is at the path as well
    RETIRE = enum.auto()  # the path is a new file of ours: put it aside, look at it, then drop it
    RESTORE = enum.auto()  # the path is free: put back what was there
    EXCHANGE = enum.auto()  # our new content is at the path: swap it with what was there
    KEEP = enum.auto()  # the path is somebody's by now: put what was there beside it


def decide(step: Step, here: str | None, aside: str | None) -> Action:
    """The next action, from the labels of what is at the path and at its temporary name.

    What is aside and isn't our new content came from the path: the before-image, or an edit that
    somebody made in the moment before the swap. Both belong to the user.
    """
    if aside is None:
        made = step.old is None and here is not None and here == step.new
        return Action.RETIRE if made else Action.NOTHING
    if aside in (step.new, here):
        return Action.DROP
    if here is None:
        return Action.RESTORE
    return Action.EXCHANGE if here == step.new else Action.KEEP


def roll_back(files: FileSystem, root: Path, journal: Journal, phase: Phase) -> list[str]:
    """Make the old tree again and remove the journal. OSError; then call it again later.

    Somebody else's edits since are kept. Returns a sentence on each path that therefore is
    neither old nor new.
    """
    strange = []
    for number, step in reversed(list(enumerate(journal.steps))):
        temporary = root / journal.temporary(number)
        if phase is not Phase.PREPARING:
            strange += _undo(files, root / step.path, temporary, step)
        elif files.look(temporary):
            files.remove(temporary)
    for made in reversed(journal.directories):
        remove_if_empty(files, root / made)
    for directory in sorted({(root / step.path).parent for step in journal.steps}):
        if files.is_directory(directory):
            files.sync(directory)
    clear(files, root)
    return strange


def finish(files: FileSystem, root: Path, journal: Journal) -> list[str]:
    """Remove what a complete commit replaced, directories it emptied, and the journal. OSError.

    Returns a sentence on each file that was written to after it had been replaced; it is kept.
    """
    strange = []
    for number, step in enumerate(journal.steps):
        temporary = root / journal.temporary(number)
        aside = label(files.look(temporary), step.modes)
        if aside in (step.old, step.new):
            if aside is not None:
                files.remove(temporary)
        elif aside is not None:
            strange.append(_keep(files, root / step.path, temporary))
    for step in journal.steps:
        directory = (root / step.path).parent
        while step.new is None and directory != root and remove_if_empty(files, directory):
            directory = directory.parent
    clear(files, root)
    return strange


def spare(temporary: Path) -> Path:
    """The third name of an exchange in three steps."""
    return temporary.with_name(temporary.name + "~")


def _undo(files: FileSystem, path: Path, temporary: Path, step: Step) -> list[str]:
    overtaken = OSError(errno.EBUSY, os.strerror(errno.EBUSY), str(path))
    for _ in range(100):  # only somebody who writes to this path all the time gets that far
        try:
            _settle(files, path, temporary)
            here = label(files.look(path), step.modes)
            action = decide(step, here, label(files.look(temporary), step.modes))
            if action is Action.NOTHING and here == step.old:
                return []
            if action is Action.NOTHING:
                return [f"{path} was changed since, and stays as it is"]
            if action is Action.KEEP:
                return [_keep(files, path, temporary)]
            _act(action, files, path, temporary)
        except (FileExistsError, FileNotFoundError) as error:
            overtaken = error  # somebody was quicker: look again
    raise overtaken


def _act(action: Action, files: FileSystem, path: Path, temporary: Path) -> None:
    if action is Action.DROP:
        files.remove(temporary)
    elif action is Action.RETIRE:
        files.rename(path, temporary)
    elif action is Action.RESTORE:
        files.publish(temporary, path)
    elif action is Action.EXCHANGE:
        files.exchange(temporary, path, spare(temporary))


def _settle(files: FileSystem, path: Path, temporary: Path) -> None:
    """Finish or take back an exchange in three steps."""
    third = spare(temporary)
    held = files.look(third)
    if held is None:
        return
    here, aside = files.look(path), files.look(temporary)
    if here is None:
        files.publish(third, path)
    elif aside in (None, here):  # both: our file, cut off within its move to the path
        files.rename(third, temporary)
    elif held == here:  # likewise on our way back
        files.remove(third)
    else:
        _keep(files, path, third)


def _keep(files: FileSystem, path: Path, temporary: Path) -> str:
    number = 1
    while True:
        name = f"{path.name}.scaffold-kept" + (f"-{number}" if number > 1 else "")
        try:
            files.publish(temporary, path.with_name(name))
        except FileExistsError:
            number += 1
        else:
            return f"{path} was changed since; {name} is what was there before"
