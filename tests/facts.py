"""Published numbers, typed from papers and documentation; each row names its source.

``tests/counted_networks.py`` has the same networks once more, in torch's own layers, and
``tests/test_facts.py`` counts them with torch's counter: no row rests on our own arithmetic.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["ALEXNET_LAYERS", "GOOGLENET_MODULES", "SOURCES", "TOTALS", "TRAINING_TOTALS", "Totals"]

SOURCES = {
    "torchvision": "documentation of torchvision.models 0.28, weights IMAGENET1K_V1",
    "lenet": "LeCun et al. 1998, figure 2 and section II.B; C3 with all connections",
    "alexnet": "Krizhevsky, Sutskever, Hinton 2012, figure 2 and section 3.5",
    "zfnet": "Zeiler, Fergus 2013, figure 3",
    "zfnet_b": "Zeiler, Fergus 2013, table 2, (b): layers 3, 4, 5 with 512, 1024, 512 maps",
    "vgg": "Simonyan, Zisserman 2014, table 1",
    "googlenet": "Szegedy et al. 2014, table 1",
    "googlenet_heads": "Szegedy et al. 2014, section 5: the auxiliary classifiers",
    "inception": "Szegedy et al. 2014, figure 2; widths of a lecture's example",
    "resnet": "He et al. 2015, table 1 and figure 3",
    "resnet_v1": "He et al. 2015, table 1: stride in the first 1×1",
    "cifar": "He et al. 2015, section 4.2 and table 6",
    "unet": "Ronneberger, Fischer, Brox 2015, figure 1",
    "unet_bn": "milesial/Pytorch-UNet, unet/unet_parts.py",
    "lecture": "a lecture on CNN architectures: its table of AlexNet at 3×227×227",
}
"""Where numbers, or the widths of layers that they are counted from, stand."""


class Totals(NamedTuple):
    """What a network costs: exact where ``source`` says so, else counted from its layers.

    ``gmacs`` is the figure that the source itself prints, in 10⁹ multiply-adds.
    """

    input: tuple[int, int, int]
    params: int
    macs: int
    source: str
    gmacs: float | None = None


IMAGE, DIGIT, WIDE, TINY = (3, 224, 224), (1, 32, 32), (3, 227, 227), (3, 32, 32)
MAPS = (256, 28, 28)

TOTALS = {
    "alexnet": Totals(IMAGE, 61_100_840, 714_188_480, "torchvision", 0.714),
    "alexnet_two_gpu": Totals(WIDE, 60_965_224, 724_406_816, "alexnet"),
    "alexnet_grouped": Totals(WIDE, 60_965_224, 724_406_816, "alexnet"),
    "zfnet": Totals(IMAGE, 62_357_608, 1_168_032_896, "zfnet"),
    "zfnet_lecture": Totals(IMAGE, 107_627_624, 2_476_704_896, "zfnet_b"),
    "vgg11": Totals(IMAGE, 132_863_336, 7_609_090_048, "torchvision", 7.609),
    "vgg11_lrn": Totals(IMAGE, 132_863_336, 7_609_090_048, "vgg"),
    "vgg13": Totals(IMAGE, 133_047_848, 11_308_466_176, "torchvision", 11.308),
    "vgg16_c": Totals(IMAGE, 133_638_952, 11_770_888_192, "vgg"),
    "vgg16": Totals(IMAGE, 138_357_544, 15_470_264_320, "torchvision", 15.47),
    "vgg19": Totals(IMAGE, 143_667_240, 19_632_062_464, "torchvision", 19.632),
    "vgg11_bn": Totals(IMAGE, 132_868_840, 7_609_090_048, "torchvision", 7.609),
    "vgg13_bn": Totals(IMAGE, 133_053_736, 11_308_466_176, "torchvision", 11.308),
    "vgg16_bn": Totals(IMAGE, 138_365_992, 15_470_264_320, "torchvision", 15.47),
    "vgg19_bn": Totals(IMAGE, 143_678_248, 19_632_062_464, "torchvision", 19.632),
    "googlenet": Totals(IMAGE, 6_998_552, 1_582_671_872, "googlenet"),
    "googlenet_bn": Totals(IMAGE, 6_624_904, 1_498_376_192, "torchvision", 1.498),
    "resnet18": Totals(IMAGE, 11_689_512, 1_814_073_344, "torchvision", 1.814),
    "resnet34": Totals(IMAGE, 21_797_672, 3_663_761_408, "torchvision", 3.664),
    "plain18": Totals(IMAGE, 11_515_688, 1_794_805_760, "resnet"),
    "plain34": Totals(IMAGE, 21_623_848, 3_644_493_824, "resnet"),
    "resnet50": Totals(IMAGE, 25_557_032, 4_089_184_256, "torchvision", 4.089),
    "resnet101": Totals(IMAGE, 44_549_160, 7_801_405_440, "torchvision", 7.801),
    "resnet152": Totals(IMAGE, 60_192_808, 11_513_626_624, "torchvision", 11.514),
    "resnet50_v1": Totals(IMAGE, 25_557_032, 3_857_973_248, "resnet_v1"),
    "resnet101_v1": Totals(IMAGE, 44_549_160, 7_570_194_432, "resnet_v1"),
    "resnet152_v1": Totals(IMAGE, 60_192_808, 11_282_415_616, "resnet_v1"),
    "resnet20_cifar": Totals(TINY, 269_722, 40_551_040, "cifar"),
    "resnet32_cifar": Totals(TINY, 464_154, 68_862_592, "cifar"),
    "resnet44_cifar": Totals(TINY, 658_586, 97_174_144, "cifar"),
    "resnet56_cifar": Totals(TINY, 853_018, 125_485_696, "cifar"),
    "resnet110_cifar": Totals(TINY, 1_727_962, 252_887_680, "cifar"),
    "resnet20_cifar_b": Totals(TINY, 272_474, 40_813_184, "cifar"),
    "plain20_cifar": Totals(TINY, 269_722, 40_551_040, "cifar"),
    "plain56_cifar": Totals(TINY, 853_018, 125_485_696, "cifar"),
    "lenet5": Totals(DIGIT, 61_706, 416_520, "lenet"),
    "unet": Totals((1, 572, 572), 31_030_658, 150_428_424_448, "unet"),
    "unet_bn": Totals((3, 512, 512), 31_037_698, 192_686_325_760, "unet_bn"),
    "vit_b_16": Totals(IMAGE, 86_567_656, 17_563_828_224, "torchvision", 17.564),
    "inception_naive": Totals(MAPS, 1_089_952, 854_196_224, "inception"),
    "inception_reduced": Totals(MAPS, 346_720, 271_351_808, "inception"),
}

TRAINING_TOTALS = {
    # With both auxiliary heads.
    "googlenet": Totals(IMAGE, 13_378_280, 1_591_044_096, "googlenet_heads"),
    "googlenet_bn": Totals(IMAGE, 13_004_888, 1_506_748_416, "googlenet_heads"),
}
ALEXNET_LAYERS = (
    # SOURCES["lecture"]: label, output, KiB, params, the lecture's count.
    ("conv1", (64, 56, 56), 784, 23_296, 72_855_552),
    ("pool1", (64, 27, 27), 182.25, 0, 419_904),
    ("conv2", (192, 27, 27), 546.75, 307_392, 223_948_800),
    ("pool2", (192, 13, 13), 126.75, 0, 292_032),
    ("conv3", (384, 13, 13), 253.5, 663_936, 112_140_288),
    ("conv4", (256, 13, 13), 169, 884_992, 149_520_384),
    ("conv5", (256, 13, 13), 169, 590_080, 99_680_256),
    ("pool5", (256, 6, 6), 36, 0, 82_944),
    ("fc6", (4096,), 16, 37_752_832, 37_748_736),
    ("fc7", (4096,), 16, 16_781_312, 16_777_216),
    ("fc8", (1000,), 3.90625, 4_097_000, 4_096_000),
)

GOOGLENET_MODULES = (
    # SOURCES["googlenet"]: name, 1×1, 3×3 reduce, 3×3, 5×5 reduce, 5×5, pool proj., output;
    # parameters and MACs exact where the table rounds them (159K, 128M).
    ("3a", (64, 96, 128, 16, 32, 32), (256, 28, 28), 163_696, 128_049_152),
    ("3b", (128, 128, 192, 32, 96, 64), (480, 28, 28), 388_736, 304_267_264),
    ("4a", (192, 96, 208, 16, 48, 64), (512, 14, 14), 376_176, 73_608_192),
    ("4b", (160, 112, 224, 24, 64, 64), (512, 14, 14), 449_160, 87_908_352),
    ("4c", (128, 128, 256, 24, 64, 64), (512, 14, 14), 510_104, 99_850_240),
    ("4d", (112, 144, 288, 32, 64, 64), (528, 14, 14), 605_376, 118_515_712),
    ("4e", (256, 160, 320, 32, 128, 128), (832, 14, 14), 868_352, 169_996_288),
    ("5a", (256, 160, 320, 32, 128, 128), (832, 7, 7), 1_043_456, 51_079_168),
    ("5b", (384, 192, 384, 48, 128, 128), (1024, 7, 7), 1_444_080, 70_697_984),
)
