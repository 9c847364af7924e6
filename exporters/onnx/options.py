"""The choices that an export leaves to the user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from archgraph.errors import ExportError
from archgraph.options import LARGEST, Declared, option, written

__all__ = ["OPSETS", "Options"]

OPSETS = range(13, 29)
"""The operator sets that the lowerings are written for; 28 came with onnx 1.23."""

_FIRST_OPSET = {7: 12, 8: 15, 9: 19, 10: 21, 11: 23, 12: 24, 13: 25, 14: 28}
"""The operator set that each IR version came with, from the table in ONNX's Versioning.md."""

_DEVICES_IR = 11
"""The first IR version with fields for devices."""


@dataclass(frozen=True, slots=True)
class Options(Declared):
    """How an ONNX file is written; opset 18 with IR 10 is what most runtimes read."""

    task: ClassVar[str] = "an ONNX file"
    error: ClassVar[type[ExportError]] = ExportError

    opset: int = option(18, "operator set", numbers=OPSETS)
    ir_version: int | None = option(
        None,
        "file version; without it 10, or what opset or devices need",
        numbers=range(min(_FIRST_OPSET), max(_FIRST_OPSET) + 1),
    )
    batch: int | Literal["dynamic"] = option(
        "dynamic", "batch axis", "dynamic", numbers=range(1, LARGEST + 1)
    )
    size: Literal["fixed", "dynamic"] = option(
        "fixed", "height and width of the image", "fixed", "dynamic"
    )
    precision: Literal["float32", "float16"] = option(
        "float32", "weights and activations", "float32", "float16"
    )
    fold_batch_norm: bool = option(False, "fold batch norms into convolutions", flag=True)
    softmax: bool = option(False, "add a softmax at the end", flag=True)
    auxiliary: bool = option(False, "keep the heads that only training uses", flag=True)
    external: bool | None = option(
        None, "weights in a second file, NAME.onnx.data; without it only over 2 GB", flag=True
    )
    structure_only: bool = option(
        False, "leave the weights out: they become inputs of the graph, a few KB", flag=True
    )
    devices: bool = option(
        True,
        "whether the file says which device runs each node, where the network does",
        flag=True,
        off="do not say which device runs each node, where the network does",
    )

    def __post_init__(self) -> None:
        Declared.__post_init__(self)
        if self.ir_version is not None and self.ir_version < self._least_ir:
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
