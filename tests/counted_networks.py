"""The gallery's networks once more, in torch's own layers as the papers' tables have them.

Nothing here comes from archgraph: torch counts these, and the counts are compared with ours.
Layers that neither hold nor multiply anything (ReLU, dropout, response norms) are left out.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

__all__ = ["COUNTED", "INCEPTIONS", "alexnet", "inception"]


class Apply(nn.Module):
    """A module whose forward is a function of its parts and its input."""

    def __init__(self, function: Callable[..., Tensor], *parts: nn.Module) -> None:
        super().__init__()
        self.function, self.parts = function, nn.ModuleList(parts)

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x, *self.parts)


def dense(*widths: int) -> nn.Module:
    pairs = itertools.pairwise(widths)
    return nn.Sequential(nn.Flatten(), *(nn.Linear(a, b) for a, b in pairs))


def joined(*branches: nn.Module) -> nn.Module:
    return Apply(lambda x, *parts: torch.cat([part(x) for part in parts], 1), *branches)


def alexnet() -> nn.Module:
    convs = ((3, 64, 11, 4, 2), (64, 192, 5, 1, 2), (192, 384, 3, 1, 1), (384, 256, 3, 1, 1))
    first, second, *others = (nn.Conv2d(*each) for each in (*convs, (256, 256, 3, 1, 1)))
    pools = [nn.MaxPool2d(3, 2) for _ in range(3)]
    maps = (first, pools[0], second, pools[1], *others, pools[2])
    return nn.Sequential(*maps, dense(9216, 4096, 4096, 1000))


def alexnet_2012() -> nn.Module:
    return nn.Sequential(
        *(nn.Conv2d(3, 96, 11, 4), nn.MaxPool2d(3, 2)),
        *(nn.Conv2d(96, 256, 5, 1, 2, groups=2), nn.MaxPool2d(3, 2)),
        nn.Conv2d(256, 384, 3, 1, 1),
        nn.Conv2d(384, 384, 3, 1, 1, groups=2),
        *(nn.Conv2d(384, 256, 3, 1, 1, groups=2), nn.MaxPool2d(3, 2)),
        dense(9216, 4096, 4096, 1000),
    )


def zfnet(*filters: int) -> nn.Module:
    third, fourth, fifth = filters
    return nn.Sequential(
        *(nn.Conv2d(3, 96, 7, 2, 1), nn.MaxPool2d(3, 2, ceil_mode=True)),
        *(nn.Conv2d(96, 256, 5, 2), nn.MaxPool2d(3, 2, ceil_mode=True)),
        nn.Conv2d(256, third, 3, 1, 1),
        nn.Conv2d(third, fourth, 3, 1, 1),
        *(nn.Conv2d(fourth, fifth, 3, 1, 1), nn.MaxPool2d(3, 2, ceil_mode=True)),
        dense(36 * fifth, 4096, 4096, 1000),
    )


def vgg(*kernels: str, norm: bool = False) -> nn.Module:
    """Five blocks; "33" are two 3×3 convolutions, "331" a 1×1 convolution more."""
    layers: list[nn.Module] = []
    before = 3
    for block, width in zip(kernels, (64, 128, 256, 512, 512), strict=True):
        for kernel in map(int, block):
            layers.append(nn.Conv2d(before, width, kernel, padding=kernel // 2))
            layers += [nn.BatchNorm2d(width)] if norm else []
            before = width
        layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers, dense(25088, 4096, 4096, 1000))


def unit(before: int, width: int, kernel: int, stride: int = 1, norm: bool = False) -> nn.Module:
    conv = nn.Conv2d(before, width, kernel, stride, kernel // 2, bias=not norm)
    return nn.Sequential(conv, nn.BatchNorm2d(width)) if norm else conv


INCEPTIONS = {
    "3a": (192, 64, 96, 128, 16, 32, 32),
    "3b": (256, 128, 128, 192, 32, 96, 64),
    "4a": (480, 192, 96, 208, 16, 48, 64),
    "4b": (512, 160, 112, 224, 24, 64, 64),
    "4c": (512, 128, 128, 256, 24, 64, 64),
    "4d": (512, 112, 144, 288, 32, 64, 64),
    "4e": (528, 256, 160, 320, 32, 128, 128),
    "5a": (832, 256, 160, 320, 32, 128, 128),
    "5b": (832, 384, 192, 384, 48, 128, 128),
}
"""Channels read, then the widths of table 1."""


def inception(before: int, *widths: int, wide: int = 5, norm: bool = False) -> nn.Module:
    one, few3, three, few5, five, pool = widths
    return joined(
        unit(before, one, 1, norm=norm),
        nn.Sequential(unit(before, few3, 1, norm=norm), unit(few3, three, 3, norm=norm)),
        nn.Sequential(unit(before, few5, 1, norm=norm), unit(few5, five, wide, norm=norm)),
        nn.Sequential(nn.MaxPool2d(3, 1, 1), unit(before, pool, 1, norm=norm)),
    )


def head(before: int, norm: bool) -> nn.Module:
    pool = nn.AdaptiveAvgPool2d(4)
    return nn.Sequential(pool, unit(before, 128, 1, norm=norm), dense(2048, 1024, 1000))


def googlenet(norm: bool = False, heads: bool = False) -> nn.Module:
    def pool(size: int = 3) -> nn.Module:
        return nn.MaxPool2d(size, 2, ceil_mode=True)

    wide = 3 if norm else 5
    module = {key: inception(*each, wide=wide, norm=norm) for key, each in INCEPTIONS.items()}
    first = nn.Sequential(
        *(unit(3, 64, 7, 2, norm), pool(), unit(64, 64, 1, 1, norm), unit(64, 192, 3, 1, norm)),
        *(pool(), module["3a"], module["3b"], pool(), module["4a"]),
    )
    second = nn.Sequential(*(module[key] for key in ("4b", "4c", "4d")))
    third = nn.Sequential(
        *(module["4e"], pool(2 if norm else 3), module["5a"], module["5b"]),
        *(nn.AdaptiveAvgPool2d(1), dense(1024, 1000)),
    )
    if not heads:
        return nn.Sequential(first, second, third)

    def run(x: Tensor, *parts: nn.Module) -> Tensor:
        one = first(x)
        two = second(one)
        return torch.cat([third(two), parts[3](one), parts[4](two)])

    return Apply(run, first, second, third, head(512, norm), head(528, norm))


def residual(branch: nn.Module, shortcut: nn.Module | None) -> nn.Module:
    if shortcut is None:
        return branch
    return Apply(lambda x, one, other: one(x) + other(x), branch, shortcut)


def zeros(stride: int, more: int) -> nn.Module:
    pad = (0, 0, 0, 0, 0, more)
    return Apply(lambda x: nn.functional.pad(x[:, :, ::stride, ::stride], pad))


def resnet(
    blocks: tuple[int, ...],
    widths: tuple[int, ...] = (64, 128, 256, 512),
    *,
    bottleneck: bool = False,
    first: bool = False,
    option: str | None = "B",
) -> nn.Module:
    """Basic blocks or bottlenecks; ``first`` has the stride in the first 1×1 (2015)."""
    small = len(blocks) == 3
    before = widths[0]
    stem = [unit(3, before, 3, 1, True)] if small else [unit(3, before, 7, 2, True)]
    layers = stem + ([] if small else [nn.MaxPool2d(3, 2, 1)])
    for stage, (count, width) in enumerate(zip(blocks, widths, strict=True)):
        out = 4 * width if bottleneck else width
        for index in range(count):
            stride = 2 if stage and not index else 1
            ends = (before, width, out)
            layers.append(_block(*ends, stride, bottleneck, first, option))
            before = out
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), dense(before, 10 if small else 1000))


def _block(
    before: int,
    width: int,
    out: int,
    stride: int,
    bottleneck: bool,
    first: bool,
    option: str | None,
) -> nn.Module:
    if bottleneck:
        one, two = (stride, 1) if first else (1, stride)
        units = [unit(before, width, 1, one, True), unit(width, width, 3, two, True)]
        branch = nn.Sequential(*units, unit(width, out, 1, 1, True))
    else:
        branch = nn.Sequential(unit(before, width, 3, stride, True), unit(width, out, 3, 1, True))
    if option is None:
        return branch
    if stride == 1 and before == out:
        return residual(branch, nn.Identity())
    if option == "A":
        return residual(branch, zeros(stride, out - before))
    return residual(branch, unit(before, out, 1, stride, True))


def unet(norm: bool) -> nn.Module:
    def double(before: int, width: int) -> nn.Module:
        layers: list[nn.Module] = []
        for channels in (before, width):
            layers.append(nn.Conv2d(channels, width, 3, padding=int(norm), bias=not norm))
            layers += [nn.BatchNorm2d(width)] if norm else []
        return nn.Sequential(*layers)

    widths = (64, 128, 256, 512, 1024)
    downs = [double(a, b) for a, b in zip((3 if norm else 1, *widths), widths, strict=False)]
    ups = [nn.ConvTranspose2d(2 * width, width, 2, 2) for width in widths[-2::-1]]
    after = [double(2 * width, width) for width in widths[-2::-1]]

    def run(x: Tensor, *_: nn.Module) -> Tensor:
        skips = []
        for number, down in enumerate(downs):
            x = down(nn.functional.max_pool2d(x, 2) if number else x)
            skips.append(x)
        for up, then, skip in zip(ups, after, skips[-2::-1], strict=True):
            x = up(x)
            edge = (x.shape[-1] - skip.shape[-1]) // 2
            x = then(torch.cat([nn.functional.pad(skip, [edge] * 4), x], 1))
        return last(x)

    last = nn.Conv2d(64, 2, 1)
    return Apply(run, *downs, *ups, *after, last)


class Encoder(nn.Module):
    """One layer of ViT-Base (Dosovitskiy et al. 2020, figure 1)."""

    def __init__(self) -> None:
        super().__init__()
        self.norms = nn.ModuleList(nn.LayerNorm(768) for _ in range(2))
        self.qkv, self.out = nn.Linear(768, 3 * 768), nn.Linear(768, 768)
        self.wide, self.back = nn.Linear(768, 3072), nn.Linear(3072, 768)

    def forward(self, x: Tensor) -> Tensor:
        parts = self.qkv(self.norms[0](x)).chunk(3, -1)
        heads = [part.unflatten(-1, (12, 64)).transpose(1, 2) for part in parts]
        x = x + self.out(scaled_dot_product_attention(*heads).transpose(1, 2).flatten(2))
        return x + self.back(self.wide(self.norms[1](x)))


class ViT(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 768, 16, 16)
        self.token = nn.Parameter(torch.zeros(1, 1, 768))
        self.places = nn.Parameter(torch.zeros(1, 197, 768))
        self.layers = nn.Sequential(*(Encoder() for _ in range(12)), nn.LayerNorm(768))
        self.head = nn.Linear(768, 1000)

    def forward(self, x: Tensor) -> Tensor:
        x = self.patches(x).flatten(2).transpose(1, 2)
        return self.head(self.layers(torch.cat([self.token, x], 1) + self.places)[:, 0])


def lenet() -> nn.Module:
    maps = (nn.Conv2d(1, 6, 5), nn.AvgPool2d(2), nn.Conv2d(6, 16, 5), nn.AvgPool2d(2))
    return nn.Sequential(*maps, dense(400, 120, 84, 10))


def naive() -> nn.Module:
    convs = (unit(256, 128, 1), unit(256, 192, 3), unit(256, 96, 5))
    return joined(*convs, nn.MaxPool2d(3, 1, 1))


A, B = ("3", "3", "33", "33", "33"), ("33", "33", "33", "33", "33")
C, D = ("33", "33", "331", "331", "331"), ("33", "33", "333", "333", "333")
E = ("33", "33", "3333", "3333", "3333")
R18, R34, R101, R152 = (2, 2, 2, 2), (3, 4, 6, 3), (3, 4, 23, 3), (3, 8, 36, 3)
SMALL = (16, 32, 64)

COUNTED: dict[str, Callable[[], nn.Module]] = {
    "alexnet": alexnet,
    "alexnet_two_gpu": alexnet_2012,
    "alexnet_grouped": alexnet_2012,
    "zfnet": lambda: zfnet(384, 384, 256),
    "zfnet_lecture": lambda: zfnet(512, 1024, 512),
    "vgg11": lambda: vgg(*A),
    "vgg11_lrn": lambda: vgg(*A),
    "vgg13": lambda: vgg(*B),
    "vgg16_c": lambda: vgg(*C),
    "vgg16": lambda: vgg(*D),
    "vgg19": lambda: vgg(*E),
    "vgg11_bn": lambda: vgg(*A, norm=True),
    "vgg13_bn": lambda: vgg(*B, norm=True),
    "vgg16_bn": lambda: vgg(*D, norm=True),
    "vgg19_bn": lambda: vgg(*E, norm=True),
    "googlenet": googlenet,
    "googlenet_bn": lambda: googlenet(norm=True),
    "googlenet with heads": lambda: googlenet(heads=True),
    "googlenet_bn with heads": lambda: googlenet(norm=True, heads=True),
    "resnet18": lambda: resnet(R18),
    "resnet34": lambda: resnet(R34),
    "plain18": lambda: resnet(R18, option=None),
    "plain34": lambda: resnet(R34, option=None),
    "resnet50": lambda: resnet(R34, bottleneck=True),
    "resnet101": lambda: resnet(R101, bottleneck=True),
    "resnet152": lambda: resnet(R152, bottleneck=True),
    "resnet50_v1": lambda: resnet(R34, bottleneck=True, first=True),
    "resnet101_v1": lambda: resnet(R101, bottleneck=True, first=True),
    "resnet152_v1": lambda: resnet(R152, bottleneck=True, first=True),
    "resnet20_cifar": lambda: resnet((3,) * 3, SMALL, option="A"),
    "resnet32_cifar": lambda: resnet((5,) * 3, SMALL, option="A"),
    "resnet44_cifar": lambda: resnet((7,) * 3, SMALL, option="A"),
    "resnet56_cifar": lambda: resnet((9,) * 3, SMALL, option="A"),
    "resnet110_cifar": lambda: resnet((18,) * 3, SMALL, option="A"),
    "resnet20_cifar_b": lambda: resnet((3,) * 3, SMALL),
    "plain20_cifar": lambda: resnet((3,) * 3, SMALL, option=None),
    "plain56_cifar": lambda: resnet((9,) * 3, SMALL, option=None),
    "lenet5": lenet,
    "unet": lambda: unet(norm=False),
    "unet_bn": lambda: unet(norm=True),
    "vit_b_16": ViT,
    "inception_naive": naive,
    "inception_reduced": lambda: inception(256, 128, 64, 192, 64, 96, 64),
}
"""By name in the gallery; built on the device that torch is told."""
