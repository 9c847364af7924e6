"""A few first pictures beside those of other tools, for `make bench`; `make rivals` draws all."""

from __future__ import annotations

from collections.abc import Iterator

from bench.rivals.__main__ import trials
from bench.rivals.drawing_tools import OURS
from bench.timing import Row

__all__ = ["rows"]

SAMPLE = (
    *("torchvision:resnet50", "torchvision:googlenet", "torchvision:swin_t"),
    "transformers:bert, base",
)
"""Parts of sources and names."""


def rows() -> Iterator[Row]:
    """Yield how large the smallest label is on a slide, and how long drawing took."""
    for trial in trials(SAMPLE):
        ours = trial.drawn.get(OURS)
        if trial.is_module and ours is not None and not ours.error:
            for tool, each in trial.drawn.items():
                if tool != OURS and not each.error:
                    what = f"smallest label on a slide, {trial.name}"
                    yield Row(what, ours.label, tool, each.label, "pt")
                    yield Row(f"first picture, {trial.name}", ours.seconds, tool, each.seconds)
