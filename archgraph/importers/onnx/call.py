"""One ONNX node as its reader sees it: the tensors it reads, its settings, what it gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

from archgraph.errors import ShapeError
from archgraph.importers.onnx import settings
from archgraph.importers.onnx.sampled_sizes import varies
from archgraph.importers.onnx.settings import UnreadableError
from archgraph.importers.onnx.values import Static, Values
from archgraph.importers.onnx.weight_positions import SETTINGS
from archgraph.ops import Op, Shape
from archgraph.tensors import Tensor, is_known

__all__ = ["Call", "Made", "Number", "UnreadableError", "Weight", "made", "short"]


class Weight(NamedTuple):
    """A stored tensor at a place of an operator: a value, in a shape, or a named part of it.

    ``gates`` says where its gates stand in the value, for one that PyTorch has in another order.
    """

    value: str
    shape: Shape | None = None
    part: str = ""
    gates: tuple[int, ...] = ()


class Number(NamedTuple):
    """A number of a formula that stands in the node's settings and not in a tensor."""

    value: float


Read = str | Number

T = TypeVar("T", bound=Op)


class Made(NamedTuple):
    """One operator that a node is read as.

    ``reads`` are the values at its inputs (None: the result of the operator before it, or the
    node's data), ``weights`` its stored tensors by role, ``makes`` the values of its outputs
    (None: the node's own for the last operator, else one that only the next reads).
    """

    op: Op
    reads: tuple[Read, ...] | None = None
    weights: Mapping[str, Weight] = MappingProxyType({})
    makes: tuple[str, ...] | None = None


@dataclass(slots=True)
class Call:
    """One ONNX node with what is known of its values; an empty input is one left out."""

    op_type: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    values: Values
    settings: dict[str, Any]
    live: frozenset[str] | set[str] = frozenset()
    domain: str = ""

    @property
    def opset(self) -> int:
        """The version of the standard operators."""
        return self.values.opset

    # ---- what it reads -------------------------------------------------------------------

    @property
    def data(self) -> tuple[str, ...]:
        """What it reads besides settings, in order."""
        settings = SETTINGS.get(self.op_type, frozenset())
        return tuple(n for i, n in enumerate(self.inputs) if n and i not in settings)

    def has(self, position: int) -> bool:
        """Return whether there is an input at this position."""
        return position < len(self.inputs) and bool(self.inputs[position])

    def adds(self, position: int) -> bool:
        """Return whether a bias is given at this input; zeros that a node makes are none."""
        found = self.static(position)
        made = found is not None and not found.root and found.fill == 0
        return self.has(position) and not made

    def tensor(self, position: int) -> Tensor:
        """Return what is known of the tensor at an input."""
        if not self.has(position):
            raise UnreadableError
        return self.values.tensor(self.inputs[position])

    def shape(self, position: int) -> Shape:
        """Return the whole shape at an input; UnreadableError where not even its rank is known.

        An extent may be a letter, or None where it is unknown.
        """
        found = self.tensor(position)
        if found.shape is None:
            raise UnreadableError
        return found.shape

    def static(self, position: int) -> Static | None:
        """Return a value that no data changes and that no node of the graph computes, or None."""
        if not self.has(position) or self.inputs[position] in self.live:
            return None
        return self.values.static.get(self.inputs[position])

    def weight(self, position: int) -> Shape:
        """Return the shape of a weight; UnreadableError when it is not one."""
        found = self.static(position)
        if found is None or not is_known(found.tensor) or varies(found.tensor.shape):
            raise UnreadableError
        return found.tensor.shape or ()

    def weights(self, **places: int) -> dict[str, Weight]:
        """Return the stored tensors at these inputs by role, those left out left out."""
        return {
            role: Weight(self.inputs[position])
            for role, position in places.items()
            if self.has(position)
        }

    @property
    def map(self) -> Shape:
        """The shape of the first input, which is all its data, without its first axis."""
        if len(self.inputs) < 1 or self.static(0) is not None:
            raise UnreadableError
        return self.shape(0)[1:]

    # ---- what it gives -------------------------------------------------------------------

    @property
    def result(self) -> Tensor:
        """What is known of its first output."""
        return self.values.tensor(next((name for name in self.outputs if name), ""))

    @property
    def whole(self) -> Shape:
        """The whole shape of its first output; UnreadableError where it is unknown."""
        shape = self.result.shape
        if shape is None or None in shape:
            raise UnreadableError
        return shape

    # ---- its settings --------------------------------------------------------------------

    def extents(self, position: int) -> tuple[Any, ...] | None:
        """Return the whole numbers at an input, those that follow the batch as such."""
        if not self.has(position):
            return None
        found = self.values.static.get(self.inputs[position])
        if found is None or found.numbers is None:
            raise UnreadableError
        rows = [[int(n) for n in each.reshape(-1).tolist()] for each in found.numbers]
        if len(rows) == 1:
            return tuple(rows[0])
        try:
            shape = self.values.sizes.extents_told(rows)
        except ShapeError:
            raise UnreadableError from None
        if None in shape:
            raise UnreadableError
        return shape

    def numbers(self, position: int) -> list[Any] | None:
        """Return the numbers of a static input; None when there is none, or UnreadableError."""
        if not self.has(position):
            return None
        found = self.values.static.get(self.inputs[position])
        if found is None or found.numbers is None or len(found.numbers) > 1:
            raise UnreadableError
        values: list[Any] = found.numbers[0].reshape(-1).tolist()
        return values

    def integer(self, key: str, default: int) -> int:
        """Return a setting that is a whole number."""
        return settings.integer(self.settings, key, default)

    def number(self, key: str, default: float) -> float:
        """Return a setting that is a number, as it was written before it became 32 bits."""
        return short(settings.number(self.settings, key, default))

    def integers(self, key: str, *default: int) -> tuple[int, ...]:
        """Return a setting that is a list of whole numbers."""
        return settings.integers(self.settings, key, *default)

    def axes(self, position: int) -> list[int] | None:
        """Return the axes that stand in a setting (older operator sets) or in an input."""
        if "axes" in self.settings:
            return list(self.integers("axes"))
        found = self.numbers(position)
        return None if found is None else [int(n) for n in found]


@lru_cache(maxsize=1024, typed=True)
def made(kind: type[T], *settings: Any, **named: Any) -> T:
    """Return an operator with these settings; a file has many that are alike."""
    return kind(*settings, **named)


@lru_cache(maxsize=1024)
def short(value: float) -> float:
    """Return the shortest decimal number that is the same in 32 bits: 1e-05 for 9.9999997e-06."""
    import numpy as np

    return float(str(np.float32(value)))
