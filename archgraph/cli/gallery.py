"""``archgraph gallery``: a site with one page per network."""

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
        "write a site: an index and a page per network",
        "archgraph gallery -o site",
        "archgraph gallery alexnet vgg16 googlenet resnet50 -o lecture",
        "archgraph gallery lenet5 resnet18 -o demo --onnx",
        more="Each page holds pictures, the cost table, the paper's facts and downloads.",
    )
    command.add_argument(
        "nets", metavar="NET", nargs="*", help="which networks; all where none is named"
    )
    command.add_argument(
        "-o", "--output", metavar="DIR", type=Path, required=True, help="the folder to fill"
    )
    command.add_argument(
        "--onnx", action="store_true", help="add ONNX files, each checked in onnxruntime"
    )


def run(chosen: argparse.Namespace) -> None:
    """Write the site and name what was written."""
    from archgraph.plugins import function

    if is_standard(chosen.output):
        raise FormatError("a site is many files, so -o needs the name of a folder.")
    with working("writing the gallery") as say:
        written = function("tools", "site", "a site")(
            chosen.output, chosen.nets or None, onnx=chosen.onnx, say=say
        )
    for line in written.lines():
        print(line, file=sys.stderr)
