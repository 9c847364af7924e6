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
    from archgraph.answers.asked_options import RooflineOptions

    add_nets(command)
    add_choices(command, RooflineOptions)
    add_input(command)
    add_choices(command, "roofline")
    add_table_options(command)


def run(chosen: argparse.Namespace) -> None:
    """Print the table, or write it or a chart."""
    from archgraph.answers.asked_options import RooflineOptions
    from archgraph.answers.speed import roofline
    from archgraph.answers.speed.rates import rates_of
    from archgraph.answers.speed.roofline_table import roofline_table
    from archgraph.exporting import options_of, roofline_chart

    asked = RooflineOptions.of(given(chosen, RooflineOptions.names()))
    rates = rates_of(asked.device)
    options = given(chosen, options_of("roofline").names())
    found = roofline(network(chosen.net, chosen), rates, batch=asked.batch, by=asked.by)
    if is_picture(chosen, options):
        with working(f"drawing the roofline of {chosen.net}"), destination(chosen) as path:
            roofline_chart(found, path, **options)
        wrote(chosen.output)
        return
    refuse_pictured(options)
    form = chosen_format(chosen)
    table = roofline_table(found.net, found, by=asked.by, exact=form in ("json", "csv"))
    show_table(table, form, chosen.output, in_paper(chosen))
