"""The command line: ``archgraph list | cost | draw | export | compare | gallery``.

Private: it may change in any release.
"""

from archgraph.cli.main import main

__all__ = ["main"]
