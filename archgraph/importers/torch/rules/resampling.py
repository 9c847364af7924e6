"""Maps made larger or smaller without weights."""

from __future__ import annotations

from archgraph.importers.torch.building import Building, Source, rule
from archgraph.importers.torch.trace import Call
from archgraph.ops import PixelShuffle, Resize

__all__: list[str] = []

MODES = {
    "upsample_nearest1d": "nearest",
    "upsample_nearest2d": "nearest",
    "upsample_nearest3d": "nearest",
    "_upsample_nearest_exact2d": "nearest-exact",
    "upsample_linear1d": "linear",
    "upsample_bilinear2d": "bilinear",
    "_upsample_bilinear2d_aa": "bilinear",
    "upsample_bicubic2d": "bicubic",
    "_upsample_bicubic2d_aa": "bicubic",
    "upsample_trilinear3d": "trilinear",
}


@rule(*MODES)
def _resize(b: Building, call: Call) -> Source:
    source = b.source(call["input"] if call["input"] is not None else call["self"])
    size = tuple(map(int, call.outputs[0].shape[2:]))
    op = Resize(size=size, mode=MODES[call.name], align_corners=bool(call["align_corners"]))
    return b.add(op, [source])


@rule("pixel_shuffle")
def _pixel_shuffle(b: Building, call: Call) -> Source:
    return b.add(PixelShuffle(call["upscale_factor"]), [b.source(call["self"])])
