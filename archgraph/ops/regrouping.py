"""Which axes of a reshaped tensor hold what lay along which axes before."""

from __future__ import annotations

from archgraph.tensors import Batch, Shape

__all__ = ["landing", "stays"]

_BATCH = 1_000_003
"""Images in a batch, here: a prime that divides no other extent by chance."""


def _groups(shape: Shape, output: Shape) -> list[tuple[list[int], list[int]]]:
    """Return the smallest runs of axes, before and behind, that hold as many elements."""
    before, behind = _plain(shape), _plain(output)
    found: list[tuple[list[int], list[int]]] = []
    i = j = 0
    while i < len(before) and j < len(behind):
        ins, outs = [i], [j]
        held, holds = before[i], behind[j]
        i, j = i + 1, j + 1
        while held != holds:
            if held < holds and i < len(before):
                held, ins, i = held * before[i], [*ins, i], i + 1
            elif holds < held and j < len(behind):
                holds, outs, j = holds * behind[j], [*outs, j], j + 1
            else:
                return [(list(range(len(before))), list(range(len(behind))))]
        found.append((ins, outs))
    if found:  # extents of 1 at the end belong to what lies before them
        found[-1][0].extend(range(i, len(before)))
        found[-1][1].extend(range(j, len(behind)))
    return found


def _plain(shape: Shape) -> list[int]:
    return [int(each) * (_BATCH if type(each) is Batch else 1) for each in shape]


def landing(shape: Shape, output: Shape, axis: int) -> tuple[int, ...]:
    """Return the axes of a reshaped tensor along which lies what lay along ``axis``."""
    for ins, outs in _groups(shape, output):
        if axis in ins:
            wide = tuple(each for each in outs if output[each] != 1)
            return wide or tuple(outs[:1])
    return ()


def stays(shape: Shape, output: Shape, axis: int) -> bool:
    """Return whether an axis is still an axis of its own, in its order."""
    for ins, outs in _groups(shape, output):
        if axis in ins:
            alone = [each for each in ins if shape[each] != 1] in ([axis], [])
            return alone and sum(output[each] != 1 for each in outs) <= 1
    return False
