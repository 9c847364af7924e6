"""measure: whatever can be loaded, run and timed by the exporters' measuring."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from archgraph.answers.asked_options import MeasureOptions
from archgraph.answers.speed.rates import Rates, rates_of
from archgraph.answers.speed.roofline import roofline
from archgraph.answers.speed.times import Measured
from archgraph.known_devices import Device
from archgraph.loading import READING, network_of
from archgraph.options import refuse_unknown
from archgraph.plugins import function

__all__ = ["measure"]


def measure(
    net: Any,
    *,
    runtime: str = "onnxruntime",
    batch: int = 1,
    runs: int = 20,
    threads: int | None = None,
    device: str | Rates | Device | None = None,
    **reading: Any,
) -> Measured:
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
    ``device``: put beside it what ``roofline`` estimates on this device, such as "here"
    """
    rates = None if device is None else rates_of(device)
    net = network_of(net, reading)
    refuse_unknown("measure", reading, [*MeasureOptions.names(), *READING])
    asked = MeasureOptions(runtime=runtime, batch=batch, runs=runs, threads=threads)
    found: Measured = function("tools", "measure", "measuring a network")(
        net, runtime=asked.runtime, batch=asked.batch, runs=asked.runs, threads=asked.threads
    )
    if rates is None:
        return found
    return replace(found, estimated=roofline(net, rates, batch=asked.batch))
