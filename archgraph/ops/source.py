"""Where data enters a graph, and operators of which only the name is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from archgraph.errors import ShapeError
from archgraph.forms import shown
from archgraph.ops.base import EACH, Op, Reach, Shape
from archgraph.ops.foreign_names import family_of_name
from archgraph.ops.words import Words
from archgraph.tensors import ELEMENT_BITS, N, Open, Tensor, extent, follows_batch

__all__ = ["Input", "Opaque"]


def _checked(shape: object, field: str) -> Shape:
    if not isinstance(shape, (tuple, list)):
        raise ShapeError(
            f"{field} is {shown(shape)}, but it must be positive integers such as 3×224×224."
        )
    found = tuple(None if each is None else extent(each, field) for each in shape)
    if not all(type(each) is Open or each is None or each >= 0 for each in found):
        raise ShapeError(
            f"{field} is {shown(shape)}, but it must be positive integers such as 3×224×224."
        )
    return found  # type: ignore[return-value]


def _whole(shape: Shape, batched: bool) -> Shape:
    """Return a shape with the batch where it says so, else with the batch first."""
    return (N, *shape) if batched and not follows_batch(shape) else shape


def _checked_type(dtype: object) -> None:
    if dtype is not None and (not isinstance(dtype, str) or dtype not in ELEMENT_BITS):
        raise ShapeError(f"{shown(dtype)} is no element type; there are {', '.join(ELEMENT_BITS)}.")


@dataclass(frozen=True)
class Input(Op):
    """A tensor that the user gives: (N, *shape), or ``shape`` as it is where that holds an N.

    ``Input((3, 224, 224))`` is N × 3 × 224 × 224, ``Input((2, "N", 128))`` has the batch second;
    with ``batched=False`` the shape is one of a fixed batch. An open extent has a letter,
    ``Input((3, "H", "W"))``; an unknown one is None, and so is a shape of which nothing is known,
    and the element type of what holds no numbers.
    """

    arity: ClassVar[int | None] = 0
    family: ClassVar[str] = "input"

    shape: Shape | None
    dtype: str | None = "float32"
    batched: bool = True

    def __post_init__(self) -> None:
        Op.__post_init__(self)
        if self.shape is not None:
            object.__setattr__(self, "shape", _checked(self.shape, "shape"))
        _checked_type(self.dtype)

    @classmethod
    def of(cls, tensor: Tensor) -> Input:
        """Return the input that gives a tensor like this one."""
        shape, dtype = tensor
        if shape and shape[0] == N and not follows_batch(shape[1:]):
            return cls(shape[1:], dtype)
        return cls(shape, dtype, batched=follows_batch(shape))

    def outputs(self, inputs: Sequence[Tensor], weight: str = "float32") -> tuple[Tensor, ...]:
        return (Tensor(None if self.shape is None else self.output_shape(), self.dtype),)

    def output_shape(self, *inputs: Shape) -> Shape:
        if self.shape is None:
            raise ShapeError("nothing is known of the shape of this input.")
        return _whole(self.shape, self.batched)

    def separates(self, *inputs: Shape) -> bool:
        return self.batched or follows_batch(self.shape)

    def reach(self, shape: Shape, axis: int) -> Reach | None:
        return EACH


@dataclass(frozen=True)
class Opaque(Op):
    """An operator that archgraph does not know: its costs are unknown (None), never zero.

    ``type_name`` is its name where it came from, ``shape`` its output's shape, read as that of an
    Input and None where it is unknown; ``others`` are the shapes and element types of further
    outputs. ``params`` says how many learned numbers it holds, ``mac_count`` and ``flop_count``
    how many multiply-adds and FLOPs it takes for one image, where that is known. Its family is
    what its name says.
    """

    arity: ClassVar[int | None] = None
    least: ClassVar[int] = 0

    type_name: str
    shape: Shape | None
    params: int | None = None
    mac_count: int | None = None
    dtype: str | None = "float32"
    batched: bool = True
    others: Any = ()
    flop_count: int | None = None

    def __post_init__(self) -> None:
        Op.__post_init__(self)
        put = object.__setattr__
        if self.shape is not None:
            put(self, "shape", _checked(self.shape, "shape"))
        _checked_type(self.dtype)
        for name in ("params", "mac_count", "flop_count"):
            value = getattr(self, name)
            if value is not None and value < 0:
                raise ShapeError(f"{name} is {value!r}, but it must be at least 0, or None.")
        found = []
        for each in self.others if isinstance(self.others, (tuple, list)) else [self.others]:
            if not isinstance(each, (tuple, list)) or len(each) != 2:
                raise ShapeError(
                    f"others holds {shown(each)}, but it must be shapes with their types."
                )
            shape, dtype = each
            _checked_type(dtype)
            found.append((None if shape is None else _checked(shape, "others"), dtype))
        put(self, "others", tuple(found))
        put(self, "family", family_of_name(self.type_name))

    def outputs(self, inputs: Sequence[Tensor], weight: str = "float32") -> tuple[Tensor, ...]:
        shapes = ((self.shape, self.dtype), *self.others)
        return tuple(
            Tensor(None if shape is None else _whole(shape, self.batched), dtype)
            for shape, dtype in shapes
        )

    def unknown_outputs(
        self, inputs: Sequence[Tensor], weight: str = "float32"
    ) -> tuple[Tensor, ...]:
        return self.outputs(inputs, weight)

    def separates(self, *inputs: Shape) -> bool:
        return self.batched or follows_batch(self.shape)

    def parameter_count(self) -> int | None:
        return self.params

    @property
    def multiplies(self) -> bool:
        """Whether it has multiply-adds; also where it is not known how many."""
        return self.mac_count != 0

    def macs(self, inputs: tuple[Shape, ...], output: Shape) -> int | None:
        return self.mac_count

    def flops(self, inputs: tuple[Shape, ...], output: Shape) -> int | None:
        return self.flop_count

    def lecture(self, inputs: tuple[Shape, ...], output: Shape) -> int | None:
        return None if self.flop_count is None else self.mac_count

    known: ClassVar[bool] = False

    @property
    def words(self) -> Words:
        """Its name where it came from."""
        return Words(self.type_name)
