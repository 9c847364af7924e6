"""Where results go: text to the terminal or whole into a file, progress to standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from archgraph.errors import FormatError

if TYPE_CHECKING:
    import argparse

    from archgraph.tables import Table
    from archgraph.tables.latex import InPaper

__all__ = [
    "chosen_format",
    "deliver",
    "destination",
    "in_paper",
    "is_picture",
    "is_standard",
    "refuse_pictured",
    "show_table",
    "show_tables",
    "working",
    "wrote",
]


def chosen_format(chosen: argparse.Namespace) -> str:
    """Return the table format asked for by name or by a file's suffix; else ``table``.

    Raises FormatError where what is asked for is of LaTeX and the format another.
    """
    from archgraph.tables.render import SUFFIXES

    form = chosen.format or "table"
    if chosen.format is None and chosen.output is not None:
        form = SUFFIXES.get(chosen.output.suffix.lstrip(".").lower(), "table")
    if form != "latex":
        in_paper(chosen).refuse()
    return str(form)


def in_paper(chosen: argparse.Namespace) -> InPaper:
    """Return how the table that a command prints stands in a paper."""
    from archgraph.tables.latex import InPaper

    return InPaper(chosen.caption, chosen.label, chosen.wide)


def is_picture(chosen: argparse.Namespace, options: Collection[str]) -> bool:
    """Return whether a command that prints a table is to write a picture into a file.

    A .tex file holds either: a picture where ``options`` of one are given.
    """
    from archgraph.exporting import formats
    from archgraph.tables.render import SUFFIXES

    if chosen.output is None:
        return False
    form = chosen.format or chosen.output.suffix.lstrip(".").lower()
    if form not in formats("writers") or (form in SUFFIXES and not options):
        return False
    in_paper(chosen).refuse()
    return True


def refuse_pictured(options: Iterable[str]) -> None:
    """Refuse options of a picture where a table is printed."""
    for key in options:
        raise FormatError(
            f"--{key} needs -o FILE with the suffix of a picture, such as .svg or .pptx."
        )


def show_table(
    table: Table, format: str, output: Path | None, paper: InPaper | None = None
) -> None:
    """Write a table in a format; on a terminal in bold and dim."""
    show_tables([table], format, output, paper)


def show_tables(
    tables: Sequence[Table], format: str, output: Path | None, paper: InPaper | None = None
) -> None:
    """Write tables one below the other; ``paper`` says how they stand in one."""
    from archgraph.tables.render import render
    from archgraph.tables.terminal import terminal

    if format == "table" and is_standard(output) and _coloured():
        deliver("\n".join(terminal(table, colour=True) for table in tables), None)
    else:
        forms = [paper and paper.numbered(place) for place in range(1, len(tables) + 1)]
        made = [render(table, format, form) for table, form in zip(tables, forms, strict=True)]
        deliver("\n".join(made), output, *_too_wide(tables, format, paper))


def _too_wide(tables: Sequence[Table], format: str, paper: InPaper | None) -> list[str]:
    """Return what there is to say of a table that a column of a paper cannot hold."""
    from archgraph.tables.latex import COLUMN, LONG, inches

    if format != "latex" or paper is None or paper.wide:
        return []
    widest = max((inches(each) for each in tables if len(each.rows) <= LONG), default=0.0)
    if widest <= COLUMN:
        return []
    return [f"{widest:.1f} in wide at 7 pt; --wide or fewer columns in a paper of two columns"]


def deliver(content: str, output: Path | None, *more: str) -> None:
    """Write text to a file, whole or not at all, or to standard output: none, or ``-``.

    ``more`` is said of the file.
    """
    if is_standard(output):
        from archgraph.cli.streams import put

        put(content)
        return
    assert output is not None
    from archgraph.files import write_text

    wrote(write_text(output, content), *more)


def is_standard(output: Path | None) -> bool:
    """Return whether an output is the standard one."""
    return output is None or str(output) == "-"


@contextmanager
def destination(chosen: argparse.Namespace) -> Iterator[Path]:
    """Give the path to write a file to whose suffix says its format.

    It is the one that was chosen, unless that is standard output or ``--format`` says what its
    suffix does not; then what was written is brought there afterwards.
    """
    output: Path = chosen.output
    if chosen.format is None and not is_standard(output):
        yield output
        return
    if chosen.format is None:
        raise FormatError(
            "standard output has no suffix that says the format: add --format, such as "
            "--format json."
        )
    for option in ("external", "checkpoint"):
        if getattr(chosen, option, None):
            raise FormatError(
                f"--{option} writes a second file beside FILE, so leave --format out and give FILE "
                "a name with a suffix."
            )
    from archgraph.cli.streams import put
    from archgraph.files import temporary_folder, write_bytes

    with temporary_folder() as folder:
        name = "network" if is_standard(output) else output.stem
        made = folder / f"{name}.{chosen.format.lower().lstrip('.')}"
        yield made
        if is_standard(output):
            put(made.read_bytes())
        else:
            write_bytes(output, made.read_bytes())


def wrote(path: Path, *more: str) -> None:
    """Say on standard error which file was written, its size, and what else there is to say."""
    from archgraph.files import is_stream
    from archgraph.units import bytes_text

    size = []
    if not is_standard(path) and not is_stream(path):
        with suppress(OSError):  # somebody may have moved it on already
            size.append(bytes_text(path.stat().st_size))
    facts = ", ".join((*size, *more))
    name = "standard output" if is_standard(path) else path
    print(f"wrote {name}{f' ({facts})' if facts else ''}", file=sys.stderr)


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
