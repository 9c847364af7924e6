"""Operators that join tensors: addition, product and concatenation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from archgraph.errors import ShapeError
from archgraph.ops.base import EACH, SOME, Op, Reach, Shape, axis_of, broadcast, elements, listed
from archgraph.ops.words import Form, Words

__all__ = ["Add", "Concat", "Mul"]


@dataclass(frozen=True)
class _Joint(Op):
    """An operation on each element of several tensors; extents of 1 stretch, as in PyTorch."""

    arity: ClassVar[int | None] = None
    family: ClassVar[str] = "merge"
    imagewise: ClassVar[bool] = True

    def output_shape(self, *inputs: Shape) -> Shape:
        return broadcast(inputs)

    def separates(self, *inputs: Shape) -> bool:
        return len({len(shape) for shape in inputs}) == 1 and super().separates(*inputs)

    def flops(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        return (len(inputs) - 1) * elements(output)

    def reach(self, shape: Shape, axis: int) -> Reach | None:
        return EACH


@dataclass(frozen=True)
class Add(_Joint):
    """Element-wise sum; extents of 1 stretch.  FLOPs: inputs − 1 per output element."""

    sums: ClassVar[bool] = True

    @property
    def words(self) -> Words:
        """Drawn as ``+``."""
        return Words("sum", mark="+")

    @property
    def form(self) -> Form:
        """A circle around its sign."""
        return "dot"


@dataclass(frozen=True)
class Mul(_Joint):
    """Element-wise product; extents of 1 stretch.  FLOPs: inputs − 1 per output element."""

    @property
    def keeps(self) -> str:
        """The gradient of each input needs the other."""
        return "others"

    @property
    def words(self) -> Words:
        """Drawn as ``×``."""
        return Words("product", mark="×")

    @property
    def form(self) -> Form:
        """A circle around its sign."""
        return "dot"


@dataclass(frozen=True)
class Concat(Op):
    """Joins tensors along one axis (``dim`` counts the batch axis: 1 is the channels)."""

    arity: ClassVar[int | None] = None
    family: ClassVar[str] = "merge"
    imagewise: ClassVar[bool] = True

    dim: int = 1

    def output_shape(self, *inputs: Shape) -> Shape:
        first = inputs[0]
        axis = axis_of(self.dim, first)
        rest = [(*shape[:axis], *shape[axis + 1 :]) for shape in inputs]
        if any(len(shape) != len(first) for shape in inputs) or len(set(rest)) > 1:
            raise ShapeError(
                f"its inputs {listed(inputs)} differ in more than axis {self.dim}, "
                "along which they are joined."
            )
        return (*first[:axis], sum(shape[axis] for shape in inputs), *first[axis + 1 :])

    def reach(self, shape: Shape, axis: int) -> Reach | None:
        return EACH if axis_of(self.dim, shape) != axis + 2 else SOME

    def separates(self, *inputs: Shape) -> bool:
        return super().separates(*inputs) and axis_of(self.dim, inputs[0]) != 0

    @property
    def form(self) -> Form:
        """A bar along all that it joins."""
        return "bar"
