"""Claims 12 and 13: residual networks, degradation, bottlenecks."""

from __future__ import annotations

from archgraph.analysis import depth
from archgraph.architecture import build
from archgraph.builder import Builder
from archgraph.graph import ArchGraph
from archgraph.lectures import Answer, Arithmetic, Claim, Figure, Row
from archgraph.ops import Conv2d, ReLU
from archgraph.units import exact_text

from .looking import in_words, of_kind, published_row, total

__all__ = ["RESIDUAL_CLAIMS"]


def _residual() -> Answer:
    net, plain = build("resnet18"), build("plain18")
    block = "layer1.1"
    add = f"{block}.add"
    branch, shortcut = net.inputs_of(add)
    (entry,) = {
        source
        for name in net
        if name.startswith(f"{block}.")
        for source in net.inputs_of(name)
        if not source.startswith(f"{block}.")
    }
    projections = [name for name in net if net.nodes[name].get("role") == "projection"]
    projected = sum(net.nodes[name]["params"] for name in projections)
    padded, unpadded = build("resnet20_cifar"), build("plain20_cifar")
    deeper = [(20, build("plain20_cifar")), (56, build("plain56_cifar"))]
    return Answer(
        rows=(
            Row("the sum of a block reads", in_words([branch, shortcut])),
            Row("what the block itself reads", entry),
            Row("operators on an identity shortcut", 0 if shortcut == entry else None, 0),
            Row("weights of identity shortcuts, ResNet-20 for CIFAR-10",
                total(padded, "params") - total(unpadded, "params"), 0),
            Row("ResNet-18 has more weights than without shortcuts",
                total(net, "params") - total(plain, "params")),
            Row("… all of them in its projections", projected),
            *(Row(f"layers with weights, {each.graph['title']}", depth(each), layers)
              for layers, each in deeper),
            *_errors(),
        ),
        arithmetic=(Arithmetic(net, add, ("flops",)),),
        figures=(
            Figure((net.module(block),), "A block: F(x) above, the shortcut below",
                   {"level": "layer"}),
            Figure((build("plain34"), build("resnet34")), "What ResNet-34 adds to the plain "
                   "network", {"difference": True}),
        ),
        instead=(
            "With all weights of F at zero F(x) is zero, so the sum is x exactly. Behind the "
            "block's last ReLU that is x only where x ≥ 0, as behind the ReLU before.",
            "Where maps halve, the shortcut is no identity: ResNet-18 has "
            f"{len(projections)} operators of projections there, with "
            f"{exact_text(projected)} parameters.",
            "Errors and degradation cannot be seen in a graph; those here are the paper's. Of "
            "plain networks of 20 and 56 layers the paper shows curves only (figure 1).",
        ),
    )  # fmt: skip


def _errors() -> list[Row]:
    names = ("plain18", "plain34", *(f"resnet{n}_cifar" for n in (20, 32, 44, 56, 110)))
    nets = map(build, names)
    return [
        published_row(net, f"top-1 error, {net.graph['title']}", key="top1_error", ensemble=False)
        for net in nets
    ]


def _basic(channels: int, extent: int) -> ArchGraph:
    """Return a block of two 3×3 convolutions on as many channels as a bottleneck gives."""
    b = Builder("basic", input=(channels, extent, extent), title=f"Two 3×3, {channels} channels")
    with b.stage("block", "two 3×3 convolutions"):
        x = b.conv("conv1", b.input, channels, 3, padding=1, bias=False)
        x = b.relu("relu1", b.batch_norm("bn1", x))
        x = b.conv("conv2", x, channels, 3, padding=1, bias=False)
        x = b.sum("add", b.batch_norm("bn2", x), b.input)
        return b.build(b.relu("relu2", x))


def _bottleneck() -> Answer:
    net = build("resnet50").module("layer1.1")
    channels, extent, _ = net.input_shape
    basic = _basic(channels, extent)
    convs = of_kind(net, Conv2d)
    ops = [net.op(name) for name in convs]
    kernels = [f"{op.kernel_size[0]}×{op.kernel_size[1]}" for op in ops if isinstance(op, Conv2d)]
    widths = [f"{op.in_channels} → {op.out_channels}" for op in ops if isinstance(op, Conv2d)]
    macs = [total(each, "macs") for each in (net, basic)]
    return Answer(
        rows=(
            Row("windows of a bottleneck of ResNet-50", in_words(kernels), "1×1, 3×3 and 1×1"),
            Row("channels", ", ".join(widths)),
            Row("bottleneck", macs[0], unit="MACs"),
            Row(f"two 3×3 convolutions on {channels} channels", macs[1], unit="MACs"),
            Row("times less work", round(macs[1] / macs[0], 1)),
            Row("ReLUs of each",
                in_words([str(len(of_kind(each, ReLU))) for each in (net, basic)])),
        ),
        arithmetic=tuple(Arithmetic(net, name, ("macs",)) for name in convs),
        figures=(
            Figure((net, basic), "A bottleneck beside two 3×3 convolutions", {"level": "layer"}),
        ),
    )  # fmt: skip


RESIDUAL_CLAIMS = (
    Claim(
        "ResNet",
        "A block computes F(x) + x; the shortcut is the identity and has no weights; with all "
        "weights of F at zero the block passes x on. A plain network of 56 layers has a higher "
        "training and test error than one of 20 layers: degradation, not overfitting.",
        ("resnet18", "plain34", "resnet34"),
        _residual,
    ),
    Claim(
        "Bottlenecks",
        "1×1 reduces the channels, 3×3 works on few, 1×1 restores them: less cost and more ReLUs.",
        ("resnet50",),
        _bottleneck,
    ),
)
