"""What a unit of a network sees, by the gradient of that unit at the input."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch.nn import functional

import archgraph as ag
from archgraph.sights import Span

__all__ = ["cut_to", "reached"]


def cut_to(net: ag.ArchGraph, node: str) -> ag.ArchGraph:
    """Return the part of a network that a node is computed from, with that node as its output."""
    import networkx as nx

    part = net.copy()
    keep = {*nx.ancestors(net, node), node}
    part.remove_nodes_from([name for name in net if name not in keep])
    for name in part:
        part.nodes[name].pop("training_only", None)
    part.set_outputs(node)
    return part


def reached(net: ag.ArchGraph, axis: int, units: Sequence[int]) -> list[Span | None]:
    """Return the first and last place of the input that the only output's units have gradients at.

    Weights are positive, so that nothing cancels; biases are zero, and a maximum is replaced by
    the sum of what it is taken of, as only one element has a gradient otherwise.
    """
    module = ag.to_torch(net).double().eval()
    generator = torch.Generator().manual_seed(0)
    for key, value in module.state_dict().items():
        if value.is_floating_point():
            value.copy_(_positive(key, value, generator))
    shape = net.nodes[net.sources[0]]["shape"]
    image = torch.rand(1, *shape, dtype=torch.float64, generator=generator) + 0.5
    image.requires_grad_(True)
    with _sums_for_maxima():
        given = module(image)
    found: list[Span | None] = []
    others = [extent // 2 for extent in given.shape[2:]]
    for unit in units:
        places = [*others]
        places[axis] = unit
        (gradient,) = torch.autograd.grad(
            given[(0, slice(None), *places)].sum(), image, retain_graph=True
        )
        sums = gradient[0].abs().sum([each for each in range(len(shape)) if each != axis + 1])
        rows = sums.nonzero().flatten().tolist()
        found.append((rows[0], rows[-1]) if rows else None)
    return found


def _positive(key: str, value: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    if key.endswith(("bias", "running_mean")):
        return torch.zeros_like(value)
    if value.dim() < 2:
        return torch.ones_like(value)
    made = torch.rand(value.shape, dtype=value.dtype, generator=generator) + 0.5
    return made / made[0].numel()


@contextmanager
def _sums_for_maxima() -> Iterator[None]:
    """Let poolings of a maximum sum."""
    names = ("max_pool1d", "max_pool2d", "max_pool3d")
    before = {name: getattr(functional, name) for name in names}
    for name, pool in before.items():
        setattr(functional, name, _summing(pool))
    try:
        yield
    finally:
        for name, pool in before.items():
            setattr(functional, name, pool)


def _summing(pool: Any) -> Any:
    def summed(
        x: torch.Tensor,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        ceil_mode: bool = False,
        **_: Any,
    ) -> torch.Tensor:
        axes = x.dim() - 2
        kernel, step, pad, gap = (
            each if isinstance(each, tuple) else (each,) * axes
            for each in (kernel_size, stride or kernel_size, padding, dilation)
        )
        asked = pool(x.detach(), kernel_size, stride, padding, dilation, ceil_mode).shape[2:]
        around: list[int] = []
        for n in reversed(range(axes)):
            needed = (asked[n] - 1) * step[n] + (kernel[n] - 1) * gap[n] + 1
            around += [pad[n], needed - x.shape[n + 2] - pad[n]]
        wide = functional.pad(x, around)
        weight = torch.full((x.shape[1], 1, *kernel), 1.0, dtype=x.dtype)
        convolve = (functional.conv1d, functional.conv2d, functional.conv3d)[axes - 1]
        return convolve(wide, weight, None, step, 0, gap, x.shape[1])

    return summed
