"""What a picture says: what an operator or a block is called, and which facts stand below."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import isclose

from archgraph import ops
from archgraph.errors import DrawError
from archgraph.graph import ArchGraph
from archgraph.metrics import STATIC_METRICS, Metric
from archgraph.nearest import nearest
from archgraph.structure import group_labels
from archgraph.units import UNKNOWN, figure, spaced_shape

from ..dress.spoken import say, spoken
from .inside import inside
from .label_parts import Inside, Label
from .leaving import boundary_name
from .operator_words import words_in
from .repeated_words import repeated

__all__ = [
    "Facts",
    "arithmetic_label",
    "block_label",
    "facts",
    "op_text",
    "operator_label",
    "said",
    "words_of",
]

OP, SHAPE = "op", "shape"

STEPS = 4
"""More steps of arithmetic in one box than these are counted."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What stands below a name: what it is, what comes out of it, and costs."""

    op: bool = True
    shape: bool = True
    of_operators: tuple[Metric, ...] = ()
    of_blocks: tuple[Metric, ...] = (STATIC_METRICS["macs"],)
    totals: bool = False
    """Whether what stands for several says their sum too, which is what its colour means."""


def said(net: ArchGraph, facts: Sequence[str] | None) -> Facts:
    """Return what labels say: "op", "shape" and metrics' names, in the order asked for.

    None takes the operator and its shape, and the MACs of whole blocks. Raises DrawError for a
    fact that there is not.
    """
    if facts is None:
        return Facts()
    for name in facts:
        if name not in (OP, SHAPE) and not net.has_metric(name):
            known = [OP, SHAPE, *net.metric_names()]
            raise DrawError(
                f"labels cannot say '{name}'{nearest(name, known)}; use {', '.join(known)}."
            )
    costs = tuple(net.metric(name) for name in facts if name not in (OP, SHAPE))
    return Facts(OP in facts, SHAPE in facts, costs, costs, totals=True)


def operator_label(
    net: ArchGraph, name: str, facts: Facts, repeat: int = 1, behind: Sequence[str] = ()
) -> Label:
    """Return the label of one operator; ``repeat`` equal ones, ``behind`` it, are shown as one."""
    data = net.nodes[name]
    op, label, shape = data["op"], data.get("label") or "", spaced_shape(data["shape"])
    words = words_in(net, name)
    if isinstance(op, ops.Input):
        others = (n for n, d in net.nodes.items() if n != name and isinstance(d["op"], ops.Input))
        several = next(others, None) is not None
        return Label(label or boundary_name(name, say("input"), several=several), shape=shape)
    if op.quiet or op.form == "dot":
        told = label and op.family == "reshape" and label != words.name
        return Label(label) if told else Label(op=words)
    costs = _costs(net, [name], facts.of_operators, repeat, facts.totals, behind)
    if words.reads is not None:  # "2048 → 1000" says its shape as well
        does = words if facts.op or facts.shape else None
        return Label(label or words.what, does=does, costs=costs)
    shape = shape if facts.shape else ""
    # Labels such as "3×3" or "pool1" say nothing that the operator's words do not.
    if label and op.family == "pool" and not re.fullmatch(r".*pool\S*", label):
        return Label(label, words, shape=shape, costs=costs)
    if label and op.layer and not re.match(r"\d+×\d+", label):
        return Label(label, does=words if facts.op else None, shape=shape, costs=costs)
    return Label(op=words, shape=shape, costs=costs)


def words_of(net: ArchGraph, name: str) -> list[str]:
    """Return every word that a picture may say of an operator, of its block and of its stage."""
    label = operator_label(net, name, Facts())
    own = net.nodes[name].get("label")
    return [
        *([str(own)] if own else []),
        label.head,
        *label.pieces(),
        *label.facts,
        *group_labels(net, name),
    ]


def block_label(
    net: ArchGraph,
    members: Sequence[str],
    name: str,
    facts: Facts,
    repeat: int = 1,
    behind: Sequence[str] = (),
) -> Label:
    """Return the label of a group of operators: what is inside and what comes out of it.

    ``repeat`` equal groups are shown as one; the costs are then those of each. ``behind`` are the
    operators of all of them.
    """
    costs = _costs(net, members, facts.of_blocks, repeat, facts.totals, behind)
    does = inside(net, members) if facts.op else Inside()
    shape = net.nodes[members[-1]]["shape"]
    # Fully connected layers end with what comes out: "9216 → 4096 → 1000", "fc 1000".
    says_shape = shape == (does.width,)
    text = spaced_shape(shape) if facts.shape and not says_shape else ""
    return Label(name, does=does, shape=text, costs=costs)


def arithmetic_label(net: ArchGraph, members: Sequence[str], facts: Facts) -> Label:
    """Return the label of steps of arithmetic that stand together: their words, or how many."""
    steps = [name for name in members if not (net.op(name).silent or net.op(name).moves)]
    told = repeated([(w := words_in(net, name)).mark or w.brief() for name in steps])
    text = say("{count} steps of arithmetic", count=len(steps))
    text = spoken(", ".join(told)) if len(told) <= STEPS else text
    return Label(text, shape=spaced_shape(net.nodes[members[-1]]["shape"]) if facts.shape else "")


def _costs(
    net: ArchGraph,
    members: Sequence[str],
    metrics: Sequence[Metric],
    repeat: int,
    totals: bool,
    behind: Sequence[str] = (),
) -> tuple[str, ...]:
    """Return the costs of some operators, without those that are nothing.

    Equal operators may differ in what was measured of them: then each takes about their mean.
    """
    found = []
    for metric in metrics:
        value = metric.combine(net.value(n, metric) for n in members)
        about = False
        whole = None if value is None else value * repeat
        if repeat > 1 and behind and metric.reduce == "sum" and value is not None:
            whole = metric.combine(net.value(n, metric) for n in behind)
            if whole is not None and not isclose(whole, value * repeat, rel_tol=1e-6):
                value, about = whole / repeat, True
        if value == 0:
            continue
        if value is None or whole is None:
            found.append(f"{say(metric.title)} {say(UNKNOWN)}")
            continue
        name = "" if metric.unit else f" {say(metric.name)}"
        text = spoken(figure(value, metric)) + name
        if repeat > 1:
            text = say("about {figure} each" if about else "{figure} each", figure=text)
            if totals and metric.reduce == "sum":
                found.append(text)
                text = say("{figure} in all", figure=spoken(figure(whole, metric)) + name)
        found.append(text)
    return tuple(found)


def op_text(op: ops.Op) -> str:
    """Return an operator as its constructor is written."""
    if not op.known:
        return f"{op.words.what}: an operator that archgraph does not know"
    shown = (f"{key}={_setting(value)}" for key, value in op.settings().items())
    return f"{op.kind}({', '.join(shown)})"


def _setting(value: object) -> str:
    if isinstance(value, list):
        return str(tuple(value)).replace("None", "?")
    return "?" if value is None else str(value)


def facts(net: ArchGraph, members: Sequence[str], head: str) -> str:
    """Return the full facts that show on hover and in alternative texts, one a line."""
    lines = [head]
    if len(members) == 1:
        lines.append(op_text(net.op(members[0])))
    shape = spoken(spaced_shape(net.nodes[members[-1]]["shape"]))
    lines.append(say("output {shape}", shape=shape))
    for name in ("params", "macs", "flops", "activation_bytes"):
        metric = net.metric(name)
        total = metric.combine(net.nodes[n][name] for n in members)
        shown = say("unknown") if total is None else f"{total:,}"
        lines.append(f"{say(metric.title)} {shown}{say(' bytes') if metric.unit == 'B' else ''}")
    device = net.nodes[members[-1]]["device"]
    if device is not None:
        lines.append(say("device {number}", number=device))
    return "\n".join(lines)
