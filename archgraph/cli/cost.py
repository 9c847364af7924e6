"""``archgraph cost``: what a network costs, operator by operator and in total."""

from __future__ import annotations

from typing import Annotated

import typer

from archgraph.cli.options import Format, Input, Net, TableFile, network
from archgraph.cli.output import chosen_format, deliver, show_table

__all__ = ["cost"]


def cost(
    net: Net,
    convention: Annotated[
        str,
        typer.Option(
            metavar="macs|flops|lecture",
            help="What to count: multiply-adds, 2 × MACs + the rest, or as the lecture does.",
        ),
    ] = "macs",
    batch: Annotated[int, typer.Option(metavar="N", help="How many images.")] = 1,
    input: Input = None,
    by: Annotated[
        str,
        typer.Option(metavar="layer|block|stage|device", help="Add up what belongs together."),
    ] = "layer",
    training: Annotated[
        bool, typer.Option("--training", help="Count also what only training uses.")
    ] = False,
    format: Format = None,
    output: TableFile = None,
) -> None:
    """Show parameters, arithmetic and activation memory.

    [bold]Examples[/]

      archgraph cost resnet152

      archgraph cost alexnet --convention lecture --input 3x227x227

      archgraph cost alexnet_two_gpu --by device

      archgraph cost googlenet --by block -o googlenet.tex
    """
    from archgraph.tables import cost_report, cost_table
    from archgraph.tables.cost_json import cost_json

    report = cost_report(
        network(net, input), convention=convention, batch=batch, by=by, training=training
    )
    form = chosen_format(format, output)
    if form == "json":
        deliver(cost_json(report), output)
    else:
        show_table(cost_table(report, exact=form == "csv"), form, output)
