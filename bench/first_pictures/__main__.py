"""Draws the first picture of every network of the list and writes docs/first-pictures.md.

``python -m bench.first_pictures unet timm`` draws those whose names or sources hold one of these
words, and only prints. The pictures lie in sheet/ then; ``make sheet`` puts them on a few pages.
"""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

import torch

from bench.first_pictures.listed import every
from bench.first_pictures.network import Network
from bench.first_pictures.trying import tried
from bench.first_pictures.verdicts import line, remember, summary, table
from bench.modules.vision import torchvision_models
from bench.page import put

PAGE = Path("docs/first-pictures.md")


def main(words: Sequence[str]) -> None:
    """Draw those that are asked for, by default all; write the page for all."""
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    torch.set_num_threads(1)
    _loaded()
    wanted = [word.lower() for word in words]
    rows = []
    for network in every():
        if not words or any(word in _called(network) for word in wanted):
            rows.append(tried(network))
            print(line(rows[-1]), flush=True)
            remember(rows, alone=not words)

    print(f"\n{summary(rows)}")
    if not words:
        put(PAGE, "summary", summary(rows))
        put(PAGE, "pictures", table(rows))


def _called(network: Network) -> str:
    return f"{network.source}:{network.name}".lower()


def _loaded() -> None:
    """Load once what every process needs."""
    import archgraph.exporters.pictures.draw
    import archgraph.exporters.pictures.writers.svg  # noqa: F401

    torchvision_models()


if __name__ == "__main__":
    main(sys.argv[1:])
