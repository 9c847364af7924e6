"""The operators that stand for torch's own modules in a graph from which source is written.

They are known nowhere else: no file holds them, and no list of operators.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from archgraph.ops import GRU, LSTM, RNN, Op, Shape, elements

from .code_layout import Brackets, Expression, Keyword, call

if TYPE_CHECKING:
    import torch

__all__ = ["CELLS", "MASKS", "Cell", "ModuleOp", "MultiheadAttention"]

MASKS = ("attn_mask", "key_padding_mask")
CELLS = (LSTM, GRU, RNN)


class _ModuleOp(Op):
    """One of torch's modules. ``unsaid`` are fields that are no arguments of its class."""

    arity: ClassVar[int | None] = None
    unsaid: ClassVar[tuple[str, ...]] = ()

    @property
    def function(self) -> str:
        """The class, as source calls it."""
        raise NotImplementedError

    def made(self, dtype: torch.dtype) -> Any:
        """Return the module."""
        raise NotImplementedError

    def run(self, module: Any, inputs: Sequence[Any]) -> tuple[Any, ...]:
        """Return what the module gives for inputs in the operator's order."""
        raise NotImplementedError

    def called(self, module: str, inputs: Sequence[Expression]) -> Expression:
        """Return the source of its call."""
        raise NotImplementedError


@dataclass(frozen=True)
class _MultiheadAttention(_ModuleOp):
    """``nn.MultiheadAttention``: query, key and value, masks behind them; it gives no weights."""

    least: ClassVar[int] = 3
    unsaid: ClassVar[tuple[str, ...]] = ("masks", "need_weights")

    embed_dim: int
    num_heads: int
    bias: bool = True
    batch_first: bool = False
    masks: Any = ()
    need_weights: bool = False

    def parameters(self) -> Mapping[str, Shape]:
        """Return what its state dict holds."""
        width = self.embed_dim
        found: dict[str, Shape] = {"in_proj_weight": (3 * width, width)}
        found |= {"in_proj_bias": (3 * width,)} if self.bias else {}
        found["out_proj.weight"] = (width, width)
        return found | ({"out_proj.bias": (width,)} if self.bias else {})

    def macs(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        """Return those of four projections and two products."""
        seen = inputs[1][1 if self.batch_first else 0]
        projected = sum(map(elements, (*inputs[:3], output)))
        return self.embed_dim * projected + 2 * seen * elements(output)

    @property
    def function(self) -> str:
        return "nn.MultiheadAttention"

    def made(self, dtype: torch.dtype) -> Any:
        from torch import nn

        return nn.MultiheadAttention(
            self.embed_dim,
            self.num_heads,
            bias=self.bias,
            batch_first=self.batch_first,
            dtype=dtype,
        )

    def run(self, module: Any, inputs: Sequence[Any]) -> tuple[Any, ...]:
        masks = dict(zip(self.masks, inputs[3:], strict=True))
        return module(*inputs[:3], **masks, need_weights=self.need_weights)[:1]  # type: ignore[no-any-return]

    def called(self, module: str, inputs: Sequence[Expression]) -> Expression:
        masks = [Keyword(*each) for each in zip(self.masks, inputs[3:], strict=True)]
        weights = [] if self.need_weights else [Keyword("need_weights", "False")]
        return Brackets(f"{module}(", (*inputs[:3], *masks, *weights), ")[0]")


@dataclass(frozen=True)
class _Cell(_ModuleOp):
    """``nn.LSTMCell``, ``nn.GRUCell``, ``nn.RNNCell``: one step, on zeros without states."""

    unsaid: ClassVar[tuple[str, ...]] = ("recurrent",)

    recurrent: str
    input_size: int
    hidden_size: int
    bias: bool = True
    nonlinearity: str = ""

    @property
    def _step(self) -> Any:
        more = {"nonlinearity": self.nonlinearity} if self.nonlinearity else {}
        kind: Any = next(each for each in CELLS if each.__name__ == self.recurrent)
        return kind(self.input_size, self.hidden_size, bias=self.bias, **more)

    @property
    def output_count(self) -> int:
        """The state, and of an LSTM that of its cells."""
        return 2 if self.recurrent == "LSTM" else 1

    def output_shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        """Return that of the states."""
        return ((*inputs[0][:-1], self.hidden_size),) * self.output_count

    def parameters(self) -> Mapping[str, Shape]:
        """Return what its state dict holds."""
        return {role.removesuffix("_l0"): s for role, s in self._step.parameters().items()}

    def macs(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        """Return those of a sequence of one step."""
        step: int = self._step.macs(((1, *inputs[0]),), (1, *output))
        return step

    @property
    def function(self) -> str:
        return f"nn.{self.recurrent}Cell"

    def made(self, dtype: torch.dtype) -> Any:
        from torch import nn

        more = {"nonlinearity": self.nonlinearity} if self.nonlinearity else {}
        kind = getattr(nn, f"{self.recurrent}Cell")
        return kind(self.input_size, self.hidden_size, bias=self.bias, dtype=dtype, **more)

    def run(self, module: Any, inputs: Sequence[Any]) -> tuple[Any, ...]:
        first, *states = inputs
        found = module(first, *([tuple(states)] if len(states) > 1 else states))
        return found if isinstance(found, tuple) else (found,)

    def called(self, module: str, inputs: Sequence[Expression]) -> Expression:
        first, *states = inputs
        given: Sequence[Expression] = states
        if len(states) > 1:
            given = [Brackets("(", tuple(states), ")")]
        return call(module, first, *given)


# Classes whose names begin so are in no list of operators.
ModuleOp: TypeAlias = _ModuleOp
MultiheadAttention: TypeAlias = _MultiheadAttention
Cell: TypeAlias = _Cell
