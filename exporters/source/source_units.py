"""A graph cut into what source code speaks of: layers, nn.Sequential, blocks with a class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Literal

import networkx as nx

from archgraph import ops
from archgraph.graph import ArchGraph
from archgraph.stored_tensors import tied
from archgraph.tensors import Key, follows_batch, node_of, state_key

from .constants import Constant, constant
from .expressions import EXPRESSIONS, needs_batch
from .fields import is_layer
from .forward_calls import Body, Unit, is_number, trains, values_of
from .functions import is_functional
from .python_names import is_attribute
from .simplify import simplified

__all__ = ["Structure"]

Module = Literal["sequential", "block", "group"]
"""What a module becomes. A group is only a name: its layers are called by the class around it."""

CONTAINERS = ("Sequential", "ModuleList", "ModuleDict")
"""torch's modules that have no formula of their own."""


class Structure:
    """The modules of a graph by their dotted paths: what each becomes and what it calls."""

    def __init__(self, net: ArchGraph) -> None:
        self.net = net
        self.place = {name: number for number, name in enumerate(net.topological())}
        self.listed = {name: number for number, name in enumerate(net)}
        self.live = _live(net)
        self.tensors = net.tensors
        self.classes: dict[str, str] = net.graph.get("modules") or {}
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
                    found |= dict.fromkeys(self._wrapped(path), "block")
                elif self._is_block(path, found):
                    found[path] = "block"
        return found

    def is_read(self, value: str) -> bool:
        """Return whether a value is one of a module or a file that was read: its node says so."""
        return type(value) is not Key and "origin" in self.net.nodes[node_of(value)]

    def class_of(self, path: str) -> str | None:
        """Return what the class of a module is called, where it was read from one."""
        return self.classes.get(self.module_of(path) if path else "")

    def below(self, path: str) -> list[str]:
        """Return the words below a module: its submodules' where it was read from a module."""
        if self.class_of(path) is None:
            return list(self.children[path])
        prefix = f"{self.module_of(path)}." if path else ""
        inner = (each.removeprefix(prefix) for each in self.classes if each.startswith(prefix))
        words = [word for word in inner if word and "." not in word]
        if all(map(str.isdecimal, words)):  # those that did nothing may be unknown
            return [str(number) for number in range(1 + max(map(int, words), default=-1))]
        return words

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
        alive = [name for name in self.members.get(path, [path]) if name in self.live]
        reads = [source for name in alive for source in self.net.reads(name)]
        values = (source for source in reads if type(source) is not Key)
        return tuple(dict.fromkeys(v for v in values if not self._holds(path, node_of(v))))

    def leaving(self, path: str) -> list[str]:
        """Return the values of a module that are read outside, in one that was read the last first.

        What a module goes on with comes before what it gives besides.
        """
        found = []
        results = set(self.net.results)
        for name in self.members.get(path, [path]):
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
        if self.class_of(path) is not None:
            found.sort(key=lambda value: -self.place[node_of(value)])
        return found

    @cached_property
    def lent(self) -> set[str]:
        """The nodes that read tensors under other keys than those of their own layer."""
        return {
            name
            for name in self.net
            if any(
                not role.isdecimal() and not self._is_own(name, role, key)
                for role, key in self.net.keys_of(name).items()
            )
        }

    def _is_own(self, name: str, role: str, key: str) -> bool:
        """Return whether a layer reads its own tensor, or one that is tied to it."""
        own = state_key(name, role)
        return key == own or (
            own in self.tensors
            and tied(self.net, own) == tied(self.net, key)
            and not self.tensors[own].moved
        )

    @cached_property
    def constants(self) -> dict[str, Constant]:
        """The tensors that are written as formulas, in every class that reads them."""
        found = {
            key: constant(key, stored, self.net.weights) for key, stored in self.tensors.items()
        }
        return {key: each for key, each in found.items() if each is not None}

    def is_formula(self, key: str) -> bool:
        """Return whether a stored tensor is written where it is read: it is in no state dict."""
        return is_number(self.tensors[key]) or key in self.constants

    def module_of(self, path: str) -> str:
        """Return the module that a path is in the state: a second run is the first one's."""
        return state_key(path, "").rstrip(".")

    @cached_property
    def loose(self) -> dict[str, list[str]]:
        """The keys of tensors that no layer holds, by the class that holds them, "" the network."""
        held = {
            state_key(name, role)
            for name in self.net
            if name not in self.lent
            for role in self.net.keys_of(name)
            if not role.isdecimal()
        }
        tied = {
            key
            for key, stored in self.tensors.items()
            if stored.alias is not None and not stored.moved
        }
        found: dict[str, list[str]] = {}
        for key in self.tensors:
            if key not in held and key not in tied and not self.is_formula(key):
                found.setdefault(self._owner(key), []).append(key)
        return found

    def told(self, path: str) -> tuple[object, ...]:
        """Return a class's name and what it stores beside its layers, in a form to compare."""
        prefix = self.module_of(path)
        keys = self.loose.get(prefix, [])
        stored = tuple((key.removeprefix(prefix), self.tensors[key]) for key in keys)
        return self.class_of(path), stored

    def _owner(self, key: str) -> str:
        path = key.rpartition(".")[0]
        while path and self.kinds.get(path) != "block":
            path = path.rpartition(".")[0]
        return path

    def body(self, path: str) -> Body:
        """Return the forward method of a module, or of the network (path "")."""
        if path in self.net:
            units = [self._node(path, path.rpartition(".")[0])]
        else:
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
        return simplified(body, self.net)

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
        if name in self.net and kinds.get(name) != "block":
            return self._node(name, owner)
        path = self.module_of(name[len(owner) + 1 :] if owner else name)
        inputs, outputs = self.inputs(name), tuple(self.leaving(name))
        training = trains(self.net, outputs[0])
        if kinds[name] == "block":
            return Unit(path, name, "block", inputs, outputs, None, (), training)
        steps = tuple(self._step(f"{name}.{word}", owner, kinds) for word in self.below(name))
        return Unit(path, name, "sequential", inputs, outputs, None, steps, training)

    def _node(self, name: str, owner: str) -> Unit:
        """Return a layer or an expression of the class of the module ``owner``."""
        path = self.module_of(name[len(owner) + 1 :] if owner else name)
        op, training = self.net.op(name), trains(self.net, name)
        written = self.is_written(name)
        inputs = self.net.reads(name) if name in self.live else ()
        if name in self.lent:
            keys = self.net.keys_of(name)
            inputs = (*inputs, *(Key(keys[role]) for role in (*op.parameters(), *op.buffers())))
        kind: Literal["layer", "expression"] = "expression" if written else "layer"
        return Unit(path, name, kind, inputs, values_of(self.net, name), op, (), training)

    def _wrapped(self, path: str) -> list[str]:
        """Return the elements of a Sequential that are modules, but no layers of torch.nn."""
        names = (f"{path}.{word}" for word in self.children[path])
        return [name for name in names if name in self.net and not is_layer(self.net.op(name))]

    def _step(self, name: str, owner: str, kinds: Mapping[str, Module]) -> Unit:
        """Return one element of a Sequential; a module that did nothing is the identity."""
        if name in self.net or name in kinds:
            return self._unit(name, owner, kinds)
        path = self.module_of(name[len(owner) + 1 :] if owner else name)
        return Unit(path, name, "layer", (), (), ops.Identity())

    def is_written(self, name: str) -> bool:
        """Return whether a node is an expression: one that is no submodule of its class."""
        op = self.net.op(name)
        if name in self.lent:
            return True
        if not self.classes:
            return isinstance(op, tuple(EXPRESSIONS))
        if self.class_of(name) is not None and is_layer(op) and op.arity == 1:
            return False
        return isinstance(op, tuple(EXPRESSIONS)) or is_functional(op)

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
        """Return whether a module gives a value, and nothing outside runs in its middle.

        One that nobody calls a module gives one value only, and takes some.
        """
        leaving, inputs = self.leaving(path), self.inputs(path)
        if not leaving or not self._is_closed(path):
            return False
        if self.class_of(path) is None and (len(leaving) != 1 or not inputs):
            return False
        before = set(map(node_of, inputs))
        for last in set(map(node_of, leaving)):
            if any(self.place[source] > self.place[last] for source in before) and (
                nx.descendants(self.net, last).intersection(before)
            ):
                return False
        return True

    def _is_block(self, path: str, kinds: Mapping[str, Module]) -> bool:
        """Return whether a module gets a class of its own."""
        if not all(is_attribute(self.module_of(word)) for word in self.children[path]):
            return False
        known = self.class_of(path)
        if known is not None:
            return known not in CONTAINERS
        return len(self._below(path, path, kinds)) > 1

    def _is_closed(self, path: str) -> bool:
        """Return whether a module reads tensors of its own only and can tell what the batch is."""
        names, prefix = self.members[path], f"{self.module_of(path)}."
        keys = {
            key
            for name in names
            for role, key in self.net.keys_of(name).items()
            if (role.isdecimal() and not self.is_formula(key)) or name in self.lent
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
        """Return whether a module is a Sequential: each element reads the one before alone."""
        words = self._elements(path)
        before = self.inputs(path)
        if not words or len(before) != 1:
            return False
        for word in words:
            name = f"{path}.{word}"
            if name in self.net:
                op = self.net.op(name)
                wrapped = self.class_of(name) is not None and isinstance(op, tuple(EXPRESSIONS))
                if op.arity != 1 or not (is_layer(op) or wrapped) or name in self.lent:
                    return False
                taken, given = self.net.reads(name), values_of(self.net, name)
            elif word not in self.children[path]:
                continue
            elif kinds[name] == "group":
                return False
            else:
                taken, given = self.inputs(name), tuple(self.leaving(name))
            if taken != before or len(given) != 1:
                return False
            before = given
        return before == tuple(self.leaving(path))

    def _elements(self, path: str) -> list[str]:
        """Return the words of what may be a Sequential: 0, 1, 2, …, or what its class says."""
        known, words = self.class_of(path), self.below(path)
        numbered = words == [str(number) for number, _ in enumerate(words)]
        if known in ("ModuleList", "ModuleDict") or not (numbered or known == "Sequential"):
            return []
        if set(self.children[path]) - set(words):
            return []  # something is computed between its elements
        prefix = self.module_of(path)
        silent = {word for word in words if word not in self.children[path]}
        stores = (key.removeprefix(f"{prefix}.").partition(".")[0] for key in self.tensors)
        return [] if silent and silent & set(stores) else words


def _live(net: ArchGraph) -> set[str]:
    """Return the nodes that an output depends on."""
    found = set(net.outputs)
    for name in reversed(net.topological()):
        if name in found:
            found.update(net.pred[name])
    return found
