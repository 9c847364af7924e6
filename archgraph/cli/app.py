"""The commands, gathered."""

from __future__ import annotations

from typing import Annotated

import typer

from archgraph.cli.compare import compare
from archgraph.cli.cost import cost
from archgraph.cli.draw import draw
from archgraph.cli.export import export
from archgraph.cli.gallery import gallery
from archgraph.cli.listing import list_networks

__all__ = ["app"]

app = typer.Typer(
    name="archgraph",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from archgraph import __version__

        typer.echo(f"archgraph {__version__}")
        raise typer.Exit


@app.callback()
def about(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Neural network architectures as graphs with costs, drawn for slides, exported to ONNX.

    A network is a gallery name ([cyan]resnet50[/]), a graph file ([cyan]net.json[/]), or a part of
    either ([cyan]resnet50/layer1.0[/], [cyan]googlenet/inception3a[/]).

    [bold]Examples[/]

      archgraph list

      archgraph cost resnet152

      archgraph draw googlenet -o googlenet.svg

      archgraph export resnet50 -o resnet50.onnx --check
    """


app.command("list")(list_networks)
app.command("cost")(cost)
app.command("draw")(draw)
app.command("export")(export)
app.command("compare")(compare)
app.command("gallery")(gallery)
