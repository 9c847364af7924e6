"""ResNet for ImageNet (He et al., 2015), and the plain networks that it was compared with."""

from __future__ import annotations

from typing import Literal

from archgraph.builder import Builder
from archgraph.errors import ArchGraphError
from archgraph.graph import ArchGraph
from archgraph.ops import AdaptiveAvgPool2d, MaxPool2d, Shape

from .papers import (
    RESNET,
    RESNET_IMAGENET_PLAIN_ERROR,
    RESNET_SINGLE_ERROR,
    ensemble,
    facts,
    single,
)
from .residual import basic_block, bottleneck_block

__all__ = ["DEPTHS", "resnet"]

# Table 1: the blocks of conv2_x to conv5_x; from 50 layers on they are bottlenecks.
DEPTHS = {
    18: (2, 2, 2, 2),
    34: (3, 4, 6, 3),
    50: (3, 4, 6, 3),
    101: (3, 4, 23, 3),
    152: (3, 8, 36, 3),
}

TRAINING = {
    "batch": 256,
    "optimizer": "SGD, momentum 0.9, weight decay 0.0001",
    "learning_rate": "0.1, divided by 10 when the error stops falling",
    "duration": "600,000 iterations",
}


def resnet(
    depth: int = 50,
    stride_in: Literal["1x1", "3x3"] = "3x3",
    shortcuts: bool = True,
    input: Shape = (3, 224, 224),
    num_classes: int = 1000,
) -> ArchGraph:
    """ResNet of 18, 34, 50, 101 or 152 layers with projections (option B), named as in torchvision.

    ``stride_in`` says which convolution of a bottleneck halves the maps: the first 1×1 in the
    paper, the 3×3 in today's checkpoints. Without ``shortcuts`` it is the plain network.
    """
    if depth not in DEPTHS:
        known = ", ".join(map(str, DEPTHS))
        raise ArchGraphError(f"depth is {depth}, but ResNet for ImageNet has {known}.")
    if stride_in not in ("1x1", "3x3"):
        raise ArchGraphError(f"stride_in is {stride_in!r}, but it must be '1x1' or '3x3'.")
    blocks, bottleneck = DEPTHS[depth], depth >= 50
    b = Builder(
        f"{'resnet' if shortcuts else 'plain'}{depth}",
        input,
        title=f"{'ResNet' if shortcuts else 'Plain network'}-{depth}"
        + (" v1" if bottleneck and stride_in == "1x1" else ""),
        **facts(RESNET, published=_published(depth, shortcuts), training=TRAINING),
    )
    with b.stage("stem", "conv1"):
        with b.block("conv1.block", "conv1"):
            x = b.conv("conv1", b.input, 64, 7, 2, 3, bias=False, label="conv1")
            x = b.relu("relu", b.batch_norm("bn1", x))
        x = b.add("maxpool", MaxPool2d(3, 2, 1), x)
    for number, count in enumerate(blocks, 1):
        width = 64 * 2 ** (number - 1)
        with b.stage(f"layer{number}", f"conv{number + 1}_x"):
            for index in range(count):
                stride = 2 if number > 1 and index == 0 else 1
                path = f"layer{number}.{index}"
                with b.block(path, f"conv{number + 1}_{index + 1}", path=path):
                    if bottleneck:
                        x = bottleneck_block(b, x, width, stride, stride_in, shortcuts)
                    else:
                        x = basic_block(b, x, width, stride, "B" if shortcuts else None)
    with b.stage("head", "classifier"):
        x = b.flatten("flatten", b.add("avgpool", AdaptiveAvgPool2d(1), x))
        x = b.linear("fc", x, num_classes)
    return b.build(x)


def _published(depth: int, shortcuts: bool) -> list[dict[str, object]]:
    found = []
    if shortcuts and depth in RESNET_SINGLE_ERROR:
        top1, top5 = RESNET_SINGLE_ERROR[depth]
        found.append(single(top5, "single network (table 4)", top1=top1))
    else:
        name = f"{'resnet' if shortcuts else 'plain'}{depth}"
        if name in RESNET_IMAGENET_PLAIN_ERROR:
            top1 = RESNET_IMAGENET_PLAIN_ERROR[name]
            found.append(single(None, "single network, 10-crop (table 2)", top1=top1))
    if shortcuts and depth == 152:
        found.append(ensemble(3.57, "six networks, two of 152 layers, ILSVRC 2015"))
    return found
