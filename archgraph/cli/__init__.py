"""The command line: ``archgraph list | cost | draw | export | compare | gallery``."""

from archgraph.cli.main import main

__all__ = ["main"]
