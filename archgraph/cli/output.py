"""Where results go: text to the terminal or whole into a file, progress to standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archgraph.tables import Table

__all__ = ["chosen_format", "deliver", "show_table", "show_tables", "working", "wrote"]


def chosen_format(format: str | None, output: Path | None) -> str:
    """Return the table format asked for by name or by a file's suffix; else ``table``."""
    from archgraph.tables.render import SUFFIXES

    if format is not None or output is None:
        return format or "table"
    return SUFFIXES.get(output.suffix.lstrip(".").lower(), "table")


def show_table(table: Table, format: str, output: Path | None) -> None:
    """Write a table in a format; on a terminal in bold and dim."""
    show_tables([table], format, output)


def show_tables(tables: Sequence[Table], format: str, output: Path | None) -> None:
    """Write tables one below the other."""
    from archgraph.tables.render import render
    from archgraph.tables.terminal import terminal

    if format == "table" and output is None and _coloured():
        deliver("\n".join(terminal(table, colour=True) for table in tables), None)
    else:
        deliver("\n".join(render(table, format) for table in tables), output)


def deliver(text: str, output: Path | None) -> None:
    """Write text to a file, whole or not at all, or to standard output."""
    if output is None:
        sys.stdout.write(text)
        return
    from archgraph.files import write_text

    wrote(write_text(output, text))


def wrote(path: Path, *more: str) -> None:
    """Say on standard error which file was written, its size, and what else there is to say."""
    from archgraph.units import bytes_text

    facts = ", ".join((bytes_text(path.stat().st_size), *more))
    print(f"wrote {path} ({facts})", file=sys.stderr)


@contextmanager
def working(text: str) -> Iterator[Callable[[str], None]]:
    """Show on a terminal that work is going on; gives a function that says what comes now."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console

    with Console(stderr=True).status(text) as status:
        yield status.update


def _coloured() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ
