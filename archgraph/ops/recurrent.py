"""Recurrent layers, with PyTorch's fields, names of weights and order of outputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from archgraph.errors import ShapeError
from archgraph.limits import LAYERS
from archgraph.ops.base import ALL, Op, Reach, Shape, at_least_one, elements, shape_text
from archgraph.ops.words import Words

__all__ = ["GRU", "LSTM", "RNN"]


@dataclass(frozen=True)
class _Recurrent(Op):
    """Layers that read a sequence step by step: (L, N, input_size) → (L, N, D·hidden_size).

    With ``batch_first`` (N, L, …); D is 2 where ``bidirectional``. Inputs behind the sequence are
    the first states, (D·num_layers, N, hidden_size) each; zeros where they are left out.
    parameters, for each layer and direction: gates · hidden_size · (input + hidden_size) weights
    and, where ``bias``, 2 · gates · hidden_size biases.
    MACs: N · L · Σ over layers and directions of gates · hidden_size · (input + hidden_size).
    FLOPs: 2 · MACs + 2 per gate for the biases + the gates' own work per step and unit.
    """

    arity: ClassVar[int | None] = None
    family: ClassVar[str] = "recurrent"
    gates: ClassVar[int] = 1
    states: ClassVar[int] = 1
    work: ClassVar[int] = 1
    """Operations per step and unit beside the products: activations, products, sums of gates."""

    input_size: int
    hidden_size: int
    num_layers: int = 1
    bias: bool = True
    batch_first: bool = False
    bidirectional: bool = False

    def __post_init__(self) -> None:
        Op.__post_init__(self)
        at_least_one(self, "input_size", "hidden_size", "num_layers")
        if self.num_layers > LAYERS:
            raise ShapeError(f"num_layers is {self.num_layers:,}, but it is at most {LAYERS:,}.")

    @property
    def directions(self) -> int:
        """2 where the sequence is read from both ends."""
        return 2 if self.bidirectional else 1

    @property
    def width(self) -> int:
        """How many numbers one direction gives at each step."""
        return self.hidden_size

    @property
    def output_count(self) -> int:
        return 1 + self.states

    def _layer_inputs(self) -> list[int]:
        """Return how many numbers each layer reads at each step."""
        return [self.input_size, *[self.directions * self.width] * (self.num_layers - 1)]

    def output_shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        shape = inputs[0]
        if len(inputs) > 1 + self.states:
            raise ShapeError(
                f"it takes a sequence and {self.states} states, not {len(inputs)} inputs."
            )
        if len(shape) not in (2, 3) or shape[-1] != self.input_size:
            raise ShapeError(
                f"it takes a sequence of {self.input_size} features, but its input is "
                f"{shape_text(shape)}."
            )
        batch = () if len(shape) == 2 else (shape[0 if self.batch_first else 1],)
        output = (*shape[:-1], self.directions * self.width)
        layers = self.directions * self.num_layers
        sizes = (self.width, self.hidden_size)[: self.states]
        states = tuple((layers, *batch, size) for size in sizes)
        for given, wanted in zip(inputs[1:], states, strict=False):
            if given != wanted:
                raise ShapeError(
                    f"its first state is {shape_text(given)}, but it must be {shape_text(wanted)}."
                )
        return (output, *states)

    def output_shape(self, *inputs: Shape) -> Shape:
        return self.output_shapes(*inputs)[0]

    def element_types(self, inputs: Sequence[str | None], weight: str) -> str | None:
        return inputs[0]

    def parameters(self) -> Mapping[str, Shape]:
        found: dict[str, Shape] = {}
        rows = self.gates * self.hidden_size
        for layer, size in enumerate(self._layer_inputs()):
            for end in ("", "_reverse")[: self.directions]:
                found[f"weight_ih_l{layer}{end}"] = (rows, size)
                found[f"weight_hh_l{layer}{end}"] = (rows, self.width)
                if self.bias:
                    found[f"bias_ih_l{layer}{end}"] = (rows,)
                    found[f"bias_hh_l{layer}{end}"] = (rows,)
                if self.width != self.hidden_size:
                    found[f"weight_hr_l{layer}{end}"] = (self.width, self.hidden_size)
        return found

    def _steps(self, inputs: tuple[Shape, ...]) -> int:
        return elements(inputs[0][:-1])

    def macs(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        weights = sum(
            elements(shape) for key, shape in self.parameters().items() if key.startswith("weight")
        )
        return self._steps(inputs) * weights

    def flops(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        units = self._steps(inputs) * self.num_layers * self.directions * self.hidden_size
        biases = 2 * self.gates * units if self.bias else 0
        return 2 * self.macs(inputs, output) + biases + self.work * units

    def reach(self, shape: Shape, axis: int) -> Reach | None:
        return ALL

    @property
    def words(self) -> Words:
        """Such as ``bidirectional LSTM 256, 2 layers``."""
        how = "bidirectional" if self.bidirectional else ""
        return Words(self.kind, how=how, width=self.hidden_size, deep=self.num_layers)

    @property
    def layer(self) -> str:
        """What reads step by step."""
        return "recurrent layer"


@dataclass(frozen=True)
class LSTM(_Recurrent):
    """Long short-term memory (Hochreiter and Schmidhuber, 1997; gates as in torch.nn.LSTM).

    (L, N, input_size) → output (L, N, D·H), h (D·num_layers, N, H), c (D·num_layers, N,
    hidden_size); H is ``proj_size`` where that is not 0, else hidden_size. Four gates.
    """

    gates: ClassVar[int] = 4
    states: ClassVar[int] = 2
    work: ClassVar[int] = 13  # 4 sums of both products, 5 functions, 3 products, 1 sum

    proj_size: int = 0

    def __post_init__(self) -> None:
        _Recurrent.__post_init__(self)
        if not 0 <= self.proj_size < self.hidden_size:
            raise ShapeError(
                f"proj_size is {self.proj_size}, but it must be less than hidden_size="
                f"{self.hidden_size}, or 0 for none."
            )

    @property
    def width(self) -> int:
        return self.proj_size or self.hidden_size


@dataclass(frozen=True)
class GRU(_Recurrent):
    """Gated recurrent unit (Cho et al., 2014; as in torch.nn.GRU): output and h. Three gates."""

    gates: ClassVar[int] = 3
    work: ClassVar[int] = 10  # 3 sums of both products, 3 functions, 3 products, 1 sum


@dataclass(frozen=True)
class RNN(_Recurrent):
    """Elman's recurrent layer with ``tanh`` or ``relu``: output and h."""

    work: ClassVar[int] = 2  # the sum of both products and the function

    nonlinearity: str = "tanh"

    def __post_init__(self) -> None:
        _Recurrent.__post_init__(self)
        if self.nonlinearity not in ("tanh", "relu"):
            raise ShapeError(f"nonlinearity is {self.nonlinearity!r}, but it is 'tanh' or 'relu'.")
