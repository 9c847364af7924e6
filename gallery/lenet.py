"""LeNet-5 (LeCun et al., 1998): the design that AlexNet made larger."""

from __future__ import annotations

from archgraph.builder import Builder
from archgraph.graph import ArchGraph
from archgraph.ops import AvgPool2d, Shape, Tanh

from .layers import conv_act, linear_act
from .papers import LENET, facts, single

__all__ = ["lenet5"]


def lenet5(input: Shape = (1, 32, 32), num_classes: int = 10) -> ArchGraph:
    """LeNet-5 with a fully connected C3 and plain average pools (figure 2 of the paper).

    The paper's C3 reads chosen subsets of S2's maps, its pools have a weight and a bias, and its
    output layer computes radial basis functions; today's form leaves these three out.
    """
    b = Builder(
        "lenet5",
        input,
        title="LeNet-5",
        **facts(
            LENET,
            published=[
                single(None, "single network, no distortions", top1=0.95, data="MNIST test")
            ],
            notes=["C3 is fully connected here; the paper's table I leaves some connections out."],
        ),
    )
    with b.stage("features", "convolutions"):
        x = conv_act(b, ("c1", "tanh1"), b.input, 6, 5, label="C1", act=Tanh)
        x = b.add("s2", AvgPool2d(2, 2), x, label="S2")
        x = conv_act(b, ("c3", "tanh3"), x, 16, 5, label="C3", act=Tanh)
        x = b.add("s4", AvgPool2d(2, 2), x, label="S4")
    with b.stage("classifier", "classifier"):
        x = b.flatten("flatten", x)
        x = linear_act(b, ("c5", "tanh5"), x, 120, label="C5", act=Tanh)
        x = linear_act(b, ("f6", "tanh6"), x, 84, label="F6", act=Tanh)
        x = b.linear("output", x, num_classes, label="OUTPUT")
    return b.build(x)
