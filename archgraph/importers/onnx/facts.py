"""What archgraph wrote down in a file of its own, and when to believe it.

Other tools change files and leave the notes as they were. So a note on an operator counts only
where the nodes bear it out: the same tensors, the same kind of work, the same shapes.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from archgraph.attributes import COMPUTED
from archgraph.errors import ArchGraphError
from archgraph.json_format import operator
from archgraph.ops import AdaptiveAvgPool2d, Dropout, Identity, Op, Shape, Softmax

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

__all__ = ["Claim", "Facts", "agree", "attributes_of", "device_of", "notes_of", "read_facts"]

PREFIX = "archgraph."

_WORDS = ("label", "stage", "block", "role")
_FREE = ("momentum", "p", "padding", "ceil_mode", "count_include_pad", "dim")
"""Settings that one file may hold in several forms, or not at all."""

_FORMS: tuple[frozenset[str], ...] = (
    frozenset(("AdaptiveAvgPool2d", "AvgPool2d", "GlobalAvgPool2d", "Identity")),
    frozenset(("AdaptiveMaxPool2d", "MaxPool2d", "Identity")),
    *(
        frozenset((kind, "Identity"))
        for kind in ("Add", "Concat", "Dropout", "Flatten", "Mul", "ZeroPad2d")
    ),
)
"""Operators that may be written as the same ONNX operator."""


@dataclass(slots=True)
class Claim:
    """What the file says of one operator: ``members`` are the indices of its ONNX nodes."""

    name: str
    op: Op
    inputs: tuple[str, ...]
    members: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Facts:
    """All notes of a file: on its operators, those without a node, its inputs and the whole.

    ``unwritten`` holds each operator that has no node, with its input; ``before`` says which of
    them stand right before an operator that has one.
    """

    claims: dict[int, Claim] = field(default_factory=dict)
    unwritten: dict[str, tuple[Op, str]] = field(default_factory=dict)
    before: dict[str, list[str]] = field(default_factory=dict)
    attributes: dict[str, dict[str, Any]] = field(default_factory=dict)
    network: dict[str, Any] = field(default_factory=dict)

    def written(self, name: str) -> str:
        """Return the node that stands in the file for one that was left out."""
        seen = set()
        while name in self.unwritten and name not in seen:
            seen.add(name)
            name = self.unwritten[name][1]
        return name


def notes_of(holder: ModelProto | NodeProto) -> dict[str, str]:
    """Return archgraph's entries in ``metadata_props``, without their prefix."""
    props = holder.metadata_props
    return {e.key.removeprefix(PREFIX): e.value for e in props if e.key.startswith(PREFIX)}


def read_facts(model: ModelProto) -> Facts:
    """Return a file's notes; one that is malformed is passed over."""
    facts = Facts()
    by_name: dict[str, Claim] = {}
    for index, node in enumerate(model.graph.node):
        notes = notes_of(node)
        if "node" in notes and "op" in notes:
            kind, _, settings = notes["op"].partition(" ")
            name, inputs = notes["node"], tuple(notes.get("inputs", "").split())
            op = _operator(name, kind, _parsed(settings))
            if op is not None:
                claim = by_name.setdefault(name, Claim(name, op, inputs))
                claim.members.append(index)
                facts.claims[index] = claim
    notes = notes_of(model)
    facts.network = _object(_parsed(notes.get("network", "")))
    records = _parsed(notes.get("unwritten", ""))
    for record in records if isinstance(records, list) else []:
        match record:
            case {"name": str(name), "op": str(kind), "args": arguments, "inputs": inputs}:
                facts.attributes[name] = _usable(_object(record.get("attributes")))
                op = _operator(name, kind, arguments)
                if isinstance(op, (Dropout, Identity, AdaptiveAvgPool2d)):
                    match inputs:
                        case [str(source)]:
                            facts.unwritten[name] = (op, source)
                            facts.before.setdefault(str(record.get("before")), []).append(name)
    return facts


def attributes_of(node: NodeProto) -> dict[str, Any]:
    """Return the attributes that a node of the graph had, and the device that it runs on."""
    notes = notes_of(node)
    found = _usable(_object(_parsed(notes.get("attributes", ""))))
    found |= {key: notes[key] for key in _WORDS if key in notes}
    noted = notes.get("device", "")
    device = int(noted) if noted.isdecimal() and len(noted) < 6 else device_of(node)
    return found | ({} if device is None else {"device": device})


def device_of(node: NodeProto) -> int | None:
    """Return the one device that holds a node's outputs, by the standard multi-device fields."""
    placed = {
        tuple(spec.device)
        for configuration in node.device_configurations
        for spec in configuration.sharding_spec
        if spec.tensor_name in node.output
    }
    devices = [each[0] for each in placed if len(each) == 1 and 0 <= each[0] < 100_000]
    return int(devices[0]) if len(devices) == len(placed) == 1 else None


def agree(noted: Op, read: Op, shape: Shape) -> bool:
    """Return whether an operator that is noted may have been written as the one that is read."""
    if type(noted) is not type(read):
        return any({noted.kind, read.kind} <= forms for forms in _FORMS)
    if isinstance(noted, Softmax) and isinstance(read, Softmax):
        return (noted.dim - read.dim) % (len(shape) + 1) == 0
    return all(
        _equal(getattr(noted, each.name), getattr(read, each.name))
        for each in fields(noted)
        if each.name not in _FREE
    )


def _equal(one: object, other: object) -> bool:
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return math.isclose(one, other, rel_tol=1e-6)
    return one == other


def _operator(name: str, kind: str, settings: object) -> Op | None:
    try:
        return operator({"name": name, "op": kind, "args": settings})
    except ArchGraphError:
        return None


def _usable(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the attributes that a node may be given."""
    taken = COMPUTED | {"name", "inputs", "self"}
    return {key: value for key, value in attributes.items() if key not in taken}


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
