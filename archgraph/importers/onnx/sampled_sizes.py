"""The sizes for which a file is read: batches of 2, 3 and 4, and some of each letter.

What a value is for any size follows from what it is for these (docs/core.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from archgraph.errors import ShapeError
from archgraph.evaluation import followed
from archgraph.open_extents import Point, points_for
from archgraph.open_sizes import outputs_told
from archgraph.tensors import SIZES, Batch, Extent, Open, Tensor

__all__ = ["Sizes", "varies"]


def varies(shape: Iterable[Extent] | None) -> bool:
    """Return whether an extent follows the batch or letters."""
    return shape is not None and not {Batch, Open}.isdisjoint(map(type, shape))


@dataclass(frozen=True)
class Sizes:
    """For which sizes a file is read; ``letters`` are those of its inputs, N for the batch."""

    letters: tuple[str, ...] = ()

    @classmethod
    def of(cls, tensors: Iterable[Tensor]) -> Sizes:
        """Return those for inputs like these."""
        letters: set[str] = set()
        for tensor in tensors:
            for each in tensor.shape or ():
                if type(each) is Batch:
                    letters.add("N")
                elif type(each) is Open:
                    letters |= each.letters
        return cls(tuple(sorted(letters)))

    @property
    def opens(self) -> bool:
        """Whether sizes other than the batch are open."""
        return bool(self.letters) and self.letters != ("N",)

    @cached_property
    def points(self) -> Sequence[Point]:
        """Return each size."""
        if self.opens:
            return points_for(self.letters)
        return [{"N": size} for size in SIZES] if self.letters else [{}]

    def told(self, asked: Sequence[Tensor]) -> Tensor:
        """Return the tensor that is this for each size.

        Raises ShapeError where only the batch is followed and an extent is neither a number nor a
        multiple of it; with letters such an extent is unknown.
        """
        if not self.opens:
            return followed(*asked) if len(asked) > 1 else asked[0]
        return outputs_told([[each] for each in asked], self.letters)[0]

    def extents_told(self, rows: Sequence[Sequence[int]]) -> tuple[Extent, ...]:
        """Return the extents that are these numbers for each size, None where they are no form."""
        if len({len(row) for row in rows}) > 1:
            raise ShapeError("its rank differs from size to size.")
        shape = self.told([Tensor(tuple(row)) for row in rows]).shape
        return shape or ()
