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
from archgraph.tensors import Key, Stored, follows_batch, node_of, ref_to, state_key

from .expressions import EXPRESSIONS, needs_batch
from .fields import is_layer
from .python_names import is_attribute

__all__ = ["Body", "Structure", "Unit", "is_number", "trains", "values_of"]

Module = Literal["sequential", "block", "group"]
"""What a module becomes. A group is only a name: its layers are called by the class around it."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One call in a forward method: a layer, an expression, an nn.Sequential or a block's class.

    ``path`` is its name below the class that it stands in, ``name`` that in the graph; ``inputs``
    are the values that it reads (``conv1``, ``split:1``, the Key of a stored tensor), ``outputs``
    those that it gives. ``steps`` are a Sequential's elements; ``part`` says that a Slice is the
    i-th of n equal parts.
    """

    path: str
    name: str
    kind: Literal["layer", "expression", "sequential", "block"]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    op: Op | None = None
    steps: tuple[Unit, ...] = ()
    training_only: bool = False
    part: tuple[int, int] | None = None

    @property
    def output(self) -> str:
        """The first value that it gives."""
        return self.outputs[0]

    @property
    def read(self) -> tuple[str, ...]:
        """The values that it reads, without stored tensors."""
        return tuple(value for value in self.inputs if type(value) is not Key)


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
        self.tensors = net.tensors
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
        reads = [source for name in alive for source in self.net.reads(name)]
        values = (source for source in reads if type(source) is not Key)
        return tuple(dict.fromkeys(v for v in values if not self._holds(path, node_of(v))))

    def leaving(self, path: str) -> list[str]:
        """Return the nodes of a module whose values are read outside."""
        found = []
        results = set(self.net.results)
        for name in self.members[path]:
            if name in self.live:
                outside = {
                    output
                    for target, edge in self.net.succ[name].items()
                    if target in self.live and not self._holds(path, target)
                    for output, _ in edge["uses"]
                }
                found += [
                    value
                    for number, value in enumerate(values_of(self.net, name))
                    if number in outside or value in results
                ]
        return found

    @cached_property
    def lent(self) -> set[str]:
        """The nodes that read tensors under other keys than those of their own layer."""
        return {
            name
            for name in self.net
            if any(
                not role.isdecimal() and key != state_key(name, role)
                for role, key in self.net.keys_of(name).items()
            )
        }

    def module_of(self, path: str) -> str:
        """Return the module that a path is in the state: a second run is the first one's."""
        return state_key(path, "").rstrip(".")

    @cached_property
    def loose(self) -> dict[str, list[str]]:
        """The keys of tensors that no layer holds, by the class that holds them, "" the network."""
        held = {
            key
            for name in self.net
            if name not in self.lent
            for role, key in self.net.keys_of(name).items()
            if not role.isdecimal()
        }
        tied = {
            key
            for key, stored in self.tensors.items()
            if stored.alias is not None and not stored.moved
        }
        found: dict[str, list[str]] = {}
        for key, stored in self.tensors.items():
            if key not in held and key not in tied and not is_number(stored):
                found.setdefault(self._owner(key), []).append(key)
        return found

    def told(self, path: str) -> tuple[object, ...]:
        """Return what a class stores beside its layers, in a form to compare."""
        prefix = self.module_of(path)
        keys = self.loose.get(prefix, [])
        return tuple((key.removeprefix(prefix), self.tensors[key]) for key in keys)

    def _owner(self, key: str) -> str:
        path = key.rpartition(".")[0]
        while path and self.kinds.get(path) != "block":
            path = path.rpartition(".")[0]
        return path

    def body(self, path: str) -> Body:
        """Return the forward method of a module, or of the network (path "")."""
        units = self._sorted(self._below(path, path, self.kinds))
        if path:
            body = Body(self.inputs(path), tuple(units), tuple(self.leaving(path)))
        else:
            # What inference returns comes first, then the heads that only train.
            outputs = sorted(self.net.results, key=lambda v: trains(self.net, v))
            body = Body(tuple(self.net.sources), tuple(units), tuple(outputs))
        # What no output depends on is stored, but not computed.
        dead = {u for u in units if u.kind == "expression" and node_of(u.output) not in self.live}
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
        path = self.module_of(name[len(owner) + 1 :] if owner else name)
        if name in self.net:
            op, training = self.net.op(name), trains(self.net, name)
            written = isinstance(op, tuple(EXPRESSIONS)) or name in self.lent
            inputs = self.net.reads(name) if name in self.live else ()
            if name in self.lent:
                keys = self.net.keys_of(name)
                inputs = (*inputs, *(Key(keys[role]) for role in op.parameters()))
            kind: Literal["layer", "expression"] = "expression" if written else "layer"
            return Unit(path, name, kind, inputs, values_of(self.net, name), op, (), training)
        inputs, outputs = self.inputs(name), tuple(self.leaving(name))
        training = trains(self.net, outputs[0])
        if kinds[name] == "block":
            return Unit(path, name, "block", inputs, outputs, None, (), training)
        steps = tuple(self._unit(f"{name}.{word}", owner, kinds) for word in self.children[name])
        return Unit(path, name, "sequential", inputs, outputs, None, steps, training)

    def _sorted(self, units: list[Unit]) -> list[Unit]:
        """Return units after what they read, in the graph's order; heads right behind their input.

        So a head's input need not stay alive until the end.
        """
        made = {value: unit for unit in units for value in unit.outputs}
        graph: nx.DiGraph[Unit] = nx.DiGraph()
        graph.add_nodes_from(units)
        for unit in units:
            graph.add_edges_from((made[source], unit) for source in unit.inputs if source in made)
        place = {unit: float(self.listed[node_of(unit.output)]) for unit in units}
        for unit in nx.topological_sort(graph):
            if unit.training_only and graph.pred[unit]:
                place[unit] = max(place[source] for source in graph.pred[unit]) + 1e-3
        return list(nx.lexicographical_topological_sort(graph, place.__getitem__))

    def _is_callable(self, path: str) -> bool:
        """Return whether a module gives one value, and nothing outside runs in its middle."""
        leaving, inputs = self.leaving(path), self.inputs(path)
        if len(leaving) != 1 or not inputs or not self._is_closed(path):
            return False
        last, before = node_of(leaving[0]), set(map(node_of, inputs))
        if all(self.place[source] < self.place[last] for source in before):
            return True
        return not nx.descendants(self.net, last).intersection(before)

    def _is_closed(self, path: str) -> bool:
        """Return whether a module reads tensors of its own only and can tell what the batch is."""
        names, prefix = self.members[path], f"{self.module_of(path)}."
        keys = {
            key
            for name in names
            for role, key in self.net.keys_of(name).items()
            if (role.isdecimal() and not is_number(self.tensors[key])) or name in self.lent
        }
        if not all(key.startswith(prefix) for key in keys):
            return False
        if "@" in path and not self._runs_again(path):
            return False
        knows = any(follows_batch(self.net.tensor(value).shape) for value in self.inputs(path))
        return knows or not any(needs_batch(self.net.op(name)) for name in names)

    def _runs_again(self, path: str) -> bool:
        """Return whether a module does what the module of the same state does."""
        first = self.module_of(path)
        if first not in self.members or len(self.members[first]) != len(self.members[path]):
            return False
        inputs = [self.inputs(each) for each in (first, path)]

        def told(whole: str, name: str, outside: tuple[str, ...]) -> object:
            reads = [
                outside.index(value) if value in outside else value.removeprefix(whole)
                for value in self.net.reads(name)
            ]
            return name.removeprefix(whole), self.net.op(name), reads

        return all(
            told(first, one, inputs[0]) == told(path, other, inputs[1])
            for one, other in zip(self.members[first], self.members[path], strict=True)
        )

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
                if op.arity != 1 or not is_layer(op) or name in self.lent:
                    return False
                taken, given = self.net.reads(name), name
            elif kinds[name] == "group":
                return False
            else:
                taken, given = self.inputs(name), self.leaving(name)[0]
            if taken != before:
                return False
            before = (given,)
        return before == tuple(self.leaving(path))


def values_of(net: ArchGraph, name: str) -> tuple[str, ...]:
    """Return the values that a node gives."""
    return tuple(ref_to(name, output) for output in range(len(net.nodes[name]["outputs"])))


def trains(net: ArchGraph, value: str) -> bool:
    """Return whether only training computes a value."""
    return bool(net.nodes[node_of(value)].get("training_only"))


def is_number(stored: Stored) -> bool:
    """Return whether a stored tensor is one number of a formula, written where it is used."""
    return stored.kind == "constant" and stored.value is not None and stored.shape == ()


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
    known: dict[object, tuple[str, ...]] = {}
    units = []
    for unit in body.units:
        inputs = tuple(same.get(source, source) for source in unit.inputs)
        alone = len(inputs) == 1 and type(inputs[0]) is not Key
        if alone and isinstance(unit.op, ops.Add | ops.Mul | ops.Concat):
            same[unit.output] = inputs[0]
            continue
        if unit.kind == "expression":
            # What only training computes cannot stand for what inference needs.
            key = (unit.op, inputs, unit.training_only)
            if key in known:
                same |= dict(zip(unit.outputs, known[key], strict=True))
                continue
            known[key] = unit.outputs
        units.append(replace(unit, inputs=inputs))
    outputs = tuple(same.get(name, name) for name in body.outputs)
    return Body(body.inputs, _in_parts(units, net), outputs)


def _in_parts(units: list[Unit], net: ArchGraph) -> tuple[Unit, ...]:
    """Mark the Slices that cut a value into equal parts: ``x.chunk(2, dim=1)``."""
    cuts: dict[object, list[tuple[int, int]]] = {}

    def key(unit: Unit, op: ops.Slice) -> object:
        return unit.inputs[0], op.dim, unit.training_only

    for unit in units:
        if isinstance(unit.op, ops.Slice) and unit.op.step == 1:
            cuts.setdefault(key(unit, unit.op), []).append((unit.op.start, unit.op.stop))
    found = []
    for unit in units:
        if isinstance(unit.op, ops.Slice) and unit.op.step == 1 and unit.op.dim >= 0:
            ranges = sorted(cuts[key(unit, unit.op)])
            shape = net.tensor(unit.inputs[0], unit.name).shape or ()
            count, channels = len(ranges), shape[unit.op.dim]
            size = channels // count
            equal = [(n * size, (n + 1) * size) for n in range(count)]
            if count > 1 and ranges == equal and size * count == channels:
                unit = replace(unit, part=(unit.op.start // size, count))
        found.append(unit)
    return tuple(found)
