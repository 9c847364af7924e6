"""U-Net (Ronneberger, Fischer and Brox, 2015): down and up again, with skips straight across."""

from __future__ import annotations

from archgraph.builder import Builder
from archgraph.errors import ShapeError
from archgraph.graph import ArchGraph
from archgraph.ops import ConvTranspose2d, MaxPool2d, Pad, Shape

from .papers import UNET, UNET_TRAINING, facts

__all__ = ["unet"]

# Figure 1: the channels of the contracting path; the expansive path halves them again.
WIDTHS = (64, 128, 256, 512, 1024)


def unet(
    batch_norm: bool = False,
    input: Shape | None = None,
    num_classes: int = 2,
) -> ArchGraph:
    """U-Net as its figure 1, or with ``batch_norm`` as today's checkpoints have it.

    The paper's takes 1×572×572 and pads nowhere: maps shrink by 2 at each 3×3 convolution, so the
    skips are cropped and 388×388 come out. Today's pads by 1, normalises, and gives maps of the
    input's size, 3×512×512 unless said otherwise. Names are those of the best-known PyTorch code.
    """
    shape = input or ((3, 512, 512) if batch_norm else (1, 572, 572))
    b = Builder(
        "unet_bn" if batch_norm else "unet",
        shape,
        title="U-Net with batch norm" if batch_norm else "U-Net",
        **facts(UNET, training=UNET_TRAINING),
    )
    skips: list[str] = []
    x = b.input
    for depth, width in enumerate(WIDTHS):
        last = depth == len(WIDTHS) - 1
        label = "bottom" if last else f"down {depth + 1}"
        path = f"down{depth}.maxpool_conv.1" if depth else "inc"
        with b.stage(f"level{depth}.down", label):
            if depth:
                x = b.add(f"down{depth}.maxpool_conv.0", MaxPool2d(2), x, label="2×2")
            x = _double_conv(b, path, label, x, width, batch_norm)
        skips.append(x)
    for step, width in enumerate(reversed(WIDTHS[:-1]), 1):
        skip = skips[-step - 1]
        with b.stage(f"level{len(WIDTHS) - 1 - step}.up", f"up {step}"):
            with b.block(f"up{step}.up.block", f"up-conv {step}", path=f"up{step}"):
                x = b.add("up", ConvTranspose2d(2 * width, width, 2, 2), x, label="up-conv 2×2")
                x = _joined(b, skip, x, batch_norm)
            x = _double_conv(b, f"up{step}.conv", f"up {step}", x, width, batch_norm)
    with b.stage("head", "output"), b.block("outc.block", "conv 1×1"):
        x = b.conv("outc.conv", x, num_classes, 1, label="conv 1×1")
    return b.build(x)


def _double_conv(b: Builder, path: str, label: str, x: str, width: int, batch_norm: bool) -> str:
    """Add two 3×3 convolutions, each with its ReLU; places are counted as in a Sequential."""
    place = 0
    with b.block(f"{path}.block", label, path=f"{path}.double_conv"):
        for _ in range(2):
            padding = 1 if batch_norm else 0
            x = b.conv(
                str(place), x, width, 3, padding=padding, bias=not batch_norm, label="conv 3×3"
            )
            if batch_norm:
                place += 1
                x = b.batch_norm(str(place), x)
            x = b.relu(str(place + 1), x)
            place += 2
    return x


def _joined(b: Builder, skip: str, x: str, batch_norm: bool) -> str:
    """Add the skip to the channels, in front: cropped as in the paper, or ``x`` padded to it."""
    rows, columns = (
        there - here for there, here in zip(b.shape(skip)[1:], b.shape(x)[1:], strict=True)
    )
    if min(rows, columns) < 0:
        raise ShapeError(
            f"U-Net cannot take maps of this size: {b.shape(skip)} is smaller than {b.shape(x)}."
        )
    edges = (columns // 2, columns - columns // 2, rows // 2, rows - rows // 2)
    if any(edges) and batch_norm:
        x = b.add("pad", Pad(edges), x)
    elif any(edges):
        skip = b.add("crop", Pad(tuple(-edge for edge in edges)), skip, label="copy and crop")
    return b.concat("concat", skip, x)
