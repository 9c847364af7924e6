"""``archgraph gallery``: a site for a class."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from archgraph.cli.arguments import Commands, add_command
from archgraph.cli.output import is_standard, working
from archgraph.errors import FormatError

__all__ = ["add_to", "run"]


def add_to(commands: Commands) -> None:
    """Add the command ``gallery``."""
    command = add_command(
        commands,
        "gallery",
        run,
        "write a site for a class: networks, comparisons, what a lecture claims",
        "archgraph gallery -o site",
        "archgraph gallery alexnet vgg16 googlenet resnet50 -o lecture",
        "archgraph gallery mynet.py:make vgg16 resnet50 -o site --compare mynet.py:make,vgg16",
        "archgraph gallery lenet5 resnet18 -o demo --onnx",
        more="""\
The index is searched and filtered. A network's page holds pictures, costs, its paper's facts
and every file to take away. Pages compare networks; the page of the lecture's claims shows each
claim beside what the graphs say. It opens from disk, needs no server, and prints.""",
    )
    command.add_argument(
        "nets", metavar="NET", nargs="*", help="which networks; all where none is named"
    )
    command.add_argument(
        "-o", "--output", metavar="DIR", type=Path, required=True, help="the folder to fill"
    )
    command.add_argument(
        "--compare",
        metavar="NAMES",
        action="append",
        default=[],
        help="networks of the site to compare on a page of their own (a,b; repeatable)",
    )
    command.add_argument(
        "--onnx", action="store_true", help="add ONNX files, each checked in onnxruntime"
    )


def names_of(text: str) -> list[str]:
    """Return the names in a list with commas; FormatError for fewer than two."""
    names = [each.strip() for each in text.split(",") if each.strip()]
    if len(names) < 2:
        raise FormatError(f"--compare {text!r} names no two networks; write two, such as a,b.")
    return names


def run(chosen: argparse.Namespace) -> None:
    """Write the site and name what was written."""
    from archgraph.plugins import function

    if is_standard(chosen.output):
        raise FormatError("a site is many files, so -o needs the name of a folder.")
    with working("writing the gallery") as say:
        written = function("tools", "site", "a site")(
            chosen.output,
            chosen.nets or None,
            onnx=chosen.onnx,
            compare=[names_of(each) for each in chosen.compare],
            say=say,
        )
    for line in written.lines():
        print(line, file=sys.stderr)
