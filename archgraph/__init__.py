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
        to_graphviz,
        to_torch,
    )
    from archgraph.graph import ArchGraph
    from archgraph.loading import load
    from archgraph.metrics import Metric
    from archgraph.scaling import Growth, growth
    from archgraph.sweeping import Sweep, sweep

# Names are imported on first use, so that a command pays only for what it needs.
_HOMES = {
    "ArchGraph": "archgraph.graph",
    "ArchGraphError": "archgraph.errors",
    "Architecture": "archgraph.architecture",
    "Builder": "archgraph.builder",
    "Change": "archgraph.difference",
    "Difference": "archgraph.difference",
    "Growth": "archgraph.scaling",
    "Metric": "archgraph.metrics",
    "Sweep": "archgraph.sweeping",
    "annotate": "archgraph.annotation",
    "architectures": "archgraph.architecture",
    "chart": "archgraph.exporting",
    "diff": "archgraph.difference",
    "draw": "archgraph.exporting",
    "export": "archgraph.exporting",
    "export_onnx": "archgraph.exporting",
    "growth": "archgraph.scaling",
    "growth_chart": "archgraph.exporting",
    "load": "archgraph.loading",
    "sweep": "archgraph.sweeping",
    "to_graphviz": "archgraph.exporting",
    "to_torch": "archgraph.exporting",
}

__all__ = [
    "ArchGraph",
    "ArchGraphError",
    "Architecture",
    "Builder",
    "Change",
    "Difference",
    "Growth",
    "Metric",
    "Sweep",
    "__version__",
    "annotate",
    "architectures",
    "chart",
    "diff",
    "draw",
    "export",
    "export_onnx",
    "growth",
    "growth_chart",
    "load",
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
