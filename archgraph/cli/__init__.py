"""The command line: ``archgraph list | cost | draw | export | compare | gallery`` (private)."""

from archgraph.cli.main import main

__all__ = ["main"]
