"""A file as what a network was read from: its weights, its answers, another reading of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archgraph.errors import FormatError
from archgraph.importers.onnx.call import Weight
from archgraph.importers.onnx.external_data import require_inside
from archgraph.importers.onnx.file_numbers import FileNumbers
from archgraph.optional import needing
from archgraph.provenance import Provenance, Weights
from archgraph.tensors import Batch, Tensor

if TYPE_CHECKING:
    from onnx import ModelProto, ValueInfoProto

__all__ = ["provenance_of"]


def provenance_of(
    path: Path,
    numbers: FileNumbers,
    weights: Mapping[str, Weight],
    inputs: Sequence[ValueInfoProto],
    outputs: Sequence[tuple[str, Tensor]],
    fixed: int | None,
    again: Callable[[Any], Any],
    model: ModelProto,
) -> Provenance:
    """Return the way back to a file.

    ``weights`` are the values behind the keys of the network; ``outputs`` are the file's names of
    its results, and what they are; ``fixed`` is the batch of a file that takes no other.
    """
    found = {key: partial(numbers.weight, weight) for key, weight in weights.items()}

    def answers(given: Sequence[Any]) -> list[Any]:
        with needing("running an ONNX file"):
            import numpy as np
            import onnxruntime as ort
            from onnx import helper

        require_inside(model, path)  # onnxruntime opens what the file names
        settings = ort.SessionOptions()
        settings.log_severity_level = 4
        try:
            session = ort.InferenceSession(str(path), settings, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's errors have no common class
            said = str(error).strip().splitlines()[0]
            raise FormatError(f"'{path}' does not run in onnxruntime: {said}") from None
        names = [name for name, _ in outputs]
        arrays = {
            info.name: np.asarray(each).astype(
                helper.tensor_dtype_to_np_dtype(info.type.tensor_type.elem_type)
            )
            for info, each in zip(inputs, given, strict=True)
        }
        count = 1 if fixed is None else max(len(each) // fixed for each in arrays.values())
        if count == 1:
            return list(session.run(names, arrays))
        # It takes so many images at a time and no others.
        runs = [
            session.run(names, dict(zip(arrays, parts, strict=True)))
            for parts in zip(*(np.split(each, count) for each in arrays.values()), strict=True)
        ]
        return [
            _joined([run[place] for run in runs], tensor)
            for place, (_, tensor) in enumerate(outputs)
        ]

    return Provenance(Weights(f"'{path}'", found), again, answers, file=path)


def _joined(parts: Sequence[Any], tensor: Tensor) -> Any:
    """Return a result of several runs as one, along the axis that follows the batch."""
    import numpy as np

    axes = [axis for axis, extent in enumerate(tensor.shape or ()) if type(extent) is Batch]
    return np.concatenate(parts, axes[0]) if axes else parts[0]
