"""A cost report as JSON for programs: exact integers, null for what is unknown."""

from __future__ import annotations

import json
from typing import Any

from archgraph.tables.cost_report import CostReport, Values

__all__ = ["cost_json", "cost_record"]


def cost_json(report: CostReport) -> str:
    """Return the report as JSON text."""
    return json.dumps(cost_record(report), indent=1, ensure_ascii=False, default=str) + "\n"


def cost_record(report: CostReport) -> dict[str, Any]:
    """Return the report as plain values; the totals are those of the nodes listed."""
    found: dict[str, Any] = {
        "name": report.name,
        "input": None if report.input is None else list(report.input),
        "batch": report.batch,
        **({"fixed_batch": True} if report.fixed else {}),
        **({"partial": report.partial} if report.partial else {}),
        **({"asked": list(report.asked)} if report.asked else {}),
        **({"unused": _unused(report)} if report.unused else {}),
        **({"doubtful_tensors": report.doubtful} if report.doubtful else {}),
        "convention": report.convention,
        "totals": _values(report.totals, report.convention),
    }
    if any(report.unknown.values()):
        found["at_least"] = {key: report.known[key] for key, n in report.unknown.items() if n}
    found["nodes"] = [
        {
            "name": node.name,
            "label": node.label or None,
            "op": node.op,
            "inputs": list(node.inputs),
            "output": node.output,
            "device": node.device,
            **({"training_only": True} if node.training_only else {}),
            **_values(node.values, report.convention),
        }
        for node in report.nodes
    ]
    if report.groups:
        found["by"] = report.by
        found["groups"] = [
            {
                "name": group.name,
                "label": group.label,
                "nodes": list(group.nodes),
                "output": group.output,
                **_values(group.values, report.convention),
            }
            for group in report.groups
        ]
    return found


def _unused(report: CostReport) -> dict[str, Any]:
    return {"params": report.unused_params, "tensors": list(report.unused)}


def _values(values: Values, convention: str) -> dict[str, Any]:
    found = dict(values)
    size = values.get("activation_bytes")
    if convention == "lecture":
        found["activation_kib"] = None if size is None else size / 1024
    return found
