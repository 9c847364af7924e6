"""ResNet for CIFAR-10 (He et al., 2015, section 4.2): three stages of n blocks, 6n + 2 layers."""

from __future__ import annotations

from archgraph.builder import Builder
from archgraph.errors import ArchGraphError
from archgraph.graph import ArchGraph
from archgraph.ops import AdaptiveAvgPool2d, Shape

from .papers import RESNET, RESNET_CIFAR_ERROR, facts, single
from .residual import Shortcut, basic_block

__all__ = ["resnet_cifar"]

TRAINING = {
    "batch": 128,
    "optimizer": "SGD, momentum 0.9, weight decay 0.0001",
    "learning_rate": "0.1, divided by 10 at 32,000 and 48,000 iterations",
    "hardware": "two GPUs",
    "duration": "64,000 iterations",
}


def resnet_cifar(
    depth: int = 20,
    shortcut: Shortcut = "A",
    input: Shape = (3, 32, 32),
    num_classes: int = 10,
) -> ArchGraph:
    """ResNet of 6n + 2 layers with 16, 32 and 64 filters; without ``shortcut`` the plain network.

    Raises ArchGraphError for a depth that is not 6n + 2.
    """
    count, rest = divmod(depth - 2, 6)
    if rest or count < 1:
        raise ArchGraphError(f"depth is {depth}, but a CIFAR ResNet has 6n + 2 layers, such as 20.")
    published = []
    if shortcut == "A" and depth in RESNET_CIFAR_ERROR:
        error = RESNET_CIFAR_ERROR[depth]
        published = [single(None, "single network (table 6)", top1=error, data="CIFAR-10 test")]
    b = Builder(
        f"{'resnet' if shortcut else 'plain'}{depth}_cifar",
        input,
        title=f"{'ResNet' if shortcut else 'Plain network'}-{depth} for CIFAR-10"
        + (f", option {shortcut}" if shortcut not in (None, "A") else ""),
        **facts(RESNET, published=published, training=TRAINING),
    )
    with b.stage("stem", "conv1"), b.block("conv1.block", "conv1"):
        x = b.conv("conv1", b.input, 16, 3, 1, 1, bias=False, label="conv1")
        x = b.relu("relu", b.batch_norm("bn1", x))
    for number, width in enumerate((16, 32, 64), 1):
        with b.stage(f"layer{number}", f"stage {number}"):
            for index in range(count):
                stride = 2 if number > 1 and index == 0 else 1
                path = f"layer{number}.{index}"
                with b.block(path, f"block {number}.{index + 1}", path=path):
                    x = basic_block(b, x, width, stride, shortcut)
    with b.stage("head", "classifier"):
        x = b.flatten("flatten", b.add("avgpool", AdaptiveAvgPool2d(1), x))
        x = b.linear("fc", x, num_classes)
    return b.build(x)
