"""Elements that are taken by their numbers, which another tensor holds: no FLOPs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from archgraph.errors import ShapeError
from archgraph.forms import shown
from archgraph.ops.base import Op, Shape, axis_of, broadcast, shape_text

__all__ = ["Gather", "Index", "IndexSelect"]


@dataclass(frozen=True)
class _Taking(Op):
    family: ClassVar[str] = "reshape"
    arity: ClassVar[int | None] = 2
    picks: ClassVar[bool] = True

    @property
    def keeps(self) -> str:
        """Where each element was taken."""
        return "second"

    def element_types(self, inputs: Sequence[str | None], weight: str) -> str | None:
        return inputs[0]


@dataclass(frozen=True)
class Gather(_Taking):
    """Along one axis the element that the second input names, for each of its places."""

    dim: int = 0

    def output_shape(self, *inputs: Shape) -> Shape:
        shape, places = inputs
        if len(shape) != len(places):
            raise ShapeError(
                f"its input {shape_text(shape)} and places {shape_text(places)} differ in axes."
            )
        axis_of(self.dim, shape)
        return places


@dataclass(frozen=True)
class IndexSelect(_Taking):
    """What stands at several places of one axis: the places' own axes take its place."""

    dim: int = 0

    def output_shape(self, *inputs: Shape) -> Shape:
        shape, places = inputs
        axis = axis_of(self.dim, shape)
        return (*shape[:axis], *places, *shape[axis + 1 :])


@dataclass(frozen=True)
class Index(_Taking):
    """x[i, j, …]: places along several axes, ``dims``, each in an input of its own.

    The places' common shape stands where the first of the axes was, or in front where they are
    apart (numpy's rules of advanced indexing).
    """

    arity: ClassVar[int | None] = None
    least: ClassVar[int] = 2

    dims: Any

    def __post_init__(self) -> None:
        Op.__post_init__(self)
        value = self.dims if isinstance(self.dims, (tuple, list)) else (self.dims,)
        if not value or not all(type(each) is int and each >= 0 for each in value):
            raise ShapeError(f"dims is {shown(self.dims)}, but it must be numbers of axes from 0.")
        object.__setattr__(self, "dims", tuple(value))

    def output_shape(self, *inputs: Shape) -> Shape:
        shape, *places = inputs
        if len(places) != len(self.dims):
            raise ShapeError(f"it takes places for {len(self.dims)} axes, not {len(places)}.")
        axes = [axis_of(dim, shape) for dim in self.dims]
        common = broadcast(places)
        rest = [size for axis, size in enumerate(shape) if axis not in axes]
        together = axes == list(range(axes[0], axes[0] + len(axes)))
        at = axes[0] if together else 0
        return (*rest[:at], *common, *rest[at:])
