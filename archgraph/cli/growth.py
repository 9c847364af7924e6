"""``archgraph growth``: how a cost grows with image size, tokens or batch, as an exact formula."""

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
    deliver,
    destination,
    in_paper,
    is_picture,
    refuse_pictured,
    show_tables,
    working,
    wrote,
)

__all__ = ["add_to", "run"]

MORE = f"""\
{ABOUT_NET}

The network is read at some 30 sizes, on shapes alone. The formula through what is
counted there is tried at 20 other sizes. Where sizes are rounded, as strides do, it
says so: ⌈s/32⌉ rows. With -o FILE.svg, .pdf, .png or .pptx it draws a chart."""


def add_to(commands: Commands) -> None:
    """Add the command ``growth``."""
    command = add_command(
        commands,
        "growth",
        run,
        "show how a cost grows with image size, tokens or batch, as a formula",
        "archgraph growth resnet50",
        "archgraph growth vit_b_16 --over tokens --metric flops",
        "archgraph growth mynet.py:net --input ids:Nx64 --over ids:1",
        "archgraph growth alexnet vgg16 resnet50 vit_b_16 -o growth.svg",
        more=MORE,
    )
    command.fill = _fill


def _fill(command: argparse.ArgumentParser) -> None:
    from archgraph.answers.asked_options import GrowthOptions

    add_nets(command, several=True)
    add_choices(command, GrowthOptions)
    add_input(command)
    add_choices(command, "curve")
    add_table_options(command)


def run(chosen: argparse.Namespace) -> None:
    """Print the formulas, or write them or a chart."""
    from archgraph.answers.asked_options import GrowthOptions
    from archgraph.answers.scaling import growth
    from archgraph.answers.scaling.growth_tables import growth_json, growth_table
    from archgraph.exporting import growth_chart, options_of

    asked = GrowthOptions.of(given(chosen, GrowthOptions.names()))
    options = given(chosen, options_of("curve").names())
    drawn = is_picture(chosen, options)
    if not drawn:
        refuse_pictured(options)
    with working("reading") as tell:
        found = [
            growth(network(each, chosen), asked.over, asked.metric, working=tell)
            for each in chosen.nets
        ]
    if drawn:
        with working("drawing a chart"), destination(chosen) as path:
            growth_chart(found, path, **options)
        wrote(chosen.output)
        return
    form = chosen_format(chosen)
    if form == "json":
        deliver(growth_json(found), chosen.output)
    else:
        show_tables([growth_table(each) for each in found], form, chosen.output, in_paper(chosen))
