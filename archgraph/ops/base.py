"""What every operator knows: the tensors that it gives, its parameters and what it costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, replace
from typing import Any, ClassVar, NamedTuple

from archgraph.errors import ShapeError
from archgraph.forms import shown
from archgraph.open_extents import Point
from archgraph.ops.field_forms import Real, fault_in
from archgraph.ops.strides import Strides
from archgraph.ops.words import Form, Words, words_of_name
from archgraph.tensors import (
    Batch,
    Open,
    Shape,
    Tensor,
    at_point,
    elements,
    extent_text,
    promoted,
    shape_text,
    weighing,
)

__all__ = [
    "ALL",
    "DEFINED",
    "EACH",
    "KEEPS",
    "MAPS",
    "SOME",
    "Op",
    "Pair",
    "PairField",
    "PerAxis",
    "Reach",
    "Real",
    "Shape",
    "at_least_one",
    "axis_of",
    "broadcast",
    "elements",
    "extents",
    "listed",
    "pair",
    "shape_text",
]

Pair = tuple[int, int]

PairField = Any
"""The type of a field that is given as an integer or a Pair and held as a Pair.

Dataclasses cannot say that to a type checker, so it says nothing.
"""


PerAxis = Any
"""The type of a field that is given as one whole number or as one for each axis."""


def pair(value: int | tuple[int, int] | list[int], field: str, least: int) -> Pair:
    """Return ``value`` as (height, width), refusing anything below ``least``."""
    first, second = extents(value, field, least, 2)
    return first, second


MAPS = {1: "C×L", 2: "C×H×W", 3: "C×D×H×W"}
"""How the maps of one image are written, by the number of axes that a window slides along."""

_COUNTS = {1: "one of them", 2: "two of them", 3: "three of them"}


def extents(value: object, field: str, least: int, axes: int) -> tuple[int, ...]:
    """Return ``value`` as one number for each axis, refusing anything below ``least``."""
    each: tuple[Any, ...] = tuple(value) if isinstance(value, (tuple, list)) else (value,) * axes
    if len(each) != axes or not all(_whole(v) and v >= least for v in each):
        raise ShapeError(
            f"{field} is {shown(value)}, but it must be an integer of at least {least}, or "
            f"{_COUNTS[axes]}."
        )
    return each


def _whole(value: object) -> bool:
    """Return whether a value is a whole number, of Python's own kind or one that builds on it."""
    return isinstance(value, int) and not isinstance(value, (bool, Batch))


def at_least_one(op: Op, *names: str) -> None:
    """Refuse fields that are no whole numbers of at least 1."""
    for name in names:
        value = getattr(op, name)
        if type(value) is not int or value < 1:
            raise ShapeError(f"{name} is {shown(value)}, but it must be an integer of at least 1.")


def broadcast(inputs: Sequence[Shape]) -> Shape:
    """Return the common shape of tensors, aligned at the last axis, whose extents are equal or 1.

    A batch is no extent of 1, even a batch of one (numpy's and PyTorch's rules of broadcasting).
    """
    rank = max(map(len, inputs))
    aligned = [(1,) * (rank - len(shape)) + tuple(shape) for shape in inputs]
    joined = []
    for extents in zip(*aligned, strict=True):
        wide = set(extents) - {1}
        if len(wide) > 1:
            raise ShapeError(f"its inputs {listed(inputs)} differ in shape.")
        joined.append(wide.pop() if wide else 1)
    return tuple(joined)


def listed(inputs: Sequence[Shape]) -> str:
    """Return shapes in a row: ``4×8×8 and 3×8×8``."""
    return " and ".join(map(shape_text, inputs))


def axis_of(dim: int, shape: Sequence[int]) -> int:
    """Return an axis counted from 0; ``dim`` may count from behind, as in PyTorch."""
    if not -len(shape) <= dim < len(shape):
        raise ShapeError(
            f"dim is {dim}, but its input has {len(shape)} axes ({shape_text(shape)}), "
            "the batch included."
        )
    return dim % len(shape)


class Reach(NamedTuple):
    """What one element of an output sees of the input: a window that slides along an axis.

    The window of element i covers ``size`` places from i · ``stride`` + ``start`` on, of which it
    reads every ``gap``-th; ``size`` is None where it sees all. Where an operator makes maps larger,
    ``parts`` places stand for one element of the input, which is at the first of them (the input
    with parts − 1 zeros between its elements). A stride of 0 says that each element sees ``size``
    elements, but not which.
    """

    size: int | None
    stride: int = 1
    parts: int = 1
    start: int = 0
    gap: int = 1


EACH = Reach(1)
"""Each element by itself."""

ALL = Reach(None)
"""Every element sees all others."""

SOME = Reach(1, 0)
"""Each element sees one, in another order."""


KEEPS = ("nothing", "input", "second", "third", "inputs", "others", "output", "all", "unknown")
"""What a gradient needs: one of the inputs, all inputs, the outputs, or all of these.

``others``: that of each input needs the other inputs, as of a product.
"""


DEFINED: dict[str, type[Op]] = {}
"""Every operator class by name; of two classes of one name the first stays."""


@dataclass(frozen=True)
class Op:
    """One operator, without its name and its inputs.

    Subclasses are frozen dataclasses that use PyTorch's field names. Shapes are whole, with the
    batch where PyTorch has it; an extent that follows it is a ``Batch``, which counts as a batch
    of one in arithmetic. All costs are therefore those of one image. The class attributes say how
    many inputs an operator takes (``arity``; None: ``least`` or more), which family it belongs to
    in tables, colours and legends (``family``), whether its output has its first input's shape,
    whatever that is (``keeps_shape``), and whether each image of a batch is computed by itself
    (``imagewise``). Where that is not so, the operator is asked for batches of 2, 3 and 4, and
    what it costs for any follows from these.
    """

    arity: ClassVar[int | None] = 1
    least: ClassVar[int] = 1
    family: ClassVar[str] = "other"
    imagewise: ClassVar[bool] = False
    keeps_shape: ClassVar[bool] = False

    def __init_subclass__(cls, **options: Any) -> None:
        """Make a class known by its name; one that begins with ``_`` is a base of others."""
        super().__init_subclass__(**options)
        if not cls.__name__.startswith("_"):
            DEFINED.setdefault(cls.__name__, cls)

    def __post_init__(self) -> None:
        """Refuse a field whose value is not of its type, whoever wrote it."""
        wrong = fault_in(self)
        if wrong is not None:
            raise ShapeError(wrong)

    @property
    def kind(self) -> str:
        """The operator's name, as PyTorch spells it where it has one: ``Conv2d``."""
        return type(self).__name__

    # ---- what comes out ------------------------------------------------------------------

    def output_shape(self, *inputs: Shape) -> Shape:
        """Return the first output's shape, or raise ShapeError when these inputs are impossible."""
        return inputs[0]

    def output_shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        """Return the shapes of all outputs."""
        return (self.output_shape(*inputs),)

    def element_types(self, inputs: Sequence[str | None], weight: str) -> str | None:
        """Return the element type of the outputs; ``weight`` is that of its parameters."""
        return promoted(inputs) if inputs else weight

    def outputs(self, inputs: Sequence[Tensor], weight: str = "float32") -> tuple[Tensor, ...]:
        """Return the outputs for inputs whose shapes are known."""
        dtype = self.element_types(weighing(inputs), weight)
        return tuple(
            Tensor(shape, dtype) for shape in self.output_shapes(*[i.shape or () for i in inputs])
        )

    def unknown_outputs(
        self, inputs: Sequence[Tensor], weight: str = "float32"
    ) -> tuple[Tensor, ...]:
        """Return the outputs where an input's shape is not known."""
        dtype = self.element_types(weighing(inputs), weight)
        shape = inputs[0].shape if self.keeps_shape else None
        return (Tensor(shape, dtype),) * self.output_count

    @property
    def output_count(self) -> int:
        """How many outputs it has."""
        return 1

    def separates(self, *inputs: Shape) -> bool:
        """Return whether axis 0 of all inputs and outputs is the batch, of independent images."""
        return self.imagewise and all(
            shape and type(shape[0]) is Batch and Batch not in map(type, shape[1:])
            for shape in inputs
        )

    def at(self, batch: int | Point) -> Op:
        """Return the operator for a batch of so many images: settings of k·N become numbers.

        ``batch`` may also hold sizes of letters by name, N among them.
        """
        point = {"N": batch} if isinstance(batch, int) else batch
        found: dict[str, Any] = {
            field.name: at_point(value, point)
            for field in fields(self)
            if isinstance(value := getattr(self, field.name), tuple)
            and not {Batch, Open}.isdisjoint(map(type, value))
        }
        return replace(self, **found) if found else self

    def reach(self, shape: Shape, axis: int) -> Reach | None:
        """Return what one element of the output sees of its input along an axis of the maps.

        ``shape`` is an input's, ``axis`` 0 for the height and 1 for the width, −1 for the channels
        before them. None where that is unknown.
        """
        return None

    def reach_of(self, position: int, inputs: Sequence[Shape], axis: int) -> Reach | None:
        """Return what one element of the output sees of one of its inputs, as ``reach``."""
        return self.reach(inputs[position], axis)

    def lands(self, shape: Shape, output: Shape, axis: int) -> tuple[int, ...]:
        """Return along which axes of the output lies an axis of an input; none where it is gone.

        Axes are counted from the batch. Those of an input with fewer are aligned at the last.
        """
        return (axis + len(output) - len(shape),)

    # ---- what it stores and costs --------------------------------------------------------

    def parameters(self) -> Mapping[str, Shape]:
        """Return the shapes of the learned tensors by name, as in a PyTorch state dict."""
        return {}

    def buffers(self) -> Mapping[str, Shape]:
        """Return the shapes of the tensors that are stored but not learned."""
        return {}

    def parameter_count(self) -> int | None:
        """Return how many learned numbers it stores; None where that is unknown."""
        return sum(map(elements, self.parameters().values()))

    @property
    def multiplies(self) -> bool:
        """Whether it has multiply-adds at all, for some inputs."""
        return type(self).macs is not Op.macs

    def macs(self, inputs: tuple[Shape, ...], output: Shape) -> int | None:
        """Return the multiply-adds of convolutions, linear layers and matrix products."""
        return 0

    def flops(self, inputs: tuple[Shape, ...], output: Shape) -> int | None:
        """Return 2 × MACs + bias additions + element-wise work; each operator says its formula."""
        return 0

    def lecture(self, inputs: tuple[Shape, ...], output: Shape) -> int | None:
        """Return the lecture's count: multiply-adds without bias; K·K per output of a pooling."""
        return self.macs(inputs, output)

    def settings(self) -> dict[str, Any]:
        """Return the fields as plain values, leaving out those that hold their default."""
        found: dict[str, Any] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if field.default is MISSING or value != _normal(field.default, value):
                found[field.name] = _plain(value)
        return found

    # ---- where its outputs lie, and what training keeps ------------------------------------

    def viewed(
        self, shape: Shape, strides: Strides, outputs: Sequence[Shape]
    ) -> tuple[Strides, ...] | None:
        """Return the strides of the outputs where they lie in its first input, as in PyTorch.

        ``shape`` and ``strides`` are that input's. None where the outputs are tensors of their own.
        """
        return None

    @property
    def lies_as_read(self) -> bool:
        """Whether its output lies in memory in the order of the axes of its first input."""
        return self.in_place

    @property
    def in_place(self) -> bool:
        """Whether an element of the output needs only that element of the first input.

        Such an operator can write its output over that input where nobody reads it any more.
        """
        return self.family in _IN_PLACE and not self.multiplies

    @property
    def keeps(self) -> str:
        """What its gradient needs of the tensors around it, in PyTorch: one of ``KEEPS``."""
        return _KEEPS.get(self.family, "unknown")

    def kept_besides(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor]) -> int:
        """Return the bytes that are kept for its gradient besides: a mask, means, places."""
        return 0

    # ---- what it is called, and what tables, pictures and exporters ask of it ------------------

    known: ClassVar[bool] = True
    """Whether archgraph knows what it computes."""
    silent: ClassVar[bool] = False
    """Whether it passes every element on as it is at inference, at most in another shape."""
    picks: ClassVar[bool] = False
    """Whether it reads only those elements of its first input, or of its table, that it gives."""
    sums: ClassVar[bool] = False
    """Whether it adds its inputs, so that a shortcut may end here."""
    counters: ClassVar[tuple[str, ...]] = ()
    """The buffers that only training reads and writes; files may lack them."""

    @property
    def words(self) -> Words:
        """Its name and the settings that people say with it, in parts."""
        return words_of_name(self.kind)

    @property
    def layer(self) -> str:
        """What people count as a layer: "convolution", say; "" for what is none."""
        return _LAYERS.get(self.family, "")

    @property
    def weighted(self) -> bool:
        """Whether it is a layer with weights, as depths count them."""
        return bool(self.layer and self.parameters())

    @property
    def told(self) -> bool:
        """Whether the summary of a block names it: layers and poolings."""
        return bool(self.layer) or self.family == "pool"

    @property
    def moves(self) -> bool:
        """Whether it only moves data: reshapes, cuts, casts, repeats, or fills with a constant.

        Pictures that show what a network computes may leave such operators out.
        """
        return self.family == "reshape"

    @property
    def quiet(self) -> bool:
        """Whether it stands behind others without figures of its own: activations, norms."""
        return self.family in _QUIET

    @property
    def form(self) -> Form:
        """How a picture shows it; a bar joins several, one alone is a thin line."""
        return "thin" if self.quiet or self.family in ("pool", "merge", "reduce") else "box"

    def inference_buffers(self) -> Mapping[str, Shape]:
        """Return the buffers that inference reads: all but the ``counters``."""
        return {key: s for key, s in self.buffers().items() if key not in self.counters}


_QUIET = ("activation", "norm", "regularisation", "reshape", "elementwise")
"""Families that are said in one word."""

_IN_PLACE = ("activation", "norm", "elementwise", "regularisation")
"""Families of which most work on each element by itself, once they know a few numbers."""

_KEEPS = {
    "input": "nothing", "conv": "input", "linear": "input", "embedding": "input",
    "activation": "input", "norm": "input", "pool": "input", "merge": "nothing",
    "reshape": "nothing", "resampling": "nothing", "attention": "all",
}  # fmt: skip
"""What the gradients of most operators of a family need."""

_LAYERS = {"conv": "convolution", "linear": "fully connected layer"}
"""What an operator of each family counts as, where it says nothing else."""


def _plain(value: Any) -> Any:
    """Return a field's value as JSON holds it: lists for tuples, texts for N and letters."""
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return extent_text(value) if type(value) in (Batch, Open) else value


def _normal(default: object, value: object) -> object:
    """Return a default in the form that a field of one number per axis has when it is made."""
    if isinstance(value, tuple) and isinstance(default, int):
        return (default,) * len(value)
    return default
