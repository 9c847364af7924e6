"""The onnx package's own evaluator, written for being read, not for speed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .runtime import Array, Run, Runtime, packaged

__all__ = ["RUNTIME"]


def prepare(path: Path, inputs: Mapping[str, Array], outputs: Sequence[str]) -> Run:
    """Load a file; see ``runtime.Prepare``."""
    import onnx
    from onnx.reference import ReferenceEvaluator

    model = onnx.load(path)
    opset = max(each.version for each in model.opset_import if each.domain == "")
    mended = [_local_response_norm(), _conv_transpose(), *([_batch_norm()] if opset < 14 else [])]
    evaluator = ReferenceEvaluator(model, new_ops=mended)
    return lambda: list(evaluator.run(list(outputs), dict(inputs)))


def _local_response_norm() -> Any:
    """Return LRN as ONNX specifies it; onnx 1.23's own loops over the batch for the channels."""
    import numpy as np
    from onnx.reference.op_run import OpRun

    class LRN(OpRun):
        op_domain = ""

        def _run(self, x: Array, alpha: float, beta: float, bias: float, size: int) -> Any:
            before, behind = (size - 1) // 2, size // 2
            squares = np.pad(x * x, [(0, 0), (before, behind), (0, 0), (0, 0)])
            windows = (squares[:, i : i + x.shape[1]] for i in range(size))
            return ((x / (bias + alpha / size * sum(windows)) ** beta).astype(x.dtype),)

    return LRN


def _batch_norm() -> Any:
    """Return BatchNormalization of opsets before 14; onnx 1.23's own takes them for training."""
    import numpy as np
    from onnx.reference.op_run import OpRun

    class BatchNormalization(OpRun):
        op_domain = ""

        def _run(
            self, x: Array, *tensors: Array, epsilon: float, momentum: float, training_mode: int
        ) -> Any:
            del momentum, training_mode  # it is inference
            scale, bias, mean, var = (each.reshape(-1, *[1] * (x.ndim - 2)) for each in tensors)
            return (((x - mean) / np.sqrt(var + epsilon) * scale + bias).astype(x.dtype),)

    return BatchNormalization


def _conv_transpose() -> Any:
    """Return ConvTranspose in 2-D, with groups too, which onnx 1.23's own cannot take."""
    import numpy as np
    from onnx.reference.op_run import OpRun

    class ConvTranspose(OpRun):
        op_domain = ""

        def _run(self, x: Array, weight: Array, bias: Any = None, **settings: Any) -> Any:
            strides, dilations = settings["strides"], settings["dilations"]
            pads, groups = settings["pads"], settings["group"]
            kernel, maps = weight.shape[2:], x.shape[2:]
            reach = [(n - 1) * s + 1 for n, s in zip(maps, strides, strict=True)]
            size = [
                r + d * (k - 1) + extra
                for r, d, k, extra in zip(
                    reach, dilations, kernel, settings["output_padding"], strict=True
                )
            ]
            width = weight.shape[1]
            found = np.zeros((x.shape[0], width * groups, *size), x.dtype)
            parts = zip(np.split(x, groups, 1), np.split(weight, groups), strict=True)
            for number, (maps_of, taps) in enumerate(parts):
                place = found[:, number * width : (number + 1) * width]
                for i, j in np.ndindex(*kernel):
                    top, left = i * dilations[0], j * dilations[1]
                    rows = slice(top, top + reach[0], strides[0])
                    columns = slice(left, left + reach[1], strides[1])
                    place[:, :, rows, columns] += np.einsum(
                        "nchw,cm->nmhw", maps_of, taps[:, :, i, j]
                    )
            ends = [n - p for n, p in zip(size, pads[2:], strict=True)]
            found = found[:, :, pads[0] : ends[0], pads[1] : ends[1]]
            return (found if bias is None else found + bias[:, None, None],)

    return ConvTranspose


RUNTIME = Runtime(
    "onnx-reference",
    "pip install onnx",
    packaged("onnx", "onnx"),
    prepare,
    note="its LRN, ConvTranspose and, below opset 14, BatchNormalization replaced by correct ones",
)
