"""Maps made larger or smaller, in ONNX."""

from __future__ import annotations

from typing import Any

import numpy as np

from archgraph import ops

from ..adaptive import averaging_products
from ..context import Context
from .base import lower

__all__: list[str] = []


@lower.register
def _(op: ops.PixelShuffle, c: Context) -> None:
    c.emit("DepthToSpace", *c.inputs, blocksize=op.upscale_factor, mode="CRD")


@lower.register
def _(op: ops.Resize, c: Context) -> None:
    (x,) = c.inputs
    if op.mode == "area":
        if len(c.shape) != 4:
            raise c.refuse("ONNX has no resizing by areas of other than maps of two axes.")
        averaging_products(ops.AdaptiveAvgPool2d(c.shape[2:]), c)
        return
    settings: dict[str, Any] = {"mode": "linear", "coordinate_transformation_mode": "half_pixel"}
    if op.mode.startswith("nearest"):
        settings["mode"] = "nearest"
        settings["nearest_mode"] = "round_prefer_ceil"
        if op.mode == "nearest":
            settings |= {
                "coordinate_transformation_mode": "asymmetric",
                "nearest_mode": "floor",
            }
    elif op.mode == "bicubic":
        settings |= {"mode": "cubic", "cubic_coeff_a": -0.75}
    if op.align_corners and not op.mode.startswith("nearest"):
        settings["coordinate_transformation_mode"] = "align_corners"
    pairs = list(zip(c.shape[2:], c.shapes[0][2:], strict=True))
    whole = all(out % size == 0 for out, size in pairs)
    # Factors are written where they say the same; with align_corners only sizes mean something.
    given: tuple[float, ...] = tuple(out / size for out, size in pairs)
    if op.scale is not None and not op.align_corners:
        given = op.scale if len(op.scale) > 1 else op.scale * len(pairs)
    if whole or (op.scale is not None and not op.align_corners):
        scales = c.constant("scales", np.array([1.0, 1.0, *given], dtype=np.float32))
        c.emit("Resize", x, "", scales, **settings)
        return
    c.emit("Resize", x, "", "", c.sizes("sizes", c.shape), **settings)
