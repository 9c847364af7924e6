"""``archgraph memory``: how much memory a network takes, and which batch fits."""

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
    add_table_options,
    given,
    network,
    positive,
)
from archgraph.cli.output import (
    chosen_format,
    destination,
    is_picture,
    refuse_pictured,
    show_table,
    working,
    wrote,
)

__all__ = ["add_to", "run"]

PICTURED = ("fit", "theme", "title", "legend", "template")
"""The options of a picture."""

OF_TRAINING = ("optimizer", "precision", "checkpoint")
"""The options of a training step."""

MORE = f"""\
{ABOUT_NET}

At inference an output is freed after its last reader; reshapes, transposes and slices
are views and take nothing. In training the weights, their gradients, the optimizer's
state and what gradients need of the forward pass are held, as PyTorch keeps them.
A module of PyTorch is read as its code is written, with --training as it trains.
With -o FILE.svg, .pdf, .png or .pptx it draws what lies in memory at each step."""


def add_to(commands: Commands) -> None:
    """Add the command ``memory``."""
    command = add_command(
        commands,
        "memory",
        run,
        "show how much memory a network takes, and which batch fits",
        "archgraph memory resnet50",
        "archgraph memory unet --batch 8 -o memory.svg",
        "archgraph memory alexnet_two_gpu --training --batch 128 --fits 'GTX 580'",
        "archgraph memory vit_b_16 --training --optimizer adamw --precision mixed --fits 24GB",
        "archgraph memory resnet50 --training --batch 32 --checkpoint block",
        more=MORE,
    )
    command.fill = _fill


def _fill(command: argparse.ArgumentParser) -> None:
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
        "--precision",
        metavar="NAME",
        help="float32 (default), or mixed, bfloat16 or float16: what multiplies and adds runs in "
        "a half type, as under torch.autocast, with --training",
    )
    command.add_argument(
        "--checkpoint",
        metavar="LEVEL",
        help="block or stage: what is computed again for its gradients instead of kept, with "
        "--training",
    )
    command.add_argument(
        "--fits",
        metavar="DEVICE",
        help="say which batch is the largest on a device: its name (GTX 580, A100, H100, ...) or "
        "its memory (3GB)",
    )
    add_input(command)
    add_choices(command, "chart", only=PICTURED)
    add_table_options(command)


def run(chosen: argparse.Namespace) -> None:
    """Print or write the memory, or draw it."""
    from archgraph.answers.footprint.memory_table import memory_table

    asked = {each: getattr(chosen, each) for each in ("batch", "training", "fits", *OF_TRAINING)}
    options = given(chosen, PICTURED)
    net = network(chosen.net, chosen, **_as_written(chosen))
    if is_picture(chosen):
        from archgraph.exporting import chart

        memory_table(net, **asked)  # says what cannot go together
        del asked["training"]
        options |= asked | ({"optimizer": chosen.optimizer or "sgd"} if chosen.training else {})
        with working(f"drawing the memory of {chosen.net}"), destination(chosen) as path:
            chart([net], path, chart="memory", **options)
        wrote(chosen.output)
        return
    refuse_pictured(options)
    form = chosen_format(chosen.format, chosen.output)
    table = memory_table(net, **asked, exact=form in ("json", "csv"))
    show_table(table, form, chosen.output)


def _as_written(chosen: argparse.Namespace) -> dict[str, bool]:
    """Return how a module is read: what it writes out in parts holds other tensors than one call.

    An attention that is written out holds its scores, for example. Read as it trains, it has its
    dropouts.
    """
    from archgraph.factories import factory_in

    if factory_in(chosen.net) is None or Path(chosen.net).is_file():
        return {}
    return {"recognise": False, "training": True} if chosen.training else {"recognise": False}
