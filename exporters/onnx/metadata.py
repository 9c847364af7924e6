"""The facts that travel in the file: costs and module path on each node, totals on the model."""

from __future__ import annotations

from onnx import ModelProto, NodeProto, StringStringEntryProto

from archgraph.graph import ArchGraph
from archgraph.metrics import STATIC_METRICS

__all__ = ["describe_model", "describe_node", "doc_string"]

PREFIX = "archgraph."


def _put(target: NodeProto | ModelProto, facts: dict[str, object]) -> None:
    for key, value in facts.items():
        if value is not None:
            entry = StringStringEntryProto(key=PREFIX + key, value=str(value))
            target.metadata_props.append(entry)


def describe_node(node: NodeProto, net: ArchGraph, name: str) -> None:
    """Write a node's facts into its ``metadata_props``; the keys are listed in docs/onnx.md."""
    data = net.nodes[name]
    _put(
        node,
        {
            "node": name,
            "module": name.rpartition(".")[0] or None,
            **{key: data.get(key) for key in ("label", "stage", "block", "role", "device")},
            **{metric: data[metric] for metric in STATIC_METRICS},
            "output": "x".join(map(str, data["shape"])),
        },
    )


def describe_model(model: ModelProto, net: ArchGraph, weights: dict[str, str]) -> None:
    """Write the network's facts into the model's ``metadata_props`` and ``doc_string``."""
    paper = net.graph.get("paper", {})
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
            **weights,
        },
    )
    model.doc_string = doc_string(net)


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
