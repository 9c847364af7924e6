"""What a network is run with to measure it: its example where it has one, else random numbers."""

from __future__ import annotations

import torch

from archgraph.errors import ExportError
from archgraph.graph import ArchGraph
from archgraph.limits import RUN
from archgraph.ops import Embedding
from archgraph.tensors import at_batch, is_known
from archgraph.units import bytes_text

__all__ = ["drawn_inputs"]


def drawn_inputs(net: ArchGraph, batch: int) -> dict[str, torch.Tensor]:
    """Return a tensor for each Input node: normally distributed floats, small whole numbers.

    Raises ExportError for a network of unknown sizes, or too large to be run.
    """
    size = net.total("activation_bytes", batch=batch)
    if size is not None and size > RUN:
        raise ExportError(
            f"'{net.name}' computes {bytes_text(size)} of tensors, but only up to "
            f"{bytes_text(RUN)} a network is run."
        )
    example = net.provenance.example if net.provenance is not None else None
    if example is not None:
        given = [torch.as_tensor(each).cpu() for each in example(batch)]
        return dict(zip(net.sources, given, strict=True))
    generator = torch.Generator().manual_seed(0)
    return {name: _drawn(net, name, batch, generator) for name in net.sources}


def _drawn(net: ArchGraph, name: str, batch: int, generator: torch.Generator) -> torch.Tensor:
    tensor = net.nodes[name]["outputs"][0]
    if not is_known(tensor) or tensor.dtype is None:
        raise ExportError(
            f"the input '{name}' of '{net.name}' has no known shape, so it cannot be run; give one."
        )
    shape = at_batch(tensor.shape, batch)
    kind = getattr(torch, tensor.dtype)
    if kind.is_floating_point:
        return torch.randn(shape, generator=generator).to(kind)
    tables = [op.num_embeddings for op in map(net.op, net.succ[name]) if isinstance(op, Embedding)]
    whole = torch.randint(0, min(tables, default=2), shape, generator=generator)
    return whole.to(kind)
