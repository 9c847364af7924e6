"""What a path stands for where something is to be written: a file, a link to one, a stream."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from archgraph.errors import FileError

__all__ = ["Target", "target_of"]

_HOPS = 40
"""Links that lead to links; a kernel follows as many."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where to write.

    ``path`` is what the user gave, ``real`` the file itself behind all links. Of a ``stream``
    (a device, a pipe, what another process reads) nothing can be taken back. ``descriptor`` is the
    number of an open file that the path names, such as ``/dev/stdout``.
    """

    path: Path
    real: Path
    stream: bool = False
    descriptor: int | None = None

    def open_stream(self) -> int:
        """Return a new descriptor to write the stream to."""
        if self.descriptor is not None:
            return os.dup(self.descriptor)
        return os.open(self.real, os.O_WRONLY | getattr(os, "O_BINARY", 0))

    def keep_mode(self, written: Path) -> None:
        """Give what was written the mode and, where allowed, the owner of the file it replaces."""
        try:
            old = self.real.stat()
        except FileNotFoundError:
            return
        new = written.stat()
        if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid) and hasattr(os, "chown"):
            with suppress(OSError):  # then it is the writer's
                os.chown(written, old.st_uid, old.st_gid)
        written.chmod(stat.S_IMODE(old.st_mode) & 0o777)


def target_of(path: str | Path) -> Target:
    """Return what a path stands for; FileError where it is a folder or cannot be looked at."""
    given = Path(path)
    if "\0" in str(path):
        raise FileError(f"cannot write {str(path)!r}: a file's name has no zero byte.")
    try:
        real, descriptor = _followed(given)
        if descriptor is not None:
            return Target(given, real, stream=True, descriptor=descriptor)
        mode = real.stat().st_mode
    except FileNotFoundError:
        return Target(given, real)
    except OSError as error:
        raise FileError(f"cannot write '{given}': {error.strerror or error}.") from None
    if stat.S_ISDIR(mode):
        raise FileError(f"cannot write '{given}': it is a folder, but a file name is needed.")
    return Target(given, real, stream=not stat.S_ISREG(mode))


def _followed(path: Path) -> tuple[Path, int | None]:
    """Return the file behind all links, and the number of the open file where one is named."""
    for _ in range(_HOPS):
        if path.name.isdecimal() and _is_of_descriptors(path.parent):
            return path, int(path.name)
        if not path.is_symlink():
            return path, None
        path = path.parent / path.readlink()
    return path, None  # and to look at it fails


def _is_of_descriptors(folder: Path) -> bool:
    """Return whether a folder holds the process's open files by their numbers."""
    return str(folder) in ("/dev/fd", "/proc/self/fd", f"/proc/{os.getpid()}/fd")
