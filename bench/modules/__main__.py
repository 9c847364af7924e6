"""Reads every module of the list with every tool and writes the tables of docs/modules.md.

``python -m bench.modules`` takes half an hour on two cores; ``python -m bench.modules llama timm:``
reads those whose names or sources hold these words, and only prints.
"""

from __future__ import annotations

import logging
import platform
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

import torch

from bench.modules.listed import every
from bench.modules.measuring import Measured, measured, warmed
from bench.modules.table import table, totals
from bench.page import put

PAGE = Path("docs/modules.md")


def line(row: Measured) -> str:
    """Return what was found for a module, to read while it runs."""
    peers = ", ".join(
        f"{tool} {said if isinstance(said, str) else f'{said:.2f} s'}"
        for tool, said in row.peers.items()
    )
    verdict = "as torch" if row.right else row.said
    return f"{row.name}: {row.seconds:.2f} s, {row.nodes} nodes, {verdict}; {peers}"


def main(words: Sequence[str]) -> None:
    """Read those that are asked for, by default all, and write the page for all."""
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    torch.set_num_threads(1)
    wanted = [word.lower() for word in words]
    chosen = [
        entry
        for entry in every()
        if not words or any(word in f"{entry.source}:{entry.name}".lower() for word in wanted)
    ]
    warmed()
    rows = []
    for entry in chosen:
        rows.append(measured(entry))
        print(line(rows[-1]), flush=True)
    print(f"\n{totals(rows)}")
    if not words:
        system = (
            f"{platform.machine()}, Python {platform.python_version()}, torch {torch.__version__}"
        )
        put(PAGE, "modules", table(rows))
        put(PAGE, "totals", f"{totals(rows)}\n\nOne thread, seconds of the processor; {system}.")


if __name__ == "__main__":
    main(sys.argv[1:])
