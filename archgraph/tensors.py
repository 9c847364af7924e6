"""Tensors: whole shapes in which the batch is followed, element types, and what is stored.

A shape counts axes as PyTorch does, the batch included. An extent is a whole number, ``None``
where it is unknown, ``Batch(k)``: k·N elements for a batch of N, or ``Open``: one that was left
open and has a letter.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from archgraph.element_kinds import ELEMENT_BITS, kind_of_type, promoted
from archgraph.errors import ArchGraphError, FormatError, ShapeError
from archgraph.forms import shown
from archgraph.limits import AXES, ELEMENTS, WHOLE
from archgraph.open_extents import Open, Point

__all__ = [
    "ELEMENT_BITS",
    "SIZES",
    "SMALL",
    "Batch",
    "Extent",
    "Key",
    "N",
    "Open",
    "Shape",
    "Stored",
    "Tensor",
    "at_batch",
    "at_point",
    "bytes_of",
    "elements",
    "extent",
    "extent_text",
    "followed_extent",
    "follows_batch",
    "image_shape",
    "is_known",
    "is_open",
    "node_of",
    "output_of",
    "promoted",
    "ref_to",
    "shape_text",
    "state_key",
    "weighing",
]


class Batch(int):
    """An extent of k·N, N being the batch; as a number it is k, its value for a batch of one.

    It equals no plain number, because a batch of one is no extent of 1 that stretches. Arithmetic
    gives plain numbers: those of one image.
    """

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return type(other) is Batch and int(self) == int(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = int.__hash__

    def __repr__(self) -> str:
        """Return the extent as files and messages write it: ``N``, ``64N``."""
        return extent_text(self)

    __str__ = __repr__


N = Batch(1)
"""The batch: the extent of axis 0 of an image-like input."""

Extent = int | Open | None
"""A whole number, a ``Batch`` (which is one too), a letter, or None where it is unknown."""

Shape = tuple[int, ...]
"""The extents of one tensor, all axes counted; for one image where the text says so."""

SMALL = 64
"""How many elements a stored tensor may have whose numbers a graph keeps."""


def extent(value: object, field: str) -> Any:
    """Return an extent from what a user or a file says: ``64``, ``"N"``, ``"2N"``, ``"H/2"``."""
    if type(value) in (int, Batch, Open):
        return value
    if isinstance(value, str) and (found := re.fullmatch(r"(\d{0,9})N", value)):
        return Batch(int(found[1] or 1))
    if isinstance(value, str) and (opened := Open.of(value)) is not None:
        return opened
    raise ShapeError(
        f"{field} holds {shown(value)}, but an extent is a whole number, N or 2N for the "
        "batch, or a letter such as H for one that is open."
    )


def extent_text(value: Extent) -> str:
    """Return an extent as files and messages write it: ``64``, ``N``, ``64N``, ``H/2``, ``?``."""
    if value is None:
        return "?"
    if type(value) is Batch:
        return f"{int(value)}N" if int(value) != 1 else "N"
    return str(value)


SIZES = (2, 3, 4)
"""The batches that say what holds for any; 0 and 1 are special, an extent of 1 stretches."""


def followed_extent(two: int, three: int, four: int) -> int | None:
    """Return what is this at batches of 2, 3 and 4: a number, or k·N; None for neither."""
    if two == three == four:
        return two
    if two > 0 and two % 2 == 0 and three == two // 2 * 3 and four == 2 * two:
        return N if two == 2 else Batch(two // 2)  # one object is equal to itself at once
    return None


class Tensor(NamedTuple):
    """One output of an operator: its whole shape (None where even the rank is unknown), its type.

    ``dtype`` is one of ``ELEMENT_BITS``, or None where it is unknown.
    """

    shape: tuple[Any, ...] | None
    dtype: str | None = "float32"

    @property
    def image(self) -> tuple[Any, ...] | None:
        """The shape for one image: without extents of N, with k for k·N."""
        return None if self.shape is None else image_shape(self.shape)

    def at(self, batch: int) -> Tensor:
        """Return the tensor for a batch of so many images; what is unknown of it stays so."""
        return self if self.shape is None else Tensor(at_batch(self.shape, batch), self.dtype)


def image_shape(shape: Sequence[Extent]) -> tuple[Any, ...]:
    """Return a shape for one image: k·N is shown as k, and left out where k is 1."""
    return tuple(
        int(each) if type(each) is Batch else each.of_one() if type(each) is Open else each
        for each in shape
        if each is not N and each != N
    )


def at_batch(shape: Iterable[int], batch: int) -> Shape:
    """Return a shape for a batch of so many images, in plain numbers."""
    return tuple(int(each) * batch if type(each) is Batch else each for each in shape)


def at_point(shape: Iterable[Extent], point: Point) -> tuple[Any, ...]:
    """Return a shape for these sizes of its letters; what depends on others stays as it is."""
    batch = point.get("N")
    return tuple(
        each.at(point)
        if type(each) is Open and each.letters <= point.keys()
        else int(each) * batch
        if batch is not None and type(each) is Batch
        else each
        for each in shape
    )


def is_open(shape: Iterable[Extent] | None) -> bool:
    """Return whether an extent of a shape is a letter or follows from some."""
    return shape is not None and Open in map(type, shape)


def follows_batch(shape: Iterable[Extent] | None) -> bool:
    """Return whether an extent of a shape grows with the batch."""
    return shape is not None and Batch in map(type, shape)


def is_known(tensor: Tensor) -> bool:
    """Return whether every extent of a tensor is known."""
    shape = tensor.shape
    return shape is not None and None not in shape and Open not in map(type, shape)


def elements(shape: Iterable[int]) -> int:
    """Return the number of elements of a tensor of this shape, for a batch of one."""
    return math.prod(shape)


def bytes_of(tensor: Tensor) -> int | None:
    """Return a tensor's size in bytes for a batch of one; None where it is unknown."""
    shape, dtype = tensor
    if shape is None or dtype is None or not is_known(tensor):
        return None
    bits = ELEMENT_BITS.get(dtype)
    return None if bits is None else -(-math.prod(shape) * bits // 8)


def shape_text(shape: Sequence[Extent] | None) -> str:
    """Return a shape as people write it, for one image: ``64×56×56`` (``unknown`` for None)."""
    if shape is None:
        return "unknown"
    if len(shape) > AXES:
        return f"{shape_text(shape[:3])}×… ({len(shape):,} axes)"
    return "×".join(map(extent_text, image_shape(shape))) or "scalar"


def weighing(inputs: Sequence[Tensor]) -> list[str | None]:
    """Return the element types of tensors, a scalar's only where it is of a higher kind.

    A number of the formula does not widen what it is added to: float16 times a float32 scalar is
    float16, an integer times one a float32 (PyTorch's categories of type promotion). A scalar that
    does not count is given the type of a tensor with axes.
    """
    types = [each.dtype for each in inputs]
    axes = [t.dtype for t in inputs if t.shape != () and t.dtype is not None]
    if len(axes) == len(types) or not axes:
        return types
    first = promoted(axes)
    if first is None:
        return types
    highest = kind_of_type(first)
    return [
        first
        if t.shape == () and t.dtype is not None and kind_of_type(t.dtype) <= highest
        else t.dtype
        for t in inputs
    ]


# ---- what is stored ------------------------------------------------------------------------


def node_of(ref: str) -> str:
    """Return the node whose output ``ref`` names: ``split`` of ``split:1``."""
    return ref.partition(":")[0]


def output_of(ref: str) -> int:
    """Return the number of the output that ``ref`` names: 1 of ``split:1``, 0 of ``split``."""
    return int(ref.partition(":")[2] or 0)


def ref_to(node: str, output: int) -> str:
    """Return what names an output of a node, as ``net.add`` takes it."""
    return f"{node}:{output}" if output else node


class Key(str):
    """The key of a stored tensor, where an input could also be the name of a node."""

    __slots__ = ()


_ENDLESS = {"inf": math.inf, "-inf": -math.inf}
"""The numbers that JSON has no form of, as graph files write them."""

Kind = Literal["parameter", "buffer", "constant"]

_WORDS = frozenset(("shape", "dtype", "kind", "value", "alias", "doubtful", "moved"))
"""What the record of a stored tensor holds."""


@dataclass(frozen=True)
class Stored:
    """A tensor that is stored with the network and not computed from its inputs.

    ``kind`` is "parameter" (learned; counts), "buffer" (stored beside them, such as running
    means) or "constant" (a number of the formula). ``value`` holds the numbers, row by row, of
    one of up to 64 elements where they are known; ``alias`` is the key of the tensor that it is
    the same as (tied weights), ``moved`` says that its elements stand in another shape or order
    there; ``doubtful`` says that the kind is a guess, because the file does not tell.
    """

    shape: Shape
    dtype: str = "float32"
    kind: Kind = "parameter"
    value: tuple[float | int | bool, ...] | None = None
    alias: str | None = None
    doubtful: bool = False
    moved: bool = False

    def __post_init__(self) -> None:
        if self.dtype not in ELEMENT_BITS:
            raise FormatError(
                f"{shown(self.dtype)} is no element type; there are {', '.join(ELEMENT_BITS)}."
            )
        if self.kind not in ("parameter", "buffer", "constant"):
            raise FormatError(
                f"the kind of a stored tensor is {shown(self.kind)}, but it must be 'parameter', "
                "'buffer' or 'constant'."
            )
        shape = tuple(self.shape)
        if len(shape) > AXES or not all(type(each) is int and 0 <= each <= WHOLE for each in shape):
            raise ShapeError(
                f"a stored tensor's shape is {shown(self.shape)}, but it must be whole numbers, at "
                f"most {AXES}."
            )
        if elements(shape) > ELEMENTS:
            raise ShapeError(f"no tensor can have as many elements as {shape_text(shape)}.")
        object.__setattr__(self, "shape", shape)
        if self.value is not None:
            object.__setattr__(self, "value", tuple(self.value))
            if len(self.value) != elements(shape) or len(self.value) > SMALL:
                raise ShapeError(
                    f"a stored tensor of {shape_text(shape)} has {len(self.value)} numbers, but "
                    f"it must have {elements(shape)}, and at most {SMALL}."
                )

    @property
    def tensor(self) -> Tensor:
        """Its shape and element type."""
        return Tensor(self.shape, self.dtype)

    @property
    def bytes(self) -> int:
        """Its size in memory."""
        return -(-elements(self.shape) * ELEMENT_BITS[self.dtype] // 8)

    def record(self) -> dict[str, Any]:
        """Return it as plain values, as graph files hold it."""
        found: dict[str, Any] = {"shape": list(self.shape), "dtype": self.dtype, "kind": self.kind}
        if self.value is not None:
            found["value"] = [
                str(each) if each in _ENDLESS.values() else each for each in self.value
            ]
        if self.alias is not None:
            found["alias"] = self.alias
        if self.doubtful:
            found["doubtful"] = True
        if self.moved:
            found["moved"] = True
        return found

    @classmethod
    def of(cls, record: Any, key: str) -> Stored:
        """Return what a record holds; FormatError or ShapeError naming ``key`` if malformed."""
        try:
            found = cls._of(record)
        except ArchGraphError as error:
            raise type(error)(f"the stored tensor '{key}': {error}") from None
        if found is None:
            raise FormatError(f"the stored tensor '{key}' is malformed: {shown(record)}.")
        return found

    @classmethod
    def _of(cls, record: Any) -> Stored | None:
        if type(record) is dict and record.keys() == _USUAL:
            shape, dtype, role = record["shape"], record["dtype"], record["kind"]
            if type(shape) is list and type(dtype) is type(role) is str and _whole(shape):
                return _stored(tuple(shape), dtype, role, None, False, False)
        if isinstance(record, dict) and isinstance(record.get("shape"), list):
            value, alias = record.get("value"), record.get("alias")
            shape, dtype = tuple(record["shape"]), str(record.get("dtype", "float32"))
            role, doubtful = record.get("kind", "parameter"), bool(record.get("doubtful"))
            moved = bool(record.get("moved"))
            if _WORDS.issuperset(record) and (alias is None or isinstance(alias, str)):
                if value is None:
                    if type(role) is str and _whole(shape):
                        return _stored(shape, dtype, role, alias, doubtful, moved)
                    return cls(shape, dtype, role, None, alias, doubtful, moved)
                if isinstance(value, list):
                    if str in map(type, value):
                        value = [_ENDLESS.get(v, v) if isinstance(v, str) else v for v in value]
                    if set(map(type, value)) <= {int, float, bool} or all(
                        isinstance(v, (int, float)) for v in value
                    ):
                        return cls(shape, dtype, role, tuple(value), alias, doubtful, moved)
        return None


_USUAL = {"shape": 0, "dtype": 0, "kind": 0}.keys()
"""What the record of most tensors holds."""


def _whole(shape: Iterable[object]) -> bool:
    return set(map(type, shape)) <= {int}


@lru_cache(maxsize=4096)
def _stored(
    shape: Shape, dtype: str, kind: Any, alias: str | None, doubtful: bool, moved: bool
) -> Stored:
    """Return a tensor without its numbers; files hold many that are alike."""
    return Stored(shape, dtype, kind, None, alias, doubtful, moved)


def state_key(node: str, role: str) -> str:
    """Return the key that a tensor of a node has where none is given, as in a state dict.

    A module that runs again is ``backbone@2`` in the names of nodes; the state dict knows one
    ``backbone``.
    """
    if "@" in node:
        node = re.sub(r"@\d+(?=\.|$)", "", node)
    return f"{node}.{role}"
