"""Arguments that several commands share, and how their text is read."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archgraph.errors import FormatError

if TYPE_CHECKING:
    from archgraph.graph import ArchGraph

__all__ = [
    "ABOUT_NET",
    "Commands",
    "add_command",
    "add_input",
    "add_nets",
    "add_output",
    "add_table_options",
    "network",
    "parse_shape",
    "passed",
    "positive",
]

ABOUT_NET = """\
NET is a gallery name (resnet50), a graph file (net.json), any ONNX file (net.onnx),
or a part of one of these (resnet50/layer1.0, net.onnx/inception3a)."""

Commands = Any
"""What argparse's add_subparsers returns; it has no public name."""


def add_command(
    commands: Commands,
    name: str,
    run: Callable[[argparse.Namespace], None],
    about: str,
    *examples: str,
    more: str = "",
) -> argparse.ArgumentParser:
    """Add a command that calls ``run``, with its examples below its options."""
    made: argparse.ArgumentParser = commands.add_parser(
        name,
        help=about,
        description=f"{about[0].upper()}{about[1:]}.\n\n{more}".rstrip(),
        epilog="\n  ".join(["examples:", *examples]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.set_defaults(run=run)
    return made


def add_nets(command: argparse.ArgumentParser, *, several: bool = False) -> None:
    """Add the argument NET, or several of them."""
    words = {"nargs": "+"} if several else {}
    command.add_argument(
        "nets" if several else "net",
        metavar="NET",
        help="gallery name, net.json, net.onnx, or NET/MODULE",
        **words,  # type: ignore[arg-type]
    )


def add_input(command: argparse.ArgumentParser) -> None:
    """Add ``--input``."""
    command.add_argument(
        "--input", metavar="CxHxW", help="another input: channels, height, width (3x227x227)"
    )


def add_output(command: argparse.ArgumentParser, help: str) -> None:
    """Add a required ``-o FILE``."""
    command.add_argument("-o", "--output", metavar="FILE", type=Path, required=True, help=help)


def add_table_options(command: argparse.ArgumentParser) -> None:
    """Add ``--format`` and ``-o`` of a command that prints a table."""
    command.add_argument(
        "--format",
        metavar="FORMAT",
        help="table, json, csv, markdown or latex; else as FILE's suffix says (json, csv, md, tex)",
    )
    command.add_argument("-o", "--output", metavar="FILE", type=Path, help="write to a file")


def positive(text: str) -> int:
    """Return a whole number above zero; argparse names the option in its error."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above zero")
    return int(text)


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


def passed(path: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Return the options that were given (not None); FormatError for one the format lacks."""
    from inspect import Parameter, signature

    from archgraph.exporting import exporter

    given = {name: value for name, value in options.items() if value is not None}
    suffix = path.suffix.lstrip(".").lower()
    if not suffix:
        raise FormatError(f"'{path}' has no suffix that says the format, such as .svg or .onnx.")
    taken = signature(exporter(suffix)).parameters
    if any(each.kind is Parameter.VAR_KEYWORD for each in taken.values()):
        return given
    for name in given:
        if name not in taken:
            raise FormatError(f"a .{suffix} file does not take --{name.replace('_', '-')}.")
    return given
