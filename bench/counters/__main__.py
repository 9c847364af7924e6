"""Asks every tool about every network and writes the tables of docs/attention.md.

``python -m bench.counters`` takes a quarter of an hour on two cores; ``python -m bench.counters
bert`` asks about those whose names hold a word. Each table is written when it is measured.
"""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

from archgraph.files import read_text
from bench.counters.measuring import measured
from bench.counters.networks import NETWORKS
from bench.counters.table import glance, table, versions
from bench.page import put

PAGE = Path("docs/attention.md")


def main(words: Sequence[str]) -> None:
    """Measure those that are asked for, by default all, and write their tables."""
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    chosen = [
        each
        for each in NETWORKS
        if not words or any(word.lower() in each.name.lower() for word in words)
    ]
    for network in chosen:
        text = table(measured(network))
        print(f"{text}\n", flush=True)
        put(PAGE, network.name, text)
    put(PAGE, "glance", glance(sections(read_text(PAGE))))
    put(PAGE, "versions", versions())


def sections(page: str) -> dict[str, str]:
    """Return the table of each network that the page holds."""
    found = {}
    for network in NETWORKS:
        after = page.partition(f"<!-- {network.name}: ")[2]
        found[network.name] = after.partition(f"<!-- end of {network.name} -->")[0]
    return found


if __name__ == "__main__":
    main(sys.argv[1:])
