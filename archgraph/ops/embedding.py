"""Embeddings: rows of a table, by number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from archgraph.errors import ShapeError
from archgraph.ops.base import EACH, Op, Reach, Shape, at_least_one
from archgraph.ops.words import Words

__all__ = ["Embedding"]


@dataclass(frozen=True)
class Embedding(Op):
    """The rows of a table that whole numbers name: (…) → (…, embedding_dim).

    parameters: num_embeddings · embedding_dim.  MACs and FLOPs: none, rows are only read.
    """

    family: ClassVar[str] = "embedding"
    imagewise: ClassVar[bool] = True
    picks: ClassVar[bool] = True

    num_embeddings: int
    embedding_dim: int

    def __post_init__(self) -> None:
        Op.__post_init__(self)
        at_least_one(self, "num_embeddings", "embedding_dim")

    def output_shape(self, *inputs: Shape) -> Shape:
        return (*inputs[0], self.embedding_dim)

    def reach(self, shape: Shape, axis: int) -> Reach | None:
        return EACH

    def lands(self, shape: Shape, output: Shape, axis: int) -> tuple[int, ...]:
        return (axis,)

    def element_types(self, inputs: Sequence[str | None], weight: str) -> str | None:
        kind = inputs[0]
        if kind is not None and kind.startswith(("float", "bfloat", "complex")):
            raise ShapeError(f"it takes whole numbers, but its input is {kind}.")
        return weight

    def parameters(self) -> Mapping[str, Shape]:
        return {"weight": (self.num_embeddings, self.embedding_dim)}

    @property
    def words(self) -> Words:
        """Such as ``embedding, 30522 × 768``."""
        return Words("embedding", rows=self.num_embeddings, width=self.embedding_dim)

    @property
    def told(self) -> bool:
        """Where the tokens become numbers."""
        return True
