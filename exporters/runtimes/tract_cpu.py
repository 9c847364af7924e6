"""tract, the inference engine written in Rust, on the CPU."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from .runtime import Array, Run, Runtime, packaged

__all__ = ["RUNTIME"]


def prepare(path: Path, inputs: Mapping[str, Array], outputs: Sequence[str]) -> Run:
    """Load a file; see ``runtime.Prepare``."""
    import tract

    # The batch stays the symbol that it is in the file: naming a number for the input alone
    # contradicts the shapes that the file gives for the values in between.
    loaded = tract.onnx().load(path)
    order = [loaded.input_name(index) for index in range(loaded.input_count())]
    names = [loaded.output_name(index) for index in range(loaded.output_count())]
    model = loaded.into_model().into_runnable()

    def run() -> list[Array]:
        results = model.run([inputs[name] for name in order])
        found = dict(zip(names, results, strict=True))
        return [found[name].to_numpy() for name in outputs]

    return run


RUNTIME = Runtime("tract", "pip install tract", packaged("tract", "tract"), prepare)
