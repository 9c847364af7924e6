"""measure: whatever can be loaded, run and timed by the exporters' measuring."""

from __future__ import annotations

from typing import Any

from archgraph.answers.speed.times import Measured
from archgraph.graph import ArchGraph
from archgraph.loading import READING, load
from archgraph.plugins import function

__all__ = ["measure"]


def measure(net: Any, **options: Any) -> Measured:
    """Run a network on this machine, put the times on its nodes, and return them.

    ``net`` is an ArchGraph, which then has the metric ``measured_ms``, or whatever ``load`` takes.
    Nodes that the runtime runs as one share one time: it stands at the one of most work, and the
    others name that one in their attribute ``measured_with``. Raises FormatError, ExportError,
    CheckError, and MissingDependencyError. The options:

    ``runtime``: "onnxruntime" (default), on the file that ``export_onnx`` writes, or "torch", on
        the module that ``to_torch`` gives
    ``batch``: how many images (default: 1)
    ``runs``: the median of so many runs counts (default: 20)
    ``threads``: of the processor (default: all that this process may take)
    """
    reading = {name: options.pop(name) for name in READING if name in options}
    if reading or not isinstance(net, ArchGraph):
        net = load(net, **reading)
    found: Measured = function("tools", "measure", "measuring a network")(net, **options)
    return found
