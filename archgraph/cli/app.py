"""The parser: all commands, gathered, each with examples in its help.

It is argparse's, because the answer to ``archgraph cost`` must not wait for a parser: libraries
that build one from annotations take as long to import as the network takes to be costed.
"""

from __future__ import annotations

import argparse

from archgraph import __version__
from archgraph.cli import (
    annotate,
    compare,
    completion,
    cost,
    counters,
    diff,
    draw,
    export,
    gallery,
    growth,
    listing,
    measuring,
    memory,
    rooflines,
    split,
    sweep,
)
from archgraph.cli.arguments import ABOUT_NET, Command, Parser

__all__ = ["parser"]

DESCRIPTION = f"""\
Neural network architectures as graphs with costs, drawn for slides, exported to ONNX.

{ABOUT_NET}
"""

EXAMPLES = """\
examples:
  archgraph list
  archgraph cost resnet152
  archgraph cost mynet.py:net --input 3x224x224
  archgraph counters resnet50
  archgraph memory resnet50 --training --batch 32
  archgraph growth vit_b_16 --over tokens
  archgraph sweep resnet50 vgg16 --input 3x128..256..32
  archgraph roofline resnet50 --device A100 --batch 32
  archgraph split resnet50 --devices 4
  archgraph measure resnet18
  archgraph draw googlenet -o googlenet.svg
  archgraph export resnet50 -o resnet50.onnx --check
  archgraph compare alexnet vgg16 googlenet resnet50
  archgraph diff vgg16 vgg19
  archgraph annotate model.onnx -o annotated.onnx
  archgraph gallery -o site
  archgraph completion bash

'archgraph COMMAND --help' tells what each can do.
"""


def parser() -> argparse.ArgumentParser:
    """Return the parser; a parsed command line has ``run``, the function that it asks for."""
    made = Parser(
        prog="archgraph",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.add_argument("--version", action="version", version=f"archgraph {__version__}")
    commands = made.add_subparsers(
        title="commands", metavar="COMMAND", required=True, parser_class=Command
    )
    for command in (
        listing,
        cost,
        counters,
        memory,
        growth,
        sweep,
        rooflines,
        measuring,
        split,
        draw,
        export,
        compare,
        diff,
        annotate,
        gallery,
        completion,
    ):
        command.add_to(commands)
    made.set_defaults(parser=made)  # which completion tells of
    return made
