"""Files written whole or not at all."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from archgraph.errors import FileError
from archgraph.limits import FILE

__all__ = ["plain_file", "read_text", "replacing", "staging", "write_bytes", "write_text"]


@contextmanager
def staging(path: str | Path) -> Iterator[Path]:
    """Give an empty folder beside ``path`` to write in, gone afterwards.

    What a process leaves behind when it is killed lies in a hidden folder whose name ends with
    ``.partial``. Raises FileError when ``path`` is a folder, or its own cannot be written to.
    """
    target = Path(path)
    if target.is_dir():
        raise FileError(f"cannot write '{target}': it is a folder, but a file name is needed.")
    try:
        with tempfile.TemporaryDirectory(
            dir=target.parent, prefix=f".{target.stem[:40]}-", suffix=".partial"
        ) as made:
            yield Path(made)
    except OSError as error:
        raise FileError(f"cannot write '{target}': {error.strerror or error}.") from None


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Give a path to write to; what is there takes its place at ``path`` when all went well.

    Nothing is left behind when the block fails. Raises FileError as ``staging`` does.
    """
    with staging(path) as folder:
        temporary = folder / Path(path).name
        yield temporary
        temporary.replace(path)


def write_bytes(path: str | Path, content: bytes) -> Path:
    """Write ``content`` to ``path``, whole or not at all."""
    with replacing(path) as temporary, temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return Path(path)


def write_text(path: str | Path, content: str) -> Path:
    """Write ``content`` as UTF-8 with newlines as they are, whole or not at all."""
    return write_bytes(path, content.encode())


def plain_file(path: str | Path) -> Path:
    """Return the path of a file that can be read to its end; FileError for a pipe or a device."""
    file = Path(path)
    try:
        mode = file.stat().st_mode
    except FileNotFoundError:
        raise FileError(f"there is no file '{path}'.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise FileError(f"cannot read '{path}': {reason}.") from None
    if stat.S_ISREG(mode):
        return file
    what = "a folder" if stat.S_ISDIR(mode) else "a pipe or a device"
    raise FileError(f"cannot read '{path}': it is {what}, but a file is needed.")


def read_text(path: str | Path) -> str:
    """Return a UTF-8 file's content; raise FileError when it cannot be read."""
    try:
        with plain_file(path).open("rb") as file:
            content = file.read(FILE + 1)
        if len(content) > FILE:
            raise FileError(f"cannot read '{path}': it has more than {FILE:,} bytes.")
        return content.decode()
    except OSError as error:
        raise FileError(f"cannot read '{path}': {error.strerror or error}.") from None
    except UnicodeDecodeError:
        raise FileError(f"cannot read '{path}': it is not a UTF-8 text file.") from None
