"""Compares receptive fields with gradients and writes the table of docs/receptive-fields.md.

``python -m bench.receptive`` takes some minutes on two cores; ``python -m bench.receptive vgg``
compares networks of the gallery whose names hold a word, and writes nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from unittest.mock import patch

import torch

import archgraph as ag
from archgraph.architecture import architectures
from bench.page import put
from bench.receptive.comparing import Compared, random_compared, with_gradients

PAGE = Path("docs/receptive-fields.md")
RANDOM = 500


def main(words: Sequence[str]) -> None:
    """Compare what is asked for, by default all, and write the table."""
    torch.set_num_threads(1)
    rows = [("| networks | | rows of units | as gradients show | largest field |")]
    rows.append("|---|---:|---:|---:|---:|")
    names = [n for n in architectures() if not words or any(word in n for word in words)]
    found = []
    for name in names:
        found.append(with_gradients(_loaded(name)))
        print(name, found[-1].count, found[-1].largest, found[-1].wrong, flush=True)
    rows.append(_row("the gallery's", found))
    if not words:
        for axes in (1, 2, 3):
            seeds = range(axes - 1, RANDOM, 3)
            rows.append(_row(f"random, {axes}-D", list(map(random_compared, seeds))))
        put(PAGE, "gradients", "\n".join(rows))
    print("\n".join(rows))


def _loaded(name: str) -> ag.ArchGraph:
    """Return a network; U-Net, whose images must be wide, with a sixteenth of its channels."""
    with patch("archgraph.gallery.unet.WIDTHS", (4, 8, 16, 32, 64)):
        return ag.load(name)


def _row(what: str, found: Iterable[Compared]) -> str:
    found = list(found)
    count, wrong = sum(each.count for each in found), [w for each in found for w in each.wrong]
    for each in wrong:
        print(each)
    largest = max(each.largest for each in found)
    return f"| {what} | {len(found)} | {count:,} | {count - len(wrong):,} | {largest:,} px |"


if __name__ == "__main__":
    main(sys.argv[1:])
