"""The notes in an ONNX file of our own: how they are written, and how they are read.

They are for people, who see them in a viewer, and for the importer, which gives the network back
as it was. The keys are listed in docs/onnx.md. Other tools change files and leave the notes as
they were, so whoever reads them must see whether the nodes bear them out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from archgraph.attributes import COMPUTED, check_node
from archgraph.errors import ArchGraphError, FormatError
from archgraph.formats.graph_json import operator, record_of
from archgraph.formats.plain_json import plain_json, read_json
from archgraph.graph import ArchGraph
from archgraph.limits import DEVICES
from archgraph.metrics import STATIC_METRICS
from archgraph.ops import AdaptiveAvgPool2d, Dropout, Identity, Op
from archgraph.tensors import Key, Stored, Tensor, state_key

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

__all__ = [
    "Claim",
    "Notes",
    "attributes_of",
    "describe_model",
    "describe_node",
    "describe_weights",
    "doc_string",
    "metadata_of",
    "noted_input",
    "notes_of",
    "read_notes",
]

PREFIX = "archgraph."

WORDS = ("label", "stage", "block", "role", "device")
"""The attributes that have a key of their own; the others stand together in ATTRIBUTES."""

NODE, OP, INPUTS, TENSORS, ATTRIBUTES = "node", "op", "inputs", "tensors", "attributes"
"""The keys of what is read again of an operator; the rest is for people."""
NETWORK, UNWRITTEN, INPUT = "network", "unwritten", "input"
"""The keys of what is read again of the whole."""


# ---- writing -----------------------------------------------------------------------------


def _put(target: NodeProto | ModelProto, facts: dict[str, object]) -> None:
    add = target.metadata_props.add
    for key, value in facts.items():
        if value is not None:
            add(key=PREFIX + key, value=str(value))


def describe_node(node: NodeProto, net: ArchGraph, name: str) -> None:
    """Write a node's facts into its ``metadata_props``."""
    data, record = net.nodes[name], record_of(net, name)
    rest = {k: v for k, v in record.get("attributes", {}).items() if k not in WORDS}
    _put(
        node,
        {
            NODE: name,
            "module": name.rpartition(".")[0] or None,
            **{key: data.get(key) for key in WORDS},
            **{metric: data[metric] for metric in STATIC_METRICS},
            "output": "x".join(map(str, data["shape"])),
            OP: f"{record['op']} {_json(record['args'])}",
            INPUTS: _inputs(record["inputs"]),
            TENSORS: _json(record["tensors"]) if "tensors" in record else None,
            ATTRIBUTES: _json(rest) if rest else None,
        },
    )


def describe_model(
    model: ModelProto, net: ArchGraph, weights: str | None, left_out: Mapping[str, str]
) -> None:
    """Write the network's facts into the model's ``metadata_props`` and ``doc_string``.

    ``weights`` says where those come from; ``left_out`` are the nodes that have none of their own
    in the file, each with the next that has one.
    """
    paper = net.graph.get("paper", {})
    marked = [name for name in net.sources if "attributes" in record_of(net, name)]
    records = [record_of(net, name) for name in marked]
    records += [record_of(net, name) | {"before": before} for name, before in left_out.items()]
    _put(
        model,
        {
            "architecture": net.name,
            "title": net.graph.get("title"),
            "paper": paper.get("title"),
            "authors": paper.get("authors"),
            "year": paper.get("year"),
            **{f"total_{metric}": net.total(metric) for metric in STATIC_METRICS},
            "convention": "one image; macs: multiply-adds of conv, linear and matmul; "
            "flops: 2 x macs + bias + element-wise work",
            "weights": weights,
            INPUT: "x".join(map(str, net.input_shape)) if net.sources else None,
            NETWORK: _json(net.graph),
            UNWRITTEN: _json(records) if records else None,
        },
    )
    model.doc_string = doc_string(net)


def describe_weights(fingerprint: str) -> ModelProto:
    """Return a model that has nothing but the fingerprint of its weights, to be merged with one."""
    from onnx import ModelProto

    model = ModelProto()
    _put(model, {"weights_sha256": fingerprint})
    return model


def _inputs(read: list[Any]) -> str | None:
    """Return what an operator reads: names in a row, or JSON where stored tensors are among it."""
    if all(isinstance(each, str) for each in read):
        return " ".join(read)
    return _json(read)


def _json(value: object) -> str | None:
    """Return plain data as JSON; None for what JSON cannot hold, which stays behind."""
    try:
        return plain_json(value)
    except (TypeError, ValueError):
        return None


def doc_string(net: ArchGraph) -> str:
    """Return one paragraph about the network, for whoever opens the file."""
    paper = net.graph.get("paper", {})
    cited = f" {paper['authors']}: {paper['title']} ({paper['year']})." if paper else ""
    params, macs = net.total("params"), net.total("macs")
    return (
        f"{net.graph.get('title', net.name)}: {params:,} parameters, {macs:,} MACs per image."
        if params is not None and macs is not None
        else f"{net.graph.get('title', net.name)}."
    ) + cited


# ---- reading -----------------------------------------------------------------------------


@dataclass(slots=True)
class Claim:
    """What the file says of one operator: ``members`` are the indices of its ONNX nodes.

    ``inputs`` are names of values, and Keys of stored tensors; ``tensors`` the keys of its own by
    role, where they are not the usual ones.
    """

    name: str
    op: Op
    inputs: tuple[str, ...]
    tensors: dict[str, str] = field(default_factory=dict)
    members: list[int] = field(default_factory=list)

    def key(self, role: str) -> str:
        """Return the key of one of its tensors."""
        return self.tensors.get(role) or state_key(self.name, role)


@dataclass(slots=True)
class Notes:
    """All notes of a file: on its operators, those without a node, its inputs and the whole.

    ``unwritten`` holds each operator that has no node, with its input; ``before`` says which of
    them stand right before an operator that has one.
    """

    claims: dict[int, Claim] = field(default_factory=dict)
    unwritten: dict[str, tuple[Op, str]] = field(default_factory=dict)
    before: dict[str, list[str]] = field(default_factory=dict)
    attributes: dict[str, dict[str, Any]] = field(default_factory=dict)
    network: dict[str, Any] = field(default_factory=dict)

    def stored(self, key: str) -> tuple[str, Tensor | None]:
        """Return the tensor of the file that a key stands for, and what it is declared as."""
        records = self.network.get("tensors")
        records = records if isinstance(records, dict) else {}
        known, seen = None, set[str]()
        while key in records and key not in seen:
            seen.add(key)
            try:
                stored = Stored.of(records[key], key)
            except ArchGraphError:
                break
            known = known or stored.tensor
            if stored.alias is None:
                break
            key = stored.alias
        return key, known

    def stored_names(self) -> set[str]:
        """Return what the file may call the tensors that its operators store."""
        records = self.network.get("tensors")
        found = set(records) if isinstance(records, dict) else set()
        for claim in self.claims.values():
            found |= {claim.key(role) for role in (*claim.op.parameters(), *claim.op.buffers())}
            found |= {key for key in claim.inputs if type(key) is Key}
        return found

    def written(self, name: str) -> str:
        """Return the node that stands in the file for one that was left out."""
        seen = set()
        while name in self.unwritten and name not in seen:
            seen.add(name)
            name = self.unwritten[name][1]
        return name


def metadata_of(holder: ModelProto | NodeProto) -> dict[str, str]:
    """Return the entries of ``metadata_props``, whoever wrote them."""
    return {entry.key: entry.value for entry in holder.metadata_props}


def notes_of(metadata: Mapping[str, str]) -> dict[str, str]:
    """Return archgraph's entries in ``metadata_props``, without their prefix."""
    if not metadata:
        return {}
    try:
        return {k.removeprefix(PREFIX): v for k, v in metadata.items() if k.startswith(PREFIX)}
    except TypeError:  # a key is not in UTF-8, so it is bytes, which is told with other names
        return {}


def read_notes(model: ModelProto, nodes: Iterable[Mapping[str, str]]) -> Notes:
    """Return a file's notes; one that is malformed is passed over.

    ``nodes`` are archgraph's entries on each of its nodes, as ``notes_of`` gives them.
    """
    notes = Notes()
    by_name: dict[str, Claim] = {}
    for index, told in enumerate(nodes):
        if NODE in told and OP in told:
            kind, _, settings = told[OP].partition(" ")
            name, inputs = told[NODE], _read_inputs(told.get(INPUTS, ""))
            op = _operator(name, kind, _parsed(settings))
            if op is not None:
                claim = by_name.setdefault(name, Claim(name, op, inputs, _keys(told)))
                claim.members.append(index)
                notes.claims[index] = claim
    told = notes_of(metadata_of(model))
    notes.network = _object(_parsed(told.get(NETWORK, "")))
    records = _parsed(told.get(UNWRITTEN, ""))
    for record in records if isinstance(records, list) else []:
        match record:
            case {"name": str(name), "op": str(kind), "args": arguments, "inputs": inputs}:
                notes.attributes[name] = _usable(_object(record.get("attributes")))
                op = _operator(name, kind, arguments)
                if isinstance(op, (Dropout, Identity, AdaptiveAvgPool2d)):
                    match inputs:
                        case [str(source)]:
                            notes.unwritten[name] = (op, source)
                            notes.before.setdefault(str(record.get("before")), []).append(name)
    return notes


def attributes_of(node: NodeProto, notes: Mapping[str, str]) -> dict[str, Any]:
    """Return the attributes that a node of the graph had, and the device that it runs on.

    ``notes`` are archgraph's entries on it.
    """
    if not notes and not node.device_configurations:
        return {}
    found = _usable(_object(_parsed(notes.get(ATTRIBUTES, ""))))
    found |= _usable({key: notes[key] for key in WORDS[:-1] if key in notes})
    noted = notes.get("device", "")
    device = int(noted) if noted.isdecimal() and len(noted) < 4 else device_of(node)
    return found | ({} if device is None else {"device": device})


def device_of(node: NodeProto) -> int | None:
    """Return the one device that holds a node's outputs, by the standard multi-device fields.

    Of a node of which only the stage of a pipeline is said, that is the device.
    """
    placed = {
        tuple(spec.device)
        for configuration in node.device_configurations
        for spec in configuration.sharding_spec
        if spec.tensor_name in node.output
    }
    if not any(each.sharding_spec for each in node.device_configurations):
        placed = {
            (each.pipeline_stage,)
            for each in node.device_configurations
            if each.HasField("pipeline_stage")
        }
    devices = [each[0] for each in placed if len(each) == 1 and 0 <= each[0] < DEVICES]
    return int(devices[0]) if len(devices) == len(placed) == 1 else None


def _keys(notes: Mapping[str, str]) -> dict[str, str]:
    """Return the keys of an operator's tensors by role."""
    found = _object(_parsed(notes.get(TENSORS, "")))
    return {role: key for role, key in found.items() if isinstance(key, str)}


def noted_input(model: ModelProto) -> tuple[int, ...] | None:
    """Return the shape of one image that the file was made for."""
    words = notes_of(metadata_of(model)).get(INPUT, "").split("x")
    usable = all(word.isdecimal() and len(word) < 10 for word in words)
    return tuple(map(int, words)) if usable else None


def _read_inputs(text: str) -> tuple[str, ...]:
    if not text.startswith("["):
        return tuple(text.split())
    found, read = _parsed(text), []
    for each in found if isinstance(found, list) else []:
        match each:
            case str():
                read.append(each)
            case {"tensor": str(key)}:
                read.append(Key(key))
    return tuple(read)


def _operator(name: str, kind: str, settings: object) -> Op | None:
    try:
        return operator({"name": name, "op": kind, "args": settings})
    except ArchGraphError:
        return None


def _usable(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the attributes that a node may be given."""
    found = {}
    for key, value in attributes.items():
        try:
            check_node("", {key: value})
        except FormatError:
            continue
        if key not in COMPUTED:
            found[key] = value
    return found


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _parsed(text: str) -> object:
    if not text:
        return None
    try:
        return read_json(text)
    except ValueError:
        return None
