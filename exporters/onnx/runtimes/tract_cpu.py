"""tract, the inference engine written in Rust, on the CPU."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from .runtime import Array, Run, Runtime, packaged

__all__ = ["RUNTIME"]


def prepare(path: Path, inputs: Mapping[str, Array], outputs: Sequence[str]) -> Run:
    """Load a file; see ``runtime.Prepare``."""
    import tract

    # The batch, a symbol in the file, gets its number in the whole model: given for the input
    # alone, it contradicts the shapes of the values in between; left open, it keeps tract from
    # optimising 1×1 convolutions with a stride, which then fails.
    loaded = tract.onnx().load(path)
    order = [loaded.input_name(index) for index in range(loaded.input_count())]
    names = [loaded.output_name(index) for index in range(loaded.output_count())]
    symbols = {
        symbol: size
        for index, name in enumerate(order)
        for symbol, size in zip(
            str(loaded.input_fact(index)).split(","), inputs[name].shape, strict=False
        )
        if not symbol.isdecimal()
    }
    typed = loaded.into_model()
    typed.transform(tract.SetSymbols(symbols))
    model = typed.into_runnable()

    def run() -> list[Array]:
        results = model.run([inputs[name] for name in order])
        if set(outputs) <= set(names):
            found = dict(zip(names, results, strict=True))
            return [found[name].to_numpy() for name in outputs]
        # It calls an output as the node that makes it, which other exporters name differently.
        return [result.to_numpy() for result in results[: len(outputs)]]

    return run


RUNTIME = Runtime("tract", "pip install tract", packaged("tract", "tract"), prepare)
