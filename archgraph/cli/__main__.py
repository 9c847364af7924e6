"""``python -m archgraph.cli``: the command line where no script is installed."""

import sys

from archgraph.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
