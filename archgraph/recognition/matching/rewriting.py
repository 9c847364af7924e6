"""A graph under rewriting: matches put in the place of what they match, node by node.

What is replaced is changed in a copy whose nodes keep their names, so that each replacement costs
what it replaces; the graph is built anew from it once, when all is done.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import Any

from archgraph.graph import ArchGraph
from archgraph.module_paths import modules_around
from archgraph.parts import extra_attributes, in_order
from archgraph.provenance import part_of_origin, whole_origin
from archgraph.recognition.matching.draft import Draft
from archgraph.recognition.matching.law import Made, own_facts
from archgraph.recognition.matching.match import MAIN, Match, Part, Ref
from archgraph.tensors import Key, node_of, output_of
from archgraph.wiring import take

__all__ = ["Rewriting"]

_NUMBER = re.compile(r"_\d+$")


@dataclass
class _New:
    """What is known of a node that was made: the nodes that it stands for, how it is called."""

    stands_for: frozenset[str]
    name: str = ""
    word: str = ""
    before: list[str] = field(default_factory=list)


class Rewriting:
    """A copy of a graph in which matches are replaced, and the graph that comes of it."""

    def __init__(self, net: ArchGraph) -> None:
        self._net = net
        self.order = in_order(net)
        """The nodes of the graph, each after all that it reads."""
        self._place = {name: number for number, name in enumerate(self.order)}
        self._new: dict[str, _New] = {}
        self._read: set[str] = set()
        """The keys of stored tensors that nodes read which are replaced."""
        self.draft = Draft.of(net)

    def replace(self, match: Match, made: Made) -> list[str]:
        """Put what a match makes in the place of what it matches; return its nodes in the draft."""
        draft, last = self.draft, match.last
        facts = own_facts(draft, last)
        found = {name: self._new.get(name) for name in match.nodes}
        origins = {name: draft.nodes[name].get("origin", ()) for name in match.nodes}
        for name in match.nodes:
            self._read.update((draft.nodes[name].get("tensors") or {}).values())
        draft.remove_nodes_from(match.inner)
        draft.remove_edges_from(list(draft.in_edges(last)))
        for key, tensor in match.stored.items():
            draft.graph.setdefault("tensors", {}).setdefault(key, tensor.record())
        names: dict[str, str] = {}
        end = match.parts[-1].word
        told = [each for n in (*sorted(match.inner), last) for each in origins[n]]
        before = [each for new in found.values() if new for each in new.before if each in draft]
        for part, (_, data) in zip(match.parts, made, strict=True):
            name = last if part.word == end else f"{last}+{part.word}"
            names[part.word] = name
            old = sorted(part.of, key=lambda each: self._place.get(each, 0))
            keys = dict(match.tensors) if part.word is MAIN else {}
            self._put(name, part, data | facts, keys, names)
            origin = tuple(dict.fromkeys(each for n in old for each in origins[n]))
            if told and not origin:
                origin = (self._part_of(told[-1]),)
            if origin:
                draft.nodes[name]["origin"] = origin
            elif "origin" in draft.nodes[name]:
                del draft.nodes[name]["origin"]
            self._new[name] = self._made(match, part, found)
            if name != last:
                before.append(name)
                self._place[name] = self._place[last]
        self._new[last].before = before
        draft.changed((*match.nodes, *names.values()))
        return [names[part.word] for part in match.parts]

    @cached_property
    def _parts(self) -> Counter[str]:
        """How many nodes say that they are, or are parts of, a call or a node of the file."""
        told = (each for _, data in self._net.nodes(data=True) for each in data.get("origin", ()))
        return Counter(map(whole_origin, told))

    def _part_of(self, origin: str) -> str:
        """Return a new part of what an origin names."""
        whole = whole_origin(origin)
        self._parts[whole] += 1
        return part_of_origin(whole, self._parts[whole])

    def _put(
        self,
        name: str,
        part: Part,
        data: dict[str, Any],
        keys: dict[str, str],
        names: dict[str, str],
    ) -> None:
        """Put a node into the draft, or another in its place, with what it reads."""
        uses: dict[str, list[tuple[int, int]]] = {}
        for position, source in enumerate(part.reads):
            if type(source) is Key:
                keys[str(position)] = str(source)
            elif type(source) is Ref:
                uses.setdefault(names[source], []).append((0, position))
            else:
                uses.setdefault(node_of(source), []).append((output_of(source), position))
        if name in self.draft:
            self.draft.nodes[name].clear()
        self.draft.add_node(name, **data)
        if keys:
            self.draft.nodes[name]["tensors"] = keys
        for source, pairs in uses.items():
            self.draft.add_edge(source, name, uses=tuple(pairs))

    def _made(self, match: Match, part: Part, found: dict[str, _New | None]) -> _New:
        """Return what is known of a new node."""
        stands_for: set[str] = set()
        for name in part.of:
            old = found[name]
            stands_for |= old.stands_for if old else {name}
        if part.word is MAIN:
            given = found.get(match.name)
            name = given.name if given and given.name else match.name
            return _New(frozenset(stands_for), name, match.word)
        if part.of:
            last = max(part.of, key=lambda each: self._place.get(each, 0))
            return _New(frozenset(stands_for), last.partition("+")[0])
        return _New(frozenset(), word=part.word)

    def result(self) -> ArchGraph:
        """Return the graph, built anew in its order.

        A new node is named after its module where it stands for all that is in that; else as its
        match says, without the number where only numbers tell their names apart (gelu, gelu_1).
        """
        draft, net = self.draft, self._net
        order = self._all()
        names = self._names(order)
        copy = ArchGraph(**net.graph)
        copy.weights = net.weights
        if "tensors" in draft.graph:
            copy.graph["tensors"] = dict(draft.graph["tensors"])
        for name in order:
            if name not in self._new and take(copy, name, *self._as_it_was(name, names)):
                continue
            reads = [_renamed(source, names) for source in draft.reads(name)]
            extras = extra_attributes(draft, name)
            copy.add(names.get(name, name), draft.op(name), reads, **extras)
        if "outputs" in net.graph:
            copy.graph["outputs"] = [_renamed(result, names) for result in net.results]
        self._forget_numbers(copy)
        copy.check_names()
        return copy

    def _as_it_was(
        self, name: str, names: Mapping[str, str]
    ) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
        """Return what a node that was not made anew carries, and its edges, in their order."""
        edges = self.draft.pred[name].items()
        found = sorted(edges, key=_position) if len(edges) > 1 else edges
        data: dict[str, Any] = self.draft.nodes[name]
        return data, {names.get(source, source): edge for source, edge in found}

    def _all(self) -> list[str]:
        """Return the nodes of the draft, each after all that it reads, in the order of before."""
        found: list[str] = []

        def visit(name: str) -> None:
            new = self._new.get(name)
            for each in new.before if new else ():
                if each in self.draft:
                    visit(each)
            found.append(name)

        for name in self.order:
            if name in self.draft:
                visit(name)
        return found

    def _names(self, order: Sequence[str]) -> dict[str, str]:
        """Return the names of the new nodes, given in this order."""
        around = {name: modules_around(name) for name in self._net}
        modules = Counter(chain.from_iterable(around.values()))
        kept = {name for name in self.draft if name not in self._new}
        taken = kept.union(*[around[name] for name in kept])
        found: dict[str, str] = {}

        named: set[str] = set(kept)

        def give(name: str, wanted: str) -> None:
            inside = next((module for module in modules_around(wanted) if module in named), "")
            if inside:  # nothing lies in an operator: what would, stands beside it
                wanted = f"{inside}_{wanted[len(inside) + 1 :].replace('.', '_')}"
            free, number = wanted, 0
            while free in taken:
                number += 1
                free = f"{wanted}_{number}"
            found[name] = free
            named.add(free)
            taken.update((free, *modules_around(free)))

        new = [name for name in order if name in self._new]
        for name in new:
            if self._new[name].stands_for:
                give(name, _name(name, self._new[name], modules))
        for name in new:
            if not self._new[name].stands_for:
                main = self._main(name)
                give(name, f"{found.get(main, main)}_{self._new[name].word}")
        return found

    def _main(self, name: str) -> str:
        """Return the node that a part without a name of its own stands beside."""
        last = name.partition("+")[0]
        main = f"{last}+{MAIN}"
        return main if main in self._new and main in self.draft else last

    def _forget_numbers(self, copy: ArchGraph) -> None:
        """Leave out the constants that only replaced nodes read."""
        records = copy.graph.get("tensors")
        if not records:
            return
        read = {
            key for _, data in copy.nodes(data=True) for key in (data.get("tensors") or {}).values()
        }
        read |= {record.get("alias") for record in records.values()}
        for key in self._read - read:
            if records.get(key, {}).get("kind") == "constant":
                del records[key]
        if not records:
            del copy.graph["tensors"]


def _name(node: str, new: _New, modules: Counter[str]) -> str:
    shared = set.intersection(*(set(modules_around(name)) for name in new.stands_for))
    module = max(shared, key=len, default="")
    if module and modules[module] == len(new.stands_for):
        return module
    if new.name:
        return new.name
    if len({_NUMBER.sub("", name) for name in new.stands_for}) == 1:
        return min(new.stands_for, key=lambda name: (len(name), name))
    last = node.partition("+")[0]
    if not new.word:
        return last
    return ".".join([*last.split(".")[:-1], new.word])


def _position(source: tuple[str, dict[str, Any]]) -> int:
    """Return the first input position that a source feeds."""
    first: int = source[1]["uses"][0][1]
    return first


def _renamed(source: str, names: dict[str, str]) -> str:
    """Return what a source is called now, a further output with its number."""
    if type(source) is Key:
        return source
    node, colon, number = source.partition(":")
    return f"{names.get(node, node)}{colon}{number}"
