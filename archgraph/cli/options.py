"""Arguments and options that several commands share, and how their text is read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archgraph.errors import FormatError

if TYPE_CHECKING:
    from archgraph.graph import ArchGraph

__all__ = ["Format", "Input", "Net", "Nets", "TableFile", "network", "parse_shape"]

Net = Annotated[
    str,
    typer.Argument(
        metavar="NET",
        help="A gallery name, a net.json, or a part of either: NET/MODULE.",
        show_default=False,
    ),
]
Nets = Annotated[
    list[str],
    typer.Argument(
        metavar="NET…",
        help="Gallery names, net.json files, or parts of either: NET/MODULE.",
        show_default=False,
    ),
]
Input = Annotated[
    str | None,
    typer.Option(
        "--input",
        metavar="CxHxW",
        help="Another input: channels, height, width, such as 3x227x227.",
        show_default=False,
    ),
]
Format = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="table|json|csv|markdown|latex",
        help="How to write it. By default as OUTPUT's suffix says, else a table.",
        show_default=False,
    ),
]
TableFile = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write to a file.", show_default=False),
]


def parse_shape(text: str) -> tuple[int, ...]:
    """Return ``3x224x224`` as (3, 224, 224); FormatError says what it should look like."""
    words = text.lower().replace("×", "x").replace(",", "x").split("x")
    try:
        shape = tuple(int(word) for word in words)
    except ValueError:
        shape = ()
    if not shape or min(shape) < 1:
        raise FormatError(
            f"the input '{text}' is no shape; write channels, height and width as 3x224x224."
        )
    return shape


def network(text: str, input: str | None = None) -> ArchGraph:
    """Return the network that an argument names, for the input that an option gives."""
    from archgraph.loading import load

    return load(text) if input is None else load(text, input=parse_shape(input))
