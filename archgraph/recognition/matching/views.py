"""Views: the axes before the last two, joined or taken apart, as tokens of heads are."""

from __future__ import annotations

from collections.abc import Sequence

from archgraph.tensors import Batch, Shape

__all__ = ["finest", "in_view"]


def finest(shapes: Sequence[Shape]) -> Shape:
    """Return the shape with the most axes, the first of several."""
    return max(shapes, key=len)


def in_view(shape: Shape, before: Shape, after: Shape) -> Shape | None:
    """Return the shape of what stretches to ``before``, so that it stretches to ``after`` alike.

    Both are the axes before the last two, the same elements in other groups. None where one of its
    axes stretches only in part.
    """
    own = (1,) * (len(before) - len(shape) + 2) + tuple(shape[:-2])
    groups = _groups(before, after)
    if groups is None:
        return None
    found: list[int] = []
    for old, new in groups:
        extents = [own[axis] for axis in old]
        whole = [before[axis] for axis in old]
        if all(_one(each) for each in extents):
            found += [1] * len(new)
        elif extents == whole:
            found += [after[axis] for axis in new]
        else:
            return None
    return (*found, *shape[-2:])


def _one(extent: int) -> bool:
    return type(extent) is int and extent == 1


def _groups(before: Shape, after: Shape) -> list[tuple[list[int], list[int]]] | None:
    """Return the axes of two shapes in the least groups that hold as many elements.

    None where there are none, or an extent is open.
    """
    if not all(isinstance(extent, int) for extent in (*before, *after)):
        return None
    found: list[tuple[list[int], list[int]]] = []
    i = j = 0
    while i < len(before) or j < len(after):
        old, new = [i], [j]
        if i >= len(before) or j >= len(after):
            return None
        while (one := _size(before, old)) != (two := _size(after, new)):
            if one[0] * one[1] <= two[0] * two[1]:
                old.append(old[-1] + 1)
            else:
                new.append(new[-1] + 1)
            if old[-1] >= len(before) or new[-1] >= len(after):
                return None
        found.append((old, new))
        i, j = old[-1] + 1, new[-1] + 1
    return found


def _size(shape: Shape, axes: list[int]) -> tuple[int, int]:
    """Return the elements of axes, and 2 to the power of how often the batch is among them."""
    number, batches = 1, 0
    for axis in axes:
        number *= int(shape[axis])
        batches += type(shape[axis]) is Batch
    return number, 2**batches
