"""What a join reads besides the one tensor that is seen to flow into it: ``+ pos_embedding``."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import replace

from archgraph.graph import ArchGraph
from archgraph.stored_tensors import stored
from archgraph.tensors import Key, node_of

from ..dress.spoken import say, spoken
from .shown import ViewNode

__all__ = ["beside"]

MANY = 4
"""Names of learned tensors that are not too many."""

_JOINS = ("merge", "elementwise")

_NAME = re.compile(r"[A-Za-z][A-Za-z_]{2,23}\d?")
_MADE_UP = re.compile(r"(lifted|const|tensor|buffer|param|arg|val|onnx|node)\w*")
"""Names that exporters give."""


def beside(net: ArchGraph, nodes: Iterable[ViewNode]) -> dict[str, ViewNode]:
    """Return the joins among nodes into which one line goes, with labels that say what else.

    None where a network calculates with so many that their names would hide what it is about.
    """
    found: dict[str, ViewNode] = {}
    for node in nodes:
        label, name = node.label, node.id
        joins = name in net and net.op(name).family in _JOINS
        if not joins or label.op is None or label.does or label.repeat > 1:
            continue
        own = set(node.members)
        kept = {each for ref in net.reads(name) if (each := _behind(net, ref, own))}
        if len(kept) == 1:
            sign = spoken(label.op.mark or label.op.text())
            said = replace(label, name=f"{sign} {kept.pop()}", op=None)
            found[name] = replace(node, label=said, form="thin")
    return found if found and len(_words(net)) <= MANY else {}


def _words(net: ArchGraph) -> set[str]:
    """Return what the learned tensors are called that joins read."""
    keys = (
        key
        for _, data in net.nodes(data=True)
        if data["op"].family in _JOINS
        for role, key in (data.get("tensors") or {}).items()
        if role.isdecimal()
    )
    return {key.rpartition(".")[2] for key in keys if stored(net, key, "").kind == "parameter"}


def _behind(net: ArchGraph, ref: str, members: Collection[str]) -> str:
    """Return what a stored tensor is called that an operator reads, through what moves it."""
    while type(ref) is not Key and node_of(ref) in members:
        reads = net.reads(node_of(ref))
        if not net.op(node_of(ref)).moves or len(reads) != 1:
            return ""
        ref = reads[0]
    if type(ref) is not Key:
        return ""
    tensor = stored(net, ref, "")
    if tensor.value is not None and len(tensor.value) == 1:
        return f"{tensor.value[0]:g}"
    word = str(ref).rpartition(".")[2]
    if tensor.kind == "constant" or not _NAME.fullmatch(word) or _MADE_UP.fullmatch(word):
        return say("learned") if tensor.kind == "parameter" else ""
    return word
