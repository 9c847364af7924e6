"""Hidden folders beside a target in which files are written until they are whole.

Each holds a file that its process has locked. A folder whose lock is free was left by a process
that was killed, and the next that writes there removes it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path

from archgraph.files.locks import is_there, open_to_lock, try_lock
from archgraph.interrupts import undoing, uninterrupted

__all__ = ["SUFFIX", "collect", "staged"]

SUFFIX = ".archgraph.partial"
"""What the names end with."""

_OWNER = ".owner"
"""The file inside that its process has locked."""


@contextmanager
def staged(parent: Path, stem: str) -> Iterator[Path]:
    """Give an empty folder inside ``parent``, gone afterwards; it is named after ``stem``.

    First goes what killed processes left there. Raises OSError where no folder can be made.
    """
    collect(parent)
    made: list[tuple[Path, FileIO]] = []

    def undo() -> None:
        for each in made:
            _remove(*each)

    with undoing(undo):
        with uninterrupted():
            made.append(_make(parent, stem))
        inside = made[0][0] / "new"
        inside.mkdir()
        yield inside


def collect(parent: Path) -> None:
    """Remove what killed processes left in a folder; what cannot be told or removed stays."""
    with suppress(OSError), os.scandir(parent) as entries:
        for each in entries:
            if each.name.startswith(".") and each.name.endswith(SUFFIX):
                with suppress(OSError):
                    # Of another user's folder, what it leads to may change while we look.
                    if os.name == "nt" or each.stat(follow_symlinks=False).st_uid == os.geteuid():
                        _collect(Path(each.path), each.is_dir(follow_symlinks=False))


def _make(parent: Path, stem: str) -> tuple[Path, FileIO]:
    while True:
        folder = Path(tempfile.mkdtemp(dir=parent, prefix=f".{stem}-", suffix=SUFFIX))
        # Another process may take it for a leftover as long as its lock is free.
        with suppress(FileNotFoundError):
            file = open_to_lock(folder / _OWNER, make=True)
            locked = try_lock(file)
            if locked is None:  # a disk without locks: without an owner nobody removes it
                (folder / _OWNER).unlink()
                return folder, file
            if locked and is_there(file, folder / _OWNER):
                return folder, file
            file.close()


def _collect(left: Path, is_folder: bool) -> None:
    owner = left / _OWNER if is_folder else left
    try:
        file = open_to_lock(owner)
    except FileNotFoundError:
        left.rmdir()  # one that is not empty stays: whose it is cannot be told
        return
    with file:
        if not try_lock(file) or not is_there(file, owner):
            return
        _remove(left, file)


def _remove(left: Path, file: FileIO) -> None:
    """Remove a folder, or a file that is a lock, whose lock is held; the owner goes last.

    So a process that is killed here, too, leaves what is known as a leftover.
    """
    with suppress(OSError), os.scandir(left) as entries:
        for each in entries:
            if each.is_dir(follow_symlinks=False):
                shutil.rmtree(each.path, ignore_errors=True)
            elif each.name != _OWNER:
                with suppress(OSError):
                    Path(each.path).unlink()
    if os.name == "nt":  # which removes no file that is open
        file.close()
    for remove, path in ((os.unlink, left / _OWNER), (os.rmdir, left), (os.unlink, left)):
        with suppress(OSError):
            remove(path)
    file.close()
