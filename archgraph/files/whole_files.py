"""Files written whole or not at all.

Whatever is written is written beside its target, brought to the disk, and only then put in the
target's place, in one step of the file system. So a reader, a full disk and a process that is
killed all meet the old file or the new one. What that means where something is there already:

- A link is followed: the file it leads to is replaced, the link stays.
- The file's mode stays, and its owner where that is allowed; a new file gets the umask's mode.
- Other names of the file (hard links) keep the old content.
- A device, a pipe or an open file such as ``/dev/stdout`` is a stream: it is written to as it is,
  and nothing that it was given can be taken back.

``replacing_both`` does so with two files that belong together.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path
from shutil import copy2, copyfileobj
from typing import BinaryIO, NamedTuple
from unicodedata import normalize

from archgraph.errors import FileError
from archgraph.files.locks import holding
from archgraph.files.staging import SUFFIX, staged
from archgraph.files.targets import Target, target_of
from archgraph.interrupts import uninterrupted
from archgraph.limits import FILE

__all__ = [
    "Both",
    "is_stream",
    "plain_file",
    "read_text",
    "replacing",
    "replacing_both",
    "temporary_folder",
    "write_bytes",
    "write_text",
]

_STEM = 40
"""Characters of a file's name that the folder beside it bears."""


class Both(NamedTuple):
    """Where to write two files that belong together, and what stands in between."""

    first: Path
    second: Path
    bridge: Path


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Give a path to write to; what is there takes its place at ``path`` when all went well.

    Nothing is left behind when the block fails. What a process leaves that is killed lies in a
    hidden folder whose name ends with ``.partial``, and goes with the next write beside it. Raises
    FileError when ``path`` is a folder, or its own cannot be written to.
    """
    target = target_of(path)
    with _told(target):
        if target.stream:
            with temporary_folder() as folder:
                temporary = folder / target.path.name
                yield temporary
                with temporary.open("rb") as file, _opened(target) as stream:
                    copyfileobj(file, stream)
            return
        with staged(target.real.parent, target.real.stem[:_STEM]) as folder:
            temporary = folder / target.path.name
            yield temporary
            _finish(temporary, target)
            with uninterrupted():
                temporary.replace(target.real)


@contextmanager
def replacing_both(first: str | Path, second: str | Path) -> Iterator[Both]:
    """Give two paths to write to, of files of which the first is read with the second.

    The block also writes a bridge: what stands in the place of the first while the second changes.
    It must not be read with any second: it says by itself what both say together, or that it is
    unfinished. Then no moment, not that of a kill or of a power failure, shows the first of one
    writing with the second of another, nor takes a file away, whoever else writes to the same
    paths. For what changes places does so under a lock on both, in this order, each step being one
    of the file system:

        (old, old) → (bridge, old) → (bridge, new) → (new, new)

    and where there is no first, which alone looks at the second, (none, any) → (none, new) →
    (new, new). All are on the disk before the first step. A step that fails takes back those before
    it; so does a signal that asks to end, which waits for the last. Raises FileError as
    ``replacing`` does.
    """
    targets = target_of(first), target_of(second)
    for target in targets:
        if target.stream:
            raise FileError(
                f"cannot write '{target.path}' and '{_other(target, targets).path}', which belong "
                "together: a stream takes one file."
            )
    if targets[0].real.absolute() == targets[1].real.absolute():
        raise FileError(f"cannot write two files to '{targets[0].path}': give the other a name.")
    places: dict[Path, Path] = {}
    with ExitStack() as stack:
        for target in targets:
            stack.enter_context(_told(target))
            beside = target.real.parent
            if beside not in places:  # a file finds the one beside it by its name
                places[beside] = stack.enter_context(staged(beside, target.real.stem[:_STEM]))
        new = [places[target.real.parent] / target.path.name for target in targets]
        both = Both(new[0], new[1], new[0].parent.with_name("bridge"))
        yield both
        _put_both(both, *targets)


def write_bytes(path: str | Path, content: bytes) -> Path:
    """Write ``content`` to ``path``, whole or not at all."""
    target = target_of(path)
    if target.stream:
        with _told(target), _opened(target) as stream:
            stream.write(content)
        return Path(path)
    with replacing(path) as temporary:
        temporary.write_bytes(content)
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


def is_stream(path: str | Path) -> bool:
    """Return whether a path is a device, a pipe or an open file, of which no size can be told."""
    return target_of(path).stream


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Give an empty folder among the system's temporary files; FileError where there is none."""
    import tempfile

    try:
        parent = Path(tempfile.gettempdir())
    except FileNotFoundError:
        raise FileError(
            "there is no folder for temporary files that can be written to: let TMPDIR name one."
        ) from None
    with staged(parent, "archgraph") as folder:
        yield folder


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


@contextmanager
def _told(target: Target) -> Iterator[None]:
    """Turn what the system says into one sentence."""
    try:
        yield
    except OSError as error:
        raise FileError(f"cannot write '{target.path}': {error.strerror or error}.") from None


def _other(target: Target, targets: tuple[Target, Target]) -> Target:
    return targets[1] if target is targets[0] else targets[0]


def _opened(target: Target) -> BinaryIO:
    return os.fdopen(target.open_stream(), "wb")


def _finish(written: Path, target: Target) -> None:
    """Bring a file to the disk, with the mode of the one whose place it takes."""
    # Windows brings to the disk only what may be written.
    descriptor = os.open(written, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    target.keep_mode(written)


def _put_both(both: Both, first: Target, second: Target) -> None:
    """Put both files in their places; see ``replacing_both``."""
    for written, target in ((both.first, first), (both.second, second), (both.bridge, first)):
        _finish(written, target)
    with ExitStack() as stack:
        for path in sorted({_lock_of(first), _lock_of(second)}):
            stack.enter_context(holding(path))
        stack.enter_context(uninterrupted())
        kept = both.first.parent.with_name("old")
        _keep(first.real, kept)
        try:
            if kept.exists():
                both.bridge.replace(first.real)
            both.second.replace(second.real)
        except OSError:
            if kept.exists():
                kept.replace(first.real)
            raise
        both.first.replace(first.real)


def _keep(path: Path, copy: Path) -> None:
    """Give a file, if it is there, a second name, or copy it where the disk has one for each."""
    try:
        copy.hardlink_to(path)
    except FileNotFoundError:
        pass
    except OSError:
        copy2(path, copy)


def _lock_of(target: Target) -> Path:
    """Return the lock of a file's places, the same for all that may be the same name to a disk."""
    name = normalize("NFC", target.real.name).casefold()
    folder = target.real.parent.resolve()
    return folder / f".archgraph-{sha256(name.encode()).hexdigest()[:16]}{SUFFIX}"
