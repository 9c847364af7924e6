"""MNN on the CPU: the file is converted to its own format, then run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import chdir
from pathlib import Path
from typing import Any

from archgraph.files import temporary_folder

from .runtime import Array, Run, Runtime, packaged

__all__ = ["RUNTIME"]

WINOGRAD_MEMORY_LEVEL = 3  # MNN's enumeration HintMode
"""At 0, convolutions keep to small Winograd tiles; the large ones lose three digits."""


def prepare(path: Path, inputs: Mapping[str, Array], outputs: Sequence[str]) -> Run:
    """Load a file; see ``runtime.Prepare``."""
    import MNN.expr
    import MNN.nn

    # The converter's command line, `mnnconvert`, installs packages and reports its use; this is
    # the function behind it, which does neither.
    from _tools import mnnconvert

    settings = MNN.nn.create_runtime_manager(({"backend": "CPU", "precision": "high"},))
    settings.set_hint(WINOGRAD_MEMORY_LEVEL, 0)
    # The converter keeps weights in a file of the current folder, whose name never changes.
    source = ["-f", "ONNX", "--modelFile", str(path.absolute()), "--MNNModel"]
    with temporary_folder() as folder, chdir(folder):
        converted = folder / "model.mnn"
        mnnconvert(["mnnconvert", *source, str(converted), "--bizCode", "archgraph"])
        model = MNN.nn.load_module_from_file(
            str(converted), list(inputs), list(outputs), runtime_manager=settings
        )

    def variable(value: Array) -> Any:
        made = MNN.expr.placeholder(list(value.shape), MNN.expr.NCHW, MNN.expr.float)
        made.write(value.astype("float32"))  # float16 is a way to store weights to it
        return made

    def run() -> list[Array]:
        results = model.forward([variable(value) for value in inputs.values()])
        return [MNN.expr.convert(each, MNN.expr.NCHW).read().copy() for each in results]

    return run


RUNTIME = Runtime(
    "mnn",
    "pip install MNN",
    packaged("MNN", "MNN"),
    prepare,
    note="with precision high and WINOGRAD_MEMORY_LEVEL 0",
)
