"""Steps of a random graph whose weights or places are inputs: computed, sorted, grouped."""

from __future__ import annotations

from collections.abc import Callable

from random_growing import Growing

from archgraph import ops

__all__ = ["GIVEN_STEPS"]


def _convolution(g: Growing) -> None:
    """Convolve with weights that are scaled before."""
    if x := g.map():
        channels, *maps = g.shape(x)
        kernel = [g.integer(1, min(2, size)) for size in maps]
        width, transposed = g.integer(1, 3), g.either()
        shape = (channels, width) if transposed else (width, channels)
        weight = g.net.store(f"kernel{next(g.numbers)}", (*shape, *kernel))
        # Where they are stored as they are a file says the layer.
        weight = g.add(ops.Mul(), weight, g.constant(0.5, scalar=True))
        bias = [g.net.store(f"shift{next(g.numbers)}", (width,))] if g.either() else []
        op = ops.Convolution(g.integer(1, 2), transposed=transposed)
        g.add(op, x, weight, *bias)


def _grouped(g: Growing) -> None:
    """Send rows to one of three matrices; one has none."""
    if x := g.of_rank(1):
        (width,) = g.shape(x)
        matrices = g.net.store(f"experts{next(g.numbers)}", (3, width, g.integer(1, 4)))
        ends = g.constant(1, 1, 2, dtype="int64")
        g.add(ops.GroupedMatMul(), x, matrices, ends)


def _sort(g: Growing) -> None:
    if x := g.any(lambda whole: len(whole) > 1):
        axis = g.axis(g.whole(x), 2)
        if axis is not None:
            g.add(ops.Sort(axis, g.either(), g.one_of(None, 1)), x)


def _scatter(g: Growing) -> None:
    """Write to places of an axis, each once: those where its elements stand in order."""
    if x := g.any(lambda whole: len(whole) > 1):
        axis = g.axis(g.whole(x))
        if axis is not None:
            places = f"{g.add(ops.Sort(axis), x)}:1"
            new = g.add(ops.Tanh(), x)
            g.add(ops.Scatter(axis, g.one_of("replace", "add")), x, places, new)


GIVEN_STEPS: dict[str, Callable[[Growing], None]] = {
    "convolution": _convolution,
    "grouped": _grouped,
    "sort": _sort,
    "scatter": _scatter,
}
"""The steps by name."""
