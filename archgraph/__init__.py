"""archgraph: neural network architectures as networkx graphs that know their costs.

>>> import archgraph as ag
>>> net = ag.load("alexnet")
>>> net.total("params")
61100840

Public are the names below, archgraph.errors, archgraph.ops and archgraph.exporters.pictures; every
other module is private. docs/versions.md says what a release may change.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from archgraph.annotation import annotate
    from archgraph.answers.asked import compare, cost, explain, memory
    from archgraph.answers.peers import Count, Counters, counters
    from archgraph.answers.scaling import Growth, growth
    from archgraph.answers.speed import measure, roofline
    from archgraph.answers.splitting import Placement, placement, split
    from archgraph.answers.sweeping import Sweep, sweep
    from archgraph.architecture import Architecture, architectures
    from archgraph.builder import Builder
    from archgraph.difference import Change, Difference, diff
    from archgraph.errors import ArchGraphError
    from archgraph.exporting import (
        chart,
        draw,
        export,
        export_onnx,
        growth_chart,
        roofline_chart,
        to_graphviz,
        to_torch,
    )
    from archgraph.graph import ArchGraph
    from archgraph.loading import load
    from archgraph.metrics import Metric, MetricFamily, Ratio

# Names are imported on first use, so that a command pays only for what it needs.
_HOMES = {
    "ArchGraph": "archgraph.graph",
    "ArchGraphError": "archgraph.errors",
    "Architecture": "archgraph.architecture",
    "Builder": "archgraph.builder",
    "Change": "archgraph.difference",
    "Count": "archgraph.answers.peers",
    "Counters": "archgraph.answers.peers",
    "Difference": "archgraph.difference",
    "Growth": "archgraph.answers.scaling",
    "Metric": "archgraph.metrics",
    "MetricFamily": "archgraph.metrics",
    "Placement": "archgraph.answers.splitting",
    "Ratio": "archgraph.metrics",
    "Sweep": "archgraph.answers.sweeping",
    "annotate": "archgraph.annotation",
    "architectures": "archgraph.architecture",
    "chart": "archgraph.exporting",
    "compare": "archgraph.answers.asked",
    "cost": "archgraph.answers.asked",
    "counters": "archgraph.answers.peers",
    "diff": "archgraph.difference",
    "draw": "archgraph.exporting",
    "explain": "archgraph.answers.asked",
    "export": "archgraph.exporting",
    "export_onnx": "archgraph.exporting",
    "growth": "archgraph.answers.scaling",
    "growth_chart": "archgraph.exporting",
    "load": "archgraph.loading",
    "measure": "archgraph.answers.speed",
    "memory": "archgraph.answers.asked",
    "placement": "archgraph.answers.splitting",
    "roofline": "archgraph.answers.speed",
    "roofline_chart": "archgraph.exporting",
    "split": "archgraph.answers.splitting",
    "sweep": "archgraph.answers.sweeping",
    "to_graphviz": "archgraph.exporting",
    "to_torch": "archgraph.exporting",
}

__all__ = [
    "ArchGraph",
    "ArchGraphError",
    "Architecture",
    "Builder",
    "Change",
    "Count",
    "Counters",
    "Difference",
    "Growth",
    "Metric",
    "MetricFamily",
    "Placement",
    "Ratio",
    "Sweep",
    "__version__",
    "annotate",
    "architectures",
    "chart",
    "compare",
    "cost",
    "counters",
    "diff",
    "draw",
    "explain",
    "export",
    "export_onnx",
    "growth",
    "growth_chart",
    "load",
    "measure",
    "memory",
    "placement",
    "roofline",
    "roofline_chart",
    "split",
    "sweep",
    "to_graphviz",
    "to_torch",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'archgraph' has no attribute '{name}'")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
