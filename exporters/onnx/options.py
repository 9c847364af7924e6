"""The choices that an export leaves to the user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from archgraph.errors import ExportError
from archgraph.options import written

__all__ = ["OPSETS", "Options"]

OPSETS = range(13, 29)
"""The operator sets that the lowerings are written for; 28 came with onnx 1.23."""

_FIRST_OPSET = {7: 12, 8: 15, 9: 19, 10: 21, 11: 23, 12: 24, 13: 25, 14: 28}
"""The operator set that each IR version came with, from the table in ONNX's Versioning.md."""

_DEVICES_IR = 11
"""The first IR version with fields for devices."""


@dataclass(frozen=True, slots=True)
class Options:
    """How an ONNX file is written.

    ``batch`` is a number or "dynamic"; ``size`` says the same of height and width: "fixed" at the
    graph's own, or "dynamic". ``ir_version`` None takes 10, or as much more as the opset needs, or
    the ``devices`` where there are some; opset 18 with IR 10 is what most runtimes read.
    ``precision`` is that of weights and activations. ``external`` puts the weights into a second
    file (None: only over 2 GB). ``structure_only`` writes no weights: they become inputs of the
    graph.
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
                f"{written('opset')} is {self.opset!r}, but it must be "
                f"{OPSETS.start} to {OPSETS.stop - 1}."
            )
        if self.batch != "dynamic" and (type(self.batch) is not int or self.batch < 1):
            raise ExportError(
                f"{written('batch')} is {self.batch!r}, but it must be a number or 'dynamic'."
            )
        if self.size not in ("fixed", "dynamic"):
            raise ExportError(
                f"{written('size')} is {self.size!r}, but it is 'fixed' or 'dynamic'."
            )
        if self.precision not in ("float32", "float16"):
            raise ExportError(
                f"{written('precision')} is {self.precision!r}, but it is float32 or float16."
            )
        if self.ir_version not in (None, *range(self._least_ir, max(_FIRST_OPSET) + 1)):
            raise ExportError(
                f"{written('ir_version')} is {self.ir_version!r}, but with opset "
                f"{self.opset} it must be {self._least_ir} to {max(_FIRST_OPSET)}."
            )

    @property
    def _least_ir(self) -> int:
        return max(ir for ir, opset in _FIRST_OPSET.items() if opset <= self.opset)

    def version(self, *, placed: bool) -> tuple[int, bool]:
        """Return the IR version and whether devices are written, for a graph that has some."""
        devices = placed and self.devices and (self.ir_version or _DEVICES_IR) >= _DEVICES_IR
        least = max(10, self._least_ir, _DEVICES_IR if devices else 0)
        return self.ir_version or least, devices
