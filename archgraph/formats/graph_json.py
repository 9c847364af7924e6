"""The graph file: JSON that holds operators by name and their settings, never code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import networkx as nx

from archgraph.attributes import EDGE, NETWORK, NODE, check_attributes
from archgraph.errors import ArchGraphError, CycleError, FileError, FormatError
from archgraph.files import read_text, write_text
from archgraph.formats.plain_json import plain_json, read_json
from archgraph.graph import ArchGraph
from archgraph.nearest import nearest
from archgraph.ops import OPS, Op, operator_named
from archgraph.parts import extra_attributes
from archgraph.plugins import origin_of
from archgraph.tensors import Key, Stored, node_of

__all__ = ["check_graph_attributes", "dumps", "loads", "operator", "read", "record_of", "save"]

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
    except (ValueError, RecursionError) as error:
        raise FormatError(f"{origin} is not valid JSON: {_first_words(error)}.") from None
    if not isinstance(whole, dict) or whole.get("format") != FORMAT:
        raise FormatError(f'{origin} is not an archgraph file: it lacks \'"format": "archgraph"\'.')
    if whole.get("version") != VERSION:
        raise FormatError(
            f"{origin} has format version {whole.get('version')!r}; this archgraph reads {VERSION}."
        )
    try:
        return _built(whole)
    except ArchGraphError as error:
        raise type(error)(f"{origin}: {error}") from None


def _built(whole: dict[str, Any]) -> ArchGraph:
    graph = whole.get("graph", {})
    records = whole.get("nodes")
    if not isinstance(graph, dict) or not isinstance(records, list):
        raise FormatError("'graph' must be an object and 'nodes' a list.")
    packages = whole.get("packages", {})
    if not isinstance(packages, dict):
        raise FormatError("'packages' must be an object.")
    net = ArchGraph()
    check_attributes(graph, NETWORK, "the graph")
    net.graph.update(graph)
    for key, tensor in _object(net, "tensors").items():
        Stored.of(tensor, key)
    for record in _in_order(records):
        attributes = record.get("attributes", {})
        if not isinstance(attributes, dict) or any(not isinstance(k, str) for k in attributes):
            raise FormatError(f"the attributes of node '{record['name']}' must be an object.")
        taken = {"name", "op", "inputs", "self", "tensors"} & set(attributes)
        if taken:
            raise FormatError(f"node '{record['name']}' cannot have an attribute '{min(taken)}'.")
        check_attributes(attributes, NODE, f"node '{record['name']}'")
        tensors = record.get("tensors")
        check_attributes({"tensors": tensors or {}}, NODE, f"node '{record['name']}'")
        inputs = [i if isinstance(i, str) else Key(i["tensor"]) for i in record["inputs"]]
        made = operator(record, packages)
        net.add(record["name"], made, inputs, tensors=tensors, **attributes)
    _annotate_edges(net, whole.get("edges", []))
    net.check_names()
    check_graph_attributes(net)
    return net


def _annotate_edges(net: ArchGraph, records: object) -> None:
    if not isinstance(records, list):
        raise FormatError("'edges' must be a list.")
    for record in records:
        match record:
            case {"source": str(source), "target": str(target), "attributes": dict(attributes)} if (
                net.has_edge(source, target)
            ):
                rest = {k: v for k, v in attributes.items() if k not in _EDGE_COMPUTED}
                net.edges[source, target].update(rest)
            case _:
                raise FormatError(f"'edges' holds {record!r:.80}, which is no edge of the graph.")


def check_graph_attributes(net: ArchGraph) -> None:
    """Refuse graph attributes that the rest of archgraph could not read."""
    if not isinstance(net.graph.setdefault("name", ""), str):
        raise FormatError(f"the graph's name is {net.graph['name']!r}, but it must be text.")
    outputs = net.graph.get("outputs", [])
    if not isinstance(outputs, list) or not all(isinstance(name, str) for name in outputs):
        raise FormatError("'outputs' must be a list of node names.")
    if "outputs" in net.graph:
        net.set_outputs(*outputs)
    for group in _object(net, "groups").values():
        if not isinstance(group, dict) or not {"kind", "label"} <= set(group):
            raise FormatError(f"'groups' holds {group!r:.80}, but it must have a kind and a label.")
    for metric, record in _object(net, "metrics").items():
        if metric in NODE:
            raise FormatError(f"'metrics' holds '{metric}', which archgraph computes itself.")
        for name, data in net.nodes(data=True):
            value = data.get(metric)
            if value is not None and type(value) not in (int, float):
                raise FormatError(
                    f"the {metric} of '{name}' is {value!r:.60}, but it must be a number or null."
                )
        if not isinstance(record, dict) or set(record) != {"title", "unit", "reduce", "per_image"}:
            raise FormatError(
                f"'metrics' holds {record!r:.80}, but it must have title, unit, reduce, per_image."
            )


def _object(net: ArchGraph, key: str) -> dict[str, Any]:
    found = net.graph.get(key, {})
    if not isinstance(found, dict):
        raise FormatError(f"'{key}' must be an object.")
    return found


def _is_input(value: object) -> bool:
    match value:
        case str() | {"tensor": str()}:
            return True
    return False


def _sources(record: dict[str, Any]) -> list[str]:
    """Return the nodes that a record reads, whichever of their outputs."""
    return [node_of(i) for i in record["inputs"] if isinstance(i, str)]


def _in_order(records: list[Any]) -> list[dict[str, Any]]:
    """Return the node records, each after those that it reads, else in the file's order."""
    by_name: dict[str, dict[str, Any]] = {}
    for record in records:
        if not isinstance(record, dict) or not isinstance(record.get("name"), str):
            raise FormatError(f"'nodes' holds {record!r:.80}, which has no \"name\".")
        inputs = record.setdefault("inputs", [])
        if not isinstance(inputs, list) or not all(map(_is_input, inputs)):
            raise FormatError(f"the inputs of node '{record['name']}' must be a list of names.")
        if record["name"] in by_name:
            raise FormatError(f"two nodes are named '{record['name']}'.")
        by_name[record["name"]] = record
    seen: set[str] = set()
    if all(
        all(i in seen or i not in by_name for i in _sources(r)) and not seen.add(r["name"])  # type: ignore[func-returns-value]
        for r in records
    ):
        return records
    edges = [(i, name) for name, r in by_name.items() for i in _sources(r) if i in by_name]
    wanted: nx.DiGraph[str] = nx.DiGraph(edges)
    wanted.add_nodes_from(by_name)
    try:
        cycle = [source for source, _ in nx.find_cycle(wanted)]
    except nx.NetworkXNoCycle:
        place = {name: index for index, name in enumerate(by_name)}
        order = nx.lexicographical_topological_sort(wanted, key=place.__getitem__)
        return [by_name[name] for name in order]
    raise CycleError(f"the graph has a cycle: {' → '.join([*cycle, cycle[0]])}.")


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
    known = {field.name for field in fields(made)}
    if not isinstance(settings, dict) or set(settings) - known:
        wrong = sorted(set(settings) - known) if isinstance(settings, dict) else settings
        raise FormatError(
            f"node '{name}' ({kind}) does not take {wrong}; it takes {sorted(known)}."
        )
    try:
        return made(**{k: tuple(v) if isinstance(v, list) else v for k, v in settings.items()})
    except (TypeError, ValueError) as error:
        raise FormatError(f"node '{name}' ({kind}): {_first_words(error)}.") from None
    except ArchGraphError as error:
        raise type(error)(f"node '{name}' ({kind}): {error}") from None


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
