"""The cache of a language model: the keys and values that its attention keeps of each token."""

from __future__ import annotations

from dataclasses import dataclass

from archgraph.graph import ArchGraph
from archgraph.tensors import Key, Tensor, bytes_of, node_of

__all__ = ["CachePerToken", "cache_per_token"]


@dataclass(frozen=True)
class CachePerToken:
    """What is kept of a token of one sequence while a decoder writes the next ones.

    Σ over its attention layers of (key heads · head size + value heads · head size) · bytes of an
    element; where several query heads share a key (grouped queries), as it is before it is
    repeated. ``bytes`` is None where that cannot be told. ``masked`` counts layers with a
    mask of their own: whether that hides what comes later, the graph does not say.
    """

    bytes: int | None
    layers: int
    masked: int

    def __str__(self) -> str:
        """Return it in a sentence."""
        if self.bytes is None and self.masked == self.layers:
            return (
                "keys and values kept per token: unknown, as masks may hide padding or what comes "
                "later"
            )
        layers = f"{self.layers} attention layer{'s' * (self.layers != 1)}"
        if self.bytes is None:
            return f"the keys and values of {layers} per token: unknown"
        text = f"keys and values kept per token: {self.bytes:,} bytes in {layers}"
        if self.masked:
            text += f"; {self.masked} of them have a mask, which may hide what comes later or not"
        return text


def cache_per_token(net: ArchGraph) -> CachePerToken | None:
    """Return what the causal attention of a network keeps per token; None where it has none.

    Attention that says that it is causal counts, and attention over itself with a mask; where no
    attention says so, only masks, the bytes are None: its masks may only hide padding.
    """
    layers = masked = 0
    total: int | None = 0
    causal = False
    for name, data in net.nodes.items():
        op = net.op(name)
        if op.kind != "ScaledDotProductAttention" or data.get("training_only"):
            continue
        reads = net.reads(name)
        says = bool(getattr(op, "is_causal", False))
        if not says and len(reads) < 4:
            continue
        query, key = (net.tensor(each, name).shape for each in reads[:2])
        if not says and (query is None or key is None or query[-2] != key[-2]):
            continue  # it attends to another sequence
        causal, layers, masked = causal or says, layers + 1, masked + (not says)
        for each in reads[1:3]:
            size = _of_token(net, each, name)
            total = None if total is None or size is None else total + size
    return CachePerToken(total if causal else None, layers, masked) if layers else None


def _of_token(net: ArchGraph, ref: str, reader: str) -> int | None:
    """Return the bytes of one token of a key or value, as it was before heads were repeated."""
    tensor: Tensor = net.tensor(ref, reader)
    if tensor.shape is None or len(tensor.shape) < 2 or type(tensor.shape[-2]) is not int:
        return None
    size, tokens = bytes_of(tensor), tensor.shape[-2]
    while type(ref) is not Key:
        node = node_of(ref)
        reads = net.reads(node)
        if not net.op(node).moves or len(reads) != 1 or len(net.nodes[node]["outputs"]) != 1:
            break
        before = bytes_of(net.tensor(reads[0], node))
        if before is None or size is None or before > size:
            break  # a part of something larger
        size, ref = before, reads[0]
    return None if size is None or not tokens or size % tokens else size // tokens
