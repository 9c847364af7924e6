"""``archgraph diff``: what two networks have in common, and where they differ."""

from __future__ import annotations

import argparse
from pathlib import Path

from archgraph.cli.arguments import ABOUT_NET, NET, Commands, add_command, add_input, network
from archgraph.cli.output import deliver

__all__ = ["DIFFERENT", "add_to", "run"]

DIFFERENT = 3
"""The exit status of ``--exit-code`` where networks differ; 1 and 2 are those of errors."""

MORE = f"""\
{ABOUT_NET}

The graphs are matched by what operators do, their settings, shapes and edges, and by names where
these leave a choice. Weights are not compared."""


def add_to(commands: Commands) -> None:
    """Add the command ``diff``."""
    command = add_command(
        commands,
        "diff",
        run,
        "tell what two networks have in common and where they differ",
        "archgraph diff vgg16 vgg19",
        "archgraph diff plain34 resnet34 --format markdown",
        "archgraph diff model.onnx optimised.onnx -o changes.csv",
        "archgraph diff resnet50 net.onnx --exit-code",
        more=MORE,
    )
    for name in ("first", "second"):
        command.add_argument(name, metavar="NET", help=NET)
    add_input(command)
    command.add_argument(
        "--exit-code",
        action="store_true",
        help=f"exit with {DIFFERENT} where the networks differ, with 0 where they are equal",
    )
    command.add_argument(
        "--format",
        metavar="FORMAT",
        help="words (default), table, json, csv, markdown or latex; else as FILE's suffix says",
    )
    command.add_argument("-o", "--output", metavar="FILE", type=Path, help="write to a file")


def run(chosen: argparse.Namespace) -> int:
    """Print or write the difference; return the exit status."""
    from archgraph.difference import diff
    from archgraph.tables.render import SUFFIXES

    found = diff(network(chosen.first, chosen), network(chosen.second, chosen))
    suffix = "" if chosen.output is None else chosen.output.suffix.lstrip(".").lower()
    form = chosen.format or ("words" if suffix == "txt" else SUFFIXES.get(suffix, "words"))
    deliver(found.render(form), chosen.output)
    return DIFFERENT if chosen.exit_code and not found.equal else 0
