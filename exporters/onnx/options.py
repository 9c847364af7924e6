"""The choices that an export leaves to the user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from archgraph.errors import ExportError

__all__ = ["OPSETS", "Options"]

OPSETS = range(13, 24)
"""The operator sets that the lowerings are written for."""

_NEWEST_IR = {13: 7, 14: 7, 15: 8, 16: 8, 17: 8, 18: 8, 19: 9, 20: 9, 21: 10, 22: 10, 23: 11}


@dataclass(frozen=True, slots=True)
class Options:
    """How an ONNX file is written.

    ``batch`` is a number or "dynamic"; ``size`` says the same of height and width: "fixed" at the
    graph's own, or "dynamic". ``ir_version`` None takes 10, or 11 where devices are
    written; opset 18 with IR 10 is what most runtimes read. ``precision`` is that of weights and
    activations. ``external`` puts the weights into a second file (None: only over 2 GB).
    ``structure_only`` writes no weights: they become inputs of the graph.
    """

    opset: int = 18
    ir_version: int | None = None
    batch: int | Literal["dynamic"] = "dynamic"
    size: Literal["fixed", "dynamic"] = "fixed"
    fold_batch_norm: bool = False
    softmax: bool = False
    auxiliary: bool = False
    precision: Literal["float32", "float16"] = "float32"
    external: bool | None = None
    structure_only: bool = False
    devices: bool = True

    def __post_init__(self) -> None:
        if self.opset not in OPSETS:
            raise ExportError(
                f"opset is {self.opset!r}, but it must be {OPSETS.start} to {OPSETS.stop - 1}."
            )
        if self.batch != "dynamic" and (type(self.batch) is not int or self.batch < 1):
            raise ExportError(f"batch is {self.batch!r}, but it must be a number or 'dynamic'.")
        if self.size not in ("fixed", "dynamic"):
            raise ExportError(f"size is {self.size!r}, but it is 'fixed' or 'dynamic'.")
        if self.precision not in ("float32", "float16"):
            raise ExportError(f"precision is {self.precision!r}, but it is float32 or float16.")
        if self.ir_version is not None and self.ir_version < _NEWEST_IR[self.opset]:
            raise ExportError(
                f"opset {self.opset} needs at least IR version {_NEWEST_IR[self.opset]}, "
                f"not {self.ir_version}."
            )
