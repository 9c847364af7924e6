"""``archgraph annotate``: an ONNX file of anyone's with names and costs on its nodes."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from archgraph.cli.arguments import (
    Commands,
    add_choices,
    add_command,
    add_input,
    add_output,
    network,
)
from archgraph.cli.output import destination, working, wrote

__all__ = ["add_to", "run"]

MORE = """\
Each node of the file gets the name, module, operator, output and costs of what it was read as,
in its metadata, where Netron and Model Explorer show them. Everything else stays as it is, byte for
byte; weights in a file beside it stay there."""


def add_to(commands: Commands) -> None:
    """Add the command ``annotate``."""
    command = add_command(
        commands,
        "annotate",
        run,
        "write names and costs into an ONNX file of any origin",
        "archgraph annotate model.onnx -o annotated.onnx",
        "archgraph annotate model.onnx -o macs.json",
        "archgraph annotate model.onnx -o params.json --metric params",
        more=MORE,
    )
    command.fill = _fill


def _fill(command: argparse.ArgumentParser) -> None:
    from archgraph.answers.asked_options import NodeDataOptions

    command.add_argument("file", metavar="FILE.onnx", type=Path, help="the file to annotate")
    add_output(command, "an .onnx file, or .json: node data for Model Explorer")
    add_choices(command, NodeDataOptions)
    add_input(command)


def run(chosen: argparse.Namespace) -> None:
    """Write the file, and say how much of it was understood."""
    from archgraph.annotation import annotated
    from archgraph.cli.sizes_to_say import say_sizes

    with working(f"annotating {chosen.file}"), destination(chosen) as path:
        net = network(str(chosen.file), chosen)
        done = annotated(chosen.file, path, net, chosen.metric)
    wrote(chosen.output)
    print(f"{done.told:,} of {done.nodes:,} nodes are annotated", file=sys.stderr)
    say_sizes(net, chosen, str(chosen.file))
