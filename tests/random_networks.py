"""Random networks with all that a graph may hold: foreign operators, open sizes, types, groups.

They grow as random graphs do; then they are told apart, typed and opened, as networks of the world
are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import networkx as nx
from hypothesis import strategies as st
from random_graphs import STEPS, graphs
from random_growing import Draw, Growing

import archgraph as ag
from archgraph import ops
from archgraph.errors import ArchGraphError
from archgraph.ops import Op
from archgraph.parts import rebuilt, with_element_type

__all__ = ["FOREIGN_STEPS", "WHOLE", "networks", "opened"]

DTYPES = ("float16", "bfloat16", "float64", "int8", "uint8", "int64", "bool")
WORDS = (
    "conv1",
    "fc",
    "Stufe 1 · größer",
    "<b>&amp;",
    "ブロック",
    'a "quoted" name',
    "$x_1$ \\",
    "a",
)


def _foreign(g: Growing) -> None:
    """Add an operator of which only some things are known; it may give several tensors."""
    inputs = [x for x in (g.value() for _ in range(g.integer(0, 2))) if x]
    shape = g.one_of((3,), (2, 5), (4, 4, 4), None, ("N", 2), ())
    others = g.one_of((), (((2,), "int64"),), ((None, "float32"), ((3, 4), "bool")))
    known = [g.one_of(None, 0, 7) for _ in range(3)]
    kind = g.one_of("Frobnicate", "com.vendor.FusedConv", "NonZero", "aten.fft_rfft.default")
    op = ops.Opaque(kind, shape, known[0], known[1], g.one_of("float32", None), g.either(), others)
    g.add(op, *inputs)


def _second_input(g: Growing) -> None:
    """Take another input, of any type and of any number of axes, with a batch or without."""
    shape = g.one_of((), (3,), (4, 6), (3, 8, 8), (1, 1, 5, 5))
    op = ops.Input(shape, g.one_of(*DTYPES, "float32"), g.either())
    x = g.net.add(f"more{next(g.numbers)}", op)
    if op.dtype != "float32":
        g.add(ops.Cast("float32"), x)


def _masked(g: Growing) -> None:
    """Multiply a tensor by a mask that is given, of true and false."""
    if x := g.pick():
        mask = g.net.add(f"mask{next(g.numbers)}", ops.Input(g.shape(x), "bool"))
        g.add(ops.Mul(), x, g.add(ops.Cast("float32"), g.add(ops.Pointwise("logical_not"), mask)))


FOREIGN_STEPS: dict[str, Callable[[Growing], None]] = {
    "foreign": _foreign,
    "second_input": _second_input,
    "masked": _masked,
}
"""What else a network grows by; PyTorch could not run the foreign."""

WHOLE = {**STEPS, **FOREIGN_STEPS}
"""All that a network grows by."""


@st.composite
def networks(
    draw: Draw, most: int = 9, *, foreign: bool = True, told: bool = True, typed: bool = True
) -> ag.ArchGraph:
    """Draw a network of up to ``most`` steps.

    Without ``foreign`` each operator is one of ours and every size is known; ``told`` gives it
    groups, devices, metrics and labels; ``typed`` another type of floats.
    """
    steps = tuple(WHOLE) if foreign else (*STEPS, "second_input", "masked")
    net = draw(graphs(steps=steps, most=most, more=FOREIGN_STEPS))
    if typed and (dtype := draw(st.sampled_from([None, None, "float16", "bfloat16"]))):
        net = with_element_type(net, dtype)
    if foreign and draw(st.booleans()):
        net = opened(net) or net
    return _told(draw, net) if told else net


def opened(net: ag.ArchGraph, first: str = "input") -> ag.ArchGraph | None:
    """Return a network with the sizes of its first input's maps open; None where none can be."""

    def given(name: str, op: Op) -> Op:
        if name != first or not isinstance(op, ops.Input) or len(op.shape or ()) != 3:
            return op
        assert op.shape is not None
        return ops.Input((op.shape[0], "H", "W"), op.dtype)  # type: ignore[arg-type]

    try:
        return rebuilt(net, op=given)
    except ArchGraphError:  # what was made for one size takes no other
        return None


def _told(draw: Draw, net: ag.ArchGraph) -> ag.ArchGraph:
    """Give a network what people say of it: groups, devices, labels, metrics, a title."""
    names = list(net)
    attributes: dict[str, dict[str, Any]] = {name: {} for name in names}
    for kind in ("stage", "block"):
        keys = draw(st.lists(st.sampled_from(["one", "two", "three.x"]), max_size=3, unique=True))
        for key in keys:
            net.define_group(f"{kind}-{key}", kind, draw(st.sampled_from(WORDS)))  # type: ignore[arg-type]
        for name in names if keys else ():
            if draw(st.booleans()):
                attributes[name][kind] = f"{kind}-{draw(st.sampled_from(keys))}"
    if draw(st.integers(0, 3)) == 0:
        for name in names:
            attributes[name]["device"] = draw(st.sampled_from([None, 0, 1]))
    for name in names:
        if draw(st.integers(0, 5)) == 0:
            attributes[name]["label"] = draw(st.sampled_from(WORDS))
        if draw(st.integers(0, 9)) == 0:
            attributes[name]["role"] = draw(st.sampled_from(["reduction", "projection"]))
    for name, found in attributes.items():
        net.nodes[name].update(found)
    aside = draw(st.sampled_from(names))
    only = {aside, *nx.descendants(net, aside)}
    if aside not in net.sources and not only.issuperset(net.outputs):
        for name in only:
            net.nodes[name]["training_only"] = True
    if draw(st.integers(0, 2)) == 0:
        values = {name: draw(st.sampled_from([None, 0, 1.5, 12])) for name in names}
        reduce = draw(st.sampled_from(["sum", "max"]))
        net.attach("latency", values, unit="ms", reduce=reduce, per_image=draw(st.booleans()))
    if draw(st.booleans()):
        net.graph["title"] = draw(st.sampled_from(WORDS))
    return rebuilt(net)  # who counts what is shared depends on who runs in training only
