"""VGG (Simonyan and Zisserman, 2014): only 3×3 convolutions and 2×2 pools, deeper and deeper."""

from __future__ import annotations

from archgraph.builder import Builder
from archgraph.graph import ArchGraph
from archgraph.ops import AdaptiveAvgPool2d, BatchNorm2d, LocalResponseNorm, MaxPool2d, ReLU, Shape

from .layers import dropout
from .papers import VGG, VGG_SINGLE_ERROR, ensemble, facts, single

__all__ = ["CONFIGURATIONS", "vgg"]

# Table 1: filters of each 3×3 convolution; (n, 1) is a 1×1 one; a line ends with a 2×2 pool.
CONFIGURATIONS = {
    "A": ((64,), (128,), (256, 256), (512, 512), (512, 512)),
    "A-LRN": ((64, "LRN"), (128,), (256, 256), (512, 512), (512, 512)),
    "B": ((64, 64), (128, 128), (256, 256), (512, 512), (512, 512)),
    "C": ((64, 64), (128, 128), (256, 256, (256, 1)), (512, 512, (512, 1)), (512, 512, (512, 1))),
    "D": ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512)),
    "E": ((64,) * 2, (128,) * 2, (256,) * 4, (512,) * 4, (512,) * 4),
}

NORM = LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2.0)
"""Section 2.1: "the parameters for the LRN layer are those of (Krizhevsky et al., 2012)"."""


def vgg(
    configuration: str = "D",
    batch_norm: bool = False,
    input: Shape = (3, 224, 224),
    num_classes: int = 1000,
) -> ArchGraph:
    """VGG in one of table 1's configurations, named as in torchvision.

    ``batch_norm`` puts a batch normalisation behind each convolution, as later checkpoints do.
    """
    table = CONFIGURATIONS[configuration]
    layers = 3 + sum(layer != "LRN" for group in table for layer in group)
    top1, top5, setting = VGG_SINGLE_ERROR[configuration]
    b = Builder(
        f"vgg{layers}",
        input,
        title=f"VGG-{layers}" + (" with batch norm" if batch_norm else ""),
        **facts(
            VGG,
            published=[]
            if batch_norm
            else [
                single(top5, setting, top1=top1),
                ensemble(7.3, "seven networks, ILSVRC 2014"),
            ],
            training={
                "batch": 256,
                "optimizer": "SGD, momentum 0.9, weight decay 0.0005",
                "learning_rate": 0.01,
                "hardware": "four Titan Black",
                "duration": "two to three weeks, 74 epochs",
            },
        ),
    )
    x, index = b.input, 0
    with b.scope("features"):
        for number, group in enumerate(table, 1):
            with b.stage(f"conv{number}", f"conv{number}"):
                for place, layer in enumerate(group, 1):
                    if layer == "LRN":
                        x = b.add(str(index), NORM, x, label=f"norm{number}")
                        index += 1
                        continue
                    filters, kernel = layer if isinstance(layer, tuple) else (layer, 3)
                    label = f"conv{number}_{place}"
                    with b.block(label, label):
                        padding = kernel // 2
                        x = b.conv(str(index), x, filters, kernel, padding=padding, label=label)
                        if batch_norm:
                            x = b.add(str(index + 1), BatchNorm2d(filters), x)
                        index += 1 + batch_norm
                        x = b.add(str(index), ReLU(), x)
                        index += 1
                x = b.add(str(index), MaxPool2d(2, 2), x, label=f"pool{number}")
                index += 1
    with b.stage("classifier", "fc6–fc8"):
        x = b.add("avgpool", AdaptiveAvgPool2d(7), x)
        x = b.flatten("flatten", x)
        with b.scope("classifier"):
            for index, label in ((0, "fc6"), (3, "fc7")):
                with b.block(label, label):
                    x = b.linear(str(index), x, 4096, label=label)
                    x = b.relu(str(index + 1), x)
                x = dropout(b, str(index + 2), x)
            x = b.linear("6", x, num_classes, label="fc8")
    return b.build(x)
