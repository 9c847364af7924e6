"""``archgraph counters``: what other tools count of a network, and why that differs."""

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
from archgraph.cli.output import chosen_format, deliver, in_paper, show_table

__all__ = ["add_to", "run"]

MORE = f"""\
{ABOUT_NET}

Each tool counts one example of the module that the network was read from, or of the
module or ONNX file that archgraph makes of it. Every difference is explained by named
rules; what none of them explains is shown as unexplained.

Tools: torch (torch.utils.flop_counter as it comes), torch-math (the same with attention
as plain products), torch-no-grad, torch-meta, fvcore, thop, torchinfo, ptflops,
ptflops-aten, calflops, onnx-tool. pip install "archgraph[counters]" brings them all."""


def add_to(commands: Commands) -> None:
    """Add the command ``counters``."""
    command = add_command(
        commands,
        "counters",
        run,
        "ask other tools what they count, and explain every difference",
        "archgraph counters resnet50",
        "archgraph counters vit_b_16 --tools fvcore,thop,torchinfo",
        "archgraph counters mynet.py:net --input 3x224x224",
        "archgraph counters net.onnx --tools onnx-tool --format markdown",
        more=MORE,
    )
    command.fill = _fill


def _fill(command: argparse.ArgumentParser) -> None:
    from archgraph.answers.asked_options import CountersOptions

    add_nets(command)
    add_choices(command, CountersOptions)
    add_input(command)
    add_table_options(command)


def run(chosen: argparse.Namespace) -> None:
    """Print or write what they say."""
    from archgraph.answers.asked_options import CountersOptions
    from archgraph.answers.peers import counters
    from archgraph.answers.peers.tools import tools_named

    tools = CountersOptions.of(given(chosen, ["tools"])).tools
    tools_named(tools)  # before anything is read
    found = counters(network(chosen.net, chosen), tools=tools)
    form = chosen_format(chosen)
    if form == "json":
        deliver(found.render("json"), chosen.output)
    else:
        show_table(found.table(), form, chosen.output, in_paper(chosen))
