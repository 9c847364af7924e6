"""Attention."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from archgraph.errors import ShapeError
from archgraph.ops.base import ALL, EACH, Op, Reach, Shape, broadcast, elements, shape_text
from archgraph.ops.words import Words
from archgraph.tensors import Tensor

__all__ = ["ScaledDotProductAttention"]


@dataclass(frozen=True)
class ScaledDotProductAttention(Op):
    """softmax(Q·Kᵀ · scale + mask) · V (Vaswani et al., 2017, equation 1).

    Inputs: query (…, L, E), key (…, S, E), value (…, S, E_v), and a mask that stretches to
    (…, L, S), or none. Output: (…, L, E_v). ``scale`` is 1/√E where it is None; with
    ``enable_gqa`` several heads (axis −3) of the query share one of key and value.
    MACs: heads · L · S · (E + E_v), masked or not, as the full products are computed.
    ``dropout_p`` is the share of weights that training drops; at inference none are.
    FLOPs: 2 · MACs + 5 for each of heads · L · S scores (scale, mask, and 3 of the softmax).
    """

    arity: ClassVar[int | None] = None
    least: ClassVar[int] = 3
    family: ClassVar[str] = "attention"
    imagewise: ClassVar[bool] = True

    is_causal: bool = False
    scale: float | None = None
    enable_gqa: bool = False
    dropout_p: float = 0.0

    def output_shape(self, *inputs: Shape) -> Shape:
        if len(inputs) > 4:
            raise ShapeError(f"it takes query, key, value and a mask, not {len(inputs)} inputs.")
        query, key, value = inputs[:3]
        if min(map(len, (query, key, value))) < 2:
            self._refuse(inputs)
        if query[-1] != key[-1] or key[-2] != value[-2]:
            self._refuse(inputs)
        before = [query[:-2], key[:-2], value[:-2]]
        if self.enable_gqa:
            if (
                min(map(len, before)) < 1
                or 0 in (key[-3], value[-3])
                or query[-3] % key[-3]
                or query[-3] % value[-3]
            ):
                self._refuse(inputs)
            before = [(*each[:-1], query[-3]) for each in before]
        try:
            stretched = broadcast(before)
            if len(inputs) == 4:
                broadcast([(*stretched, query[-2], key[-2]), inputs[3]])
        except ShapeError:
            self._refuse(inputs)
        return (*stretched, query[-2], value[-1])

    def _refuse(self, inputs: Sequence[Shape]) -> None:
        words = ("query", "key", "value", "mask")
        told = ", ".join(f"{w} {shape_text(s)}" for w, s in zip(words, inputs, strict=False))
        raise ShapeError(
            f"it takes query …×L×E, key …×S×E, value …×S×V and a mask …×L×S, but has {told}."
        )

    def separates(self, *inputs: Shape) -> bool:
        # A mask may be the same for all images.
        return all(len(shape) >= 3 for shape in inputs) and super().separates(*inputs)

    def element_types(self, inputs: Sequence[str | None], weight: str) -> str | None:
        return inputs[0]

    def _scores(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        return elements(output[:-1]) * inputs[1][-2]

    def macs(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        return self._scores(inputs, output) * (inputs[0][-1] + inputs[2][-1])

    def flops(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        return 2 * self.macs(inputs, output) + 5 * self._scores(inputs, output)

    def reach(self, shape: Shape, axis: int) -> Reach | None:
        return ALL if axis + 2 >= len(shape) - 2 else EACH

    def reach_of(self, position: int, inputs: Sequence[Shape], axis: int) -> Reach | None:
        """A token's query is its own; of keys and values it sees all, causal or not."""
        from_last = len(inputs[position]) - (axis + 2)
        mixed = {0: (1,), 1: (1, 2), 2: (2,)}.get(position, (1,))
        return ALL if from_last in mixed else EACH

    @property
    def lies_as_read(self) -> bool:
        """As its query: token by token where the heads are cut from tokens."""
        return True

    @property
    def keeps(self) -> str:
        """What it reads and gives; with dropout it is not fused, and needs the value only."""
        return "third" if self.dropout_p else "all"

    def kept_besides(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor]) -> int:
        """The logarithm of the sum over each row of scores, in float32.

        With dropout, all in float32, the scaled query and key, the weights, what is dropped of
        them, and the rest; of a value in a half type the other half of its float32 copy.
        """
        if self.dropout_p:
            before = (outputs[0].shape or (1,))[:-1]
            weights = elements((*before, (inputs[1].shape or (1, 1))[-2]))
            scaled = sum(elements(each.shape or ()) for each in inputs[:2])
            half = inputs[2].dtype in ("float16", "bfloat16")
            widened = 2 * elements(inputs[2].shape or ()) if half else 0
            return 4 * scaled + 3 * 4 * weights + widened
        return 4 * elements((outputs[0].shape or (1,))[:-1])

    @property
    def words(self) -> Words:
        """Such as ``causal attention``."""
        return Words("attention", how="causal" if self.is_causal else "")

    @property
    def told(self) -> bool:
        """What a transformer's block is about."""
        return True
