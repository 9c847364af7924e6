"""``archgraph draw``: a picture of a network, or of several side by side."""

from __future__ import annotations

import argparse

from archgraph.cli.options import (
    ABOUT_NET,
    Commands,
    add_command,
    add_input,
    add_nets,
    add_output,
    network,
    passed,
)
from archgraph.cli.output import working, wrote

__all__ = ["add_to", "run"]

OPTIONS = ("level", "opened", "fit", "color", "scale", "facts", "style", "theme")


def add_to(commands: Commands) -> None:
    """Add the command ``draw``."""
    command = add_command(
        commands,
        "draw",
        run,
        "draw a network, or several side by side",
        "archgraph draw googlenet -o googlenet.svg --open inception3a",
        "archgraph draw resnet50 -o resnet50.pptx --color macs --facts shape,macs,params",
        "archgraph draw alexnet_two_gpu -o alexnet.pdf --style volumes",
        "archgraph draw plain34 resnet34 -o compared.svg",
        more=ABOUT_NET,
    )
    add_nets(command, several=True)
    add_output(command, "the picture: .svg .pdf .png .pptx .html .tex or .dot")
    command.add_argument("--level", metavar="LEVEL", help="stage, block or layer: how much to show")
    command.add_argument(
        "--open",
        dest="opened",
        metavar="LIST",
        type=lambda text: text.split(","),
        help="blocks or stages to show from the inside, in their places: inception3a,inception4d",
    )
    command.add_argument("--fit", metavar="CANVAS", help="16:9, 4:3, a4 or none: what to fill")
    command.add_argument(
        "--color", metavar="WHAT", help="what colour means: op, device, or a cost such as macs"
    )
    command.add_argument(
        "--scale", metavar="SCALE", help="how a cost becomes a colour: auto, linear or log"
    )
    command.add_argument(
        "--facts",
        metavar="LIST",
        type=lambda text: text.split(","),
        help="what labels say: op, shape and costs, such as shape,params",
    )
    command.add_argument(
        "--style", metavar="STYLE", help="layout (boxes and arrows) or volumes (in perspective)"
    )
    command.add_argument("--theme", metavar="THEME", help="light, dark or print")
    add_input(command)


def run(chosen: argparse.Namespace) -> None:
    """Write the picture."""
    from archgraph.exporting import draw

    nets = [network(net, chosen.input) for net in chosen.nets]
    with working(f"drawing {', '.join(chosen.nets)}"):
        options = passed(chosen.output, {name: getattr(chosen, name) for name in OPTIONS})
        written = draw(nets[0] if len(nets) == 1 else nets, chosen.output, **options)
    wrote(written)
