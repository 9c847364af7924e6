"""Draws the networks of the list with every tool and writes docs/beside-others.md.

``python -m bench.rivals unet timm:`` draws those whose names or sources hold one of these words,
and only prints. ``python -m bench.rivals.layouts`` compares layouts of the same boxes.
"""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

import torch

from bench.first_pictures.listed import every
from bench.modules.vision import torchvision_models
from bench.page import put
from bench.rivals.drawing_tools import TOOLS
from bench.rivals.drawn_tables import line, missing, pictures, tools
from bench.rivals.trials import Trial, tried

__all__ = ["PAGE", "loaded", "trials"]

PAGE = Path("docs/beside-others.md")


def trials(words: Sequence[str]) -> list[Trial]:
    """Return what the tools that are here make of the networks whose names hold one of the words.

    All networks where there are no words; each is printed as it is drawn.
    """
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    torch.set_num_threads(1)
    loaded()
    print(*missing(), sep="\n")
    here = [name for name, tool in TOOLS.items() if tool.is_here]
    wanted = [word.lower() for word in words]
    found = []
    for network in every():
        called = f"{network.source}:{network.name}".lower()
        if not words or any(word in called for word in wanted):
            found.append(tried(network, here))
            print(line(found[-1]), flush=True)
    return found


def loaded() -> None:
    """Load once what every process needs, so that no tool waits for its imports."""
    import archgraph.exporters.pictures.draw
    import archgraph.exporters.pictures.writers.dot
    import archgraph.exporters.pictures.writers.svg  # noqa: F401

    torchvision_models()
    for name, also in {
        "torchview": (),
        "pygraphviz": (),
        "tensorgami": ("tensorgami.api", "tensorgami.importers.torch"),
        "transformers": (),
    }.items():
        for module in (name, *also):
            try:
                __import__(module)
            except ImportError:
                break


def main(words: Sequence[str]) -> None:
    """Draw those that are asked for, by default all; write the page for all."""
    found = trials(words)
    print(f"\n{tools(found)}")
    if not words:
        put(PAGE, "tools", tools(found))
        put(PAGE, "pictures", pictures(found))


if __name__ == "__main__":
    main(sys.argv[1:])
