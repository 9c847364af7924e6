"""``archgraph compare``: networks side by side in one table or one chart."""

from __future__ import annotations

import argparse

from archgraph.cli.options import (
    ABOUT_NET,
    Commands,
    add_command,
    add_input,
    add_nets,
    add_table_options,
    network,
)
from archgraph.cli.output import chosen_format, show_table, working, wrote
from archgraph.errors import FormatError

__all__ = ["add_to", "run"]

PICTURES = ("svg", "pdf", "png", "pptx")
CHART_OPTIONS = ("chart", "fit", "theme")


def add_to(commands: Commands) -> None:
    """Add the command ``compare``."""
    command = add_command(
        commands,
        "compare",
        run,
        "compare size, cost, depth and published errors, as a table or a chart",
        "archgraph compare alexnet vgg16 googlenet resnet50",
        "archgraph compare alexnet vgg16 -o compared.svg",
        "archgraph compare resnet18 resnet50 resnet152 --format markdown",
        more=f"{ABOUT_NET}\n\nWith -o FILE.svg, .pdf, .png or .pptx it draws a chart: by accuracy "
        "where there are\nthree or more networks, all with published errors; else layer by layer.",
    )
    add_nets(command, several=True)
    add_input(command)
    command.add_argument(
        "--chart",
        metavar="KIND",
        help="layers (bars of memory, parameters, MACs) or accuracy (against MACs)",
    )
    command.add_argument("--fit", metavar="CANVAS", help="of a chart: 16:9, 4:3 or a4")
    command.add_argument("--theme", metavar="THEME", help="of a chart: light, dark or print")
    add_table_options(command)


def run(chosen: argparse.Namespace) -> None:
    """Print the table, or write it or a chart."""
    nets = [network(net, chosen.input) for net in chosen.nets]
    suffix = "" if chosen.output is None else chosen.output.suffix.lstrip(".").lower()
    if suffix in PICTURES and chosen.format is None:
        from archgraph.exporting import chart

        wanted = {key: getattr(chosen, key) for key in CHART_OPTIONS}
        options = {key: value for key, value in wanted.items() if value is not None}
        with working(f"drawing a chart of {', '.join(chosen.nets)}"):
            written = chart(nets, chosen.output, **options)
        wrote(written)
        return
    for key in CHART_OPTIONS:
        if getattr(chosen, key) is not None:
            raise FormatError(f"--{key} needs -o FILE with a suffix of {', '.join(PICTURES)}.")
    from archgraph.tables.comparison import comparison

    form = chosen_format(chosen.format, chosen.output)
    table = comparison(nets, settings_column=form in ("json", "csv"))
    show_table(table, form, chosen.output)
