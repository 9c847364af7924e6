"""Random networks for property tests: every operator, in shapes that fit by construction.

The bounds on kernels, paddings and axes below are written down from PyTorch's documentation, not
taken from archgraph, so that an operator that refuses what PyTorch takes fails the test.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st
from random_growing import Draw, Growing
from random_steps import MORE_STEPS

import archgraph as ag
from archgraph import ops
from archgraph.ops import Shape
from archgraph.tensors import at_batch

if TYPE_CHECKING:
    import torch

__all__ = ["MAPS", "STEPS", "fed", "graphs"]


def _conv(g: Growing) -> None:
    if x := g.map():
        channels, *maps = g.shape(x)
        groups = g.one_of(*(n for n in range(1, channels + 1) if channels % n == 0))
        out = groups * g.integer(1, max(1, 6 // groups))
        padding = [g.integer(0, 2) for _ in maps]
        dilation = [g.integer(1, 2) for _ in maps]
        kernel = [
            g.integer(1, min(4, (size + 2 * p - 1) // d + 1))
            for size, p, d in zip(maps, padding, dilation, strict=True)
        ]
        stride = [g.integer(1, 3) for _ in maps]
        pairs = [tuple(pair) for pair in (kernel, stride, padding, dilation)]
        g.add(ops.Conv2d(channels, out, *pairs, groups, g.either()), x)


def _conv_transpose(g: Growing) -> None:
    if x := g.map():
        channels, *maps = g.shape(x)
        groups = g.one_of(*(n for n in range(1, channels + 1) if channels % n == 0))
        out = groups * g.integer(1, max(1, 4 // groups))
        kernel = [g.integer(1, 3) for _ in maps]
        stride = [g.integer(1, 2) for _ in maps]
        dilation = [g.integer(1, 2) for _ in maps]
        # So much padding leaves at least the output that padding adds.
        padding = [
            g.integer(0, min(1, ((size - 1) * s + d * (k - 1)) // 2))
            for size, k, s, d in zip(maps, kernel, stride, dilation, strict=True)
        ]
        extra = [g.integer(0, max(s, d) - 1) for s, d in zip(stride, dilation, strict=True)]
        first = [tuple(pair) for pair in (kernel, stride, padding, extra)]
        g.add(ops.ConvTranspose2d(channels, out, *first, groups, g.either(), tuple(dilation)), x)


def _window(g: Growing, x: str, dilated: bool) -> tuple[list[tuple[int, ...]], bool]:
    """Draw kernel, stride, padding (at most half of the kernel) and dilation, and ceil_mode.

    Dilation and padding exclude each other here: together they make windows of padding alone.
    """
    maps = g.shape(x)[1:]
    dilation = [g.integer(1, 2) if dilated else 1 for _ in maps]
    kernel = [
        g.integer(1, min(3, (size - 1) // d + 1)) for size, d in zip(maps, dilation, strict=True)
    ]
    padding = [g.integer(0, k // 2) if d == 1 else 0 for k, d in zip(kernel, dilation, strict=True)]
    stride = [g.integer(1, 3) for _ in maps]
    return [tuple(pair) for pair in (kernel, stride, padding, dilation)], g.either()


def _max_pool(g: Growing) -> None:
    if x := g.map():
        pairs, ceil_mode = _window(g, x, dilated=True)
        g.add(ops.MaxPool2d(*pairs, ceil_mode=ceil_mode), x)


def _avg_pool(g: Growing) -> None:
    if x := g.map():
        pairs, ceil_mode = _window(g, x, dilated=False)
        g.add(ops.AvgPool2d(*pairs[:3], ceil_mode, g.either()), x)


def _adaptive_pool(g: Growing) -> None:
    if x := g.map():
        size = tuple(g.integer(1, extent) for extent in g.shape(x)[1:])
        kind = g.one_of(ops.AdaptiveAvgPool2d, ops.AdaptiveMaxPool2d)
        g.add(kind(size), x)


def _global_pool(g: Growing) -> None:
    if x := g.map():
        g.add(ops.GlobalAvgPool2d(), x)


def _norm(g: Growing) -> None:
    if x := g.map():
        batch = ops.BatchNorm2d(g.shape(x)[0], g.one_of(1e-5, 1e-3))
        g.add(g.one_of(batch, ops.LocalResponseNorm(g.integer(1, 5), 0.1, 0.75, 2.0)), x)


_ACTIVATIONS = (
    ops.ReLU(),
    ops.ReLU6(),
    ops.LeakyReLU(0.2),
    ops.SiLU(),
    ops.GELU(),
    ops.QuickGELU(),
    ops.Hardswish(),
    ops.Hardsigmoid(),
    ops.Sigmoid(),
    ops.Tanh(),
)


def _activation(g: Growing) -> None:
    if x := g.pick():
        g.add(g.one_of(*_ACTIVATIONS), x)


def _softmax(g: Growing) -> None:
    if x := g.pick():
        rank = len(g.shape(x))
        kind = g.one_of(ops.Softmax, ops.LogSoftmax)
        g.add(kind(g.one_of(*range(1, rank + 1), *range(-rank, 0))), x)


def _nothing(g: Growing) -> None:
    if x := g.pick():
        g.add(g.one_of(ops.Dropout(0.3), ops.Identity()), x)


def _merge(g: Growing) -> None:
    """Add or multiply tensors of one shape, perhaps a tensor with itself, perhaps a wide one."""
    if x := g.pick():
        shape = g.shape(x)
        others = [g.pick(lambda found: found == shape) for _ in range(g.integer(1, 2))]
        inputs = [x, *(other for other in others if other)]
        if len(shape) == 3 and g.either():
            inputs.append(g.add(ops.GlobalAvgPool2d(), x))  # C×1×1: stretches
        g.add(g.one_of(ops.Add(), ops.Mul()), *inputs)


def _concat(g: Growing) -> None:
    if x := g.pick():
        shape = g.shape(x)
        axis = g.integer(0, len(shape) - 1)

        def fits(found: Shape) -> bool:
            rest = [(*s[:axis], *s[axis + 1 :]) for s in (found, shape)]
            return len(found) == len(shape) and rest[0] == rest[1]

        others = [g.pick(fits) for _ in range(g.integer(0, 2))]
        g.add(ops.Concat(axis + 1), x, *(other for other in others if other))


def _slice(g: Growing) -> None:
    if x := g.pick():
        start = g.integer(0, g.shape(x)[0] - 1)
        g.add(ops.Slice(start, g.integer(start + 1, g.shape(x)[0])), x)


def _pad_shortcut(g: Growing) -> None:
    if x := g.map():
        g.add(ops.PadShortcut(g.integer(1, 3), g.integer(0, 2), g.integer(0, 2)), x)


def _zero_pad(g: Growing) -> None:
    if x := g.map():
        g.add(ops.ZeroPad2d(tuple(g.integer(0, 2) for _ in range(4))), x)


def _flatten(g: Growing) -> None:
    if x := g.pick():
        g.add(ops.Flatten(), x)


def _linear(g: Growing) -> None:
    if x := g.pick():
        g.add(ops.Linear(g.shape(x)[-1], g.integer(1, 8), g.either()), x)


def _matmul(g: Growing) -> None:
    """Multiply a map by another one, or by a second input of the network."""
    if x := g.map():
        channels, _, inner = g.shape(x)
        y = g.pick(lambda s: len(s) == 3 and s[0] == channels and s[1] == inner)
        if y is None:
            right = ops.Input((channels, inner, g.integer(1, 4)))
            y = g.net.add(f"right{next(g.numbers)}", right)
        g.add(ops.MatMul(), x, y)


MAPS: dict[str, Callable[[Growing], None]] = {
    "conv": _conv,
    "conv_transpose": _conv_transpose,
    "max_pool": _max_pool,
    "avg_pool": _avg_pool,
    "adaptive_pool": _adaptive_pool,
    "global_pool": _global_pool,
    "norm": _norm,
    "activation": _activation,
    "softmax": _softmax,
    "nothing": _nothing,
    "merge": _merge,
    "concat": _concat,
    "slice": _slice,
    "pad_shortcut": _pad_shortcut,
    "flatten": _flatten,
    "linear": _linear,
    "matmul": _matmul,
    "zero_pad": _zero_pad,
}
"""What a network of maps grows by; the batch is axis 0 of all that it makes."""

STEPS = MAPS | MORE_STEPS
"""What a random graph grows by; ``graphs(steps=…)`` takes any of these names."""

_LARGEST = 3000


@st.composite
def graphs(
    draw: Draw,
    steps: Sequence[str] = tuple(STEPS),
    most: int = 10,
    prefer: str = "",
    offered: set[str] | None = None,
    more: Mapping[str, Callable[[Growing], None]] | None = None,
) -> ag.ArchGraph:
    """Draw a network of up to ``most`` steps; every node that nothing reads is an output.

    ``prefer`` is the name of a choice to take wherever it is offered; ``offered`` takes in all.
    ``more`` are further steps that ``steps`` may name.
    """
    net, known = ag.ArchGraph(name="random"), {**STEPS, **(more or {})}
    shape = tuple(draw(st.tuples(st.integers(1, 6), st.integers(3, 12), st.integers(3, 12))))
    net.add("input", ops.Input(shape))
    growing = Growing(draw, net, prefer, set() if offered is None else offered)
    for step in draw(st.lists(st.sampled_from(list(steps)), min_size=1, max_size=most)):
        known[step](growing)
        if max(map(_elements, net.nodes.values())) > _LARGEST:
            break
    if not set(net) - set(net.sources):
        net.add("relu", ops.ReLU(), ["input"])
    read = {*net.sources, *(source for name in net for source in net.reads(name))}
    net.set_outputs(*(value for value in reversed(growing.values()) if value not in read))
    return net


def _elements(data: Mapping[str, Any]) -> int:
    shape = data["shape"]
    return 0 if shape is None or None in shape else ops.elements(shape)


def fed(net: ag.ArchGraph, batch: int, seed: int = 0) -> list[torch.Tensor]:
    """Return a tensor for each input: normal numbers, or whole ones from 0 to 4."""
    import torch

    generator = torch.Generator().manual_seed(seed)
    found = []
    for name in net.sources:
        shape, dtype = net.nodes[name]["outputs"][0]
        size = at_batch(shape, batch)
        if dtype == "float32":
            found.append(torch.randn(size, generator=generator))
        else:
            whole = torch.randint(0, 5, size, generator=generator)
            found.append(whole.to(getattr(torch, dtype)))
    return found
