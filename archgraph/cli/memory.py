"""``archgraph memory``: how much memory a network takes, and which batch fits."""

from __future__ import annotations

import argparse
from dataclasses import replace

from archgraph.cli.arguments import (
    ABOUT_NET,
    Commands,
    add_command,
    add_input,
    add_nets,
    add_table_options,
    network,
    positive,
)
from archgraph.cli.output import chosen_format, show_table

__all__ = ["add_to", "run"]

MORE = f"""\
{ABOUT_NET}

At inference an output is freed after its last reader; reshapes, transposes and slices
are views and take nothing. In training the weights, their gradients, the optimizer's
state and what gradients need of the forward pass are held, as PyTorch keeps them."""


def add_to(commands: Commands) -> None:
    """Add the command ``memory``."""
    command = add_command(
        commands,
        "memory",
        run,
        "show how much memory a network takes, and which batch fits",
        "archgraph memory resnet50",
        "archgraph memory unet --batch 8",
        "archgraph memory alexnet_two_gpu --training --batch 128 --fits 'GTX 580'",
        "archgraph memory vit_b_16 --training --optimizer adamw --fits 24GB",
        more=MORE,
    )
    add_nets(command)
    command.add_argument(
        "--batch", metavar="N", type=positive, default=1, help="how many images (default: 1)"
    )
    command.add_argument("--training", action="store_true", help="a training step")
    command.add_argument(
        "--optimizer",
        metavar="NAME",
        help="sgd (default), momentum, adam or adamw, with --training",
    )
    command.add_argument(
        "--fits",
        metavar="DEVICE",
        help="say which batch is the largest on a device: its name (GTX 580, A100, H100, ...) or "
        "its memory (3GB)",
    )
    add_input(command)
    add_table_options(command)


def run(chosen: argparse.Namespace) -> None:
    """Print or write the memory."""
    from archgraph.errors import FormatError
    from archgraph.known_devices import device_named
    from archgraph.memory.memory_tables import fits_line, inference_table, training_table
    from archgraph.memory.report import inference_memory, largest_batch, training_memory

    if chosen.optimizer is not None and not chosen.training:
        raise FormatError("an optimizer is of training: add --training.")
    device = None if chosen.fits is None else device_named(chosen.fits)
    net = network(chosen.net, chosen)
    form = chosen_format(chosen.format, chosen.output)
    exact = form in ("json", "csv")
    optimizer = (chosen.optimizer or "sgd") if chosen.training else None
    if optimizer is not None:
        training = training_memory(net, batch=chosen.batch, optimizer=optimizer)
        table, several = training_table(net, training, exact=exact), len(training.weights) > 1
    else:
        inference = inference_memory(net, batch=chosen.batch)
        table, several = inference_table(net, inference, exact=exact), len(inference.weights) > 1
    if device is not None:
        line = fits_line(device, largest_batch(net, device, optimizer=optimizer), each=several)
        table = replace(table, notes=(line, *table.notes))
    show_table(table, form, chosen.output)
