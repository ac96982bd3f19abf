"""The one seam to the disk: every file-system call that the workspace makes.

Each primitive is one step that can fail or be cut short; tests replace them one by one. All paths
are absolute. All methods raise OSError with ``filename`` set; nothing here knows of projects.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import io
import os
import re
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from scaffold.spec.errors import MachineError
from scaffold.tree import Entry

NEITHER = Entry(b"", 0, link="")
"""What ``look`` answers for a directory, a pipe, a device: no symlink has an empty target."""

UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""What no name of ours holds, and no message may: control characters, and bytes without a text."""

NO_REPLACE, EXCHANGE = 1, 2
_UNSUPPORTED = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}
_UNLINKABLE = _UNSUPPORTED | {errno.EPERM, errno.EMLINK}
_READ = os.O_RDONLY | os.O_CLOEXEC if os.name == "posix" else os.O_RDONLY


@contextlib.contextmanager
def _opened(path: Path, flags: int) -> Iterator[int]:
    descriptor = os.open(path, flags, 0o600)
    try:
        yield descriptor
    except OSError as error:
        error.filename = error.filename or str(path)  # write and fsync only know a number
        raise
    finally:
        os.close(descriptor)


def _no_follow(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0))


def _write_all(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _copy_attributes(like: Path, descriptor: int) -> None:
    """Access lists, labels and the like, where there are any and we may."""
    if sys.platform != "linux":
        return
    with contextlib.suppress(OSError):  # a file system without any
        for name in os.listxattr(like, follow_symlinks=False):
            with contextlib.suppress(OSError):
                os.setxattr(descriptor, name, os.getxattr(like, name, follow_symlinks=False))


@functools.cache
def _renameat2() -> Callable[[bytes, bytes, int], int]:
    """The system's renameat2(2), for absolute paths; it answers 0 or an error number."""
    import ctypes  # 6 ms that only a commit pays

    function = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if function is None:
        return lambda source, target, flags: errno.ENOSYS
    return lambda *names: ctypes.get_errno() if function(-1, names[0], -1, *names[1:]) else 0


class FileSystem:
    """The primitives, and ``publish`` and ``exchange`` made of them."""

    def look(self, path: Path) -> Entry | None:
        """The file or symlink at ``path``, ``NEITHER`` for anything else, None for nothing."""
        try:
            status = path.lstat()
            if stat.S_ISLNK(status.st_mode):
                return Entry(b"", link=os.fspath(path.readlink()))
            if not stat.S_ISREG(status.st_mode):
                return NEITHER
            with io.FileIO(path, opener=_no_follow) as file:
                return Entry(file.readall(), stat.S_IMODE(status.st_mode))
        except (FileNotFoundError, NotADirectoryError):
            return None

    def is_directory(self, path: Path) -> bool:
        """Whether ``path`` itself, not what a symlink points to, is a directory."""
        try:
            return stat.S_ISDIR(path.lstat().st_mode)
        except (FileNotFoundError, NotADirectoryError):
            return False

    def is_ours(self, path: Path) -> bool:
        """Whether ``path`` itself belongs to the user who runs this process."""
        return path.lstat().st_uid == os.geteuid()

    def resolve(self, path: Path) -> Path:
        """``path`` with every symlink followed; parts that don't exist stay as they are."""
        return Path(os.path.realpath(path))  # Path.resolve raises RuntimeError on a loop

    def names(self, path: Path) -> dict[str, bool]:
        """The names in a directory, and whether each is a directory itself; {} for none."""
        try:
            with os.scandir(path) as entries:
                return {e.name: e.is_dir(follow_symlinks=False) for e in entries}
        except (FileNotFoundError, NotADirectoryError):
            return {}

    def write_new(self, path: Path, content: bytes, mode: int, like: Path | None = None) -> None:
        """Make a file that wasn't there, owned and marked like ``like`` where we may; never overwrites.

        Nobody else can read it until it has its final ``mode`` (exact, no umask).
        """
        with _opened(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC) as descriptor:
            # Not every file system has modes and owners, and only root may give files away.
            if like is not None:
                owner = like.lstat()
                if (owner.st_uid, owner.st_gid) != (os.geteuid(), os.getegid()):
                    with contextlib.suppress(PermissionError):
                        os.fchown(descriptor, owner.st_uid, owner.st_gid)
            _write_all(descriptor, content)
            if like is not None:
                _copy_attributes(like, descriptor)
            with contextlib.suppress(PermissionError):
                os.fchmod(descriptor, mode)
            if hasattr(os, "posix_fadvise"):
                with contextlib.suppress(OSError):  # advice: start writing, so that sync waits less
                    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)

    def append(self, path: Path, content: bytes) -> None:
        """Write at the end of a file that is there."""
        with _opened(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC) as descriptor:
            _write_all(descriptor, content)

    def symlink(self, path: Path, target: str) -> None:
        """Make a symlink that wasn't there."""
        path.symlink_to(target)

    def sync(self, path: Path) -> None:
        """Wait until a file's content, or a directory's names, would survive a power cut.

        Some network shares can't do that for directories, and say so: then nobody can.
        """
        try:
            with _opened(path, _READ) as descriptor:
                os.fsync(descriptor)
        except OSError as error:
            if error.errno not in _UNSUPPORTED:
                raise

    def rename_flags(self, source: Path, target: Path, flags: int) -> None:
        """renameat2(2): ``NO_REPLACE`` or ``EXCHANGE``; ENOSYS where the system has none."""
        code = _renameat2()(os.fsencode(source), os.fsencode(target), flags)
        if code:
            raise OSError(code, os.strerror(code), str(source), None, str(target))

    def rename(self, source: Path, target: Path) -> None:
        """Plain rename(2): for a ``target`` that is ours alone, or a directory.

        A directory replaces nothing but an empty directory.
        """
        source.rename(target)

    def link(self, source: Path, target: Path) -> None:
        """A second name for a file or symlink; FileExistsError when ``target`` is there."""
        os.link(source, target, follow_symlinks=False)

    def remove(self, path: Path) -> None:
        """Unlink a file or symlink."""
        path.unlink()

    def make_directory(self, path: Path) -> None:
        """mkdir."""
        path.mkdir()

    def remove_directory(self, path: Path) -> None:
        """rmdir: never removes anything that isn't empty."""
        path.rmdir()

    def umask(self) -> int:
        """The bits that new files must not have."""
        mask = os.umask(0o077)
        os.umask(mask)
        return mask

    def publish(self, ours: Path, path: Path) -> None:
        """Rename a file that is ours alone to a free name; FileExistsError when it isn't free.

        A file system with neither RENAME_NOREPLACE nor hard links (some network shares) leaves a
        moment between looking and renaming; on all others nothing is ever overwritten.
        """
        try:
            return self.rename_flags(ours, path, NO_REPLACE)
        except OSError as error:
            if error.errno not in _UNSUPPORTED:
                raise
        try:
            self.link(ours, path)
        except OSError as error:
            if error.errno not in _UNLINKABLE:
                raise
        else:
            return self.remove(ours)
        if self.look(path) is not None:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
        self.rename(ours, path)

    def exchange(self, ours: Path, path: Path, spare: Path) -> None:
        """Swap two names. Without RENAME_EXCHANGE (macOS, NFS) in three steps over ``spare``.

        Nothing is overwritten in either way, whoever else is at work (but see ``publish``); in
        the second one ``path`` is missing for some microseconds.
        """
        try:
            self.rename_flags(ours, path, EXCHANGE)
        except OSError as error:
            if error.errno not in _UNSUPPORTED:
                raise
            self.rename(path, spare)
            self.publish(ours, path)
            self.rename(spare, ours)


DISK = FileSystem()


def put(files: FileSystem, path: Path, entry: Entry, mode: int, like: Path | None = None) -> None:
    """Make ``entry`` at ``path``, where nothing is. OSError."""
    if entry.link is not None:
        files.symlink(path, entry.link)
    else:
        files.write_new(path, entry.content, mode, like)


def machine_error(error: OSError, hint: str | None = None) -> MachineError:
    """``error`` in one line."""
    name = str(error.filename or "")
    place = ascii(name) if UNPRINTABLE.search(name) else name
    reason = error.strerror or str(error)
    return MachineError(f"{place}: {reason}" if place else reason, hint=hint)
