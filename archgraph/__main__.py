"""``python -m archgraph``: the command line where no script is on the path."""

import sys

from archgraph.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
