"""OpenVINO on the CPU."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from .runtime import Array, Run, Runtime, packaged

__all__ = ["RUNTIME"]


def prepare(path: Path, inputs: Mapping[str, Array], outputs: Sequence[str]) -> Run:
    """Load a file; see ``runtime.Prepare``."""
    import openvino

    # Without the hint it computes in bfloat16 where the processor can.
    model = openvino.Core().compile_model(str(path), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})

    def run() -> list[Array]:
        results = model(dict(inputs))
        return [results[name].copy() for name in outputs]

    return run


RUNTIME = Runtime(
    "openvino",
    "pip install openvino",
    packaged("openvino", "openvino"),
    prepare,
    note="with INFERENCE_PRECISION_HINT=f32",
)
