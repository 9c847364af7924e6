"""``archgraph export``: a network as an ONNX file, PyTorch source or a graph file."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from archgraph.cli.options import (
    ABOUT_NET,
    Commands,
    add_command,
    add_input,
    add_nets,
    add_output,
    given,
    network,
)
from archgraph.cli.output import show_table, working, wrote

__all__ = ["add_to", "run"]

VALUES = ("weights", "seed", "opset", "ir_version", "batch", "size", "precision", "via")
FLAGS = ("fold_batch_norm", "softmax", "auxiliary", "external", "structure_only", "check")
OPTIONS = (*VALUES, *FLAGS)


def add_to(commands: Commands) -> None:
    """Add the command ``export``."""
    command = add_command(
        commands,
        "export",
        run,
        "export to ONNX (.onnx), PyTorch source (.py) or a graph file (.json)",
        "archgraph export resnet50 -o resnet50.onnx --check",
        "archgraph export vgg16 -o vgg16.onnx --weights vgg16.pth --batch 1",
        "archgraph export googlenet -o googlenet.onnx --structure-only",
        "archgraph export resnet50 -o resnet50.py",
        more=ABOUT_NET,
    )
    add_nets(command)
    add_output(command, "the file: .onnx, .py or .json")
    command.add_argument(
        "--weights", metavar="FILE", type=Path, help="a .pth or .safetensors file; else seeded ones"
    )
    command.add_argument("--seed", metavar="N", type=int, help="seed of the weights (default: 0)")
    command.add_argument("--opset", metavar="N", type=int, help="operator set (default: 18)")
    command.add_argument(
        "--ir-version",
        metavar="N",
        type=int,
        help="file version (default: 10, or what opset or devices need)",
    )
    command.add_argument(
        "--batch", metavar="N|dynamic", type=_size, help="batch axis (default: dynamic)"
    )
    command.add_argument("--size", metavar="SIZE", help="image size: fixed (default) or dynamic")
    command.add_argument("--precision", metavar="TYPE", help="float32 (default) or float16")
    command.add_argument("--via", metavar="WAY", help="direct (default), or torch: its exporter")
    command.add_argument(
        "--fold-batch-norm",
        action="store_true",
        default=None,
        help="fold batch norms into convolutions",
    )
    command.add_argument(
        "--softmax", action="store_true", default=None, help="add a softmax at the end"
    )
    command.add_argument(
        "--auxiliary",
        action="store_true",
        default=None,
        help="keep the heads that only training uses",
    )
    command.add_argument(
        "--external",
        action="store_true",
        default=None,
        help="weights in a second file, NAME.onnx.data",
    )
    command.add_argument(
        "--structure-only",
        action="store_true",
        default=None,
        help="leave the weights out: a few KB",
    )
    command.add_argument(
        "--check",
        action="store_true",
        default=None,
        help="run the file in every installed runtime and compare it with PyTorch",
    )
    command.add_argument(
        "--runtime",
        metavar="NAME",
        action="append",
        help="check it in this runtime only (repeatable)",
    )
    add_input(command)


def run(chosen: argparse.Namespace) -> None:
    """Write the file."""
    from archgraph.cli.check_table import check_table
    from archgraph.exporting import export

    net = network(chosen.net, chosen.input)
    options = given(chosen, OPTIONS)
    if chosen.runtime:
        options["check"] = chosen.runtime
    if "check" not in options:
        with working(f"exporting {net.name}"):
            _wrote(export(net, chosen.output, **options), options)
        return
    rows: list[Any] = []
    with working(f"exporting {net.name}") as say:

        def report(row: Any) -> None:
            rows.append(row)
            say(f"checking {net.name}: {row.runtime} {row.verdict}")

        try:
            written = export(net, chosen.output, **options, report=report)
        finally:
            if rows:
                show_table(check_table(net.name, rows), "table", None)
    _wrote(written, options)


def _wrote(path: Path, options: dict[str, Any]) -> None:
    wrote(path)
    if "external" in options:
        wrote(path.with_name(f"{path.name}.data"))


def _size(text: str) -> int | str:
    return int(text) if text.isdecimal() else text
