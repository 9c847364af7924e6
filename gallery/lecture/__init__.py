"""The lecture that the gallery grew from: what it claims, what it compares (private)."""

from archgraph.lectures import Comparison, Lecture

from .alexnet_claims import ALEXNET_CLAIMS
from .branching_claims import BRANCHING_CLAIMS
from .deeper_claims import DEEPER_CLAIMS
from .residual_claims import RESIDUAL_CLAIMS

__all__ = ["LECTURE"]

LECTURE = Lecture(
    "CNN architectures: AlexNet, ZFNet, VGG, GoogLeNet, ResNet",
    (*ALEXNET_CLAIMS, *DEEPER_CLAIMS, *BRANCHING_CLAIMS, *RESIDUAL_CLAIMS),
    (
        Comparison(
            "LeNet-5 and AlexNet",
            "The same design, larger: convolutions and pools in turn, then fully connected layers.",
            ("lenet5", "alexnet"),
        ),
        Comparison(
            "AlexNet and ZFNet",
            "Nearly the same layers; the first ones look closer.",
            ("alexnet", "zfnet"),
        ),
        Comparison(
            "AlexNet on two GPUs and on one",
            "Two lanes of layers compute what one lane computes with grouped convolutions.",
            ("alexnet_two_gpu", "alexnet_grouped"),
        ),
        Comparison(
            "VGG-16 and VGG-19",
            "Three more 3×3 convolutions, one in each of the last three blocks.",
            ("vgg16", "vgg19"),
        ),
        Comparison(
            "Inception, naive and with reductions",
            "1×1 convolutions cut the channels that the large windows read.",
            ("inception_naive", "inception_reduced"),
        ),
        Comparison(
            "GoogLeNet, as published and with batch norm",
            "What today's checkpoints changed.",
            ("googlenet", "googlenet_bn"),
        ),
        Comparison(
            "VGG-16 and ResNet-50",
            "Three times the layers with a quarter of the work, and next to no fully connected "
            "weights.",
            ("vgg16", "resnet50"),
        ),
        Comparison(
            "Plain and residual, 34 layers",
            "The same layers with and without shortcuts.",
            ("plain34", "resnet34"),
        ),
        Comparison(
            "ResNet-34 and ResNet-50",
            "Bottlenecks in the place of two 3×3 convolutions.",
            ("resnet34", "resnet50"),
        ),
        Comparison(
            "AlexNet, VGG-16, GoogLeNet and ResNet-50",
            "The winners and runners-up of 2012 to 2015.",
            ("alexnet", "vgg16", "googlenet", "resnet50"),
        ),
        Comparison(
            "ResNets by depth",
            "More of the same blocks.",
            ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152"),
        ),
    ),
)
"""What the entry point ``archgraph.lectures`` offers."""
