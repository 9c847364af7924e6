"""Operators that join tensors: addition, product and concatenation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from archgraph.errors import ShapeError
from archgraph.ops.base import Op, Shape, elements, shape_text
from archgraph.ops.words import Form, Words

__all__ = ["Add", "Concat", "Mul"]


def _broadcast(inputs: tuple[Shape, ...]) -> Shape:
    """Return the common shape of tensors of equal rank whose extents are equal or 1."""
    rank = len(inputs[0])
    if any(len(shape) != rank for shape in inputs):
        raise ShapeError(f"its inputs {_listed(inputs)} differ in their number of axes.")
    joined = []
    for extents in zip(*inputs, strict=True):
        wide = set(extents) - {1}
        if len(wide) > 1:
            raise ShapeError(f"its inputs {_listed(inputs)} differ in shape.")
        joined.append(wide.pop() if wide else 1)
    return tuple(joined)


def _listed(inputs: tuple[Shape, ...]) -> str:
    return " and ".join(map(shape_text, inputs))


@dataclass(frozen=True)
class Add(Op):
    """Element-wise sum; extents of 1 stretch.  FLOPs: inputs − 1 per output element."""

    arity: ClassVar[int | None] = None
    family: ClassVar[str] = "merge"

    def output_shape(self, *inputs: Shape) -> Shape:
        return _broadcast(inputs)

    def flops(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        return (len(inputs) - 1) * elements(output)

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
class Mul(Op):
    """Element-wise product; extents of 1 stretch.  FLOPs: inputs − 1 per output element."""

    arity: ClassVar[int | None] = None
    family: ClassVar[str] = "merge"

    def output_shape(self, *inputs: Shape) -> Shape:
        return _broadcast(inputs)

    def flops(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        return (len(inputs) - 1) * elements(output)

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

    dim: int = 1

    def output_shape(self, *inputs: Shape) -> Shape:
        axis = self.dim - 1
        first = inputs[0]
        if not 0 <= axis < len(first):
            raise ShapeError(f"dim is {self.dim}, but its input has axes 1 to {len(first)}.")
        rest = [(*shape[:axis], *shape[axis + 1 :]) for shape in inputs]
        if any(len(shape) != len(first) for shape in inputs) or len(set(rest)) > 1:
            raise ShapeError(
                f"its inputs {_listed(inputs)} differ in more than axis {self.dim}, "
                "along which they are joined."
            )
        return (*first[:axis], sum(shape[axis] for shape in inputs), *first[axis + 1 :])

    @property
    def form(self) -> Form:
        """A bar along all that it joins."""
        return "bar"
