"""``archgraph cost``: what a network costs, operator by operator and in total."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING

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
    deliver,
    in_paper,
    is_standard,
    show_table,
    show_tables,
)

if TYPE_CHECKING:
    from archgraph.graph import ArchGraph

__all__ = ["add_to", "run"]

MORE = f"""\
{ABOUT_NET}

Conventions: macs counts multiply-adds of convolutions, linear layers and matrix
products; flops is 2 x MACs + bias additions + element-wise work; lecture counts
multiply-adds without bias and K*K per output of a pooling."""


def add_to(commands: Commands) -> None:
    """Add the command ``cost``."""
    command = add_command(
        commands,
        "cost",
        run,
        "show parameters, arithmetic and activation memory",
        "archgraph cost resnet152",
        "archgraph cost mynet.py:net --input 3x224x224 --arg width=16",
        "archgraph cost alexnet --convention lecture --input 3x227x227",
        "archgraph cost googlenet --by block --columns params,macs,share --unit M -o costs.tex",
        "archgraph cost alexnet --explain features.0",
        more=MORE,
    )
    command.fill = _fill


def _fill(command: argparse.ArgumentParser) -> None:
    from archgraph.answers.asked_options import CostOptions

    add_nets(command)
    add_choices(command, CostOptions)
    command.add_argument(
        "--explain",
        metavar="NODE",
        nargs="?",
        const="",
        help="the formulas of a node with its values, and what other counters say of it and why; "
        "without NODE what the totals consist of",
    )
    add_input(command)
    add_table_options(command)


def run(chosen: argparse.Namespace) -> None:
    """Print or write the costs."""
    from archgraph.answers.asked_options import CostOptions
    from archgraph.cli.sizes_to_say import say_sizes, sizes_to_say
    from archgraph.tables import cost_report, cost_table

    asked = CostOptions.of(given(chosen, CostOptions.names()))
    net = network(chosen.net, chosen)
    if chosen.explain is not None:
        _explain(net, chosen)
        return
    report = cost_report(
        net,
        convention=asked.convention,
        batch=asked.batch,
        by=asked.by,
        training=asked.training,
        columns=asked.columns,
    )
    form = chosen_format(chosen)
    if form == "json":
        from archgraph.tables.cost_json import cost_json

        deliver(cost_json(report), chosen.output)
    else:
        table = cost_table(report, exact=form == "csv", unit=asked.unit, sort=asked.sort)
        if form == "table" and is_standard(chosen.output):
            said = sizes_to_say(net, chosen)
            show_table(replace(table, notes=(*table.notes, *([said] if said else ()))), form, None)
            return
        show_table(table, form, chosen.output, in_paper(chosen))
    say_sizes(net, chosen)


def _explain(net: ArchGraph, chosen: argparse.Namespace) -> None:
    """Say why a node costs what it costs, or what the totals consist of."""
    from archgraph.answers.explanation import (
        explain,
        explain_totals,
        explanation_json,
        node_tables,
        totals_tables,
    )

    form = chosen_format(chosen)
    if chosen.explain:
        node = explain(net, chosen.explain)
        tables, found = node_tables(net, node), explanation_json(node)
    else:
        totals = explain_totals(net)
        tables, found = totals_tables(net, totals), explanation_json(totals)
    if form == "json":
        deliver(found, chosen.output)
    else:
        show_tables(tables, form, chosen.output, in_paper(chosen))
