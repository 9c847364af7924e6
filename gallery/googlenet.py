"""GoogLeNet (Szegedy et al., 2014): Inception modules in a row, with two auxiliary heads."""

from __future__ import annotations

from archgraph.builder import Builder
from archgraph.graph import ArchGraph
from archgraph.ops import AdaptiveAvgPool2d, AvgPool2d, LocalResponseNorm, MaxPool2d, Shape

from .inception import Widths, conv_unit, inception
from .layers import dropout
from .papers import BATCH_NORM, GOOGLENET, ensemble, facts, single

__all__ = ["googlenet"]

# Table 1.           1×1  3×3r  3×3  5×5r 5×5  pool
MODULES: dict[str, Widths] = {
    "3a": Widths(64, 96, 128, 16, 32, 32),
    "3b": Widths(128, 128, 192, 32, 96, 64),
    "4a": Widths(192, 96, 208, 16, 48, 64),
    "4b": Widths(160, 112, 224, 24, 64, 64),
    "4c": Widths(128, 128, 256, 24, 64, 64),
    "4d": Widths(112, 144, 288, 32, 64, 64),
    "4e": Widths(256, 160, 320, 32, 128, 128),
    "5a": Widths(256, 160, 320, 32, 128, 128),
    "5b": Widths(384, 192, 384, 48, 128, 128),
}
HEADS = {"4a": "aux1", "4d": "aux2"}
"""The modules whose output an auxiliary head reads."""

NORM = LocalResponseNorm(5, alpha=1e-4, beta=0.75, k=1.0)
"""The settings of the authors' released model."""


def googlenet(
    input: Shape = (3, 224, 224),
    num_classes: int = 1000,
    batch_norm: bool = False,
    aux: bool = True,
) -> ArchGraph:
    """GoogLeNet, named as in torchvision.

    Without ``batch_norm`` the network of the 2014 paper: 5×5 branches, local response
    normalisation, biases. With it the network of today's checkpoints: batch normalisation
    instead of biases, 3×3 in the "5×5" branch, a 2×2 last pool. The auxiliary heads run in
    training only (``training_only``); ``aux=False`` leaves them out.
    """
    b = Builder(
        "googlenet_bn" if batch_norm else "googlenet",
        input,
        title="GoogLeNet with batch norm" if batch_norm else "GoogLeNet",
        **facts(
            BATCH_NORM if batch_norm else GOOGLENET,
            published=[]
            if batch_norm
            else [
                single(10.07, "single network, one crop (table 3)"),
                ensemble(6.7, "seven networks, 144 crops (table 3)"),
            ],
            training={
                "optimizer": "asynchronous SGD, momentum 0.9",
                "learning_rate": "4 % lower every 8 epochs",
                "auxiliary_loss_weight": 0.3,
                "hardware": "CPUs (DistBelief)",
            },
            notes=[
                "The paper says 12 times fewer parameters than AlexNet; "
                "its own table 1 gives 8.7 times fewer."
            ],
        ),
    )
    x = _stem(b, batch_norm)
    heads = []
    for number, names in (("3", "ab"), ("4", "abcde"), ("5", "ab")):
        group = [number + letter for letter in names]
        with b.stage(f"inception{number}", f"Inception {group[0]}–{group[-1]}"):
            for name in group:
                path = f"inception{name}"
                with b.block(path, f"Inception {name}", path=path):
                    x = inception(b, x, MODULES[name], batch_norm)
                if aux and name in HEADS:
                    heads.append((HEADS[name], x))
        if number != "5":
            last = batch_norm and number == "4"
            pool = MaxPool2d(2 if last else 3, 2, ceil_mode=True)
            x = b.add(f"maxpool{number}", pool, x, label=f"pool{number}")
    with b.stage("classifier", "classifier"):
        x = b.add("avgpool", AdaptiveAvgPool2d(1), x)
        x = dropout(b, "dropout", b.flatten("flatten", x), 0.2 if batch_norm else 0.4)
        x = b.linear("fc", x, num_classes)
    ends = [_head(b, name, source, num_classes, batch_norm) for name, source in heads]
    return b.build(x, *ends)


def _stem(b: Builder, batch_norm: bool) -> str:
    pool = MaxPool2d(3, 2, ceil_mode=True)
    with b.stage("stem", "stem"):
        with b.block("conv1", "conv1"), b.scope("conv1"):
            x = conv_unit(b, b.input, 64, 7, 2, 3, batch_norm=batch_norm, label="conv1")
        x = b.add("maxpool1", pool, x, label="pool1")
        if not batch_norm:
            x = b.add("norm1", NORM, x)
        with b.block("conv2", "conv2 reduce"), b.scope("conv2", role="reduction"):
            x = conv_unit(b, x, 64, 1, batch_norm=batch_norm, label="conv2 reduce")
        with b.block("conv3", "conv2"), b.scope("conv3"):
            x = conv_unit(b, x, 192, 3, 1, 1, batch_norm=batch_norm, label="conv2")
        if not batch_norm:
            x = b.add("norm2", NORM, x)
        return b.add("maxpool2", pool, x, label="pool2")


def _head(b: Builder, name: str, x: str, num_classes: int, batch_norm: bool) -> str:
    """Add an auxiliary classifier: average pool, 1×1 convolution, two fully connected layers."""
    b.net.define_group(f"{name}.stage", "stage", f"auxiliary head {name[-1]}")
    marks = {"role": "auxiliary", "training_only": True, "stage": f"{name}.stage"}
    with b.block(name, f"auxiliary head {name[-1]}", path=name, **marks):
        pool = AdaptiveAvgPool2d(4) if batch_norm else AvgPool2d(5, 3)
        x = b.add("avgpool", pool, x)
        with b.scope("conv"):
            x = conv_unit(b, x, 128, 1, batch_norm=batch_norm)
        x = b.linear("fc1", b.flatten("flatten", x), 1024)
        x = dropout(b, "dropout", b.relu("relu", x), 0.7)
        return b.linear("fc2", x, num_classes)
