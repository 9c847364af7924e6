"""The graph file: JSON that holds operators by name and their settings, never code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from heapq import heappop, heappush
from pathlib import Path
from typing import Any

from archgraph.attributes import EDGE
from archgraph.checking import check_graph, check_references
from archgraph.cycles import cycle_text
from archgraph.errors import ArchGraphError, CycleError, FileError, FormatError
from archgraph.files import read_text, write_text
from archgraph.formats.plain_json import plain_json, read_json
from archgraph.forms import (
    ANYTHING,
    PLAIN,
    TEXT,
    either,
    lists,
    maybe,
    objects,
    records,
    shown,
)
from archgraph.graph import ArchGraph
from archgraph.limits import OPERATORS
from archgraph.nearest import nearest
from archgraph.ops import OPS, Op, operator_named
from archgraph.parts import extra_attributes
from archgraph.plugins import origin_of
from archgraph.tensors import Key, node_of
from archgraph.wiring import add

__all__ = ["dumps", "loads", "operator", "read", "record_of", "save"]

FORMAT = "archgraph"
VERSION = 1
_EDGE_COMPUTED = ("positions", *EDGE)


def save(net: ArchGraph, path: Path) -> Path:
    """Write a graph file and return its path."""
    return write_text(path, dumps(net))


def read(
    path: Path, *, input: Sequence[int] | Mapping[str, Sequence[int | str]] | None = None
) -> ArchGraph:
    """Return the network of a graph file, or the same for another input shape."""
    if not path.exists():
        raise FileError(f"there is no file '{path}'.")
    net = loads(read_text(path), origin=f"'{path}'")
    return net if input is None else net.with_input(input)


def dumps(net: ArchGraph) -> str:
    """Return the graph as JSON text; FormatError when an attribute is not plain data."""
    net.check()
    nodes = [record_of(net, name) for name in net]
    edges = [
        {"source": source, "target": target, "attributes": rest}
        for source, target, data in net.edges(data=True)
        if (rest := {k: v for k, v in data.items() if k not in _EDGE_COMPUTED})
    ]
    whole = {"format": FORMAT, "version": VERSION, "graph": net.graph, "nodes": nodes}
    whole |= {"edges": edges} if edges else {}
    kinds = {record["op"] for record in nodes}
    packages = {kind: origin for kind in sorted(kinds) if (origin := origin_of("operators", kind))}
    whole |= {"packages": packages} if packages else {}
    _must_be_plain(whole, net.name)
    return plain_json(whole, indent=1) + "\n"


def record_of(net: ArchGraph, name: str) -> dict[str, Any]:
    """Return what a graph file says of one node."""
    op = net.op(name)
    if OPS.get(op.kind) is not type(op):
        raise FormatError(
            f"node '{name}' has the operator '{op.kind}' of {type(op).__module__}, but "
            f"'{op.kind}' is the name of one of {OPS[op.kind].__module__}; give it another name."
        )
    record: dict[str, Any] = {"name": name, "op": op.kind, "args": op.settings()}
    record["inputs"] = [
        {"tensor": source} if type(source) is Key else source for source in net.reads(name)
    ]
    attributes = extra_attributes(net, name)
    tensors: Any = attributes.pop("tensors", None) or {}
    roles = {role: key for role, key in tensors.items() if not role.isdecimal()}
    if roles:
        record["tensors"] = roles
    if attributes.get("device", 0) is None:
        del attributes["device"]
    return record | ({"attributes": attributes} if attributes else {})


def loads(text: str, origin: str = "the text") -> ArchGraph:
    """Return the graph that a JSON text holds, checked as it is built.

    Raises FormatError, CycleError, GraphError or ShapeError, each naming ``origin`` and the node.
    """
    try:
        whole = read_json(text)
    except ValueError as error:
        raise FormatError(f"{origin} is not valid JSON: {_first_words(error)}.") from None
    if not isinstance(whole, dict) or whole.get("format") != FORMAT:
        raise FormatError(f'{origin} is not an archgraph file: it lacks \'"format": "archgraph"\'.')
    version = whole.get("version")
    if type(version) is not int or version != VERSION:
        raise FormatError(
            f"{origin} has format version {shown(version)}; this archgraph reads {VERSION}."
        )
    try:
        return _built(whole)
    except ArchGraphError as error:
        raise type(error)(f"{origin}: {error}") from None


_RECORD = records(
    "an object",
    {"name": TEXT, "op": TEXT},
    {
        "args": ANYTHING,  # each operator knows its own
        "inputs": lists(either(TEXT, records("a key of a tensor", {"tensor": TEXT})), "a list"),
        "tensors": maybe(objects(TEXT, "an object of texts")),
        "attributes": objects(ANYTHING, "an object"),  # checked by their names
    },
)
_EDGE_RECORD = records(
    "an object with source and target",
    {"source": TEXT, "target": TEXT},
    {"attributes": objects(PLAIN, "an object")},
)
_WHOLE = {
    "format": TEXT,
    "version": ANYTHING,
    "graph": objects(ANYTHING, "an object"),
    "nodes": lists(ANYTHING, "a list"),
    "edges": lists(_EDGE_RECORD, "a list"),
    "packages": objects(TEXT, "an object of texts"),
}
"""What a graph file holds."""


def _built(whole: dict[str, Any]) -> ArchGraph:
    for key, value in whole.items():
        form = _WHOLE.get(key)
        if form is None:
            raise FormatError(f"there is no {shown(key)} in a graph file{nearest(key, _WHOLE)}.")
        wrong = form.fault(value)
        if wrong is not None:
            raise FormatError(f"'{key}' {wrong}.")
    nodes = whole.get("nodes")
    if nodes is None:
        raise FormatError("it has no 'nodes'.")
    if len(nodes) > OPERATORS:
        raise FormatError(f"it has {len(nodes):,} nodes, but at most {OPERATORS:,} are read.")
    net = ArchGraph()
    graph = whole.get("graph", {})
    check_graph(graph)
    net.graph.update(graph)
    for record in _in_order(nodes):
        name, attributes = record["name"], record.get("attributes", {})
        if "op" in attributes or "tensors" in attributes:
            found = "op" if "op" in attributes else "tensors"
            raise FormatError(f"node '{name}' cannot have an attribute '{found}'.")
        tensors = record.get("tensors") or {}
        if any(map(str.isdecimal, tensors)):
            raise FormatError(f"the tensors of node '{name}' must be keys by the operator's words.")
        inputs = [i if isinstance(i, str) else Key(i["tensor"]) for i in record.get("inputs", ())]
        made = operator(record, whole.get("packages"))
        add(net, name, made, inputs, {**attributes, "tensors": tensors})
    for edge in whole.get("edges", ()):
        source, target = edge["source"], edge["target"]
        if not net.has_edge(source, target):
            raise FormatError(
                f"'edges' holds {shown(edge)}, but there is no edge from '{source}' to '{target}'."
            )
        rest = {k: v for k, v in edge.get("attributes", {}).items() if k not in _EDGE_COMPUTED}
        net.edges[source, target].update(rest)
    net.graph.setdefault("name", "")
    check_references(net)
    return net


def _sources(record: dict[str, Any]) -> list[str]:
    """Return the nodes that a record reads, whichever of their outputs."""
    return [node_of(each) for each in record.get("inputs", ()) if isinstance(each, str)]


def _in_order(nodes: list[Any]) -> list[dict[str, Any]]:
    """Return the node records, each after those that it reads, else in the file's order."""
    place: dict[str, int] = {}
    for number, record in enumerate(nodes):
        wrong = _RECORD.fault(record)
        if wrong is not None:
            named = record.get("name") if isinstance(record, dict) else None
            which = f"node {shown(named)}" if isinstance(named, str) else f"'nodes' at {number}"
            raise FormatError(f"{which} {wrong}.")
        more = record.keys() - _FIELDS
        if more:
            raise FormatError(
                f"node {shown(record['name'])} has {shown(min(more))}, which no node has"
                f"{nearest(min(more), _FIELDS)}."
            )
        if place.setdefault(record["name"], number) != number:
            raise FormatError(f"two nodes are named {shown(record['name'])}.")
    sources = {
        record["name"]: {each for each in _sources(record) if each in place} for record in nodes
    }
    waiting = {name: len(found) for name, found in sources.items()}
    readers: dict[str, list[str]] = {name: [] for name in place}
    for name, found in sources.items():
        for source in found:
            readers[source].append(name)
    ready = [place[name] for name, count in waiting.items() if not count]
    order = []
    while ready:  # a heap, for it begins in order
        record = nodes[heappop(ready)]
        order.append(record)
        for reader in readers[record["name"]]:
            waiting[reader] -= 1
            if not waiting[reader]:
                heappush(ready, place[reader])
    if len(order) < len(nodes):
        raise CycleError(cycle_text(sources, waiting))
    return order


_FIELDS = ("name", "op", "args", "inputs", "tensors", "attributes")
"""What the record of a node may hold."""


def operator(record: dict[str, Any], packages: Mapping[str, object] | None = None) -> Op:
    """Return the operator of a node's record (``name``, ``op``, ``args``), or raise FormatError.

    ``packages`` says which package an operator came from that is not archgraph's own.
    """
    name, kind, settings = record["name"], record.get("op"), record.get("args", {})
    try:
        made = operator_named(str(kind))
    except FormatError:
        package = (packages or {}).get(str(kind))
        remedy = f"; it comes with the package {package!r:.80}" if package else ""
        raise FormatError(
            f"node '{name}' has the operator {kind!r}, which archgraph does not know"
            f"{remedy or nearest(str(kind), OPS)}."
        ) from None
    if not isinstance(settings, dict):
        raise FormatError(f"the args of node '{name}' are {shown(settings)}, but are an object.")
    known = {field.name: field for field in fields(made) if field.init}
    for word in settings:
        if word not in known:
            takes = f"it takes {', '.join(known)}" if known else "it takes nothing"
            raise FormatError(f"node '{name}' ({kind}) does not take {shown(word)}; {takes}.")
    for word, field in known.items():
        if word not in settings and field.default is field.default_factory is MISSING:
            raise FormatError(f"node '{name}' ({kind}) lacks {word!r}.")
    ours = made.__module__.startswith("archgraph.")
    try:
        op = made(**{k: tuple(v) if isinstance(v, list) else v for k, v in settings.items()})
        if not ours:
            Op.__post_init__(op)  # an operator of another package may have forgotten to
        return op
    except ArchGraphError as error:
        raise type(error)(f"node '{name}' ({kind}): {error}") from None
    except (TypeError, ValueError) as error:
        if ours:  # they say themselves what they take
            raise
        raise FormatError(f"node '{name}' ({kind}): {_first_words(error)}.") from None


def _must_be_plain(value: object, where: str) -> None:
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise FormatError(
                    f"{where}: the key {key!r} is not a string, so it cannot be saved."
                )
            _must_be_plain(item, f"{where}.{key}")
    elif isinstance(value, (list, tuple)):
        for item in value:
            _must_be_plain(item, where)
    elif value is not None and not isinstance(value, (str, int, float, bool)):
        raise FormatError(
            f"{where} holds a {type(value).__name__}, but only plain values "
            "(text, numbers, lists, dictionaries) can be saved."
        )


def _first_words(error: Exception) -> str:
    return str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
