"""The lecture's two 3×3 convolutions beside one 5×5: draws the picture of docs/pictures.md."""

from __future__ import annotations

import sys

import archgraph as ag


def stacked(title: str, *kernels: int, channels: int = 64) -> ag.ArchGraph:
    """Return convolutions one behind another, as many as there are kernels."""
    b = ag.Builder(title.replace(" ", "_"), input=(channels, 15, 15), title=title)
    x = b.input
    for number, kernel in enumerate(kernels, 1):
        x = b.conv(f"conv{number}", x, channels, kernel, padding=kernel // 2, bias=False)
    return b.build(x)


if __name__ == "__main__":
    two, one = stacked("two 3×3 convolutions", 3, 3), stacked("one 5×5 convolution", 5)
    ag.draw([two, one], sys.argv[1], style="receptive")
