"""``archgraph list``: the networks that there are."""

from __future__ import annotations

import argparse

from archgraph.cli.arguments import Commands, add_command, add_table_options
from archgraph.cli.output import chosen_format, in_paper, show_table

__all__ = ["add_to", "run"]


def add_to(commands: Commands) -> None:
    """Add the command ``list``."""
    command = add_command(
        commands,
        "list",
        run,
        "list the networks of the gallery and of installed packages",
        "archgraph list",
        "archgraph list --format json",
        "archgraph list -o networks.md",
    )
    add_table_options(command)


def run(chosen: argparse.Namespace) -> None:
    """Print or write the list."""
    from archgraph.tables.listing import listing

    show_table(listing(), chosen_format(chosen), chosen.output, in_paper(chosen))
