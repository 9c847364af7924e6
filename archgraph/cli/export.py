"""``archgraph export``: a network as an ONNX file, PyTorch source or a graph file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from archgraph.cli.options import Input, Net, network
from archgraph.cli.output import working, wrote
from archgraph.cli.passing import passed
from archgraph.errors import FormatError

__all__ = ["export"]


def export(
    net: Net,
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="The file; its suffix says the format: onnx, py, json.",
            show_default=False,
        ),
    ],
    weights: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Weights: a .pth or .safetensors with the network's names.",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(metavar="N", help="Seed of the weights made here.", show_default="0"),
    ] = None,
    opset: Annotated[
        int | None, typer.Option(metavar="N", help="ONNX operator set.", show_default="18")
    ] = None,
    ir_version: Annotated[
        int | None,
        typer.Option(metavar="N", help="ONNX file version.", show_default="10, 11 for devices"),
    ] = None,
    batch: Annotated[
        str | None,
        typer.Option(metavar="N|dynamic", help="The batch axis.", show_default="dynamic"),
    ] = None,
    precision: Annotated[
        str | None,
        typer.Option(
            metavar="float32|float16", help="Type of all numbers.", show_default="float32"
        ),
    ] = None,
    via: Annotated[
        str | None,
        typer.Option(
            metavar="direct|torch",
            help="Write the nodes directly, or through torch's own exporter.",
            show_default="direct",
        ),
    ] = None,
    fold_batch_norm: Annotated[
        bool, typer.Option("--fold-batch-norm", help="Fold batch norms into convolutions.")
    ] = False,
    softmax: Annotated[bool, typer.Option("--softmax", help="Add a softmax at the end.")] = False,
    auxiliary: Annotated[
        bool, typer.Option("--auxiliary", help="Keep the heads that only training uses.")
    ] = False,
    structure_only: Annotated[
        bool, typer.Option("--structure-only", help="Leave the weights out: a few KB.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Run the file and compare it with PyTorch.")
    ] = False,
    input: Input = None,
) -> None:
    """Export a network to ONNX (.onnx), PyTorch source (.py) or a graph file (.json).

    [bold]Examples[/]

      archgraph export resnet50 -o resnet50.onnx --check

      archgraph export vgg16 -o vgg16.onnx --weights vgg16.pth --batch 1

      archgraph export googlenet -o googlenet.onnx --structure-only

      archgraph export resnet18/layer1 -o stage.json
    """
    from archgraph.exporting import export as write

    graph = network(net, input)
    flags = {
        "fold_batch_norm": fold_batch_norm,
        "softmax": softmax,
        "auxiliary": auxiliary,
        "structure_only": structure_only,
        "check": check,
    }
    options = {
        "weights": weights,
        "seed": seed,
        "opset": opset,
        "ir_version": ir_version,
        "batch": None if batch is None else _batch(batch),
        "precision": precision,
        "via": via,
        **{name: True for name, wanted in flags.items() if wanted},
    }
    if output.suffix.lower() == ".json":
        wrong = [name for name, value in options.items() if value is not None]
        if wrong:
            raise FormatError(f"a .json file does not take --{wrong[0].replace('_', '-')}.")
        wrote(graph.save(output))
        return
    with working(f"exporting {graph.name}"):
        written = write(graph, output, **passed(output, options))
    wrote(written)


def _batch(text: str) -> int | str:
    if text == "dynamic":
        return text
    if text.isdecimal() and int(text) >= 1:
        return int(text)
    raise FormatError(f"the batch is '{text}', but it must be a number or 'dynamic'.")
