"""ZFNet (Zeiler and Fergus, 2013): AlexNet after a look inside."""

from __future__ import annotations

from collections.abc import Sequence

from archgraph.builder import Builder
from archgraph.graph import ArchGraph
from archgraph.ops import LocalResponseNorm, MaxPool2d, Shape

from .layers import conv_act, dropout, linear_act
from .papers import ZFNET, ensemble, facts, single

__all__ = ["zfnet"]

NORM = LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2.0)
"""As in AlexNet; the paper says only "contrast normalized across feature maps"."""


def zfnet(
    input: Shape = (3, 224, 224),
    num_classes: int = 1000,
    filters: Sequence[int] = (384, 384, 256),
) -> ArchGraph:
    """ZFNet with figure 3's layers; ``filters`` are those of conv3, conv4 and conv5.

    The lecture's "512, 1024, 512" is the paper's larger variant. Map sizes of 110, 55, 26 and 13
    need padding 1 in conv1 and pools that round up.
    """
    b = Builder(
        "zfnet",
        input,
        title="ZFNet"
        if tuple(filters) == (384, 384, 256)
        else f"ZFNet with {', '.join(map(str, filters))} filters",
        **facts(
            ZFNET,
            published=[
                single(16.5, "single network (table 2)")
                if tuple(filters) == (384, 384, 256)
                else single(16.0, "single network, variant (b) (table 2)"),
                ensemble(11.7, "Clarifai's entry to ILSVRC 2013, an ensemble"),
            ],
            training={
                "batch": 128,
                "optimizer": "SGD, momentum 0.9",
                "learning_rate": 0.01,
                "hardware": "one GTX 580",
                "duration": "12 days, 70 epochs",
            },
        ),
    )
    conv3, conv4, conv5 = filters
    pool = MaxPool2d(3, 2, ceil_mode=True)
    with b.stage("stage1", "conv1"):
        x = conv_act(b, ("conv1", "relu1"), b.input, 96, 7, 2, 1, label="conv1")
        x = b.add("norm1", NORM, b.add("pool1", pool, x))
    with b.stage("stage2", "conv2"):
        x = conv_act(b, ("conv2", "relu2"), x, 256, 5, 2, label="conv2")
        x = b.add("norm2", NORM, b.add("pool2", pool, x))
    with b.stage("stage3", "conv3–conv5"):
        x = conv_act(b, ("conv3", "relu3"), x, conv3, 3, padding=1, label="conv3")
        x = conv_act(b, ("conv4", "relu4"), x, conv4, 3, padding=1, label="conv4")
        x = conv_act(b, ("conv5", "relu5"), x, conv5, 3, padding=1, label="conv5")
        x = b.add("pool5", pool, x)
    with b.stage("classifier", "fc6–fc8"):
        x = b.flatten("flatten", x)
        x = linear_act(b, ("fc6", "relu6"), dropout(b, "drop6", x), 4096, label="fc6")
        x = linear_act(b, ("fc7", "relu7"), dropout(b, "drop7", x), 4096, label="fc7")
        x = b.linear("fc8", x, num_classes, label="fc8")
    return b.build(x)
