"""measure: a network run and timed, its times put on its nodes."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from archgraph.answers.speed.processor import processor_name
from archgraph.answers.speed.times import Asked, Measured, put_on
from archgraph.errors import FormatError
from archgraph.graph import ArchGraph
from archgraph.optional import needing
from archgraph.options import written
from archgraph.threads import available_threads

__all__ = ["RUNTIMES", "measure"]

RUNTIMES = {"onnxruntime": ".onnx_times:onnx_times", "torch": ".torch_times:torch_times"}


def measure(
    net: ArchGraph,
    *,
    runtime: str = "onnxruntime",
    batch: int = 1,
    runs: int = 20,
    threads: int | None = None,
) -> Measured:
    """Run a network on this machine's processor and put the times on its nodes.

    ``runtime`` is "onnxruntime", on the file that we export, or "torch", on the module that
    ``to_torch`` gives. Each time is the median of ``runs`` behind a quarter as many to warm up;
    ``threads`` are all that this process may take unless said otherwise. Nodes that the runtime
    runs as one share one time: it stands at the one of most work, in the metric ``measured_ms``,
    and the others name that one in their attribute ``measured_with``.

    Raises FormatError for what cannot be chosen, ExportError for a network that cannot be run,
    CheckError where the runtime fails, and MissingDependencyError.
    """
    if batch != 1 and not net.batched:
        raise FormatError(
            f"'{net.name}' takes one batch only, that of its inputs, so there is none of {batch}."
        )
    available = available_threads()
    if threads is not None and not 1 <= threads <= available:
        raise FormatError(
            f"{written('threads')} is {threads}, but this process may take 1 to {available}."
        )
    asked = Asked(batch, runs, -(-runs // 4), threads or available, processor_name())
    module, _, name = RUNTIMES[runtime].partition(":")
    with needing(f"measuring with {runtime}", "onnx" if runtime == "onnxruntime" else "torch"):
        timed: Callable[[ArchGraph, Asked], Measured]
        timed = getattr(import_module(module, __package__), name)
        found = timed(net, asked)
    put_on(net, found)
    return found
