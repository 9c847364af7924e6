"""onnxruntime on the CPU."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from .runtime import Array, Run, Runtime, packaged

__all__ = ["RUNTIME"]


def prepare(path: Path, inputs: Mapping[str, Array], outputs: Sequence[str]) -> Run:
    """Load a file; see ``runtime.Prepare``."""
    import onnxruntime

    settings = onnxruntime.SessionOptions()
    settings.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(path), settings, providers=["CPUExecutionProvider"])
    return lambda: list(session.run(list(outputs), dict(inputs)))


RUNTIME = Runtime(
    "onnxruntime", "pip install onnxruntime", packaged("onnxruntime", "onnxruntime"), prepare
)
