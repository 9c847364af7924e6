"""Random networks of windows that slide: every kind, along one axis of one, two or three."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TypeVar

import archgraph as ag
from archgraph import ops
from archgraph.errors import ShapeError

__all__ = ["random_network"]

CHANNELS = 2
LONG, SHORT, LEAST = 480, 3, 48
"""Extents of the input along the axis that is looked at and along others, and where it ends."""

_CONVS = {1: ops.Conv1d, 2: ops.Conv2d, 3: ops.Conv3d}
_MAXIMA = {1: ops.MaxPool1d, 2: ops.MaxPool2d, 3: ops.MaxPool3d}
_MEANS = {1: ops.AvgPool1d, 2: ops.AvgPool2d, 3: ops.AvgPool3d}

T = TypeVar("T")


def random_network(seed: int, axes: int, axis: int) -> ag.ArchGraph:
    """Return a network of 3 to 8 layers, some of them in branches that join again.

    Its windows reach along one axis; the others it passes as they are.
    """
    grown = _Grown(Random(f"{seed} {axes} {axis}"), axes, axis)
    shape = tuple(grown.there(LONG, SHORT))
    b = ag.Builder(f"random{seed}", input=(CHANNELS, *shape))
    x = b.input
    for number in range(grown.draw.randint(3, 8)):
        if b.net.nodes[x]["shape"][axis + 1] < LEAST:
            break
        x = grown.branches(b, x, number) if grown.draw.random() < 0.3 else grown.one(b, x, number)
    return b.build(x)


@dataclass(frozen=True)
class _Grown:
    draw: Random
    axes: int
    axis: int

    def there(self, value: T, other: T) -> tuple[T, ...]:
        """Return a value for the axis that is looked at, and another for others."""
        return tuple(value if each == self.axis else other for each in range(self.axes))

    def number(self, least: int, most: int, other: int) -> tuple[int, ...]:
        return self.there(self.draw.randint(least, most), other)

    def one(self, b: ag.Builder, x: str, number: int) -> str:
        """Add a layer that fits and leaves enough; a ReLU where none was found."""
        kinds = [self.conv, self.conv, self.maximum, self.mean, self.padded, self.resized]
        kinds += [self.transposed, self.transposed, self.cut, self.thinned] * (self.axes == 2)
        for _ in range(8):
            try:
                return b.add(f"layer{number}", self.draw.choice(kinds)(), x)
            except ShapeError:
                continue
        return b.add(f"layer{number}", ops.ReLU(), x)

    def branches(self, b: ag.Builder, x: str, number: int) -> str:
        """Add two ways of one size, whose windows differ, joined by a sum or side by side."""
        stride = self.number(1, 2, 1)
        ways = []
        for way, kernel in enumerate(self.draw.sample((1, 2, 3, 4, 5), 2)):
            # So much padding in all keeps ⌈H / S⌉ places, wherever it stands.
            before = self.draw.randint(0, kernel - 1)
            pads = [0, 0] * self.axes
            place = 2 * (self.axes - 1 - self.axis)
            pads[place : place + 2] = [before, kernel - 1 - before]
            padded = b.add(f"pad{number}_{way}", ops.Pad(tuple(pads)), x)
            conv = _CONVS[self.axes](CHANNELS, CHANNELS, self.there(kernel, 1), stride)
            ways.append(b.add(f"way{number}_{way}", conv, padded))
        if self.draw.random() < 0.5:
            return b.sum(f"sum{number}", *ways)
        side = b.add(f"concat{number}", ops.Concat(), *ways)
        return b.add(f"mix{number}", _CONVS[self.axes](2 * CHANNELS, CHANNELS, 1), side)

    def conv(self) -> ops.Op:
        settings = (self.number(1, 5, 1), self.number(1, 3, 1), self.number(0, 3, 0))
        gap, groups = self.number(1, 2, 1), self.draw.choice((1, CHANNELS))
        return _CONVS[self.axes](CHANNELS, CHANNELS, *settings, gap, groups)

    def maximum(self) -> ops.Op:
        kernel = self.draw.randint(1, 4)
        padding, gap = self.number(0, kernel // 2, 0), self.number(1, 2, 1)
        stride, ceil = self.number(1, 3, 1), self.draw.random() < 0.5
        return _MAXIMA[self.axes](self.there(kernel, 1), stride, padding, gap, ceil)

    def mean(self) -> ops.Op:
        kernel = self.draw.randint(1, 4)
        padding, stride = self.number(0, kernel // 2, 0), self.number(1, 3, 1)
        return _MEANS[self.axes](self.there(kernel, 1), stride, padding, self.draw.random() < 0.5)

    def transposed(self) -> ops.Op:
        kernel, gap = self.draw.randint(1, 4), self.draw.randint(1, 2)
        padding = self.number(0, (kernel - 1) * gap // 2, 0)
        sizes = (self.there(kernel, 1), self.number(1, 3, 1), padding, (0, 0))
        return ops.ConvTranspose2d(CHANNELS, CHANNELS, *sizes, 1, True, self.there(gap, 1))

    def padded(self) -> ops.Op:
        pads = [0, 0] * self.axes
        place = 2 * (self.axes - 1 - self.axis)
        pads[place : place + 2] = [self.draw.randint(-1, 2), self.draw.randint(-1, 2)]
        return ops.Pad(tuple(pads))

    def cut(self) -> ops.Op:
        start = self.draw.randint(0, 2)
        return ops.Slice(start, start + self.draw.randint(48, 96), self.axis + 2, 1)

    def thinned(self) -> ops.Op:
        return ops.Slice(self.draw.randint(0, 1), 128, self.axis + 2, 2)

    def resized(self) -> ops.Op:
        kinds = {1: ("linear",), 2: ("bilinear", "bicubic"), 3: ("trilinear",)}[self.axes]
        mode = self.draw.choice(("nearest", "nearest-exact", *kinds))
        # Three times as large some places stand on one another, where cubics give others nothing.
        factor = self.draw.choice((2.0, 0.5, 1.5, *[3.0] * (mode != "bicubic")))
        return ops.Resize(scale=self.there(factor, 1.0), mode=mode)
