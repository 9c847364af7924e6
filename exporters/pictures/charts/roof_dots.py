"""The dots of a roofline chart: operators, alike ones as one, groups, or what was measured."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from archgraph.answers.speed import NodeTime, Roofline
from archgraph.answers.speed.times import METRIC, SHARED
from archgraph.answers.speed.traffic import Traffic
from archgraph.errors import DrawError
from archgraph.graph import ArchGraph
from archgraph.tables.grouping import groups_of
from archgraph.tables.operator_text import operator_text
from archgraph.units import count_text, seconds_text

from ..look.colour import kind_words
from ..text.widths import shortened

__all__ = ["NAME", "Dot", "estimated_dots", "measured_dots", "said_of"]

NAME = 9.5
"""The size of a dot's name, in points."""
LONGEST = 190.0
ALIKE = 50
"""Operators of one family whose intensities share one of so many steps of a decade are one dot."""


@dataclass(frozen=True, slots=True)
class Dot:
    """Operators that stand at one place: what they are called, do together and take in seconds."""

    kind: str
    label: str
    names: tuple[str, ...]
    flops: int
    bytes: int
    seconds: float

    @property
    def intensity(self) -> float:
        """FLOPs for each byte."""
        return self.flops / self.bytes

    @property
    def rate(self) -> float:
        """FLOPs in a second."""
        return self.flops / self.seconds


def estimated_dots(net: ArchGraph, found: Roofline, by: str) -> list[Dot]:
    """Return what can be shown: operators that compute, alike ones as one; or each group."""
    if by == "layer":
        rows: dict[tuple[object, ...], list[NodeTime]] = {}
        for name, each in found.nodes.items():
            if each.seconds and each.flops and each.bytes:
                step = round(ALIKE * math.log10(each.flops / each.bytes))
                key = (net.op(name).family, each.peak, step)
                rows.setdefault(key, []).append(each)
        alike = [(_called(net, each), each) for each in rows.values()]
        kinds = Counter(called.rpartition(" × ")[2] for called, _ in alike)
        return [
            _together(net, each, called + _where(each, kinds[called.rpartition(" × ")[2]]))
            for called, each in alike
        ]
    dots = []
    for group in groups_of(net, by, list(found.nodes)):
        nodes = [found.nodes[name] for name in group.nodes if found.nodes[name].seconds]
        if nodes and any(node.flops for node in nodes):
            dots.append(_together(net, nodes, group.label))
    return dots


def measured_dots(net: ArchGraph, found: Roofline) -> list[Dot]:
    """Return what was measured of operators that compute, those that ran as one as one.

    Raises DrawError for a network without times, or with those of another batch.
    """
    if METRIC not in net.metrics:
        raise DrawError(
            f"'{net.name}' has no measured times; 'archgraph measure NET -o net.json' writes some."
        )
    record = net.graph.get("measured")
    batch = record.get("batch") if isinstance(record, dict) else None
    if batch is not None and batch != found.batch:
        raise DrawError(
            f"the times of '{net.name}' are of a batch of {batch}, but the roofline is of "
            f"{found.batch}; give the same."
        )
    groups: dict[str, list[str]] = {}
    for name in found.nodes:
        home = str(net.nodes[name].get(SHARED) or name)
        groups.setdefault(home if home in found.nodes else name, []).append(name)
    traffic, metric = Traffic(net, found.batch, found.kind), net.metric(METRIC)
    dots = []
    for home, names in groups.items():
        time, size = net.value(home, metric), traffic.of(names)
        flops = [found.nodes[name].flops for name in names]
        known = sum(each for each in flops if each is not None)
        if time and time > 0 and size and known and None not in flops:
            label = shortened(_short_name(home), NAME, LONGEST, bold=True)
            dots.append(Dot(net.op(home).family, label, tuple(names), known, size, time / 1e3))
    return dots


def _short_name(name: str) -> str:
    """Return the end of a dotted path that says more than a number."""
    parts = name.split(".")
    start = len(parts) - 1
    while start and (parts[start].isdecimal() or start == len(parts) - 1):
        start -= 1
    return ".".join(parts[start:])


def _called(net: ArchGraph, nodes: Sequence[NodeTime]) -> str:
    """Return what operators at one place are called: the name of one, the kind of several."""
    if len(nodes) == 1:
        return _short_name(nodes[0].name)
    kinds = {operator_text(net.op(node.name)) for node in nodes}
    family = net.op(nodes[0].name).family
    kind = kinds.pop() if len(kinds) == 1 else kind_words(family)
    return f"{len(nodes)} × {kind}"


def _where(nodes: Sequence[NodeTime], dots: int) -> str:
    """Return the module that holds the operators of one of several ``dots`` of a kind."""
    inside = []
    for parts in zip(*(node.name.split(".")[:-1] for node in nodes), strict=False):
        if len(set(parts)) > 1:
            break
        inside.append(parts[0])
    return f", {'.'.join(inside)}" if inside and dots > 1 and len(nodes) > 1 else ""


def _together(net: ArchGraph, nodes: Sequence[NodeTime], label: str) -> Dot:
    longest = max(nodes, key=lambda node: node.seconds or 0.0)
    return Dot(
        net.op(longest.name).family,
        shortened(label, NAME, LONGEST, bold=True),
        tuple(node.name for node in nodes),
        sum(node.flops or 0 for node in nodes),
        sum(node.bytes or 0 for node in nodes),
        sum(node.seconds or 0.0 for node in nodes),
    )


def said_of(dot: Dot) -> str:
    """Return what a dot shows in words."""
    return (
        f"{dot.label}: {dot.intensity:.3g} FLOP/B, {count_text(dot.rate)}FLOP/s, "
        f"{seconds_text(dot.seconds)}."
    )
