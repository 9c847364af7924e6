"""Where data enters a graph, and operators of which only the name is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from archgraph.errors import ShapeError
from archgraph.ops.base import BYTES_PER_ELEMENT, Op, Shape, elements
from archgraph.ops.words import Words

__all__ = ["Input", "Opaque"]


def _checked(shape: object, field: str) -> Shape:
    if not isinstance(shape, (tuple, list)) or not all(type(n) is int and n > 0 for n in shape):
        raise ShapeError(
            f"{field} is {shape!r}, but it must be positive integers such as 3×224×224."
        )
    return tuple(shape)


@dataclass(frozen=True)
class Input(Op):
    """A tensor that the user gives."""

    arity: ClassVar[int | None] = 0
    family: ClassVar[str] = "input"

    shape: Shape

    def __post_init__(self) -> None:
        Op.__post_init__(self)
        object.__setattr__(self, "shape", _checked(self.shape, "shape"))

    def output_shape(self, *inputs: Shape) -> Shape:
        return self.shape


@dataclass(frozen=True)
class Opaque(Op):
    """An operator that archgraph does not know: its costs are unknown (None), never zero.

    ``type_name`` is its name where it came from, ``shape`` its output's shape; ``params`` says how
    many learned numbers it holds and ``mac_count`` how many multiply-adds it takes for one image,
    where that is known.
    """

    arity: ClassVar[int | None] = None

    type_name: str
    shape: Shape
    params: int | None = None
    mac_count: int | None = None

    def __post_init__(self) -> None:
        Op.__post_init__(self)
        object.__setattr__(self, "shape", _checked(self.shape, "shape"))
        for name in ("params", "mac_count"):
            value = getattr(self, name)
            if value is not None and (type(value) is not int or value < 0):
                raise ShapeError(f"{name} is {value!r}, but it must be a number or None.")

    def output_shape(self, *inputs: Shape) -> Shape:
        return self.shape

    def costs(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, int | None]:
        size = BYTES_PER_ELEMENT * elements(output)
        unknown = dict.fromkeys(("flops", "lecture"))
        told = {"params": self.params, "macs": self.mac_count}
        return {**told, **unknown, "activation_bytes": size}

    known: ClassVar[bool] = False

    @property
    def words(self) -> Words:
        """Its name where it came from."""
        return Words(self.type_name)
