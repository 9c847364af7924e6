"""The words on a picture: what an operator or a block is called and which facts stand below."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import singledispatch

from archgraph import ops
from archgraph.errors import DrawError
from archgraph.graph import ArchGraph
from archgraph.metrics import STATIC_METRICS, Metric
from archgraph.names import nearest
from archgraph.units import UNKNOWN, figure, shape_text

from ..text import text_width

__all__ = [
    "Facts",
    "block_lines",
    "describe",
    "facts",
    "op_text",
    "operator_lines",
    "said",
    "words_of",
]

OP, SHAPE = "op", "shape"
ROOM, SIZE = 148.0, 8.0
"""Points for a line of facts in the widest box, beside a shortcut, and the size of its text."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What stands below a name: what it is, what comes out of it, and costs."""

    op: bool = True
    shape: bool = True
    of_operators: tuple[Metric, ...] = ()
    of_blocks: tuple[Metric, ...] = (STATIC_METRICS["macs"],)


def _window(size: tuple[int, int]) -> str:
    return f"{size[0]}×{size[1]}"


def _stride(stride: tuple[int, int]) -> str:
    if stride == (1, 1):
        return ""
    return f", /{stride[0]}" if stride[0] == stride[1] else f", /{stride[0]}×{stride[1]}"


@singledispatch
def describe(op: ops.Op) -> str:
    """Return an operator in a few words: ``3×3 conv, 64, /2``."""
    return op.kind


@describe.register
def _(op: ops.Conv2d) -> str:
    extra = f", {op.groups} groups" if op.groups > 1 else ""
    return f"{_window(op.kernel_size)} conv, {op.out_channels}{_stride(op.stride)}{extra}"


@describe.register
def _(op: ops.ConvTranspose2d) -> str:
    larger = _stride(op.stride).replace("/", "×", 1)
    extra = f", {op.groups} groups" if op.groups > 1 else ""
    return f"{_window(op.kernel_size)} transposed conv, {op.out_channels}{larger}{extra}"


@describe.register(ops.MaxPool2d)
@describe.register(ops.AvgPool2d)
def _(op: ops.MaxPool2d | ops.AvgPool2d) -> str:
    kind = "max" if isinstance(op, ops.MaxPool2d) else "avg"
    return f"{_window(op.kernel_size)} {kind} pool{_stride(op.stride)}"


@describe.register(ops.AdaptiveAvgPool2d)
@describe.register(ops.AdaptiveMaxPool2d)
def _(op: ops.AdaptiveAvgPool2d | ops.AdaptiveMaxPool2d) -> str:
    kind = "avg" if isinstance(op, ops.AdaptiveAvgPool2d) else "max"
    if op.output_size == (1, 1):
        return f"global {kind} pool"
    return f"{kind} pool to {_window(op.output_size)}"


_WORDS = {
    "GlobalAvgPool2d": "global avg pool",
    "BatchNorm2d": "batch norm",
    "Add": "+",
    "Mul": "×",
    "Concat": "concat",
    "Flatten": "flatten",
    "Softmax": "softmax",
    "PadShortcut": "zero padding",
    "ZeroPad2d": "zero padding",
    "LeakyReLU": "leaky ReLU",
    "Dropout": "dropout",
    "LocalResponseNorm": "LRN",
    "Tanh": "tanh",
    "Sigmoid": "sigmoid",
    "Identity": "identity",
}


def _words(op: ops.Op) -> str:
    if isinstance(op, ops.Opaque):
        return op.type_name
    if isinstance(op, ops.Slice):
        return f"channels {op.start}–{op.stop - 1}"
    return _WORDS.get(op.kind) or describe(op)


def said(net: ArchGraph, facts: Sequence[str] | None) -> Facts:
    """Return what labels say: "op", "shape" and metrics' names, in the order asked for.

    None takes the operator and its shape, and the MACs of whole blocks. Raises DrawError for a
    fact that there is not.
    """
    if facts is None:
        return Facts()
    known = [OP, SHAPE, *net.metrics]
    for name in facts:
        if name not in known:
            raise DrawError(
                f"labels cannot say '{name}'{nearest(name, known)}; use {', '.join(known)}."
            )
    costs = tuple(net.metrics[name] for name in facts if name not in (OP, SHAPE))
    return Facts(OP in facts, SHAPE in facts, costs, costs)


def operator_lines(net: ArchGraph, name: str, facts: Facts, repeat: int = 1) -> tuple[str, ...]:
    """Return the label and the secondary lines of one operator."""
    data = net.nodes[name]
    op, label = data["op"], data.get("label")
    shape = shape_text(data["shape"])
    if isinstance(op, ops.Input):
        return (label or "input", shape)
    words = _words(op)
    if op.family in ("activation", "regularisation", "reshape", "norm") or words in ("+", "×"):
        return (words,)
    costs = _costs(net, [name], facts.of_operators, repeat)
    last = " · ".join([*([shape] if facts.shape else []), *costs])
    if op.kind == "Concat":
        return _lines(words, last)
    if isinstance(op, ops.Linear):
        widths = f"{op.in_features} → {op.out_features}" if facts.op or facts.shape else ""
        return _lines(label or "fc", widths, " · ".join(costs))
    # Labels such as "3×3" or "pool1" say nothing that the operator's words do not.
    if label and not re.match(r"\d+×\d+", label) and op.family in ("conv", "linear"):
        return _lines(label, words if facts.op else "", last)
    return (words, last) if last else (words,)


def words_of(net: ArchGraph, name: str) -> list[str]:
    """Return every word that a picture may say of an operator, of its block and of its stage."""
    data = net.nodes[name]
    groups = [net.groups[data[kind]]["label"] for kind in ("block", "stage") if data.get(kind)]
    label = data.get("label")
    return [*([str(label)] if label else []), *operator_lines(net, name, Facts()), *groups]


def block_lines(
    net: ArchGraph, members: list[str], label: str, facts: Facts, repeat: int = 1
) -> tuple[str, ...]:
    """Return the label, what is inside and what comes out of a group of operators.

    ``repeat`` equal groups are shown as one; the costs are then those of each.
    """
    inside = [n for n in members if net.op(n).family in ("conv", "linear")]
    costs = _costs(net, members, facts.of_blocks, repeat)
    shape = shape_text(net.nodes[members[-1]]["shape"])
    last = " · ".join([*([shape] if facts.shape else []), *costs])
    if len(inside) == 1:
        op = net.op(inside[0])
        if isinstance(op, ops.Linear):
            widths = f"{op.in_features} → {op.out_features}" if facts.op or facts.shape else ""
            return _lines(label, widths, " · ".join(costs))
        return _lines(label, describe(op) if facts.op else "", last)
    return _lines(label, _inside(net, inside) if facts.op else "", last)


def _lines(label: str, *rest: str) -> tuple[str, ...]:
    """Return the lines of a box; facts that are too wide for one line take several."""
    lines = [label]
    for line in filter(None, rest):
        first, *others = line.split(" · ")
        lines.append(first)
        for fact in others:
            longer = f"{lines[-1]} · {fact}"
            if text_width(longer, SIZE) <= ROOM:
                lines[-1] = longer
            else:
                lines.append(fact)
    return tuple(lines)


def _costs(net: ArchGraph, members: list[str], metrics: Sequence[Metric], repeat: int) -> list[str]:
    """Return the costs of some operators, without those that are nothing."""
    found = []
    for metric in metrics:
        value = metric.combine(net.nodes[n].get(metric.name) for n in members)
        if value == 0:
            continue
        if value is None:
            found.append(f"{metric.title} {UNKNOWN}")
            continue
        text = figure(value, metric) + ("" if metric.unit else f" {metric.name}")
        found.append(f"{text} each" if repeat > 1 else text)
    return found


def _inside(net: ArchGraph, layers: list[str]) -> str:
    """Return the convolutions of a block in one line, the main path's only."""
    main = [n for n in layers if net.nodes[n].get("role") != "projection"]
    convs = [net.op(n) for n in main if isinstance(net.op(n), ops.Conv2d)]
    if not convs or len(convs) != len(main):
        return ""
    if len(convs) > 3:
        return f"{len(convs)} convolutions"
    if len({(op.kernel_size, op.out_channels, op.stride) for op in convs}) == 1:  # type: ignore[attr-defined]
        first = convs[0]
        assert isinstance(first, ops.Conv2d)
        size = f"{_window(first.kernel_size)} conv, {first.out_channels}{_stride(first.stride)}"
        return f"{len(convs)} × {size}"
    return " – ".join(
        f"{_window(op.kernel_size)}, {op.out_channels}{_stride(op.stride)}"
        for op in convs
        if isinstance(op, ops.Conv2d)
    )


def op_text(op: ops.Op) -> str:
    """Return an operator as its constructor is written."""
    settings = op.settings().items()
    shown = (f"{k}={tuple(v) if isinstance(v, list) else v}" for k, v in settings)
    return f"{op.kind}({', '.join(shown)})"


def facts(net: ArchGraph, members: list[str], head: str) -> str:
    """Return the full facts that show on hover and in alternative texts, one a line."""
    lines = [head]
    if len(members) == 1:
        lines.append(op_text(net.op(members[0])))
    lines.append(f"output {shape_text(net.nodes[members[-1]]['shape'])}")
    for name in ("params", "macs", "flops", "activation_bytes"):
        metric = net.metric(name)
        total = metric.combine(net.nodes[n][name] for n in members)
        shown = "unknown" if total is None else f"{total:,}"
        lines.append(f"{metric.title} {shown}{' bytes' if metric.unit == 'B' else ''}")
    device = net.nodes[members[-1]]["device"]
    if device is not None:
        lines.append(f"device {device}")
    return "\n".join(lines)
