"""``archgraph compare``: networks side by side in one table or one chart."""

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


def add_to(commands: Commands) -> None:
    """Add the command ``compare``."""
    command = add_command(
        commands,
        "compare",
        run,
        "compare size, cost, depth and published errors, as a table or a chart",
        "archgraph compare alexnet vgg16 googlenet resnet50",
        "archgraph compare alexnet vgg16 -o compared.svg",
        "archgraph compare resnet18 resnet50 --columns params,macs,peak_memory --unit M",
        "archgraph compare resnet18 resnet50 resnet152 --format markdown",
        more=f"{ABOUT_NET}\n\nWith -o FILE.svg, .pdf, .png or .pptx it draws a chart: by accuracy "
        "where there are\nthree or more networks, all with published errors; else layer by layer.",
    )
    command.fill = _fill


def _fill(command: argparse.ArgumentParser) -> None:
    from archgraph.answers.asked_options import CompareOptions

    add_nets(command, several=True)
    add_input(command)
    add_choices(command, CompareOptions)
    add_choices(command, "chart")
    add_table_options(command)


def run(chosen: argparse.Namespace) -> None:
    """Print the table, or write it or a chart."""
    from archgraph.answers.asked_options import CompareOptions
    from archgraph.exporting import chart, options_of
    from archgraph.loading import as_held

    asked = CompareOptions.of(given(chosen, CompareOptions.names()))
    options = given(chosen, options_of("chart").names())
    nets = []
    for each in chosen.nets:
        memory = options.get("chart") == "memory"
        held = as_held(each, training="optimizer" in options) if memory else {}
        nets.append(network(each, chosen, **held))
    if is_picture(chosen, options):
        with working(f"drawing a chart of {', '.join(chosen.nets)}"), destination(chosen) as path:
            chart(nets, path, **options)
        wrote(chosen.output)
        return
    refuse_pictured(options)
    from archgraph.tables.comparison import comparison

    form = chosen_format(chosen)
    table = comparison(nets, exact=form in ("json", "csv"), **asked.given())
    show_table(table, form, chosen.output, in_paper(chosen))
    from archgraph.cli.sizes_to_say import say_sizes

    for net, text in zip(nets, chosen.nets, strict=True):
        say_sizes(net, _alone(chosen, text), text)


def _alone(chosen: argparse.Namespace, text: str) -> argparse.Namespace:
    """Return what was chosen for one network by itself: sizes by name are those of one."""
    return argparse.Namespace(**vars(chosen) | {"words": ["cost", text]})
