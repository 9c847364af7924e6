"""Asks every tool about every network and writes the tables of docs/attention.md.

``python -m bench.counters`` takes ten minutes on two cores; ``python -m bench.counters bert``
asks about those whose names hold a word, and only prints.
"""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

from bench.counters.measuring import measured
from bench.counters.networks import NETWORKS
from bench.counters.table import glance, table, versions
from bench.page import put

PAGE = Path("docs/attention.md")


def main(words: Sequence[str]) -> None:
    """Measure those that are asked for, by default all, and write the page for all."""
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    chosen = [
        each
        for each in NETWORKS
        if not words or any(word.lower() in each.name.lower() for word in words)
    ]
    rows = []
    for network in chosen:
        rows.append(measured(network))
        print(f"{table(rows[-1])}\n", flush=True)
    print(glance(rows))
    if not words:
        put(PAGE, "glance", glance(rows))
        put(PAGE, "counters", "\n\n".join(map(table, rows)))
        put(PAGE, "versions", versions())


if __name__ == "__main__":
    main(sys.argv[1:])
