"""Claims 8 to 10: AlexNet on two GPUs, ZFNet and VGG."""

from __future__ import annotations

from itertools import pairwise

from archgraph.analysis import receptive_field
from archgraph.answers.footprint.report import training_memory
from archgraph.architecture import build
from archgraph.builder import Builder
from archgraph.graph import ArchGraph
from archgraph.lectures import Answer, Claim, Figure, Row
from archgraph.ops import Conv2d, Linear, MaxPool2d, ReLU
from archgraph.tables.table import Column, Table
from archgraph.units import count_text, exact_text, listed_names, spaced_shape

from .looking import in_words, labelled, of_kind, published_row, total

__all__ = ["DEEPER_CLAIMS"]

GIB, MIB = 2**30, 2**20


def _two_gpus() -> Answer:
    net = build("alexnet_two_gpu")
    across: dict[str, set[int | None]] = {}
    lanes: dict[str, list[str]] = {}
    for name in of_kind(net, Conv2d, Linear):
        layer = net.nodes[name]["label"]
        across.setdefault(layer, set()).update(_read_on(net, name) - {net.nodes[name]["device"]})
        lanes.setdefault(layer, []).append(name)
    both = [layer for layer, others in across.items() if others - {None}]
    image = [layer for layer, others in across.items() if None in others]
    own = [layer for layer in across if layer not in (*both, *image)]
    rows: list[tuple[str, str, str]] = []
    for layer, names in lanes.items():
        shapes = " and ".join(spaced_shape(net.nodes[name]["shape"]) for name in names)
        reads = "both GPUs" if layer in both else "the image" if layer in image else "its own GPU"
        rows.append((layer, shapes, reads))
    training = net.graph["training"]
    held = training_memory(net, batch=training["batch"], optimizer="momentum")
    gib = [round(size / GIB, 2) for size in (*held.totals.values(), held.on_one)]
    batch = f"a training step of {training['batch']} images"
    columns = (
        Column("layer", "Layer"),
        Column("maps", "What each GPU computes"),
        Column("reads", "It reads maps of"),
    )
    return Answer(
        rows=(
            Row("layers that read the maps on their own GPU", in_words(own),
                "conv2, conv4 and conv5"),
            Row("layers that read all maps, across both", in_words(both),
                "conv3, fc6, fc7 and fc8"),
            Row("trained on", training["hardware"], source="Krizhevsky et al., 2012"),
            *(Row(f"{batch}, GPU {gpu}", size, unit="GiB") for gpu, size in enumerate(gib[:-1])),
            Row("the same on one GPU", gib[-1], unit="GiB"),
        ),
        tables=(Table("", columns, tuple(rows)),),
        figures=(Figure((net,), "AlexNet of 2012 on its two GPUs; edges that cross stand out"),),
        instead=(
            "The memory is that of weights, gradients, momentum and the activations that gradients "
            "need, as PyTorch keeps them today. What kernels need while they run, and gradients of "
            "activations, come on top, so this count alone does not show that one GPU was too "
            "small.",
        ),
    )  # fmt: skip


def _read_on(net: ArchGraph, name: str) -> set[int | None]:
    """Return the devices of the nearest layers with weights, or inputs, that a node reads."""
    found, queue = set(), list(net.inputs_of(name))
    while queue:
        source = queue.pop()
        if net.op(source).family in ("conv", "linear", "input"):
            found.add(net.nodes[source]["device"])
        else:
            queue.extend(net.inputs_of(source))
    return found


def _zfnet() -> Answer:
    alexnet, lecture, paper = build("alexnet_grouped"), build("zfnet_lecture"), build("zfnet")
    nets = (alexnet, lecture, paper)
    names = ("AlexNet (2012)", "ZFNet of the lecture", "ZFNet of the paper")
    layers = [name for name in of_kind(alexnet, Conv2d) if name in lecture]
    rows = [(each, *(_window(net, each) for net in nets)) for each in layers]
    columns = (
        Column("layer", "Layer"),
        *(Column(f"net{n}", name) for n, name in enumerate(names)),
    )

    def filters(net: ArchGraph) -> str:
        shapes = [net.nodes[each]["shape"] for each in ("conv3", "conv4", "conv5")]
        return ", ".join(str(shape[0]) for shape in shapes)

    alone = [
        published_row(net, f"one network, {name}", ensemble=False)
        for net, name in zip(nets, names, strict=True)
    ]
    return Answer(
        rows=(
            Row("conv1 of AlexNet", _window(alexnet, "conv1").split(", ")[0], "11×11/4"),
            Row("conv1 of ZFNet", _window(lecture, "conv1").split(", ")[0], "7×7/2"),
            Row("filters of conv3 to conv5, AlexNet", filters(alexnet), "384, 384, 256"),
            Row("filters of conv3 to conv5, ZFNet", filters(paper), "512, 1024, 512"),
            published_row(alexnet, "top-5 error, AlexNet, ensemble", 16.4, ensemble=True),
            published_row(lecture, "top-5 error, ZFNet, ensemble", 11.7, ensemble=True),
            *alone,
        ),
        tables=(Table("", columns, tuple(rows)),),
        figures=(
            Figure(
                (alexnet, lecture),
                "What the lecture's ZFNet changes of the AlexNet of 2012",
                {"difference": True},
            ),
        ),
        instead=(
            f"{filters(lecture)} filters are the paper's larger variant, with "
            f"{count_text(lecture.total('params'))} parameters; the ZFNet that it describes has "
            f"{filters(paper)} and {count_text(paper.total('params'))}.",
            "Both errors of the lecture are those of ensembles. Single networks are nearer to each "
            f"other: {in_words([f'{row.found} %' for row in alone])}.",
        ),
    )


def _window(net: ArchGraph, name: str) -> str:
    op = net.op(name)
    assert isinstance(op, Conv2d)
    stride = f"/{op.stride[0]}" if op.stride[0] > 1 else ""
    return f"{op.kernel_size[0]}×{op.kernel_size[1]}{stride}, {op.out_channels} filters"


def _stack(title: str, *kernels: int, channels: int = 64) -> ArchGraph:
    """Return convolutions with ReLUs one behind another, as many as there are kernels."""
    b = Builder(title.replace(" ", "_"), input=(channels, 15, 15), title=title)
    x = b.input
    for number, kernel in enumerate(kernels, 1):
        x = b.conv(f"conv{number}", x, channels, kernel, padding=kernel // 2, bias=False)
        x = b.relu(f"relu{number}", x)
    return b.build(x)


def _vgg() -> Answer:
    net = build("vgg16")
    convs, pools = of_kind(net, Conv2d), of_kind(net, MaxPool2d)
    windows = {_setting(net, name) for name in convs}
    halves = {_setting(net, name) for name in pools}
    stages = []
    for pool in pools:
        (source,) = net.inputs_of(pool)
        channels, height, width = net.nodes[source]["shape"]
        stages.append((net.nodes[pool]["label"], channels, (height, width)))
    columns = (
        Column("before", "Before"),
        Column("channels", "Channels", "number"),
        Column("maps", "Maps", "shape"),
    )
    two, one = _stack("two 3×3 convolutions", 3, 3), _stack("one 5×5 convolution", 5)
    pairs = [total(net, "params") // net.input_shape[0] ** 2 for net in (two, one)]
    relus = [len(of_kind(net, ReLU)) for net in (two, one)]
    seen = [_sees(net) for net in (two, one)]
    lost = labelled(net, "conv3_3")
    maps = sum(net.nodes[name]["activation_bytes"] for name in convs)
    macs = total(net, "macs")
    less = [maps - net.nodes[lost]["activation_bytes"], macs - net.nodes[lost]["macs"]]
    same = [before for before, after in pairwise(stages) if after[1] != 2 * before[1]]
    return Answer(
        rows=(
            Row("all convolutions", listed_names(sorted(windows), 3), "3×3, stride 1, padding 1"),
            Row("all pools", listed_names(sorted(halves), 3), "2×2, stride 2, padding 0"),
            Row("two 3×3 layers see", seen[0], seen[1], "pixels"),
            Row("… and have weights per pair of channels", pairs[0], 18),
            Row("one 5×5 layer has", pairs[1], 25),
            Row("ReLUs: two layers, one layer", in_words(list(map(str, relus)))),
            Row("memory of all convolutions' outputs", round(maps / MIB, 1), 48.6, "MiB"),
            Row("work", round(macs / 1e9, 2), 13.6, "G MACs"),
        ),
        tables=(Table("", columns, tuple(stages)),),
        figures=(
            Figure((two, one), "What one unit sees: two 3×3 layers, one 5×5 layer",
                   {"style": "receptive"}),
        ),
        instead=(
            f"The channels double after each pool but {in_words([each[0] for each in same])}, "
            "which the table shows.",
            f"The lecture's totals lack conv3_3: without it they are {less[0] / MIB:.1f} MiB and "
            f"{less[1] / 1e9:.1f} G. With it the work is {exact_text(macs)} MACs.",
        ),
    )  # fmt: skip


def _sees(net: ArchGraph) -> int | None:
    field = receptive_field(net, net.outputs[0])
    return None if field is None else field.size


def _setting(net: ArchGraph, name: str) -> str:
    op = net.op(name)
    assert isinstance(op, (Conv2d, MaxPool2d))
    (kernel, _), (stride, _), (padding, _) = op.kernel_size, op.stride, op.padding
    return f"{kernel}×{kernel}, stride {stride}, padding {padding}"


DEEPER_CLAIMS = (
    Claim(
        "AlexNet on two GPUs",
        "AlexNet was split over two GTX 580 of 3 GB because it did not fit on one. conv2, conv4 "
        "and conv5 read only the maps on their own GPU; conv3, fc6, fc7 and fc8 read all maps of "
        "the layer before, across both.",
        ("alexnet_two_gpu",),
        _two_gpus,
    ),
    Claim(
        "ZFNet",
        "ZFNet is AlexNet with conv1 of 7×7/2 instead of 11×11/4, and with 512, 1024 and 512 "
        "filters in conv3 to conv5 instead of 384, 384 and 256. The top-5 error falls from 16.4 % "
        "to 11.7 %.",
        ("alexnet", "zfnet"),
        _zfnet,
    ),
    Claim(
        "VGG",
        "VGG has only 3×3 convolutions and 2×2 max pools; after each pool the maps halve and the "
        "channels double. Two 3×3 layers see as far as one 5×5, with 18 instead of 25 weights for "
        "each pair of channels and one more ReLU. VGG-16 takes 48.6 MB and 13.6 G “flop”.",
        ("vgg16",),
        _vgg,
    ),
)
