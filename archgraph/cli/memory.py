"""``archgraph memory``: how much memory a network takes, and which batch fits."""

from __future__ import annotations

import argparse

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
)
from archgraph.cli.output import (
    chosen_format,
    destination,
    in_paper,
    is_picture,
    refuse_pictured,
    show_table,
    working,
    wrote,
)

__all__ = ["add_to", "run"]

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
    from archgraph.answers.asked_options import MemoryOptions

    add_nets(command)
    add_choices(command, MemoryOptions)
    add_input(command)
    add_choices(command, "chart", only=_pictured())
    add_table_options(command)


def _pictured() -> list[str]:
    """Return the options of a chart that say how it looks: the memory is asked for already."""
    from archgraph.answers.asked_options import MemoryOptions
    from archgraph.exporting import options_of

    asked = {"chart", *MemoryOptions.names()}
    return [name for name in options_of("chart").names() if name not in asked]


def run(chosen: argparse.Namespace) -> None:
    """Print or write the memory, or draw it."""
    from archgraph.answers.asked_options import MemoryOptions
    from archgraph.answers.footprint.memory_table import memory_table
    from archgraph.loading import as_held

    asked = MemoryOptions.of(given(chosen, MemoryOptions.names())).given()
    options = given(chosen, _pictured())
    net = network(chosen.net, chosen, **as_held(chosen.net, training=asked["training"]))
    if is_picture(chosen, options):
        from archgraph.exporting import chart

        memory_table(net, **asked)  # says what cannot go together
        training = asked.pop("training")
        options |= asked | ({"optimizer": asked["optimizer"] or "sgd"} if training else {})
        with working(f"drawing the memory of {chosen.net}"), destination(chosen) as path:
            chart([net], path, chart="memory", **options)
        wrote(chosen.output)
        return
    refuse_pictured(options)
    form = chosen_format(chosen)
    table = memory_table(net, **asked, exact=form in ("json", "csv"))
    show_table(table, form, chosen.output, in_paper(chosen))
