"""``archgraph export``: a network as an ONNX file, PyTorch source or a graph file."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archgraph.cli.arguments import (
    ABOUT_NET,
    Commands,
    add_choices,
    add_command,
    add_input,
    add_nets,
    add_output,
    given,
    network,
    suffixes,
)
from archgraph.cli.output import destination, is_standard, show_table, working, wrote
from archgraph.errors import ArchGraphError, FormatError

if TYPE_CHECKING:
    from archgraph.graph import ArchGraph

__all__ = ["add_to", "run"]

OWN = ("weights", "seed", "via", "check", "checkpoint")
"""The options of the command beside those that a file is written by."""


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
        "archgraph export net.onnx -o net.py --checkpoint net.safetensors",
        more=ABOUT_NET,
    )
    command.fill = _fill


def _fill(command: argparse.ArgumentParser) -> None:
    add_nets(command)
    add_output(command, f"the file: {suffixes('exporters')}")
    command.add_argument(
        "--weights",
        metavar="FILE",
        type=Path,
        help="a .pth or .safetensors file; else those of NET's file or module, else random ones",
    )
    command.add_argument(
        "--checkpoint",
        metavar="FILE",
        type=Path,
        help="write the weights beside PyTorch source: a .safetensors, .pth or .pt file",
    )
    command.add_argument(
        "--seed", metavar="N", type=int, help="the seed of random weights (default: 0)"
    )
    add_choices(command, "onnx")
    command.add_argument("--via", metavar="WAY", help="direct (default), or torch: its exporter")
    command.add_argument(
        "--check",
        action="store_true",
        default=None,
        help="run the file in every installed runtime and compare it with NET's file or module, "
        "else with PyTorch",
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
    from archgraph.exporting import export, options_of

    net = network(chosen.net, chosen)
    options = given(chosen, (*OWN, *options_of("onnx").names()))
    if chosen.runtime:
        options["check"] = chosen.runtime
    rows: list[Any] = []
    if "check" in options and is_standard(chosen.output):
        raise FormatError("--check shows its table on standard output, so let -o name a file.")
    with (
        _open_sizes_told(net, chosen),
        working(f"exporting {net.name}") as say,
        destination(chosen) as path,
    ):
        suffix = path.suffix.lower()
        if path != chosen.output and suffix == ".onnx":
            options["external"] = False  # there is no second file to read it with

        def report(row: Any) -> None:
            rows.append(row)
            say(f"checking {net.name}: {row.runtime} {row.verdict}")

        try:
            export(net, path, **options, **({"report": report} if "check" in options else {}))
        finally:
            if rows:
                show_table(check_table(net.name, rows), "table", None)
    _wrote(net, chosen.output, suffix, options)


@contextmanager
def _open_sizes_told(net: ArchGraph, chosen: argparse.Namespace) -> Iterator[None]:
    """Say how to give the sizes where a network cannot be written because some are open."""
    try:
        yield
    except ArchGraphError as error:
        from archgraph.cli.sizes_to_say import sizes_to_say

        said = sizes_to_say(net, chosen)
        if said is None:
            raise
        raise type(error)(f"{error} {said}") from None


def _whose(net: ArchGraph, suffix: str, options: dict[str, Any]) -> list[str]:
    """Return in words whose weights were written."""
    written = suffix == ".onnx" or "checkpoint" in options
    if not written or options.get("structure_only"):
        return []
    if "weights" in options:
        return [f"weights of '{options['weights']}'"]
    if net.weights is not None and "seed" not in options:
        return [f"weights of {net.weights.origin}"]
    return [f"random weights, seed {options.get('seed', 0)}"]


def _wrote(net: ArchGraph, path: Path, suffix: str, options: dict[str, Any]) -> None:
    if "checkpoint" in options:
        wrote(path)
        wrote(options["checkpoint"], *_whose(net, suffix, options))
        return
    wrote(path, *_whose(net, suffix, options))
    if options.get("external"):
        wrote(path.with_name(f"{path.name}.data"))
