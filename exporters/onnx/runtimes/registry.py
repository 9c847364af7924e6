"""The runtimes that there are, in the order in which they are shown."""

from __future__ import annotations

from collections.abc import Sequence

from archgraph.errors import CheckError, MissingDependencyError
from archgraph.nearest import nearest

from . import mnn, onnxruntime_cpu, onnxruntime_web, opencv_dnn, openvino_cpu, reference, tract_cpu
from .runtime import Runtime

__all__ = ["RUNTIMES", "chosen", "installed"]

RUNTIMES = {
    each.RUNTIME.name: each.RUNTIME
    for each in (
        onnxruntime_cpu,
        reference,
        openvino_cpu,
        opencv_dnn,
        tract_cpu,
        mnn,
        onnxruntime_web,
    )
}
"""By name; one file of this folder each."""


def installed() -> list[Runtime]:
    """Return the runtimes that are on this machine."""
    return [runtime for runtime in RUNTIMES.values() if runtime.version() is not None]


def chosen(names: Sequence[str] | None) -> list[Runtime]:
    """Return the runtimes of these names, or with None all that are installed.

    Raises CheckError for a name that does not exist, MissingDependencyError when one that is asked
    for, or every one, is not installed.
    """
    if names is None:
        found = installed()
        if not found:
            raise MissingDependencyError(
                "checking an ONNX file needs a runtime, and none is installed: "
                f"{RUNTIMES['onnxruntime'].install}."
            )
        return found
    for name in names:
        if name not in RUNTIMES:
            raise CheckError(
                f"there is no runtime '{name}'{nearest(name, RUNTIMES)}; "
                f"there are {', '.join(RUNTIMES)}."
            )
        if RUNTIMES[name].version() is None:
            raise MissingDependencyError(
                f"the runtime {name} is not installed: {RUNTIMES[name].install}."
            )
    return [RUNTIMES[name] for name in dict.fromkeys(names)]
