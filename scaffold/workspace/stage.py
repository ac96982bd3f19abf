"""A project that doesn't exist yet: built whole under another name, then renamed once.

No journal is needed: until the rename there is no project, after it there is a complete one. What
a crash leaves is a directory called ``.scaffold-<token>`` beside it, which ``discard`` removes.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from pathlib import Path

from scaffold.spec.errors import ConflictError
from scaffold.tree import Change
from scaffold.workspace.filesystem import FileSystem, machine_error, put
from scaffold.workspace.interrupts import Interrupts, Stopped
from scaffold.workspace.paths import STAGE, parents


def build(
    files: FileSystem, root: Path, above: Path, changes: Sequence[Change], interrupts: Interrupts
) -> None:
    """Create ``changes`` below ``root``, which isn't there; ``above`` is the closest parent that is.

    ConflictError when somebody makes it meanwhile; OSError, Stopped. Then nothing is left.
    """
    first, *rest = root.relative_to(above).parts
    stage = above / f".scaffold-{new_token()}"
    try:
        _fill(files, stage, stage.joinpath(*rest), changes, interrupts)
        _publish(files, stage, above / first)
    except (OSError, ConflictError, Stopped) as error:
        discard(files, stage)
        if isinstance(error, OSError):
            error.filename = str(error.filename).replace(stage.name, first)
        raise
    try:
        files.sync(above)
    except OSError as error:
        hint = f"{root} is complete, but might not survive a power cut."
        raise machine_error(error, hint) from error


def new_token() -> str:
    """16 hexadecimal digits that nobody else has."""
    return os.urandom(8).hex()


def stages(files: FileSystem, directory: Path) -> list[Path]:
    """What this user's earlier commits left in ``directory``. OSError.

    Another user's, in /tmp say, could become a symlink while we delete what is in it.
    """
    names = files.names(directory).items()
    found = [directory / name for name, below in names if below and STAGE.fullmatch(name)]
    return [stage for stage in found if files.is_ours(stage)]


def discard(files: FileSystem, directory: Path) -> None:
    """Remove a stage with all that is in it; symlinks are not followed. OSError."""
    for name, below in files.names(directory).items():
        if below:
            discard(files, directory / name)
        else:
            files.remove(directory / name)
    if files.is_directory(directory):
        files.remove_directory(directory)


def _fill(
    files: FileSystem, stage: Path, root: Path, changes: Sequence[Change], interrupts: Interrupts
) -> None:
    to_root = [place for place in (root, *root.parents) if place.is_relative_to(stage)]
    directories = [*reversed(to_root), *(root / p for p in parents(c.path for c in changes))]
    for directory in directories:
        files.make_directory(directory)
    entries = {root / c.path: c.after for c in changes if c.after is not None}
    mask = files.umask()
    for path, entry in entries.items():
        interrupts.check()
        put(files, path, entry, entry.mode & ~mask)
    for path, entry in entries.items():  # all at last: the system writes them out together
        interrupts.check()
        if entry.link is None:
            files.sync(path)
    for directory in directories:
        files.sync(directory)


def _publish(files: FileSystem, stage: Path, top: Path) -> None:
    try:
        files.rename(stage, top)
    except OSError as error:
        if error.errno in (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR):
            raise ConflictError(
                f"{top} has just been made by somebody else",
                hint="Nothing was written. Run the command again.",
            ) from error
        raise
