"""``archgraph split``: a network over several devices, what crosses, what each has to do."""

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
from archgraph.cli.output import deliver, is_standard, show_tables, working, wrote
from archgraph.errors import FormatError

__all__ = ["add_to", "run"]

MORE = f"""\
{ABOUT_NET}

A pipeline gives each device a contiguous part of the network's order; the largest
part is as small as such parts can be. By channels each device holds its part of every
layer's filters, as in AlexNet of 2012. Without --devices it tells of a network that
has devices already."""


def add_to(commands: Commands) -> None:
    """Add the command ``split``."""
    command = add_command(
        commands,
        "split",
        run,
        "split a network over several devices, and tell what crosses between them",
        "archgraph split resnet50 --devices 4",
        "archgraph split vgg16 --devices 2 --by params --slack 10 -o vgg16_2.json",
        "archgraph split resnet50 --devices 4 --between block -o resnet50_4.svg",
        "archgraph split alexnet_grouped --devices 2 --how channels -o alexnet_2.onnx",
        "archgraph split alexnet_two_gpu",
        more=MORE,
    )
    command.fill = _fill


def _fill(command: argparse.ArgumentParser) -> None:
    from archgraph.answers.asked_options import SplitOptions

    add_nets(command)
    add_choices(command, SplitOptions)
    command.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        type=Path,
        help="write the network that was split: .json, .onnx, .py, or a picture",
    )
    command.add_argument(
        "--format",
        metavar="FORMAT",
        help="of what is told: table (default), json, csv, markdown or latex",
    )
    add_input(command)


def run(chosen: argparse.Namespace) -> None:
    """Split the network, write it, and tell what each device has."""
    from archgraph.answers.asked_options import SplitOptions
    from archgraph.answers.splitting import placement, split
    from archgraph.answers.splitting.split_tables import crossings_table, devices_table, split_json
    from archgraph.exporting import draw, export, formats, suffix_of
    from archgraph.options import written

    form = chosen.format or "table"
    if chosen.output is not None and is_standard(chosen.output):
        raise FormatError(
            "-o names the file of the network, and what is told goes to standard output."
        )
    net = network(chosen.net, chosen)
    options = given(chosen, SplitOptions.names())
    if "devices" in options:
        net = split(net, **options)
    elif options:
        raise FormatError(
            f"{written(next(iter(options)))} says how to split: add {written('devices', 2)}."
        )
    told = list(
        dict.fromkeys(("macs", *([chosen.by] if chosen.by else []), "params", "activation_bytes"))
    )
    found = placement(net, metrics=told)
    if chosen.output is not None:
        with working(f"writing {chosen.output}"):
            if suffix_of(chosen.output) in formats("writers"):
                draw(net, chosen.output, color="device")
            else:
                export(net, chosen.output)
        wrote(chosen.output)
    if form == "json":
        deliver(split_json(net, found), None)
        return
    exact = form == "csv"
    tables = [devices_table(net, found, exact=exact)]
    if found.crossings and not exact:
        tables.append(crossings_table(net, found))
    show_tables(tables, form, None)
