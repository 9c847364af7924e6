"""A graph cut into what source code speaks of: layers, nn.Sequential, blocks with a class."""

from __future__ import annotations

import keyword
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import networkx as nx

from archgraph.graph import ArchGraph
from archgraph.ops import Input, Op

from .fields import EXPRESSIONS

__all__ = ["Structure", "Unit"]

Kind = Literal["layer", "expression", "sequential", "block"]


@dataclass(frozen=True, slots=True)
class Unit:
    """One call in a forward method: a layer, an nn.Sequential, an instance of a block's class.

    ``path`` is its name below the class that it stands in, ``inputs`` and ``output`` are the
    graph's nodes whose values it reads and gives. ``steps`` are a Sequential's elements.
    """

    path: str
    name: str
    kind: Kind
    inputs: tuple[str, ...]
    output: str
    op: Op | None = None
    steps: tuple[Unit, ...] = ()
    training_only: bool = False


class Structure:
    """The modules of a graph by their dotted paths: which one becomes what."""

    def __init__(self, net: ArchGraph) -> None:
        self.net = net
        self.order = {name: number for number, name in enumerate(net.topological())}

    @cached_property
    def children(self) -> dict[str, list[str]]:
        """The words directly below each module, in the graph's order; "" is the network."""
        found: dict[str, dict[str, None]] = {"": {}}
        for name, data in self.net.nodes(data=True):
            if isinstance(data["op"], Input):
                continue
            words = name.split(".")
            for depth, word in enumerate(words):
                found.setdefault(".".join(words[:depth]), {})[word] = None
        return {path: list(words) for path, words in found.items()}

    @cached_property
    def kinds(self) -> dict[str, Literal["sequential", "block", "group"]]:
        """What each module becomes; a group is only a name, its layers belong to its parent."""
        found: dict[str, Literal["sequential", "block", "group"]] = {}
        for path in sorted((p for p in self.children if p), key=lambda p: -p.count(".")):
            found[path] = "group"
            if self._one_value(path):
                if self._is_chain(path, found):
                    found[path] = "sequential"
                elif len(self.units(path, found)) > 1 and all(
                    word.isidentifier() and not keyword.iskeyword(word)
                    for word in self.children[path]
                ):
                    found[path] = "block"
        return found

    def members(self, path: str) -> list[str]:
        """Return the nodes below a module."""
        return [
            name
            for name in self.order
            if name.startswith(f"{path}.") and not isinstance(self.net.op(name), Input)
        ]

    def inputs(self, path: str) -> tuple[str, ...]:
        """Return the nodes outside whose values a module reads."""
        inside = self.members(path)
        reads = [source for name in inside for source in self.net.inputs_of(name)]
        return tuple(dict.fromkeys(source for source in reads if source not in set(inside)))

    def leaving(self, path: str) -> list[str]:
        """Return the nodes of a module whose values are read outside."""
        inside, outputs = set(self.members(path)), set(self.net.outputs)
        return [
            name
            for name in self.members(path)
            if name in outputs or any(target not in inside for target in self.net.succ[name])
        ]

    def units(self, path: str, kinds: Mapping[str, str] | None = None) -> list[Unit]:
        """Return what the forward method of a module (or "" for the network) calls, in order."""
        known = self.kinds if kinds is None else kinds
        found = self._below(path, path, known)
        return self._sorted(found)

    def _below(self, path: str, owner: str, kinds: Mapping[str, str]) -> list[Unit]:
        found = []
        for word in self.children[path]:
            name = f"{path}.{word}" if path else word
            if name not in self.net and kinds[name] == "group":
                found += self._below(name, owner, kinds)
            else:
                found.append(self._unit(name, owner, kinds))
        return found

    def _unit(self, name: str, owner: str, kinds: Mapping[str, str]) -> Unit:
        path = name[len(owner) + 1 :] if owner else name
        if name in self.net:
            op, data = self.net.op(name), self.net.nodes[name]
            kind: Kind = "expression" if isinstance(op, EXPRESSIONS) else "layer"
            trains = bool(data.get("training_only"))
            return Unit(path, name, kind, self.net.inputs_of(name), name, op, (), trains)
        inputs, (output,) = self.inputs(name), self.leaving(name)
        trains = bool(self.net.nodes[output].get("training_only"))
        if kinds[name] == "block":
            return Unit(path, name, "block", inputs, output, None, (), trains)
        steps = tuple(self._unit(f"{name}.{word}", owner, kinds) for word in self.children[name])
        return Unit(path, name, "sequential", inputs, output, None, steps, trains)

    def _sorted(self, units: list[Unit]) -> list[Unit]:
        """Return units after what they read, in the graph's order; heads right behind their input.

        So a head's input need not stay alive until the end.
        """
        made = {unit.output: unit for unit in units}
        graph: nx.DiGraph[Unit] = nx.DiGraph()
        graph.add_nodes_from(units)
        place = {}
        listed = {name: number for number, name in enumerate(self.net)}
        for unit in units:
            graph.add_edges_from((made[source], unit) for source in unit.inputs if source in made)
            place[unit] = float(listed[unit.output])
        for unit in nx.topological_sort(graph):
            before = [place[source] for source in graph.pred[unit]]
            if unit.training_only and before:
                place[unit] = max(before) + 1e-3
        return list(nx.lexicographical_topological_sort(graph, place.__getitem__))

    def _one_value(self, path: str) -> bool:
        """Return whether a module can be called: it gives one value, and nothing runs between."""
        leaving, inputs = self.leaving(path), self.inputs(path)
        if len(leaving) != 1 or not inputs:
            return False
        after = nx.descendants(self.net, leaving[0])
        return not after.intersection(inputs)

    def _is_chain(self, path: str, kinds: Mapping[str, str]) -> bool:
        """Return whether a module is 0, 1, 2, …, each reading the one before alone."""
        words = self.children[path]
        if words != [str(number) for number in range(len(words))]:
            return False
        before = self.inputs(path)
        for word in words:
            name = f"{path}.{word}"
            if name in self.net:
                op = self.net.op(name)
                taken, given = self.net.inputs_of(name), name
                if op.arity != 1 or op.kind == "Slice":
                    return False
            elif kinds[name] == "group":
                return False
            else:
                taken, given = self.inputs(name), self.leaving(name)[0]
            if taken != before:
                return False
            before = (given,)
        return len(self.inputs(path)) == 1
