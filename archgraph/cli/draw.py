"""``archgraph draw``: a picture of a network, or of several side by side."""

from __future__ import annotations

import argparse

from archgraph.cli.arguments import (
    ABOUT_NET,
    Commands,
    add_choices,
    add_command,
    add_input,
    add_nets,
    add_output,
    given,
    network,
    suffixes,
)
from archgraph.cli.output import destination, working, wrote

__all__ = ["add_to", "run"]


def add_to(commands: Commands) -> None:
    """Add the command ``draw``."""
    command = add_command(
        commands,
        "draw",
        run,
        "draw a network, or several side by side",
        "archgraph draw googlenet -o googlenet.svg --open inception3a",
        "archgraph draw resnet50 -o resnet50.pptx --color macs --set 'layer1.*:label=Stem'",
        "archgraph draw alexnet_two_gpu -o alexnet.pdf --style volumes",
        "archgraph draw plain34 resnet34 -o compared.svg",
        "archgraph draw resnet18 resnet34 -o changes.svg --difference",
        more=ABOUT_NET,
    )
    command.fill = _fill


def _fill(command: argparse.ArgumentParser) -> None:
    add_nets(command, several=True)
    add_output(command, f"the picture: {suffixes('writers')}")
    add_choices(command, "draw")
    add_input(command)


def run(chosen: argparse.Namespace) -> None:
    """Write the picture."""
    from archgraph.exporting import draw, options_of

    nets = [network(net, chosen) for net in chosen.nets]
    with working(f"drawing {', '.join(chosen.nets)}"), destination(chosen) as path:
        options = given(chosen, options_of("draw").names())
        draw(nets[0] if len(nets) == 1 else nets, path, **options)
    wrote(chosen.output)
