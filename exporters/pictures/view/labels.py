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
from .inside import inside_text, stride_text, window_text

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
ROOM, GLYPH, SIZE = 174.0, 26.0, 8.0
"""Points for a line of facts in the widest box, for a shortcut beside it, and the text's size."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What stands below a name: what it is, what comes out of it, and costs."""

    op: bool = True
    shape: bool = True
    of_operators: tuple[Metric, ...] = ()
    of_blocks: tuple[Metric, ...] = (STATIC_METRICS["macs"],)
    totals: bool = False
    """Whether what stands for several says their sum too, which is what its colour means."""


@singledispatch
def describe(op: ops.Op) -> str:
    """Return an operator in a few words: ``3×3 conv, 64, /2``."""
    return op.kind


@describe.register
def _(op: ops.Conv2d) -> str:
    extra = f", {op.groups} groups" if op.groups > 1 else ""
    return f"{window_text(op.kernel_size)} conv, {op.out_channels}{stride_text(op.stride)}{extra}"


@describe.register
def _(op: ops.ConvTranspose2d) -> str:
    larger = stride_text(op.stride).replace("/", "×", 1)
    extra = f", {op.groups} groups" if op.groups > 1 else ""
    return f"{window_text(op.kernel_size)} transposed conv, {op.out_channels}{larger}{extra}"


@describe.register(ops.MaxPool2d)
@describe.register(ops.AvgPool2d)
def _(op: ops.MaxPool2d | ops.AvgPool2d) -> str:
    kind = "max" if isinstance(op, ops.MaxPool2d) else "avg"
    return f"{window_text(op.kernel_size)} {kind} pool{stride_text(op.stride)}"


@describe.register(ops.AdaptiveAvgPool2d)
@describe.register(ops.AdaptiveMaxPool2d)
def _(op: ops.AdaptiveAvgPool2d | ops.AdaptiveMaxPool2d) -> str:
    kind = "avg" if isinstance(op, ops.AdaptiveAvgPool2d) else "max"
    if op.output_size == (1, 1):
        return f"global {kind} pool"
    return f"{kind} pool to {window_text(op.output_size)}"


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
    return Facts(OP in facts, SHAPE in facts, costs, costs, totals=True)


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
    costs = _costs(net, [name], facts.of_operators, repeat, facts.totals)
    last = " · ".join([*([shape] if facts.shape else []), *costs])
    if op.kind == "Concat":
        return _lines(words, last)
    if isinstance(op, ops.Linear):
        widths = f"{op.in_features} → {op.out_features}" if facts.op or facts.shape else ""
        return _lines(label or "fc", widths, " · ".join(costs))
    # Labels such as "3×3" or "pool1" say nothing that the operator's words do not.
    if label and op.family == "pool" and not re.fullmatch(r".*pool\S*", label):
        words = f"{label}: {words}"
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
    net: ArchGraph,
    members: Sequence[str],
    label: str,
    facts: Facts,
    repeat: int = 1,
    *,
    aside: float = 0.0,
) -> tuple[str, ...]:
    """Return the label, what is inside and what comes out of a group of operators.

    ``repeat`` equal groups are shown as one; the costs are then those of each. ``aside`` is the
    room that a shortcut takes beside the words.
    """
    costs = _costs(net, members, facts.of_blocks, repeat, facts.totals)
    inside = inside_text(net, members, describe) if facts.op else ""
    shape = shape_text(net.nodes[members[-1]]["shape"])
    # Fully connected layers end with what comes out: "9216 → 4096 → 1000", "fc 1000".
    says_shape = inside.endswith((f"→ {shape}", f"fc {shape}"))
    last = " · ".join([*([shape] if facts.shape and not says_shape else []), *costs])
    return _lines(label, inside, last, room=ROOM - aside)


def _lines(label: str, *rest: str, room: float = ROOM - GLYPH) -> tuple[str, ...]:
    """Return the lines of a box; facts that are too wide for one line take several."""
    return (label, *(part for line in rest if line for part in wrapped(line, room)))


def wrapped(line: str, room: float) -> list[str]:
    """Return a line of facts as one or several, none wider than ``room`` where it can be parted."""
    first, *others = re.split(r"( · | – )", line)
    lines = [first]
    for between, fact in zip(others[::2], others[1::2], strict=True):
        longer = f"{lines[-1]}{between}{fact}"
        if text_width(longer, SIZE) <= room:
            lines[-1] = longer
        else:
            if between == " – ":  # what is in the next line follows on this
                lines[-1] += " –"
            lines.append(fact)
    return lines


def _costs(
    net: ArchGraph, members: Sequence[str], metrics: Sequence[Metric], repeat: int, totals: bool
) -> list[str]:
    """Return the costs of some operators, without those that are nothing."""
    found = []
    for metric in metrics:
        value = metric.combine(net.nodes[n].get(metric.name) for n in members)
        if value == 0:
            continue
        if value is None:
            found.append(f"{metric.title} {UNKNOWN}")
            continue
        name = "" if metric.unit else f" {metric.name}"
        text = figure(value, metric) + name
        if repeat > 1:
            text += " each"
            if totals and metric.reduce == "sum":
                found.append(text)
                text = f"{figure(value * repeat, metric)}{name} in all"
        found.append(text)
    return found


def op_text(op: ops.Op) -> str:
    """Return an operator as its constructor is written."""
    settings = op.settings().items()
    shown = (f"{k}={tuple(v) if isinstance(v, list) else v}" for k, v in settings)
    return f"{op.kind}({', '.join(shown)})"


def facts(net: ArchGraph, members: Sequence[str], head: str) -> str:
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
