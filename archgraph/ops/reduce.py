"""Reductions: many elements become one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from archgraph.errors import ShapeError
from archgraph.forms import shown
from archgraph.nearest import nearest
from archgraph.ops.base import ALL, EACH, Op, Reach, Shape, axis_of, elements
from archgraph.ops.words import Words
from archgraph.tensors import Batch

__all__ = ["CUMULATIONS", "REDUCTIONS", "Cumulate", "Reduce"]

REDUCTIONS: dict[str, int] = {
    "mean": 1,
    "sum": 1,
    "prod": 1,
    "max": 1,
    "min": 1,
    "argmax": 1,
    "argmin": 1,
    "any": 1,
    "all": 1,
    "norm": 2,
    "var": 3,
    "std": 3,
    "logsumexp": 2,
}
"""FLOPs per element that is read: an addition or comparison; a square before it for the norm; the
mean, a difference and a square for the variance; an exponential for logsumexp."""

_KEEPS = {
    "prod": "all", "max": "all", "min": "all", "norm": "all", "logsumexp": "all",
    "var": "input", "std": "all",
}  # fmt: skip
"""What gradients need that are no sums or means."""

CUMULATIONS = ("sum", "prod", "max")


@dataclass(frozen=True)
class Reduce(Op):
    """One number of all elements along axes: ``mean``, ``sum``, ``max``, ``norm`` and others.

    ``dims`` count the batch; none means all axes. With ``keepdim`` the axes stay, with extent 1.
    FLOPs: those of ``REDUCTIONS`` per element read.
    """

    family: ClassVar[str] = "reduce"
    imagewise: ClassVar[bool] = True

    function: str
    dims: Any = ()
    keepdim: bool = False

    def __post_init__(self) -> None:
        Op.__post_init__(self)
        if self.function not in REDUCTIONS:
            raise ShapeError(
                f"there is no reduction '{self.function}'{nearest(self.function, REDUCTIONS)}."
            )
        dims = self.dims if isinstance(self.dims, (tuple, list)) else (self.dims,)
        if not all(type(dim) is int for dim in dims):
            raise ShapeError(f"dims is {shown(self.dims)}, but it must be numbers of axes.")
        object.__setattr__(self, "dims", tuple(dims))

    def _axes(self, shape: Shape) -> set[int]:
        return {axis_of(dim, shape) for dim in self.dims} or set(range(len(shape)))

    def output_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        axes = self._axes(shape)
        return tuple(
            1 if axis in axes else size
            for axis, size in enumerate(shape)
            if self.keepdim or axis not in axes
        )

    def separates(self, *inputs: Shape) -> bool:
        return super().separates(*inputs) and 0 not in self._axes(inputs[0])

    def element_types(self, inputs: Sequence[str | None], weight: str) -> str | None:
        if self.function in ("argmax", "argmin"):
            return "int64"
        if self.function in ("any", "all"):
            return "bool"
        kind = inputs[0]
        integral = kind is not None and kind.startswith(("int", "uint", "bool"))
        return "int64" if integral and self.function in ("sum", "prod") else kind

    def flops(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        return REDUCTIONS[self.function] * elements(inputs[0])

    def reach(self, shape: Shape, axis: int) -> Reach | None:
        return ALL if axis + 2 in self._axes(shape) else EACH

    def lands(self, shape: Shape, output: Shape, axis: int) -> tuple[int, ...]:
        if self.keepdim:
            return (axis,)
        gone = self._axes(shape)
        return () if axis in gone else (axis - sum(each < axis for each in gone),)

    @property
    def keeps(self) -> str:
        """The gradient of a sum or mean needs no numbers, that of a maximum what it was."""
        return _KEEPS.get(self.function, "nothing")

    @property
    def words(self) -> Words:
        """The function's name."""
        return Words(self.function)


@dataclass(frozen=True)
class Cumulate(Op):
    """The running sum, product or maximum along one axis.  FLOPs: one per element."""

    family: ClassVar[str] = "reduce"
    imagewise: ClassVar[bool] = True
    keeps_shape: ClassVar[bool] = True

    function: str
    dim: int

    def __post_init__(self) -> None:
        Op.__post_init__(self)
        if self.function not in CUMULATIONS:
            raise ShapeError(
                f"there is no running '{self.function}'; there are {', '.join(CUMULATIONS)}."
            )

    def output_shape(self, *inputs: Shape) -> Shape:
        axis_of(self.dim, inputs[0])
        return inputs[0]

    def separates(self, *inputs: Shape) -> bool:
        return super().separates(*inputs) and (
            type(inputs[0][axis_of(self.dim, inputs[0])]) is not Batch
        )

    def element_types(self, inputs: Sequence[str | None], weight: str) -> str | None:
        kind = inputs[0]
        integral = kind is not None and kind.startswith(("int", "uint", "bool"))
        return "int64" if integral and self.function != "max" else kind

    def flops(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        return elements(output)

    def reach(self, shape: Shape, axis: int) -> Reach | None:
        return ALL if axis_of(self.dim, shape) == axis + 2 else EACH

    @property
    def keeps(self) -> str:
        """The gradient of a running sum needs no numbers."""
        return "nothing" if self.function == "sum" else "all"

    @property
    def words(self) -> Words:
        """Such as ``running sum``."""
        return Words(self.function, how="running")
