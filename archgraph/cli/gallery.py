"""``archgraph gallery``: a site with one page per network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from archgraph.cli.output import working

__all__ = ["gallery"]


def gallery(
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", metavar="DIR", help="The folder to fill.", show_default=False
        ),
    ],
    nets: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NET…]", help="Which networks; all where none is named."),
    ] = None,
    onnx: Annotated[
        bool, typer.Option("--onnx", help="Add ONNX files, each checked in onnxruntime.")
    ] = False,
) -> None:
    """Write a site: an index and a page per network with pictures, costs, facts, downloads.

    [bold]Examples[/]

      archgraph gallery -o site

      archgraph gallery alexnet vgg16 googlenet resnet50 -o lecture

      archgraph gallery lenet5 resnet18 -o demo --onnx
    """
    from archgraph.site import write_site

    with working("writing the gallery") as say:
        written = write_site(output, nets or None, onnx=onnx, say=say)
    typer.echo(f"wrote {written.pages} pages and {written.files} files: {written.index}", err=True)
