"""Elements put in order, and written to places that another tensor names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from archgraph.errors import ShapeError
from archgraph.ops.base import Op, Shape, axis_of, elements, listed
from archgraph.ops.words import Words
from archgraph.tensors import Tensor

__all__ = ["Scatter", "Sort"]

WAYS = ("replace", "add")


@dataclass(frozen=True)
class Sort(Op):
    """The elements in order along one axis, and where each stood; only the first ``k``, if given.

    Of equal elements the first stays first.  FLOPs: one comparison per element read, the least
    that it takes.
    """

    family: ClassVar[str] = "reduce"

    dim: int = -1
    descending: bool = False
    k: int | None = None

    def __post_init__(self) -> None:
        Op.__post_init__(self)
        if self.k is not None and (type(self.k) is not int or self.k < 1):
            raise ShapeError(f"k is {self.k!r}, but it must be an integer of at least 1, or None.")

    def output_shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        shape, axis = inputs[0], axis_of(self.dim, inputs[0])
        if self.k is not None:
            if int(shape[axis]) < self.k:
                raise ShapeError(f"k is {self.k}, but there are {shape[axis]} elements only.")
            shape = (*shape[:axis], self.k, *shape[axis + 1 :])
        return (shape, shape)

    def output_shape(self, *inputs: Shape) -> Shape:
        return self.output_shapes(*inputs)[0]

    def outputs(self, inputs: Sequence[Tensor], weight: str = "float32") -> tuple[Tensor, ...]:
        shape, _ = self.output_shapes(inputs[0].shape or ())
        return Tensor(shape, inputs[0].dtype), Tensor(shape, "int64")

    def unknown_outputs(
        self, inputs: Sequence[Tensor], weight: str = "float32"
    ) -> tuple[Tensor, ...]:
        return Tensor(None, inputs[0].dtype), Tensor(None, "int64")

    @property
    def output_count(self) -> int:
        """What is sorted, and the places."""
        return 2

    def flops(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        return elements(inputs[0])

    @property
    def keeps(self) -> str:
        """Where each element stood."""
        return "nothing"

    def kept_besides(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor]) -> int:
        """Return the bytes of these places, in int64."""
        return 8 * elements(outputs[0].shape or ())

    @property
    def words(self) -> Words:
        """Such as ``top 2``."""
        if self.k is None:
            return Words("sort")
        return Words("top" if self.descending else "least", number=str(self.k))


@dataclass(frozen=True)
class Scatter(Op):
    """A tensor into which elements are written: x, places along one axis, what goes there.

    Places and what goes there have the same shape; ``reduce`` is "replace" or "add", which adds up
    what meets.  FLOPs: one for each element that is added.
    """

    family: ClassVar[str] = "reshape"
    arity: ClassVar[int | None] = 3

    dim: int = 0
    reduce: str = "replace"

    def __post_init__(self) -> None:
        Op.__post_init__(self)
        if self.reduce not in WAYS:
            raise ShapeError(f"reduce is {self.reduce!r}, but it must be {' or '.join(WAYS)}.")

    @property
    def keeps(self) -> str:
        """Where each element went."""
        return "second"

    def output_shape(self, *inputs: Shape) -> Shape:
        shape, places, new = inputs
        if len(shape) != len(places) or places != new:
            raise ShapeError(f"its inputs {listed(inputs)} are no tensor, places and elements.")
        axis_of(self.dim, shape)
        return shape

    def element_types(self, inputs: Sequence[str | None], weight: str) -> str | None:
        return inputs[0]

    def flops(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        return elements(inputs[2]) if self.reduce == "add" else 0
