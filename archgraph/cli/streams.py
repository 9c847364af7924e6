"""The streams of a process that runs a command: closed, full, or read by someone who has left."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress

from archgraph.errors import FileError

__all__ = ["flushed", "prepare", "put", "silence"]


def prepare() -> None:
    """Make standard streams of what the process was started with.

    A stream that is closed is opened for nothing: else the next file that is opened would be it.
    What cannot be said on standard error is left unsaid: it is never the result.
    """
    for number, access in ((0, os.O_RDONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, access)  # gets the lowest number; the output takes nothing
    if sys.stdout is None:
        sys.stdout = io.TextIOWrapper(io.BufferedWriter(io.FileIO(1, "w", closefd=False)))
    encoding = getattr(sys.stderr, "encoding", None)
    sys.stderr = io.TextIOWrapper(
        _Forgiving(2, "w", closefd=False),
        encoding=encoding,
        errors="replace",
        line_buffering=True,
        write_through=True,
    )


def put(content: str | bytes) -> None:
    """Write a result to standard output; FileError where it takes no more."""
    with _Told():
        if isinstance(content, bytes):
            sys.stdout.flush()
            left = memoryview(content)
            while left:  # an unbuffered stream takes what it can
                left = left[sys.stdout.buffer.write(left) :]
            sys.stdout.buffer.flush()
        else:
            sys.stdout.write(content)


def flushed() -> None:
    """Bring out what standard output still holds; FileError where it takes no more."""
    with _Told():
        sys.stdout.flush()


def silence() -> None:
    """Let standard output go nowhere: else Python complains of it at its end."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


class _Told:
    """Turns what the system says of standard output into one sentence."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if isinstance(error, OSError) and not isinstance(error, BrokenPipeError):
            silence()
            raise FileError(
                f"cannot write to standard output: {error.strerror or error}."
            ) from None


class _Forgiving(io.FileIO):
    """A stream to which writing never fails."""

    def write(self, content: object) -> int:
        """Write, or lose, what is given."""
        with suppress(OSError):
            return super().write(content)  # type: ignore[arg-type]
        return len(content)  # type: ignore[arg-type]
