"""What an interactive picture says of its network: facts, and a row of costs for each operator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archgraph.answers.explanation import Formulas, formulas
from archgraph.graph import ArchGraph
from archgraph.metrics import Metric, Ratio
from archgraph.ops import Op
from archgraph.structure import group_labels
from archgraph.units import figure, spaced_shape

from ..captions import title_of
from ..choices import Choices
from ..text.widths import plain
from ..view import op_text, words_of

__all__ = ["LEVEL_WORDS", "network_data", "totals_line"]


MOST_FORMULAS = 3000
"""Of so many different operators the page has formulas; more would make it large."""

LEVEL_WORDS = {"auto": "Overview", "stage": "Stages", "block": "Blocks", "layer": "Layers"}
"""What the views of a network are called, the one to begin with first."""


def network_data(net: ArchGraph, choices: Choices) -> dict[str, Any]:
    """Return what is shown first, metrics, totals, facts and operators' rows, as plain values."""
    metrics = dict(net.metrics)
    for name in (choices.color, *(choices.facts or ())):
        if net.has_metric(name):
            metrics[name] = net.metric(name)
    hows = _first(formulas(net))
    return {
        "title": plain(title_of(net)),
        "metric": choices.color if choices.color in metrics else "",
        "log": choices.scale != "linear",
        "batch": "one image, inference",
        "metrics": [
            {"name": m.name, "title": m.title, "unit": m.unit, "reduce": m.reduce}
            for m in metrics.values()
        ],
        "totals": {name: net.total(name) for name in metrics},
        "facts": _facts(net),
        "rows": [_row(net, name, [*metrics.values()], hows[name]) for name in net],
    }


def totals_line(net: ArchGraph) -> str:
    """Return the network's input and main costs in one line."""
    parts = [f"input {spaced_shape(net.input_shape)}"] if net.sources else []
    for name in ("params", "macs", "activation_bytes"):
        metric = net.metric(name)
        total = net.total(name)
        words = {"params": " parameters", "activation_bytes": " activations"}.get(name, "")
        if total is None and not words:
            words = f" {metric.title}"
        parts.append(figure(total, metric) + words)
    return " · ".join(parts) + " (one image, inference)"


def _facts(net: ArchGraph) -> list[tuple[str, str]]:
    paper = net.graph.get("paper") or {}
    found = []
    if paper:
        found.append(("paper", f"{paper['authors']}: {paper['title']} ({paper['year']})"))
    for result in net.graph.get("published", ()):
        errors = [
            f"top-{n} {result[f'top{n}_error']} %" for n in (5, 1) if f"top{n}_error" in result
        ]
        found.append(("error", ", ".join([*errors[:1], result["data"], result["setting"]])))
    return [(key, plain(value)) for key, value in found]


def _row(net: ArchGraph, name: str, metrics: Sequence[Metric], how: Formulas) -> dict[str, Any]:
    data = net.nodes[name]
    op: Op = data["op"]
    label = data.get("label")
    groups = group_labels(net, name)
    words = words_of(net, name)  # those of its groups come last
    values = [net.value(name, metric) for metric in metrics]
    ratios = any(metric.reduce == "ratio" for metric in metrics)
    unders = [value.under if isinstance(value, Ratio) else 0 for value in values]
    return {
        "name": plain(name),
        "label": None if label is None else plain(str(label)),
        "groups": plain(" ".join(groups)),
        "how": _how(how, metrics),
        "kind": {
            "op": op.kind,
            "words": plain(" ".join(words[: len(words) - len(groups)])),
            "settings": plain(op_text(op)),
            "output": spaced_shape(data["shape"]),
            "device": data["device"],
            "values": values,
            **({"unders": unders} if ratios else {}),
        },
    }


def _first(found: dict[str, Formulas]) -> dict[str, Formulas]:
    """Return the formulas of the first different operators, none of the others."""
    told: set[int] = set()
    for each in found.values():
        if len(told) < MOST_FORMULAS:
            told.add(id(each))
    return {name: each if id(each) in told else Formulas() for name, each in found.items()}


def _how(found: Formulas, metrics: Sequence[Metric]) -> list[list[Any]]:
    """Return how extents come about, as name, formula and value, and then each metric's formula.

    Extents with one formula stand together; a metric without a formula has an empty one.
    """
    extents: dict[tuple[str, Any], list[str]] = {}
    for each in found.extents:
        extents.setdefault((each.text, each.value), []).append(each.name)
    costs = [found.costs[m.name].text if m.name in found.costs else "" for m in metrics]
    named = [[", ".join(names), text, value] for (text, value), names in extents.items()]
    return [named, costs if any(costs) else []]
