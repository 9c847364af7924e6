"""Steps of a random graph that reshape, cut, join, take or make tensors."""

from __future__ import annotations

import math
from collections.abc import Callable

from random_growing import Growing

from archgraph import ops
from archgraph.tensors import Batch, N, follows_batch

__all__ = ["MOVING_STEPS"]

WHOLE = ("int64", "int32")


def _reshape(g: Growing) -> None:
    """Move extents between axes, also into the batch and out of it."""
    if x := g.any(lambda whole: len(whole) > 0):
        whole = g.whole(x)
        if g.either() and sum(type(each) is Batch for each in whole) == 1:
            shape = tuple(-1 if type(each) is Batch else each for each in whole[::-1])
            g.add(ops.Reshape(shape), x)
        elif len(whole) > 1 and type(whole[0]) is Batch and type(whole[1]) is int:
            g.add(ops.Reshape((Batch(int(whole[0]) * whole[1]), *whole[2:])), x)
        elif type(whole[0]) is Batch and int(whole[0]) > 1:
            g.add(ops.Reshape((N, int(whole[0]), *whole[1:])), x)
        else:
            g.add(ops.Reshape((1, *whole, 1)), x)


def _permute(g: Growing) -> None:
    if x := g.any(lambda whole: len(whole) > 1):
        rank = len(g.whole(x))
        by = g.integer(1, rank - 1)
        order = tuple((axis + by) % rank for axis in range(rank))
        dims = (*order[:-1], order[-1] - rank) if g.either() else order
        g.add(ops.Permute(dims), x)


def _parameter(g: Growing) -> None:
    """Add or multiply by a learned tensor, as a position embedding or a scale of channels."""
    if x := g.any(lambda whole: len(whole) > 0 and not follows_batch(whole[-1:])):
        whole = g.whole(x)
        number = next(g.numbers)
        key = g.one_of(f"learned{number}", f"block{number // 3}.learned{number}")
        learned = g.net.store(key, whole[-1:])
        op = g.one_of(ops.Add(), ops.Mul())
        g.add(op, *([x, learned] if g.either() else [learned, x]))


def _class_token(g: Growing) -> None:
    """Put a learned token before those of every image."""
    if x := g.of_rank(2):
        width = g.shape(x)[1]
        token = g.net.store(f"token{next(g.numbers)}", (1, 1, width))
        g.add(ops.Concat(1), g.add(ops.Expand(("N", g.one_of(-1, 1), width)), token), x)


def _split(g: Growing) -> None:
    if x := g.any():
        whole = g.whole(x)
        axis = g.axis(whole, 2)
        if axis is not None:
            first = g.integer(1, whole[axis] - 1)
            dim = g.one_of(axis, axis - len(whole))
            g.add(ops.Split((first, whole[axis] - first), dim), x)


def _stack(g: Growing) -> None:
    if x := g.any():
        whole = g.whole(x)
        others = [g.any(lambda found: found == whole) or x for _ in range(g.integer(0, 2))]
        g.add(ops.Stack(g.integer(-1, len(whole))), x, *others)


def _concat_any(g: Growing) -> None:
    if x := g.any(lambda whole: len(whole) > 0):
        g.add(ops.Concat(g.integer(-1, len(g.whole(x)) - 1)), x, x)


def _select(g: Growing) -> None:
    if x := g.any():
        whole = g.whole(x)
        axis = g.axis(whole)
        if axis is not None:
            g.add(ops.Select(g.integer(-whole[axis], whole[axis] - 1), axis), x)


def _slice_any(g: Growing) -> None:
    if x := g.any():
        whole = g.whole(x)
        axis = g.axis(whole)
        if axis is not None:
            start = g.integer(0, whole[axis] - 1)
            stop, dim = g.integer(start + 1, whole[axis]), g.one_of(axis, axis - len(whole))
            g.add(ops.Slice(start, stop, dim, g.integer(1, 2)), x)


def _roll(g: Growing) -> None:
    if x := g.any(lambda whole: len(whole) > 0):
        rank = len(g.whole(x))
        dims = sorted({g.integer(0, rank - 1) for _ in range(2)})
        roll = ops.Roll(tuple(g.integer(-3, 3) for _ in dims), tuple(dims))
        g.add(g.one_of(ops.Flip(tuple(dims)), roll), x)


def _pad(g: Growing) -> None:
    """Pad as torch takes it: constant any axes; otherwise the last of three or two of four."""
    mode = g.one_of("constant", "constant", "reflect", "replicate", "circular")
    if mode == "constant":
        if x := g.any(lambda whole: len(whole) > 0 and not follows_batch(whole[-1:])):
            padding = [g.integer(0, 2), g.integer(0, 2)]
            if g.whole(x)[-1] > 2:
                padding[g.integer(0, 1)] = -1
            g.add(ops.Pad(tuple(padding), value=g.one_of(0.0, 1.5)), x)
    elif x := g.pick(lambda shape: len(shape) == 3 and min(shape[1:]) > 1):
        g.add(ops.Pad(tuple(g.integer(0, 1) for _ in range(4)), mode), x)


def _repeat(g: Growing) -> None:
    if x := g.any(lambda whole: math.prod(whole) < 300):
        times = [g.integer(1, 2) for _ in g.whole(x)]
        g.add(ops.Repeat((*([1] if g.either() else []), *times)), x)


def _gather(g: Growing) -> None:
    """Take along an axis what is largest there."""
    if x := g.any():
        axis = g.axis(g.whole(x))
        if axis is not None:
            g.add(ops.Gather(axis), x, g.add(ops.Reduce("argmax", (axis,), True), x))


def _index_select(g: Growing) -> None:
    if x := g.any():
        whole = g.whole(x)
        axis = g.axis(whole)
        if axis is not None:
            numbers = [g.integer(-1, whole[axis] - 1) for _ in range(g.integer(1, 4))]
            places = g.constant(*numbers, dtype=g.one_of(*WHOLE))
            g.add(ops.IndexSelect(g.one_of(axis, axis - len(whole))), x, places)


def _index(g: Growing) -> None:
    if x := g.any(lambda whole: sum(not follows_batch(each) for each in zip(whole)) > 1):
        whole = g.whole(x)
        axes = [axis for axis, size in enumerate(whole) if not follows_batch((size,))]
        dims = g.one_of(tuple(axes[:2]), tuple(axes[-2:]), (axes[0], axes[-1]), (axes[0],))
        count = g.integer(1, 3)
        places = [
            g.constant(*[g.integer(0, whole[axis] - 1) for _ in range(count)], dtype="int64")
            for axis in dims
        ]
        g.add(ops.Index(dims), x, *places)


def _cast(g: Growing) -> None:
    if x := g.any(types=("float32", "bool", *WHOLE)):
        g.add(ops.Cast(g.one_of("float32", "bool", *WHOLE)), x)


def _resize(g: Growing) -> None:
    if x := g.map():
        mode = g.one_of("nearest", "nearest-exact", "bilinear", "bicubic", "area")
        corners = mode in ("bilinear", "bicubic") and g.either()
        if g.either():
            size = tuple(g.integer(1, 2 * extent) for extent in g.shape(x)[1:])
            g.add(ops.Resize(size=size, mode=mode, align_corners=corners), x)
        else:
            scale = g.one_of((2.0,), (2.0, 1.5), (0.5, 2.0) if g.shape(x)[1] > 1 else (1.5,))
            g.add(ops.Resize(scale=scale, mode=mode, align_corners=corners), x)


def _pixel_shuffle(g: Growing) -> None:
    if x := g.map():
        if g.shape(x)[0] % 4:
            x = g.add(ops.Concat(1), x, x, x, x)
        g.add(ops.PixelShuffle(2), x)


def _made(g: Growing) -> None:
    shape = g.one_of((2, 3), ("N", 2), (3, "2N"), ())
    full = ops.Full(shape, g.one_of("float32", "int64"), g.integer(-2, 2))
    row = ops.Arange(g.one_of(("N",), ("2N",), (4,)), g.one_of("int64", "float32"))
    g.add(g.one_of(full, row))


MOVING_STEPS: dict[str, Callable[[Growing], None]] = {
    "reshape": _reshape,
    "permute": _permute,
    "parameter": _parameter,
    "class_token": _class_token,
    "split": _split,
    "stack": _stack,
    "concat_any": _concat_any,
    "select": _select,
    "slice_any": _slice_any,
    "roll": _roll,
    "pad": _pad,
    "repeat": _repeat,
    "gather": _gather,
    "index_select": _index_select,
    "index": _index,
    "cast": _cast,
    "resize": _resize,
    "pixel_shuffle": _pixel_shuffle,
    "made": _made,
}
"""The steps by name."""
