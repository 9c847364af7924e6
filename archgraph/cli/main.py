"""The way in: runs a command, and turns what a user did wrong into one sentence and a status."""

from __future__ import annotations

import gc
import sys
import warnings
from collections.abc import Sequence
from typing import Any

from archgraph.errors import ArchGraphError
from archgraph.interrupts import catch_signals, release_signals, stopped_by
from archgraph.one_line import in_one_line

__all__ = ["SIGNALLED", "main"]

SIGNALLED = 128
"""What a shell adds to the number of the signal that stopped a program: Ctrl-C is 130."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return 0, or 1 for a user's mistake; wrong usage exits with 2.

    A command may return a status of its own, which says no more than what was found. One that is
    stopped by Ctrl-C, SIGTERM or SIGHUP leaves nothing and returns 128 and the signal's number.

    Without ``arguments`` they are those of the process, and so are its signals and streams.
    """
    if arguments is not None:
        return _told(list(arguments))
    try:
        try:
            catch_signals()  # first of all, as all that is imported takes its time
            from archgraph.cli.streams import prepare

            prepare()
            return _told(sys.argv[1:])
        finally:
            release_signals()
    except BaseException as error:
        if (status := _stopped(error)) is None:
            raise
        return status


def _told(words: list[str]) -> int:
    """Run a command; return its status, with what went wrong said in one sentence."""
    from archgraph.cli.streams import flushed, silence

    try:
        try:
            return _run(words)
        finally:
            flushed()
    except ArchGraphError as error:
        print(f"archgraph: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Whoever read our output, such as head, has seen enough.
        silence()
        return 1
    except BaseException as error:
        if (status := _stopped(error)) is None:
            raise
        return status


def _run(words: list[str]) -> int:
    # What a command imports and builds lives until its end; looking for garbage in it only waits.
    gc.set_threshold(100_000, 50, 100)
    from archgraph.optional import needing
    from archgraph.options import typed

    for stream in (sys.stdout, sys.stderr):
        # A terminal that lacks a sign shows a question mark for it rather than failing.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    warnings.showwarning = _note  # type: ignore[assignment]
    with typed(), needing("this command"):
        from archgraph.cli.app import parser

        chosen = parser().parse_args(words)
        chosen.words = words
        status: int | None = chosen.run(chosen)
    return status or 0


def _stopped(error: BaseException) -> int | None:
    """Say that a signal stopped the command, and return its status; None for any other error."""
    number = None if isinstance(error, SystemExit) else stopped_by(error)
    if number is None:
        return None
    from signal import SIGINT, Signals

    how = "interrupted" if number == SIGINT else f"stopped by {Signals(number).name}"
    print(f"archgraph: {how}; nothing was left half-written.", file=sys.stderr)
    return SIGNALLED + number


def _note(message: Warning | str, category: type[Warning], filename: str, *_: Any) -> None:
    """Show a hint of ours as a sentence, and what others mean for developers not at all."""
    ours = [sys.modules.get(name) for name in ("archgraph", "archgraph.exporters")]
    homes = [path for module in ours if module for path in module.__path__]
    if issubclass(category, UserWarning) and any(filename.startswith(home) for home in homes):
        print(f"archgraph: {in_one_line(str(message))}", file=sys.stderr)
