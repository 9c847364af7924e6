"""Nodes of a file as plain records: protobuf's own are slow to ask, and a network has many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from archgraph.errors import FormatError
from archgraph.formats.onnx_notes import metadata_of, notes_of
from archgraph.importers.onnx.settings import settings_of
from archgraph.limits import ATTRIBUTES

if TYPE_CHECKING:
    from onnx import AttributeProto, GraphProto, NodeProto

__all__ = [
    "STANDARD",
    "Kind",
    "Node",
    "branch_of",
    "contents",
    "graphs_in",
    "nodes_of",
    "read_by",
    "renamed",
    "types_of_names",
]

STANDARD = ("", "ai.onnx")
"""The domain of the standard operators."""

_GRAPH, _GRAPHS = 5, 10  # AttributeProto.AttributeType


class Kind:
    """What nodes have in common that differ in names only: one object for all that are alike.

    So what is found out of one node holds for the next, and is looked up in no time.
    """

    def __init__(self, op_type: str, domain: str, attribute: Sequence[AttributeProto]) -> None:
        self.op_type, self.domain, self.attribute = op_type, domain, attribute
        self.holds_graphs = any(each.type in (_GRAPH, _GRAPHS) for each in attribute)

    @cached_property
    def settings(self) -> dict[str, Any]:
        """The plain attributes by name."""
        return settings_of(self.attribute)

    @property
    def words(self) -> Iterator[str]:
        """Yield what it is called, and what its attributes are."""
        yield from (self.op_type, self.domain, *(each.name for each in self.attribute))


Kinds = dict[tuple[object, ...], Kind]
"""The kinds of the nodes of one file, by what they have in common."""


class Node:
    """One node: what it is called, reads and gives; its attributes are those of the file.

    ``reads`` are the values that it reads, those that the graphs inside it read included,
    ``names`` the same, each once. ``standard`` says that it is an operator of the standard,
    ``metadata`` what tools noted of it, ``notes`` what archgraph did.
    """

    __slots__ = (
        "attribute", "domain", "graphs", "input", "kind", "metadata", "name", "names", "notes",
        "op_type", "output", "proto", "reads", "standard",
    )  # fmt: skip

    def __init__(self, proto: NodeProto, kinds: Kinds) -> None:
        self.proto = proto
        self.op_type: str = proto.op_type
        self.domain: str = proto.domain
        self.name: str = proto.name
        attribute = proto.attribute
        if len(attribute) > ATTRIBUTES:
            raise FormatError(f"a node of it has more than {ATTRIBUTES:,} attributes.")
        # A slice is copied at once, an iterator asks for each.
        self.input = tuple(proto.input[:])
        self.output = tuple(proto.output[:])
        self.attribute: Sequence[AttributeProto] = attribute[:]
        self.standard = self.domain in STANDARD
        self.metadata: Mapping[str, str] = _NOTHING
        self.notes: Mapping[str, str] = _NOTHING
        if proto.metadata_props:
            self.metadata = metadata_of(proto)
            self.notes = notes_of(self.metadata)
        self.graphs: tuple[GraphProto, ...] = ()
        self.reads = tuple(filter(None, self.input)) if "" in self.input else self.input
        self.names = _once(self.reads)
        self.kind = self._kind(kinds)

    def read(self, place: int) -> str:
        """Return the value at an input; empty where there is none, whatever the operator needs."""
        return self.input[place] if place < len(self.input) else ""

    def _kind(self, kinds: Kinds) -> Kind:
        settings: tuple[bytes, ...] = ()
        if self.attribute:
            settings = tuple(
                [each.SerializeToString(deterministic=True) for each in self.attribute]
            )
        names: object = len(self.names)
        if self.names is not self.input:
            names = tuple([self.names.index(name) if name else -1 for name in self.input])
        given = tuple(map(bool, self.output)) if "" in self.output else len(self.output)
        key: tuple[object, ...] = self.op_type, settings, names, given, self.domain
        found = kinds.get(key)
        if found is None:
            found = kinds[key] = Kind(self.op_type, self.domain, self.attribute)
        if not found.holds_graphs:
            return found
        self.graphs = tuple(graphs_in(self.attribute))
        self.reads = (*self.reads, *_outer(self.graphs))
        self.names = _once(self.reads)
        # The graphs inside call what they read by name.
        return kinds.setdefault((*key, self.names), Kind(self.op_type, self.domain, self.attribute))


_NOTHING: Mapping[str, str] = MappingProxyType({})


def _once(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return names each once; what has no name twice as it is."""
    if len(names) < 2 or len(set(names)) == len(names):
        return names
    return tuple(dict.fromkeys(names))


def nodes_of(protos: Iterable[NodeProto]) -> list[Node]:
    """Return nodes as records; raise FormatError where a name is not text."""
    kinds: Kinds = {}
    found = [Node(proto, kinds) for proto in protos]
    types = set[type]()
    for node in found:
        types.update(map(type, node.input), map(type, node.output))
        types.add(type(node.name))
        if node.metadata:
            types.update(map(type, node.metadata), map(type, node.metadata.values()))
    for kind in kinds.values():
        types.update(map(type, kind.words))
        for graph in graphs_in(kind.attribute):
            types |= _types_inside(graph)
    if types - {str}:
        raise FormatError("a name in it is not text.")
    return found


def types_of_names(node: NodeProto) -> set[type]:
    """Return the types of the names in a node: protobuf gives those not in UTF-8 as bytes."""
    names = [node.name, node.op_type, node.domain, *node.input, *node.output]
    names += [text for entry in node.metadata_props for text in (entry.key, entry.value)]
    names += [each.name for each in node.attribute]
    inside = map(_types_inside, graphs_in(node.attribute))
    return set(map(type, names)).union(*inside)


def _types_inside(graph: GraphProto) -> set[type]:
    found = {type(each.name) for each in (*graph.input, *graph.initializer)}
    return found.union(*map(types_of_names, graph.node))


def graphs_in(attributes: Iterable[AttributeProto]) -> Iterator[GraphProto]:
    """Yield the graphs inside a node, by its attributes."""
    for each in attributes:
        if each.type == _GRAPH:
            yield each.g
        elif each.type == _GRAPHS:
            yield from each.graphs


def _outer(graphs: Iterable[GraphProto]) -> Iterator[str]:
    """Yield the values that graphs inside a node read from around it."""
    for graph in graphs:
        own = {info.name for info in graph.input} | {t.name for t in graph.initializer}
        for inside in graph.node:
            yield from (name for name in read_by(inside) if name not in own)
            own.update(inside.output)
        yield from (info.name for info in graph.output if info.name not in own)


def read_by(node: NodeProto | Node) -> Iterator[str]:
    """Yield the values that a node reads, those that the graphs inside it read included."""
    if isinstance(node, Node):
        yield from node.reads
        return
    yield from filter(None, node.input)
    yield from _outer(graphs_in(node.attribute))


def contents(graphs: Iterable[GraphProto]) -> str:
    """Return what graphs hold: their operators by kind and count, the most frequent first."""
    counts: Counter[str] = Counter()
    waiting = list(graphs)
    while waiting:
        for node in waiting.pop().node:
            if node.op_type != "Constant":
                counts[node.op_type] += 1
            waiting += graphs_in(node.attribute)
    ranked = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    words = [f"{count} {kind}" for kind, count in ranked[:4]]
    rest = sum(count for _, count in ranked[4:])
    return ", ".join([*words, f"{rest} more"] if rest else words)


def branch_of(node: Node, condition: bool) -> GraphProto | None:
    """Return the branch of an If that a known condition takes."""
    wanted = "then_branch" if condition else "else_branch"
    return next((e.g for e in node.attribute if e.name == wanted and e.type == _GRAPH), None)


def renamed(proto: NodeProto, names: Mapping[str, str]) -> NodeProto:
    """Return a node whose values bear other names, in the graphs inside it too."""
    from onnx import NodeProto

    found = NodeProto()
    found.CopyFrom(proto)
    _rename(found, names)
    return found


def _rename(node: NodeProto, names: Mapping[str, str]) -> None:
    node.input[:] = [names.get(name, name) for name in node.input]
    node.output[:] = [names.get(name, name) for name in node.output]
    for graph in graphs_in(node.attribute):
        own = {info.name for info in graph.input} | {t.name for t in graph.initializer}
        inner = {name: new for name, new in names.items() if name not in own}
        for each in graph.node:
            _rename(each, inner)
        for info in graph.output:
            info.name = inner.get(info.name, info.name)
