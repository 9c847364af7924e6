"""``archgraph roofline``: how long each operator takes at least on a device, and what bounds it."""

from __future__ import annotations

import argparse

from archgraph.cli.arguments import (
    ABOUT_NET,
    Commands,
    add_choices,
    add_command,
    add_input,
    add_nets,
    add_table_options,
    given,
    network,
    positive,
)
from archgraph.cli.output import (
    chosen_format,
    destination,
    in_paper,
    is_picture,
    refuse_pictured,
    show_table,
    working,
    wrote,
)

__all__ = ["add_to", "run"]

MORE = f"""\
{ABOUT_NET}

The time of an operator is the longer of FLOPs / peak rate and bytes moved / bandwidth
(Williams, Waterman and Patterson 2009): a lower bound, with each operator by itself.
DEVICE is a name (A100, RTX 4090, ...), with the type of numbers behind it (A100 float16),
one of your own (mine=10TFLOPS+400GB/s), or here: this machine, measured once (its
processor, in some seconds; "here 1" on one thread).
With -o FILE.svg, .pdf, .png or .pptx it draws a roofline chart. Every table and picture
takes the metrics time@DEVICE, peak_share@DEVICE, intensity and bytes_moved:
archgraph draw resnet50 -o resnet50.svg --color time@A100."""


def add_to(commands: Commands) -> None:
    """Add the command ``roofline``."""
    command = add_command(
        commands,
        "roofline",
        run,
        "estimate how long each operator takes on a device, and what bounds it",
        "archgraph roofline resnet50 --device A100 --batch 32",
        "archgraph roofline vit_b_16 --device 'A100 float16' --by block",
        "archgraph roofline vgg16 --device mine=10TFLOPS+400GB/s -o roofline.svg",
        "archgraph roofline alexnet --device here",
        more=MORE,
    )
    command.fill = _fill


def _fill(command: argparse.ArgumentParser) -> None:
    add_nets(command)
    command.add_argument(
        "--device", metavar="DEVICE", required=True, help="a name, a description, or here"
    )
    command.add_argument(
        "--batch", metavar="N", type=positive, default=1, help="how many images (default: 1)"
    )
    command.add_argument(
        "--by", choices=("layer", "block", "stage"), default="layer", help="what a row or dot is"
    )
    add_input(command)
    add_choices(command, "roofline")
    add_table_options(command)


def run(chosen: argparse.Namespace) -> None:
    """Print the table, or write it or a chart."""
    from archgraph.answers.speed import roofline
    from archgraph.answers.speed.rates import rates_of
    from archgraph.answers.speed.roofline_table import roofline_table
    from archgraph.exporting import options_of
    from archgraph.plugins import function

    rates = rates_of(chosen.device)
    net = network(chosen.net, chosen)
    found = roofline(net, rates, batch=chosen.batch)
    options = given(chosen, options_of("roofline").names())
    if is_picture(chosen, options):
        draw = function("tools", "roofline", "a roofline chart")
        with working(f"drawing the roofline of {chosen.net}"), destination(chosen) as path:
            draw(net, found, path, by=chosen.by, **options)
        wrote(chosen.output)
        return
    refuse_pictured(options)
    form = chosen_format(chosen)
    table = roofline_table(net, found, by=chosen.by, exact=form in ("json", "csv"))
    show_table(table, form, chosen.output, in_paper(chosen))
