"""A graph with matches put in the place of what they match: built anew once, in its order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from archgraph.graph import ArchGraph
from archgraph.parts import extra_attributes, in_order
from archgraph.recognition.matching.match import Match, own_facts
from archgraph.tensors import Key

__all__ = ["rewritten"]

_NUMBER = re.compile(r"_\d+$")


def rewritten(net: ArchGraph, matches: Sequence[Match]) -> ArchGraph:
    """Return the graph with each match as one node; matches have no node in common.

    A new node stands where the last of those that it replaces stood and has the origins of all. It
    is named after their module where they are all that is in it; else as the match says, without
    the number where only numbers tell their names apart (gelu, gelu_1, gelu_2).
    """
    order = in_order(net)
    place = {name: number for number, name in enumerate(order)}
    modules = Counter(module for name in net for module in _around(name))
    by_last = {match.last: match for match in matches}
    inner = {name for match in matches for name in match.inner}
    names: dict[str, str] = {}
    copy = ArchGraph(**net.graph)
    copy.weights = net.weights
    if "tensors" in net.graph:
        copy.graph["tensors"] = dict(net.graph["tensors"])
    for name in order:
        if name in inner:
            continue
        match = by_last.get(name)
        if match is None:
            reads = [_renamed(source, names) for source in net.reads(name)]
            copy.add(name, net.op(name), reads, **extra_attributes(net, name))
            continue
        names[name] = _name(match, modules)
        for key, tensor in match.stored.items():
            if key not in net.graph.get("tensors", {}):
                copy.graph.setdefault("tensors", {})[key] = tensor.record()
        attributes: dict[str, Any] = own_facts(net, name)
        if match.tensors:
            attributes["tensors"] = dict(match.tensors)
        origin = [
            each
            for old in sorted(match.nodes, key=place.__getitem__)
            for each in net.nodes[old].get("origin", ())
        ]
        if origin:
            attributes["origin"] = tuple(dict.fromkeys(origin))
        reads = [_renamed(source, names) for source in match.reads]
        copy.add(names[name], match.op, reads, **attributes)
    if "outputs" in net.graph:
        copy.graph["outputs"] = [_renamed(result, names) for result in net.results]
    _forget_numbers(net, copy, matches)
    copy.check_names()
    return copy


def _name(match: Match, modules: Counter[str]) -> str:
    shared = set.intersection(*(set(_around(name)) for name in match.nodes))
    module = max(shared, key=len, default="")
    if module and modules[module] == len(match.nodes):
        return module
    if not match.name and len({_NUMBER.sub("", name) for name in match.nodes}) == 1:
        return min(match.nodes, key=lambda name: (len(name), name))
    return match.name or match.last


def _around(name: str) -> list[str]:
    """Return the modules around a node."""
    words = name.split(".")
    return [".".join(words[:count]) for count in range(1, len(words))]


def _renamed(source: str, names: dict[str, str]) -> str:
    """Return what a source is called now, a further output with its number."""
    if type(source) is Key:
        return source
    node, colon, number = source.partition(":")
    return f"{names.get(node, node)}{colon}{number}"


def _forget_numbers(net: ArchGraph, copy: ArchGraph, matches: Sequence[Match]) -> None:
    """Leave out the constants that only the replaced nodes read."""
    records = copy.graph.get("tensors")
    if not records:
        return
    before = {
        key
        for match in matches
        for name in match.nodes
        for key in (net.nodes[name].get("tensors") or {}).values()
    }
    read = {
        key for _, data in copy.nodes(data=True) for key in (data.get("tensors") or {}).values()
    }
    read |= {record.get("alias") for record in records.values()}
    for key in before - read:
        if records.get(key, {}).get("kind") == "constant":
            del records[key]
    if not records:
        del copy.graph["tensors"]
