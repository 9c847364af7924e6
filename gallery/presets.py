"""The gallery's names: which factory, with which options, and one line about each."""

from __future__ import annotations

from typing import Any

from archgraph.architecture import Architecture

__all__ = ["PRESETS"]


def _preset(name: str, factory: str, year: int, summary: str, **options: Any) -> Architecture:
    return Architecture(name, f"archgraph.gallery.{factory}", summary, options, year)


def _presets() -> list[Architecture]:
    two_gpu = "alexnet_two_gpu"
    made = [
        _preset("lenet5", "lenet:lenet5", 1998, "LeNet-5 on 1×32×32 digits"),
        _preset("alexnet", "alexnet:alexnet", 2012, "one tower, 64-192-384-256-256 filters"),
        _preset(two_gpu, f"{two_gpu}:{two_gpu}", 2012, "the network of 2012 on its two GPUs"),
        _preset(
            "alexnet_grouped",
            f"{two_gpu}:alexnet_grouped",
            2012,
            "the network of 2012 on one device, with grouped convolutions",
        ),
        _preset("zfnet", "zfnet:zfnet", 2013, "AlexNet with 7×7/2 and 5×5/2 first layers"),
        _preset(
            "zfnet_lecture",
            "zfnet:zfnet",
            2013,
            "ZFNet with 512, 1024, 512 filters in conv3 to conv5",
            filters=(512, 1024, 512),
        ),
    ]
    for name, letter in (("11", "A"), ("13", "B"), ("16", "D"), ("19", "E")):
        summary = f"configuration {letter}: {name} layers with weights"
        made.append(_preset(f"vgg{name}", "vgg:vgg", 2014, summary, configuration=letter))
        made.append(
            _preset(
                f"vgg{name}_bn",
                "vgg:vgg",
                2014,
                f"configuration {letter} with batch norm",
                configuration=letter,
                batch_norm=True,
            )
        )
    made += [
        _preset(
            "vgg11_lrn", "vgg:vgg", 2014, "configuration A with one LRN", configuration="A-LRN"
        ),
        _preset(
            "vgg16_c", "vgg:vgg", 2014, "configuration C: with 1×1 convolutions", configuration="C"
        ),
        _preset("googlenet", "googlenet:googlenet", 2014, "the paper's: 5×5 branches, LRN, biases"),
        _preset(
            "googlenet_bn",
            "googlenet:googlenet",
            2014,
            "today's checkpoints': batch norm, 3×3 in the 5×5 branch",
            batch_norm=True,
        ),
        _preset(
            "inception_naive",
            "inception:inception_naive",
            2014,
            "one Inception module without reductions, on 256×28×28",
        ),
        _preset(
            "inception_reduced",
            "inception:inception_reduced",
            2014,
            "the same module with 64-filter 1×1 reductions",
        ),
    ]
    for depth in (18, 34, 50, 101, 152):
        summary = f"{depth} layers" + (", stride in the 3×3" if depth >= 50 else "")
        made.append(_preset(f"resnet{depth}", "resnet:resnet", 2015, summary, depth=depth))
        if depth >= 50:
            made.append(
                _preset(
                    f"resnet{depth}_v1",
                    "resnet:resnet",
                    2015,
                    f"{depth} layers as in the paper, stride in the first 1×1",
                    depth=depth,
                    stride_in="1x1",
                )
            )
        else:
            summary = f"ResNet-{depth} without its shortcuts"
            made.append(
                _preset(
                    f"plain{depth}", "resnet:resnet", 2015, summary, depth=depth, shortcuts=False
                )
            )
    cifar = "resnet_cifar:resnet_cifar"
    for depth in (20, 32, 44, 56, 110):
        summary = f"CIFAR-10, {depth} layers, zero-padded shortcuts"
        made.append(_preset(f"resnet{depth}_cifar", cifar, 2015, summary, depth=depth))
    made.append(
        _preset("resnet20_cifar_b", cifar, 2015, "CIFAR-10, projections", depth=20, shortcut="B")
    )
    for depth in (20, 56):
        summary = f"CIFAR-10, {depth} layers without shortcuts"
        made.append(
            _preset(f"plain{depth}_cifar", cifar, 2015, summary, depth=depth, shortcut=None)
        )
    made += [
        _preset("unet", "unet:unet", 2015, "1×572×572, no padding, as in the paper's figure 1"),
        _preset(
            "unet_bn",
            "unet:unet",
            2015,
            "today's checkpoints': padding, batch norm, three channels",
            batch_norm=True,
        ),
        _preset("vit_b_16", "vit:vit", 2020, "ViT-Base on patches of 16×16, 12 layers"),
    ]
    return made


PRESETS: list[Architecture] = _presets()
"""What the entry point ``archgraph.architectures`` offers."""
