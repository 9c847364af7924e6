"""The facts that travel in the file: costs and module path on each node, totals on the model.

They are for people, who see them in a viewer, and for the importer, which gives the network back
as it was. The keys are listed in docs/onnx.md.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from onnx import ModelProto, NodeProto

from archgraph.graph import ArchGraph
from archgraph.json_format import record_of
from archgraph.metrics import STATIC_METRICS

__all__ = ["describe_model", "describe_node", "describe_weights", "doc_string"]

PREFIX = "archgraph."

WORDS = ("label", "stage", "block", "role", "device")
"""The attributes that have a key of their own; the others stand together in ``attributes``."""


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
            "node": name,
            "module": name.rpartition(".")[0] or None,
            **{key: data.get(key) for key in WORDS},
            **{metric: data[metric] for metric in STATIC_METRICS},
            "output": "x".join(map(str, data["shape"])),
            "op": f"{record['op']} {_json(record['args'])}",
            "inputs": _inputs(record["inputs"]),
            "tensors": _json(record["tensors"]) if "tensors" in record else None,
            "attributes": _json(rest) if rest else None,
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
            "input": "x".join(map(str, net.input_shape)) if net.sources else None,
            "network": _json(net.graph),
            "unwritten": _json(records) if records else None,
        },
    )
    model.doc_string = doc_string(net)


def describe_weights(fingerprint: str) -> ModelProto:
    """Return a model that has nothing but the fingerprint of its weights, to be merged with one."""
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
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
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
