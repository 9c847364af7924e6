"""Where data leaves: what a network returns, each result with its name and shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from archgraph.graph import ArchGraph
from archgraph.tensors import bytes_of, node_of
from archgraph.units import exact_bytes, spaced_shape

from ..dress.spoken import say
from .label_parts import Inside, Label
from .shown import ViewEdge, ViewNode

__all__ = ["boundary_name", "outputs"]

SEVERAL = 8
"""Of more results than this, those of one shape from one box stand together."""

_PLAIN = ("x", "input", "output", "inputs", "outputs", "logits", "result", "value")
"""Names that say nothing of what goes in or comes out."""


def boundary_name(name: str, word: str, *, several: bool) -> str:
    """Return what an input or output is called: its own name where that tells, else the word."""
    plain = name.lower().rstrip("0123456789_.")
    if several:
        return word if plain in ("", "n") else name  # "n0", "3421"
    return word if len(plain) < 2 or plain in _PLAIN else name


def outputs(
    net: ArchGraph, nodes: Mapping[str, ViewNode], shown: Callable[[str], str]
) -> tuple[dict[str, ViewNode], list[ViewEdge]]:
    """Return a box for each result and the lines to them.

    There are none where a network returns one tensor and its last box ends with the width of it:
    fully connected layers.
    """
    results = [ref for ref in net.results if not net.nodes[node_of(ref)].get("training_only")]
    if len(results) == 1 and ":" not in results[0]:
        last = nodes[shown(results[0])]
        if _ends_with_width(last.label) and last.shape == net.nodes[results[0]]["shape"]:
            return {}, []
    names: Mapping[str, str] = net.graph.get("result_names") or {}
    boxes: dict[str, ViewNode] = {}
    edges: list[ViewEdge] = []
    alike: dict[object, str] = {}
    for number, ref in enumerate(results, 1):
        key = f"output:{number}"
        tensor = net.tensor(ref)
        shape: Any = tensor.image
        if len(results) > SEVERAL:
            first = alike.setdefault((shown(node_of(ref)), shape), key)
            if first != key:
                box = boxes[first]
                count = box.repeat + 1
                label = replace(box.label, repeat=count)
                boxes[first] = replace(box, label=label, repeat=count, times=count)
                continue
        name = boundary_name(names.get(ref, ""), say("output"), several=len(results) > 1)
        size = bytes_of(tensor)
        title = f"{name}\nresult {ref}\nshape {spaced_shape(shape)}"
        label = Label(name, shape=spaced_shape(shape))
        boxes[key] = ViewNode(key, "output", "thin", label, title, (), shape)
        edge = f"{ref} → {name}, {exact_bytes(size)}"
        edges.append(ViewEdge(shown(node_of(ref)), key, "data", size, edge))
    return boxes, edges


def _ends_with_width(label: Label) -> bool:
    does = label.does
    width = does.width if isinstance(does, Inside) else does and does.reads
    return bool(width)
