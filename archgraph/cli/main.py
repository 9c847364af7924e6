"""The way in: runs a command, and turns what a user did wrong into one sentence and a status."""

from __future__ import annotations

import gc
import os
import sys
import warnings
from collections.abc import Sequence
from typing import Any

from archgraph.errors import ArchGraphError, in_one_line

__all__ = ["INTERRUPTED", "main"]

INTERRUPTED = 130
"""What a shell reports for a program that was stopped by Ctrl-C."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return 0, or 1 for a user's mistake; wrong usage exits with 2.

    A command may return a status of its own, which says no more than what was found.
    """
    # What a command imports and builds lives until its end; looking for garbage in it only waits.
    gc.set_threshold(100_000, 50, 100)
    from archgraph.optional import needing
    from archgraph.options import typed

    for stream in (sys.stdout, sys.stderr):
        # A terminal that lacks a sign shows a question mark for it rather than failing.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    warnings.showwarning = _note  # type: ignore[assignment]
    try:
        with typed(), needing("this command"):
            from archgraph.cli.app import parser

            typed_words = sys.argv[1:] if arguments is None else list(arguments)
            chosen = parser().parse_args(typed_words)
            chosen.words = typed_words
            status: int | None = chosen.run(chosen)
        sys.stdout.flush()
    except ArchGraphError as error:
        print(f"archgraph: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Whoever read our output, such as head, has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print("archgraph: interrupted; nothing was left half-written.", file=sys.stderr)
        return INTERRUPTED
    return status or 0


def _note(message: Warning | str, category: type[Warning], filename: str, *_: Any) -> None:
    """Show a hint of ours as a sentence, and what others mean for developers not at all."""
    ours = [sys.modules.get(name) for name in ("archgraph", "archgraph.exporters")]
    homes = [path for module in ours if module for path in module.__path__]
    if issubclass(category, UserWarning) and any(filename.startswith(home) for home in homes):
        print(f"archgraph: {in_one_line(str(message))}", file=sys.stderr)
