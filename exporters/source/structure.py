"""A graph cut into what source code speaks of: layers, nn.Sequential, blocks with a class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import networkx as nx

from archgraph import ops
from archgraph.graph import ArchGraph
from archgraph.ops import Op

from .fields import EXPRESSIONS
from .names import is_attribute

__all__ = ["Body", "Structure", "Unit"]

Module = Literal["sequential", "block", "group"]
"""What a module becomes. A group is only a name: its layers are called by the class around it."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One call in a forward method: a layer, an expression, an nn.Sequential or a block's class.

    ``path`` is its name below the class that it stands in, ``name`` that in the graph; ``inputs``
    and ``output`` are the nodes whose values it reads and gives. ``steps`` are a Sequential's
    elements; ``part`` says that a Slice is the i-th of n equal parts.
    """

    path: str
    name: str
    kind: Literal["layer", "expression", "sequential", "block"]
    inputs: tuple[str, ...]
    output: str
    op: Op | None = None
    steps: tuple[Unit, ...] = ()
    training_only: bool = False
    part: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Body:
    """What one forward method takes, calls in order, and returns: values are nodes of the graph."""

    inputs: tuple[str, ...]
    units: tuple[Unit, ...]
    outputs: tuple[str, ...]


class Structure:
    """The modules of a graph by their dotted paths: what each becomes and what it calls."""

    def __init__(self, net: ArchGraph) -> None:
        self.net = net
        self.place = {name: number for number, name in enumerate(net.topological())}
        self.listed = {name: number for number, name in enumerate(net)}
        self.live = _live(net)
        self.children: dict[str, dict[str, None]] = {"": {}}
        self.members: dict[str, list[str]] = {"": []}
        for name in net:
            if isinstance(net.op(name), ops.Input):
                continue
            path = ""
            for word in name.split("."):
                self.members.setdefault(path, []).append(name)
                self.children.setdefault(path, {})[word] = None
                path = f"{path}.{word}" if path else word

    @cached_property
    def kinds(self) -> dict[str, Module]:
        """What each module becomes."""
        found: dict[str, Module] = {}
        for path in sorted((p for p in self.children if p), key=lambda p: -p.count(".")):
            found[path] = "group"
            if self._is_callable(path):
                if self._is_chain(path, found):
                    found[path] = "sequential"
                elif len(self._below(path, path, found)) > 1 and all(
                    map(is_attribute, self.children[path])
                ):
                    found[path] = "block"
        return found

    @property
    def blocks(self) -> list[str]:
        """The modules that become classes, in the graph's order."""
        found = [path for path, kind in self.kinds.items() if kind == "block"]
        return sorted(found, key=lambda path: (self.first(path), path.count(".")))

    def first(self, path: str) -> int:
        """Return where a module or node begins in the graph's list of nodes."""
        return self.listed[path] if path in self.listed else self.listed[self.members[path][0]]

    def inputs(self, path: str) -> tuple[str, ...]:
        """Return the nodes outside whose values a module reads."""
        alive = [name for name in self.members[path] if name in self.live]
        reads = [source for name in alive for source in self.net.inputs_of(name)]
        outside = (source for source in reads if not self._holds(path, source))
        return tuple(dict.fromkeys(outside))

    def leaving(self, path: str) -> list[str]:
        """Return the nodes of a module whose values are read outside."""
        outputs = set(self.net.outputs)
        return [
            name
            for name in self.members[path]
            if name in self.live
            if name in outputs
            or not all(self._holds(path, n) for n in self.net.succ[name] if n in self.live)
        ]

    def body(self, path: str) -> Body:
        """Return the forward method of a module, or of the network (path "")."""
        units = self._sorted(self._below(path, path, self.kinds))
        if path:
            body = Body(self.inputs(path), tuple(units), tuple(self.leaving(path)))
        else:
            # What inference returns comes first, then the heads that only train.
            trains = {n: bool(self.net.nodes[n].get("training_only")) for n in self.net.outputs}
            outputs = sorted(self.net.outputs, key=trains.__getitem__)
            body = Body(tuple(self.net.sources), tuple(units), tuple(outputs))
        # What no output depends on is stored, but not computed.
        dead = {u for u in units if u.kind == "expression" and u.output not in self.live}
        body = replace(body, units=tuple(unit for unit in units if unit not in dead))
        return _without_repeats(body, self.net)

    def _holds(self, path: str, name: str) -> bool:
        return name.startswith(f"{path}.") and not isinstance(self.net.op(name), ops.Input)

    def _below(self, path: str, owner: str, kinds: Mapping[str, Module]) -> list[Unit]:
        found = []
        for word in self.children[path]:
            name = f"{path}.{word}" if path else word
            if name not in self.net and kinds[name] == "group":
                found += self._below(name, owner, kinds)
            else:
                found.append(self._unit(name, owner, kinds))
        return found

    def _unit(self, name: str, owner: str, kinds: Mapping[str, Module]) -> Unit:
        path = name[len(owner) + 1 :] if owner else name
        if name in self.net:
            op, trains = self.net.op(name), bool(self.net.nodes[name].get("training_only"))
            kind: Literal["layer", "expression"]
            kind = "expression" if isinstance(op, EXPRESSIONS) else "layer"
            inputs = self.net.inputs_of(name) if name in self.live else ()
            return Unit(path, name, kind, inputs, name, op, (), trains)
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
        for unit in units:
            graph.add_edges_from((made[source], unit) for source in unit.inputs if source in made)
        place = {unit: float(self.listed[unit.output]) for unit in units}
        for unit in nx.topological_sort(graph):
            if unit.training_only and graph.pred[unit]:
                place[unit] = max(place[source] for source in graph.pred[unit]) + 1e-3
        return list(nx.lexicographical_topological_sort(graph, place.__getitem__))

    def _is_callable(self, path: str) -> bool:
        """Return whether a module gives one value, and nothing outside runs in its middle."""
        leaving, inputs = self.leaving(path), self.inputs(path)
        if len(leaving) != 1 or not inputs:
            return False
        if all(self.place[source] < self.place[leaving[0]] for source in inputs):
            return True
        return not nx.descendants(self.net, leaving[0]).intersection(inputs)

    def _is_chain(self, path: str, kinds: Mapping[str, Module]) -> bool:
        """Return whether a module is 0, 1, 2, …, each reading the one before alone."""
        if list(self.children[path]) != [str(n) for n, _ in enumerate(self.children[path])]:
            return False
        before = self.inputs(path)
        if len(before) != 1:
            return False
        for word in self.children[path]:
            name = f"{path}.{word}"
            if name in self.net:
                op = self.net.op(name)
                if op.arity != 1 or isinstance(op, ops.Slice):
                    return False
                taken, given = self.net.inputs_of(name), name
            elif kinds[name] == "group":
                return False
            else:
                taken, given = self.inputs(name), self.leaving(name)[0]
            if taken != before:
                return False
            before = (given,)
        return before == tuple(self.leaving(path))


def _live(net: ArchGraph) -> set[str]:
    """Return the nodes that an output depends on."""
    found = set(net.outputs)
    for name in reversed(net.topological()):
        if name in found:
            found.update(net.pred[name])
    return found


def _without_repeats(body: Body, net: ArchGraph) -> Body:
    """Return a forward method that computes each expression once, and none that changes nothing.

    Two GPUs gather the same maps, each for itself; one variable is enough for both.
    """
    same: dict[str, str] = {}
    known: dict[object, str] = {}
    units = []
    for unit in body.units:
        inputs = tuple(same.get(source, source) for source in unit.inputs)
        if isinstance(unit.op, ops.Add | ops.Mul | ops.Concat) and len(inputs) == 1:
            same[unit.output] = inputs[0]
            continue
        if unit.kind == "expression":
            # What only training computes cannot stand for what inference needs.
            key = (unit.op, inputs, unit.training_only)
            if key in known:
                same[unit.output] = known[key]
                continue
            known[key] = unit.output
        units.append(replace(unit, inputs=inputs))
    outputs = tuple(same.get(name, name) for name in body.outputs)
    return Body(body.inputs, _in_parts(units, net), outputs)


def _in_parts(units: list[Unit], net: ArchGraph) -> tuple[Unit, ...]:
    """Mark the Slices that cut a value into equal parts: ``x.chunk(2, dim=1)``."""
    cuts: dict[tuple[str, bool], list[tuple[int, int]]] = {}
    for unit in units:
        if isinstance(unit.op, ops.Slice):
            key = unit.inputs[0], unit.training_only
            cuts.setdefault(key, []).append((unit.op.start, unit.op.stop))
    found = []
    for unit in units:
        if isinstance(unit.op, ops.Slice):
            ranges = sorted(cuts[unit.inputs[0], unit.training_only])
            count, channels = len(ranges), net.nodes[unit.inputs[0]]["shape"][0]
            size = channels // count
            equal = [(n * size, (n + 1) * size) for n in range(count)]
            if count > 1 and ranges == equal and size * count == channels:
                unit = replace(unit, part=(unit.op.start // size, count))
        found.append(unit)
    return tuple(found)
