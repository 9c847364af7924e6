"""``archgraph compare``: networks side by side in one table or one chart."""

from __future__ import annotations

from typing import Annotated

import typer

from archgraph.cli.options import Format, Input, Nets, TableFile, network
from archgraph.cli.output import chosen_format, show_table, working, wrote
from archgraph.errors import FormatError

__all__ = ["compare"]

PICTURES = ("svg", "pdf", "png", "pptx")


def compare(
    nets: Nets,
    input: Input = None,
    chart: Annotated[
        str | None,
        typer.Option(
            metavar="layers|accuracy",
            help="The chart to draw: bars per layer, or accuracy against MACs.",
            show_default=False,
        ),
    ] = None,
    format: Format = None,
    output: TableFile = None,
) -> None:
    """Compare size, cost, depth and published errors; with a picture's suffix, draw a chart.

    [bold]Examples[/]

      archgraph compare alexnet vgg16 googlenet resnet50

      archgraph compare alexnet vgg16 -o compared.svg

      archgraph compare resnet18 resnet50 resnet152 --format markdown
    """
    graphs = [network(net, input) for net in nets]
    suffix = "" if output is None else output.suffix.lstrip(".").lower()
    if output is not None and suffix in PICTURES:
        from archgraph.exporting import exporter

        with working(f"drawing a chart of {', '.join(nets)}"):
            options = {} if chart is None else {"chart": chart}
            written = exporter("chart")(graphs, output, **options)
        wrote(written)
        return
    if chart is not None:
        raise FormatError(f"--chart needs -o FILE with a suffix of {', '.join(PICTURES)}.")
    from archgraph.tables.comparison import comparison

    show_table(comparison(graphs), chosen_format(format, output), output)
