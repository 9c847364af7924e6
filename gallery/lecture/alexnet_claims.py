"""Claims 1 to 7: AlexNet layer by layer, at the lecture's input of 3 × 227 × 227."""

from __future__ import annotations

from archgraph.analysis import depth
from archgraph.architecture import build
from archgraph.graph import ArchGraph
from archgraph.lectures import Answer, Arithmetic, Claim, Figure, Row
from archgraph.units import bytes_text, exact_text, spaced_shape

from .looking import design, labelled, total

__all__ = ["ALEXNET_CLAIMS"]

KIB = 1024


def _alexnet() -> ArchGraph:
    return build("alexnet", input=(3, 227, 227))


def _same_design() -> Answer:
    lenet, alexnet = build("lenet5"), build("alexnet")
    rows = []
    for net in (lenet, alexnet):
        title = net.graph["title"]
        rows.append(Row(f"{title}: layers in their order", design(net)))
        rows.append(Row(f"{title}: layers with weights", depth(net)))
        rows.append(Row(f"{title}: parameters", total(net, "params")))
    more = total(alexnet, "params") / total(lenet, "params")
    return Answer(
        rows=(*rows, Row("Parameters, AlexNet ÷ LeNet-5", round(more))),
        figures=(Figure((lenet, alexnet), "LeNet-5 and AlexNet side by side"),),
    )


def _output_size() -> Answer:
    net = _alexnet()
    conv1 = labelled(net, "conv1")
    usual = build("alexnet")
    return Answer(
        rows=(
            Row("input", net.input_shape, (3, 227, 227)),
            Row("output of conv1", net.nodes[conv1]["shape"], (64, 56, 56)),
        ),
        arithmetic=(Arithmetic(net, conv1, ("H'", "W'")),),
        figures=(
            Figure((net,), "AlexNet's maps as volumes, with their sizes", {"style": "volumes"}),
        ),
        instead=(
            f"Today's checkpoints take {spaced_shape(usual.input_shape)}; "
            f"conv1 then gives {spaced_shape(usual.nodes[conv1]['shape'])}.",
        ),
    )


def _output_memory() -> Answer:
    net = _alexnet()
    conv1 = labelled(net, "conv1")
    data = net.nodes[conv1]
    channels, height, width = data["shape"]
    size = data["activation_bytes"]
    return Answer(
        rows=(
            Row("elements that conv1 gives", channels * height * width, 200_704),
            Row("in memory, as float32", size / KIB, 784, "KiB"),
        ),
        arithmetic=(Arithmetic(net, conv1, ("activation_bytes",)),),
        figures=(
            Figure(
                (net,),
                "AlexNet coloured by the memory of its activations",
                {"color": "activation_bytes"},
            ),
        ),
        instead=(
            f"KB means KiB here, 1,024 bytes. In kB of 1,000 bytes it would be {size / 1000:.1f}.",
        ),
    )


def _parameters() -> Answer:
    net = _alexnet()
    conv1 = labelled(net, "conv1")
    op = net.op(conv1)
    sizes = {}
    for role, shape in op.parameters().items():
        sizes[role] = 1
        for extent in shape:
            sizes[role] *= extent
    return Answer(
        rows=(
            Row("weights of conv1", sizes["weight"], 23_232),
            Row("biases of conv1", sizes["bias"], 64),
            Row("parameters of conv1", net.nodes[conv1]["params"], 23_296),
        ),
        arithmetic=(Arithmetic(net, conv1, ("params",)),),
        figures=(
            Figure((net,), "AlexNet coloured by its parameters", {"color": "params"}),
        ),
    )  # fmt: skip


def _multiply_adds() -> Answer:
    net = _alexnet()
    conv1 = labelled(net, "conv1")
    data = net.nodes[conv1]
    return Answer(
        rows=(
            Row("conv1, as the lecture counts", data["lecture"], 72_855_552, "“flop”"),
            Row("conv1, multiply-adds", data["macs"], unit="MACs"),
            Row("conv1, operations", data["flops"], unit="FLOPs"),
        ),
        arithmetic=(Arithmetic(net, conv1, ("macs", "flops", "lecture")),),
        figures=(Figure((net,), "AlexNet coloured by its multiply-adds", {"color": "macs"}),),
        instead=(
            "The lecture's “flop” is one multiply-add, without the bias: a MAC. Counted as "
            "operations, a multiply-add is two and each bias one more: "
            f"{exact_text(data['flops'])} FLOPs.",
            "It is a number of operations. FLOPS, operations per second, is a rate: what a device "
            "does.",
        ),
    )


def _pooling() -> Answer:
    net = _alexnet()
    pool1, conv1 = labelled(net, "pool1"), labelled(net, "conv1")
    pool, conv = net.nodes[pool1], net.nodes[conv1]
    return Answer(
        rows=(
            Row("output of pool1", pool["shape"], (64, 27, 27)),
            Row("parameters of pool1", pool["params"], 0),
            Row("pool1, as the lecture counts", pool["lecture"], 419_904, "“flop”"),
            Row("conv1 ÷ pool1, as the lecture counts", round(conv["lecture"] / pool["lecture"])),
        ),
        arithmetic=(Arithmetic(net, pool1, ("H'", "W'", "flops", "lecture")),),
        figures=(
            Figure(
                (net,), "Memory, parameters and MACs of AlexNet, layer by layer",
                {"chart": "layers"}, chart=True,
            ),
        ),
        instead=(
            "A pooling compares and does not multiply: its MACs are "
            f"{pool['macs']}, its FLOPs the comparisons.",
        ),
    )  # fmt: skip


def _flatten() -> Answer:
    net = _alexnet()
    (name,) = (each for each in net if net.op(each).kind == "Flatten")
    (source,) = net.inputs_of(name)
    fc6 = labelled(net, "fc6")
    share = net.nodes[fc6]["params"] / total(net, "params")
    return Answer(
        rows=(
            Row("read by flatten", net.nodes[source]["shape"], (256, 6, 6)),
            Row("given by flatten", net.nodes[name]["shape"], (9216,)),
            Row("held by both", bytes_text(net.nodes[name]["activation_bytes"])),
            Row("parameters of fc6, the first layer behind it", net.nodes[fc6]["params"]),
            Row("… of all of AlexNet's", round(100 * share, 1), unit="%"),
        ),
        arithmetic=(Arithmetic(net, name, ("axis 1",)), Arithmetic(net, fc6, ("params",))),
        figures=(
            Figure(
                (net.module("classifier"),), "AlexNet's end: from maps to features",
                {"level": "layer"},
            ),
        ),
    )  # fmt: skip


ALEXNET_CLAIMS = (
    Claim(
        "LeNet-5's design, larger",
        "AlexNet is LeNet-5's design with more layers.",
        ("lenet5", "alexnet"),
        _same_design,
    ),
    Claim(
        "The output size of a convolution",
        "H' = ⌊(H − K + 2P) / S⌋ + 1. AlexNet's conv1, 64 filters of 11×11 with stride 4 and "
        "padding 2, makes 64×56×56 of 3×227×227.",
        ("alexnet",),
        _output_size,
    ),
    Claim(
        "The memory of an output",
        "Output memory in KB is C · H' · W' · 4 / 1024: conv1 gives 200,704 elements, 784 KB.",
        ("alexnet",),
        _output_memory,
    ),
    Claim(
        "The parameters of a convolution",
        "Cout · Cin · K · K weights and Cout biases: conv1 has 23,232 + 64 = 23,296.",
        ("alexnet",),
        _parameters,
    ),
    Claim(
        "The work of a convolution",
        "“flop” = (Cout · H' · W') · (Cin · K · K): conv1 needs 72,855,552. A flop is an operation "
        "per second.",
        ("alexnet",),
        _multiply_adds,
    ),
    Claim(
        "Max pooling",
        "3×3 pooling with stride 2 leaves the channels alone: 64×27×27, no parameters, "
        "(64 · 27 · 27) · (3 · 3) = 419,904 “flop”, far fewer than a convolution.",
        ("alexnet",),
        _pooling,
    ),
    Claim(
        "Flatten",
        "Behind the last pool the maps become one vector of 256 · 6 · 6 = 9,216 features.",
        ("alexnet",),
        _flatten,
    ),
)
