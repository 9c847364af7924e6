"""``archgraph list``: the networks that there are."""

from __future__ import annotations

from archgraph.cli.options import Format, TableFile
from archgraph.cli.output import chosen_format, show_table

__all__ = ["list_networks"]


def list_networks(format: Format = None, output: TableFile = None) -> None:
    """List the networks of the gallery and of every installed package that adds some.

    [bold]Examples[/]

      archgraph list

      archgraph list --format json
    """
    from archgraph.tables.listing import listing

    show_table(listing(), chosen_format(format, output), output)
