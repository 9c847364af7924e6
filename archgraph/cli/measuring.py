"""``archgraph measure``: how long each layer takes in a runtime on this machine."""

from __future__ import annotations

import argparse
from pathlib import Path

from archgraph.cli.arguments import (
    ABOUT_NET,
    Commands,
    add_choices,
    add_command,
    add_input,
    add_nets,
    given,
    network,
)
from archgraph.cli.output import show_table, working, wrote
from archgraph.errors import FormatError

__all__ = ["add_to", "run"]

MORE = f"""\
{ABOUT_NET}

onnxruntime runs the file that 'archgraph export' writes, torch the module of that graph.
Layers that the runtime fuses share one time. With -o net.json the network is written
with its times, as the metric measured_ms, which every table and picture takes:
archgraph draw net.json -o timed.svg --color measured_ms."""


def add_to(commands: Commands) -> None:
    """Add the command ``measure``."""
    command = add_command(
        commands,
        "measure",
        run,
        "measure how long each layer takes on this machine",
        "archgraph measure resnet18",
        "archgraph measure resnet18 --runtime torch --batch 8 --threads 1",
        "archgraph measure vgg16 --device here",
        "archgraph measure googlenet -o timed.json",
        more=MORE,
    )
    command.fill = _fill


def _fill(command: argparse.ArgumentParser) -> None:
    from archgraph.answers.asked_options import MeasureOptions

    add_nets(command)
    add_choices(command, MeasureOptions)
    add_input(command)
    command.add_argument(
        "--format", metavar="FORMAT", help="table, json, csv, markdown or latex, to the terminal"
    )
    command.add_argument(
        "-o", "--output", metavar="FILE", type=Path, help="write the network with its times: .json"
    )


def run(chosen: argparse.Namespace) -> None:
    """Measure, print the table, and write the network."""
    from archgraph.answers.asked_options import MeasureOptions
    from archgraph.answers.speed import measure
    from archgraph.answers.speed.measured_table import measured_table
    from archgraph.answers.speed.rates import rates_of
    from archgraph.exporting import suffix_of

    if chosen.output is not None and suffix_of(chosen.output) != "json":
        raise FormatError(
            f"'{chosen.output}' is no graph file: the network with its times goes into a .json "
            "file, which 'archgraph draw' and 'archgraph cost' take."
        )
    asked = MeasureOptions.of(given(chosen, MeasureOptions.names())).given()
    device = asked.pop("device")
    rates = None if device is None else rates_of(device)
    net = network(chosen.net, chosen)
    with working(f"measuring {chosen.net}"):
        found = measure(net, **asked, device=rates)
    form = chosen.format or "table"
    table = measured_table(net, found, found.estimated, exact=form in ("json", "csv"))
    show_table(table, form, None)
    if chosen.output is not None:
        wrote(net.save(chosen.output))
