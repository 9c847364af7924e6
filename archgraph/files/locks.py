"""Locks on files that the operating system holds for a process and releases when it dies.

So what a killed process left behind is known by its lock being free: no process number is compared,
which may be another's by now, and on a network's disk the lock holds across machines. By hand,
because filelock imports asyncio and the like, and may leave its file behind.
"""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path

from archgraph.interrupts import undoing, uninterrupted

__all__ = ["holding", "is_there", "open_to_lock", "try_lock"]

_HELD = {errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK}
_PATIENCE = 60.0
"""Seconds to wait for a lock: so long only a process holds it that stands still."""

_PAUSE = 0.01
"""Seconds between two looks at a lock that another process holds."""


def open_to_lock(path: Path, *, make: bool = False) -> FileIO:
    """Open a file to lock it, no link; with ``make`` it is made where there is none."""
    flags = os.O_RDWR | (os.O_CREAT if make else 0) | getattr(os, "O_NOFOLLOW", 0)
    return FileIO(os.open(path, flags, 0o600), "r+")


def try_lock(file: FileIO) -> bool | None:
    """Lock an open file for this process; False where another holds it, None without locks.

    The lock lasts until the file is closed or the process ends, however it ends.
    """
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return False if error.errno in _HELD else None
    return True


def is_there(file: FileIO, path: Path) -> bool:
    """Return whether a path still names the open file: who held it before may have removed it."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat(follow_symlinks=False))
    except OSError:
        return False


@contextmanager
def holding(path: Path) -> Iterator[None]:
    """Hold the lock of a file that is made for it, and goes with its last holder; wait for it.

    On a disk that knows no locks nobody waits. Raises TimeoutError where another holds it longer
    than the few steps take for which it is held.
    """
    end = time.monotonic() + _PATIENCE
    opened: list[FileIO] = []
    with undoing(lambda: _release(opened, path)):
        while not opened:
            with uninterrupted():
                opened.append(open_to_lock(path, make=True))
            while try_lock(opened[0]) is False:
                if time.monotonic() > end:
                    raise TimeoutError(errno.ETIMEDOUT, "another process is writing it")
                time.sleep(_PAUSE)
            if not is_there(opened[0], path):
                opened.pop().close()
        yield


def _release(opened: list[FileIO], path: Path) -> None:
    """Remove the file and its lock; one that was still waited for is another's to remove."""
    for file in opened:
        if file.closed:
            continue
        with uninterrupted(), file, suppress(OSError):
            if os.name == "nt":  # which removes no file that is open
                file.close()
                path.unlink()
            elif try_lock(file) is not False and is_there(file, path):
                path.unlink()
