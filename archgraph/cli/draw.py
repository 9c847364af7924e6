"""``archgraph draw``: a picture of a network, or of several side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from archgraph.cli.options import Input, Nets, network
from archgraph.cli.output import working, wrote
from archgraph.cli.passing import passed

__all__ = ["draw"]


def draw(
    nets: Nets,
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="The picture; its suffix says the format: svg, pdf, png, pptx, html, tex, dot.",
            show_default=False,
        ),
    ],
    level: Annotated[
        str | None,
        typer.Option(metavar="stage|block|layer", help="How much to show.", show_default=False),
    ] = None,
    fit: Annotated[
        str | None,
        typer.Option(metavar="16:9|4:3|a4|none", help="The canvas to fill.", show_default=False),
    ] = None,
    color: Annotated[
        str | None,
        typer.Option(
            metavar="op|device|METRIC",
            help="What colour means: the operator, the device, or a cost such as macs.",
            show_default=False,
        ),
    ] = None,
    style: Annotated[
        str | None,
        typer.Option(
            metavar="layout|volumes",
            help="Boxes and arrows, or the feature maps in perspective.",
            show_default=False,
        ),
    ] = None,
    theme: Annotated[
        str | None,
        typer.Option(metavar="light|dark|print", help="The colours.", show_default=False),
    ] = None,
    input: Input = None,
) -> None:
    """Draw a network, or several side by side.

    [bold]Examples[/]

      archgraph draw googlenet -o googlenet.svg

      archgraph draw resnet50 -o resnet50.pptx --level stage --color macs

      archgraph draw alexnet_two_gpu -o alexnet.pdf --style volumes

      archgraph draw plain34 resnet34 -o compared.svg
    """
    from archgraph.exporting import draw as write

    options = passed(
        output, {"level": level, "fit": fit, "color": color, "style": style, "theme": theme}
    )
    with working(f"drawing {', '.join(nets)}"):
        graphs = [network(net, input) for net in nets]
        written = write(graphs[0] if len(graphs) == 1 else graphs, output, **options)
    wrote(written)
