"""The way in: runs a command, and turns what a user did wrong into one sentence and a status."""

from __future__ import annotations

import sys
import warnings
from typing import TextIO

from archgraph.errors import ArchGraphError

__all__ = ["main"]


def main() -> None:
    """Run the command line; exit with 0, 1 for a user's mistake, 2 for wrong usage."""
    from archgraph.cli.app import app

    warnings.showwarning = _note
    for stream in (sys.stdout, sys.stderr):
        # A terminal that lacks a sign shows a question mark for it rather than failing.
        getattr(stream, "reconfigure", lambda **_: None)(errors="replace")
    try:
        app()
    except ArchGraphError as error:
        sys.exit(_failed(str(error)))


def _failed(sentence: str) -> int:
    print(f"archgraph: {' '.join(sentence.split())}", file=sys.stderr)
    return 1


def _note(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Show a library's own warning as a sentence, and those of other packages not at all."""
    if issubclass(category, UserWarning) and "archgraph" in filename.replace(
        "exporters", "archgraph"
    ):
        print(f"archgraph: {message}", file=file or sys.stderr)
