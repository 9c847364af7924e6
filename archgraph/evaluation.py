"""What an operator gives and costs for its inputs, whatever the batch.

An operator that works on each image by itself is asked once. Any other is asked for batches of 2,
3 and 4 (0 and 1 are special: an extent of 1 stretches): an extent that grows in proportion is k·N,
and a cost is the polynomial of degree two through the three figures.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, Union

from archgraph.errors import GraphError, ShapeError
from archgraph.limits import AXES, ELEMENTS, UNKNOWNS
from archgraph.metrics import Number
from archgraph.open_sizes import costs_told, letters_of, named, outputs_told, sizes_of
from archgraph.ops.base import Op
from archgraph.tensors import (
    SIZES,
    Extent,
    Tensor,
    at_batch,
    at_point,
    bytes_of,
    followed_extent,
    follows_batch,
    is_known,
    shape_text,
)

if TYPE_CHECKING:
    from fractions import Fraction

__all__ = ["Evaluated", "Growth", "Outcome", "evaluate", "evaluated", "followed", "polynomial_at"]

Growth = tuple[Union[Number, "Fraction"], ...]
"""A cost's coefficients in the batch N: constant, N, N²."""

Costs = dict[str, int | None]

COSTS = ("macs", "flops", "lecture", "activation_bytes")
"""The costs that follow from an operator and the shapes of its inputs."""


class Outcome(NamedTuple):
    """What one operator gives and costs.

    ``costs`` are those of a batch of one; ``growth`` holds the polynomial of each cost that is not
    simply proportional to the batch.
    """

    outputs: tuple[Tensor, ...]
    costs: Costs
    growth: Mapping[str, Growth] | None = None

    def attributes(self, op: Op) -> dict[str, Any]:
        """Return what follows for a node, its own parameters taken as nobody else's."""
        found: dict[str, Any] = {
            "op": op,
            "shape": self.outputs[0].image,
            "outputs": self.outputs,
            "params": op.parameter_count(),
            **self.costs,
        }
        return found | ({} if self.growth is None else {"growth": self.growth})


def evaluate(
    name: str, op: Op, inputs: tuple[Tensor, ...], weight: str = "float32"
) -> dict[str, Any]:
    """Return the attributes of a node that follow from its operator and what that reads.

    ``weight`` is the element type of its parameters. What is returned may be changed.

    Raises GraphError or ShapeError, naming the node, for inputs that it cannot take.
    """
    wanted = op.arity
    if len(inputs) != wanted if wanted is not None else len(inputs) < op.least:
        least = {0: "any number of", 1: "one or more"}.get(op.least, f"{op.least} or more")
        count = f"{least} inputs" if wanted is None else f"{wanted} input{'s' * (wanted != 1)}"
        raise GraphError(f"node '{name}' ({op.kind}) takes {count}, but has {len(inputs)}.")
    try:
        # Equal operators may be written in other numbers: 1 and 1.0.
        return {**_remembered(op, inputs, weight), "op": op}
    except ShapeError as error:
        raise ShapeError(f"node '{name}' ({op.kind}): {error}") from None
    except TypeError:  # an operator of another package that cannot be hashed
        return _evaluated(op, inputs, weight).attributes(op)


class Evaluated(NamedTuple):
    """The attributes of a node that follow from its operator, and from what it reads."""

    data: Mapping[str, Any]
    inputs: tuple[Tensor, ...]
    weight: str

    @property
    def outputs(self) -> tuple[Tensor, ...]:
        """All that it gives."""
        found: tuple[Tensor, ...] = self.data["outputs"]
        return found


def evaluated(name: str, op: Op, inputs: tuple[Tensor, ...], weight: str = "float32") -> Evaluated:
    """Return what ``evaluate`` does, with what it was evaluated for."""
    return Evaluated(evaluate(name, op, inputs, weight), inputs, weight)


@lru_cache(maxsize=4096)
def _remembered(op: Op, inputs: tuple[Tensor, ...], weight: str) -> dict[str, Any]:
    return _evaluated(op, inputs, weight).attributes(op)


def _evaluated(op: Op, inputs: tuple[Tensor, ...], weight: str) -> Outcome:
    for role, shape in (*op.parameters().items(), *op.buffers().items()):
        _refuse_impossible(shape, f"its {role}")
    if not all(map(is_known, inputs)) or letters_of(op) - {"N"}:
        if all(each.shape is not None for each in inputs):
            return _sampled(op, inputs, weight)
        return _unknown(op, op.unknown_outputs(inputs, weight))
    shapes = tuple(each.shape or () for each in inputs)
    if op.separates(*shapes):
        return _asked(op, inputs, weight)
    if not any(map(follows_batch, shapes)) and op.at(2) is op:
        found = _asked(op, inputs, weight)
        if not any(follows_batch(each.shape) for each in found.outputs):
            return found._replace(growth={key: (v, 0, 0) for key, v in found.costs.items() if v})
    return _fitted(op, inputs, weight)


def _asked(op: Op, inputs: Sequence[Tensor], weight: str) -> Outcome:
    """Ask an operator once, with the inputs as they are."""
    outputs = op.outputs(inputs, weight)
    shapes = tuple(each.shape or () for each in inputs)
    for each in outputs:
        _refuse_impossible(each.shape or (), "its output")
    if not all(map(is_known, outputs)):
        return _unknown(op, outputs)
    first = outputs[0].shape or ()
    return Outcome(
        outputs,
        {
            "macs": op.macs(shapes, first),
            "flops": op.flops(shapes, first),
            "lecture": op.lecture(shapes, first),
            **_size(outputs),
        },
    )


def _refuse_impossible(shape: Sequence[Extent], what: str) -> None:
    """Refuse shapes that no tensor has; what is known of them counts."""
    if len(shape) > AXES:
        raise ShapeError(f"{what} has {len(shape):,} axes, but no tensor has more than {AXES}.")
    known = [each for each in shape if isinstance(each, int)]
    if min(known, default=0) < 0:
        raise ShapeError(f"{what} is {shape_text(shape)}, but no extent is below 0.")
    if max(known, default=0) > ELEMENTS or math.prod(known) > ELEMENTS:
        raise ShapeError(
            f"{what} is {shape_text(shape):.80}, more elements than any tensor can have."
        )


def _unknown(op: Op, outputs: tuple[Tensor, ...]) -> Outcome:
    """Say that costs are unknown; what multiplies nothing has no MACs, whatever its size."""
    none = None if op.multiplies else 0
    return Outcome(outputs, {"macs": none, "flops": None, "lecture": None, **_size(outputs)})


def _size(outputs: Sequence[Tensor]) -> Costs:
    total = 0
    for each in outputs:
        size = bytes_of(each)
        if size is None:
            return {"activation_bytes": None}
        total += size
    return {"activation_bytes": total}


def _fitted(op: Op, inputs: Sequence[Tensor], weight: str) -> Outcome:
    """Ask an operator for three batches and say what it does for any."""
    asked = []
    for batch in SIZES:
        there = [Tensor(at_batch(each.shape or (), batch), each.dtype) for each in inputs]
        asked.append(_asked(op.at(batch), there, weight))
    outputs = tuple(map(followed, *(each.outputs for each in asked)))
    costs: Costs = {}
    growth: dict[str, Growth] = {}
    for key in COSTS:
        values = [each.costs[key] for each in asked]
        if None in values:
            costs[key] = None
            continue
        found = _through(*(value for value in values if value is not None))
        costs[key] = int(sum(found))
        if found[0] or found[2]:
            growth[key] = found
    return Outcome(outputs, costs, growth or None)


def followed(two: Tensor, three: Tensor, four: Tensor) -> Tensor:
    """Return the tensor whose shapes for batches of 2, 3 and 4 these are.

    Raises ShapeError where an extent is neither a number nor a multiple of the batch.
    """
    if two.shape is None or three.shape is None or four.shape is None:
        return Tensor(None, two.dtype)
    if not len(two.shape) == len(three.shape) == len(four.shape):
        raise ShapeError("the number of its output's axes depends on the batch.")
    found: list[int | None] = []
    for sizes in zip(two.shape, three.shape, four.shape, strict=True):
        extent = None if None in sizes else followed_extent(*sizes)
        if extent is None and None not in sizes:
            raise ShapeError(
                f"its output is {shape_text(two.shape)} for a batch of 2, "
                f"{shape_text(three.shape)} for 3 and {shape_text(four.shape)} for 4; an extent "
                "must be a number or a multiple of the batch."
            )
        found.append(extent)
    return Tensor(tuple(found), two.dtype)


def _sampled(op: Op, inputs: tuple[Tensor, ...], weight: str) -> Outcome:
    """Ask an operator that reads open or unknown extents for several sizes of these.

    An extent that is the same for all is that, one that follows from letters is their form, any
    other is unknown; so are costs that are not the same for all sizes.
    """
    letters, stand_ins = named(op, inputs)
    if len(letters) > UNKNOWNS:
        return _unknown(op, op.unknown_outputs(inputs, weight))
    separate = op.separates(*(each.shape or () for each in stand_ins))
    asked = []
    for point in sizes_of(letters, with_batch=not separate):
        there = [Tensor(at_point(t.shape or (), point), t.dtype) for t in stand_ins]
        try:
            asked.append(_asked(op.at(point), there, weight))
        except (ShapeError, ArithmeticError):  # it may well take other sizes
            return _unknown(op, op.unknown_outputs(inputs, weight))
    outputs = outputs_told([each.outputs for each in asked], letters)
    costs, growth = costs_told([each.costs for each in asked], COSTS[:3], separate)
    return Outcome(outputs, costs | _size(outputs), growth or None)


def _through(two: int, three: int, four: int) -> Growth:
    """Return the polynomial through the values at 2, 3 and 4 (Lagrange)."""
    from fractions import Fraction

    twice = four - 2 * three + two  # 2 · the coefficient of N²
    square = Fraction(twice, 2)
    line = three - two - 5 * square
    constant = two - 2 * line - 4 * square
    return tuple(int(each) if each.denominator == 1 else each for each in (constant, line, square))


def polynomial_at(growth: Growth, batch: int) -> int | float:
    """Return a cost for a batch: Σ coefficient · N^power."""
    from fractions import Fraction

    found = sum(Fraction(each) * batch**power for power, each in enumerate(growth))
    return int(found) if found.denominator == 1 else float(found)
