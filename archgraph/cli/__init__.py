"""The command line: ``archgraph list | cost | draw | export | compare | diff | …`` (private)."""

from archgraph.cli.main import main

__all__ = ["main"]
