"""AlexNet as one tower (Krizhevsky, 2014): the form of today's checkpoints and of the lecture."""

from __future__ import annotations

from archgraph.builder import Builder
from archgraph.graph import ArchGraph
from archgraph.ops import AdaptiveAvgPool2d, MaxPool2d, Shape

from .layers import conv_act, dropout, linear_act
from .papers import ALEXNET_ONE_TOWER, ALEXNET_TRAINING, facts, single

__all__ = ["alexnet"]


def alexnet(input: Shape = (3, 224, 224), num_classes: int = 1000) -> ArchGraph:
    """AlexNet with 64-192-384-256-256 filters on one device, named as in torchvision.

    The two-GPU network of 2012 is ``alexnet_two_gpu``.
    """
    b = Builder(
        "alexnet",
        input,
        title="AlexNet",
        **facts(
            ALEXNET_ONE_TOWER,
            published=[single(18.2, "single network of 2012 (table 2 of the 2012 paper)")],
            training=ALEXNET_TRAINING,
        ),
    )
    with b.scope("features"):
        with b.stage("stage1", "conv1"):
            x = conv_act(b, ("0", "1"), b.input, 64, 11, 4, 2, label="conv1")
            x = b.add("2", MaxPool2d(3, 2), x, label="pool1")
        with b.stage("stage2", "conv2"):
            x = conv_act(b, ("3", "4"), x, 192, 5, padding=2, label="conv2")
            x = b.add("5", MaxPool2d(3, 2), x, label="pool2")
        with b.stage("stage3", "conv3–conv5"):
            x = conv_act(b, ("6", "7"), x, 384, 3, padding=1, label="conv3")
            x = conv_act(b, ("8", "9"), x, 256, 3, padding=1, label="conv4")
            x = conv_act(b, ("10", "11"), x, 256, 3, padding=1, label="conv5")
            x = b.add("12", MaxPool2d(3, 2), x, label="pool5")
    with b.stage("classifier", "fc6–fc8"):
        x = b.add("avgpool", AdaptiveAvgPool2d(6), x)
        x = b.flatten("flatten", x)
        with b.scope("classifier"):
            x = linear_act(b, ("1", "2"), dropout(b, "0", x), 4096, label="fc6")
            x = linear_act(b, ("4", "5"), dropout(b, "3", x), 4096, label="fc7")
            x = b.linear("6", x, num_classes, label="fc8")
    return b.build(x)
