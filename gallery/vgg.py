"""VGG (Simonyan and Zisserman, 2014): only 3×3 convolutions and 2×2 pools, deeper and deeper."""

from __future__ import annotations

from archgraph.builder import Builder
from archgraph.errors import ArchGraphError
from archgraph.graph import ArchGraph
from archgraph.ops import AdaptiveAvgPool2d, BatchNorm2d, LocalResponseNorm, MaxPool2d, ReLU, Shape

from .layers import dropout
from .papers import VGG, VGG_SINGLE_ERROR, ensemble, facts, single

__all__ = ["CONFIGURATIONS", "vgg"]

# Table 1, with its words: conv<kernel>-<filters>; a bar is a 2×2 max pool.
CONFIGURATIONS = {
    "A": """conv3-64 |
            conv3-128 |
            conv3-256 conv3-256 |
            conv3-512 conv3-512 |
            conv3-512 conv3-512""",
    "A-LRN": """conv3-64 LRN |
            conv3-128 |
            conv3-256 conv3-256 |
            conv3-512 conv3-512 |
            conv3-512 conv3-512""",
    "B": """conv3-64 conv3-64 |
            conv3-128 conv3-128 |
            conv3-256 conv3-256 |
            conv3-512 conv3-512 |
            conv3-512 conv3-512""",
    "C": """conv3-64 conv3-64 |
            conv3-128 conv3-128 |
            conv3-256 conv3-256 conv1-256 |
            conv3-512 conv3-512 conv1-512 |
            conv3-512 conv3-512 conv1-512""",
    "D": """conv3-64 conv3-64 |
            conv3-128 conv3-128 |
            conv3-256 conv3-256 conv3-256 |
            conv3-512 conv3-512 conv3-512 |
            conv3-512 conv3-512 conv3-512""",
    "E": """conv3-64 conv3-64 |
            conv3-128 conv3-128 |
            conv3-256 conv3-256 conv3-256 conv3-256 |
            conv3-512 conv3-512 conv3-512 conv3-512 |
            conv3-512 conv3-512 conv3-512 conv3-512""",
}

NORM = LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2.0)
"""Section 2.1: "the parameters for the LRN layer are those of (Krizhevsky et al., 2012)"."""


_VARIANTS = {"A-LRN": " with LRN", "C": ", configuration C"}
"""Added to the titles of those that share their number of layers with a better-known one."""


def vgg(
    configuration: str = "D",
    batch_norm: bool = False,
    input: Shape = (3, 224, 224),
    num_classes: int = 1000,
) -> ArchGraph:
    """VGG in one of table 1's configurations, named as in torchvision.

    ``batch_norm`` puts a batch normalisation behind each convolution, as later checkpoints do.
    """
    if configuration not in CONFIGURATIONS:
        known = ", ".join(CONFIGURATIONS)
        raise ArchGraphError(f"VGG has no configuration {configuration!r}; it has {known}.")
    table = [group.split() for group in CONFIGURATIONS[configuration].split("|")]
    layers = 3 + sum(layer != "LRN" for group in table for layer in group)
    top1, top5, setting = VGG_SINGLE_ERROR[configuration]
    b = Builder(
        f"vgg{layers}",
        input,
        title=f"VGG-{layers}{_VARIANTS.get(configuration, '')}"
        + (" with batch norm" if batch_norm else ""),
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
                    kernel, filters = map(int, layer.removeprefix("conv").split("-"))
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
