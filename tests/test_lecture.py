"""The lecture on CNN architectures, executable: each claim is shown from the graphs.

Where the lecture is loose, the test proves the right fact and says so.
"""

from __future__ import annotations

import itertools

import pytest
from facts import ALEXNET_LAYERS

import archgraph as ag
from archgraph.analysis import depth, longest_path, receptive_field
from archgraph.ops import Add, Conv2d, Linear, MaxPool2d, ReLU, conv_extent


@pytest.fixture(scope="module")
def alexnet():
    """AlexNet at the lecture's input."""
    return ag.load("alexnet", input=(3, 227, 227))


def labelled(net: ag.ArchGraph, label: str) -> dict:
    return next(data for _, data in net.nodes(data=True) if data.get("label") == label)


def operators(net: ag.ArchGraph, kind: type) -> list:
    return [data["op"] for _, data in net.nodes(data=True) if isinstance(data["op"], kind)]


# 1. AlexNet is LeNet-5's design with more layers.


def test_alexnet_is_lenets_design_with_more_layers():
    def design(name: str) -> list[str]:
        families = [ag.load(name).op(node).family for node in ag.load(name).topological()]
        kept = [f for f in families if f in ("conv", "pool", "linear")]
        return [family for family, _ in itertools.groupby(kept)]

    assert design("lenet5") == ["conv", "pool", "conv", "pool", "linear"]
    # AlexNet repeats the same alternation once more before its fully connected layers.
    assert design("alexnet") == ["conv", "pool"] * 3 + ["linear"]
    assert depth(ag.load("lenet5")) == 5 < depth(ag.load("alexnet")) == 8


# 2. H' = floor((H − K + 2P) / S) + 1.


def test_conv1_maps_227_to_56(alexnet):
    assert (227 - 11 + 2 * 2) // 4 + 1 == 56
    assert conv_extent(227, kernel=11, stride=4, padding=2) == 56
    assert alexnet.input_shape == (3, 227, 227)
    assert labelled(alexnet, "conv1")["shape"] == (64, 56, 56)


# 3. Output memory in KB (KiB) = C·H'·W'·4 / 1024.


def test_conv1_takes_784_kib(alexnet):
    conv1 = labelled(alexnet, "conv1")
    channels, height, width = conv1["shape"]
    assert channels * height * width == 200_704
    assert conv1["activation_bytes"] / 1024 == 784


# 4. Parameters = Cout·Cin·K·K + Cout.


def test_conv1_has_23296_parameters(alexnet):
    conv1 = labelled(alexnet, "conv1")
    shapes = conv1["op"].parameters()
    assert shapes == {"weight": (64, 3, 11, 11), "bias": (64,)}
    assert 64 * 3 * 11 * 11 == 23_232
    assert conv1["params"] == 23_232 + 64 == 23_296


# 5. "flop" = (Cout·H'·W')·(Cin·K·K): the lecture's flop is one multiply-add, without the bias.


def test_conv1_does_72855552_multiply_adds(alexnet):
    conv1 = labelled(alexnet, "conv1")
    assert (64 * 56 * 56) * (3 * 11 * 11) == 72_855_552
    assert conv1["lecture"] == conv1["macs"] == 72_855_552
    # Counted as operations, a multiply-add is two and the bias one more per output.
    assert conv1["flops"] == 2 * 72_855_552 + 200_704


# 6. Max pooling leaves the channels alone, learns nothing and costs next to nothing.


def test_pool1_costs_far_less_than_a_convolution(alexnet):
    pool1 = labelled(alexnet, "pool1")
    assert pool1["shape"] == (64, 27, 27)
    assert pool1["params"] == 0
    assert pool1["lecture"] == (64 * 27 * 27) * (3 * 3) == 419_904
    assert pool1["macs"] == 0
    assert pool1["lecture"] * 100 < labelled(alexnet, "conv1")["lecture"]


# 7. flatten: 256·6·6 = 9,216.


def test_flatten_gives_9216_features(alexnet):
    assert alexnet.nodes["flatten"]["shape"] == (9216,)
    (source,) = alexnet.inputs_of("flatten")
    assert alexnet.nodes[source]["shape"] == (256, 6, 6)


def test_the_whole_table_of_alexnet_is_the_lectures(alexnet):
    for label, shape, kib, params, count in ALEXNET_LAYERS:
        data = labelled(alexnet, label)
        assert (data["shape"], data["params"], data["lecture"]) == (shape, params, count)
        assert data["activation_bytes"] == kib * 1024


# 8. AlexNet on two GPUs: which layers read across.


def test_conv3_and_the_fully_connected_layers_read_across_the_gpus():
    net = ag.load("alexnet_two_gpu")
    reads_both, reads_own = set(), set()
    for name, data in net.nodes(data=True):
        if data["op"].family not in ("conv", "linear"):
            continue
        # Walk back to the nearest layers with weights (or the image).
        devices, queue = set(), list(net.inputs_of(name))
        while queue:
            source = queue.pop()
            if net.op(source).family in ("conv", "linear", "input"):
                devices.add(net.nodes[source]["device"])
            else:
                queue.extend(net.inputs_of(source))
        (reads_both if devices == {0, 1} else reads_own).add(name.split(".")[0])
        if devices not in ({0, 1}, {None}):
            assert devices == {data["device"]}
    assert reads_both == {"conv3", "fc6", "fc7", "fc8"}
    assert reads_own == {"conv1", "conv2", "conv4", "conv5"}
    assert net.inputs_of("conv1.gpu0") == net.inputs_of("conv1.gpu1") == ("input",)


def test_each_gpu_holds_half_of_every_layer_but_the_last():
    net = ag.load("alexnet_two_gpu")
    layers = ["conv1", "conv2", "conv3", "conv4", "conv5", "fc6", "fc7"]
    for gpu in (0, 1):
        widths = [net.nodes[f"{layer}.gpu{gpu}"]["shape"][0] for layer in layers]
        assert widths == [48, 128, 192, 192, 128, 2048, 2048]
    assert net.graph["training"]["hardware"] == "two GTX 580 of 3 GB"


def test_two_gpus_compute_what_one_computes_with_groups():
    two, one = ag.load("alexnet_two_gpu"), ag.load("alexnet_grouped")
    for metric in ("params", "macs"):
        assert two.total(metric) == one.total(metric)
    groups = {n: one.op(n).groups for n in one if isinstance(one.op(n), Conv2d)}
    assert groups == {"conv1": 1, "conv2": 2, "conv3": 1, "conv4": 2, "conv5": 2}


# 9. ZFNet is AlexNet with a finer first layer.


def test_zfnet_looks_closer_than_alexnet_and_errs_less():
    alexnet, zfnet = ag.load("alexnet_grouped"), ag.load("zfnet")
    assert (alexnet.op("conv1").kernel_size, alexnet.op("conv1").stride) == ((11, 11), (4, 4))
    assert (zfnet.op("conv1").kernel_size, zfnet.op("conv1").stride) == ((7, 7), (2, 2))
    lecture = ag.load("zfnet_lecture")
    layers = ("conv3", "conv4", "conv5")
    assert [alexnet.op(layer).out_channels for layer in layers] == [384, 384, 256]
    assert [lecture.op(layer).out_channels for layer in layers] == [512, 1024, 512]

    def competition_error(net: ag.ArchGraph) -> float:
        (error,) = [r["top5_error"] for r in net.graph["published"] if r["ensemble"]]
        return error

    # Both figures are those of ensembles.
    assert competition_error(alexnet) == 16.4
    assert competition_error(zfnet) == 11.7


def test_zfnets_maps_are_those_of_its_figure():
    net = ag.load("zfnet")
    sizes = [net.nodes[n]["shape"][1] for n in ("conv1", "pool1", "conv2", "pool2", "pool5")]
    assert sizes == [110, 55, 26, 13, 6]


# 10. VGG: only 3×3 convolutions and 2×2 pools.


@pytest.mark.parametrize("name", ["vgg11", "vgg13", "vgg16", "vgg19"])
def test_vgg_has_only_3x3_convolutions_and_2x2_pools(name):
    net = ag.load(name)
    convs, pools = operators(net, Conv2d), operators(net, MaxPool2d)
    assert {(op.kernel_size, op.stride, op.padding) for op in convs} == {((3, 3), (1, 1), (1, 1))}
    assert {(op.kernel_size, op.stride) for op in pools} == {((2, 2), (2, 2))}


def test_vggs_maps_halve_and_its_channels_double_but_for_the_last_block():
    net = ag.load("vgg16")
    blocks = [net.module(f"conv{number}") for number in range(1, 6)]
    shapes = [net.nodes[block.inputs_of(block.outputs[0])[0]]["shape"] for block in blocks]
    assert [shape[1] for shape in shapes] == [224, 112, 56, 28, 14]
    # The lecture says that channels double after each pool; from block 4 to 5 they do not.
    assert [shape[0] for shape in shapes] == [64, 128, 256, 512, 512]


def test_two_3x3_layers_see_as_far_as_one_5x5_with_fewer_weights_and_one_more_relu():
    channels = 16

    def stack(kernel: int, count: int) -> ag.ArchGraph:
        b = ag.Builder(f"{count}x{kernel}", input=(channels, 32, 32))
        x = b.input
        for index in range(count):
            x = b.conv(f"conv{index}", x, channels, kernel, padding=kernel // 2, bias=False)
            x = b.relu(f"relu{index}", x)
        return b.build(x)

    twice, once = stack(3, 2), stack(5, 1)
    assert receptive_field(twice, "relu1").size == receptive_field(once, "relu0").size == 5
    assert twice.total("params") // channels**2 == 3 * 3 * 2 == 18
    assert once.total("params") // channels**2 == 25
    assert len(operators(twice, ReLU)) == len(operators(once, ReLU)) + 1


# 11. GoogLeNet.


def test_googlenet_has_22_layers_with_weights_on_its_longest_path():
    net = ag.load("googlenet")
    path = longest_path(net, lambda op: isinstance(op, (Conv2d, Linear)))
    assert len(path) == 22
    assert path[0] == "conv1.conv"
    assert path[-1] == "fc"


def test_inception_branches_run_in_parallel_on_one_input_and_join_along_depth():
    net = ag.load("googlenet")
    concat = "inception3a.concat"
    starts = set(net.succ["maxpool2"])
    assert starts == {
        "inception3a.branch1.conv",
        "inception3a.branch2.0.conv",
        "inception3a.branch3.0.conv",
        "inception3a.branch4.0",
    }
    joined = [net.nodes[source]["shape"] for source in net.inputs_of(concat)]
    assert joined == [(64, 28, 28), (128, 28, 28), (32, 28, 28), (32, 28, 28)]
    assert net.nodes[concat]["shape"] == (64 + 128 + 32 + 32, 28, 28)


def test_1x1_reductions_cut_the_cost_and_the_channels():
    naive, reduced = ag.load("inception_naive"), ag.load("inception_reduced")
    assert naive.nodes["concat"]["shape"][0] == 672
    assert reduced.nodes["concat"]["shape"][0] == 480
    assert naive.total("macs") == 854_196_224
    # A well-known slide prints 358 million; its own terms add up to this:
    assert reduced.total("macs") == 271_351_808


def test_googlenet_has_no_large_fully_connected_layers_and_two_auxiliary_heads():
    net = ag.load("googlenet")
    linear = [n for n in net.inference() if isinstance(net.op(n), Linear)]
    assert linear == ["fc"]
    assert net.nodes["fc"]["params"] == 1_025_000
    heads = sorted({n.split(".")[0] for n in net if net.nodes[n].get("training_only")})
    assert heads == ["aux1", "aux2"]
    for head, source in zip(heads, ("inception4a", "inception4d"), strict=True):
        layers = [net.op(n).kind for n in net if n.startswith(f"{head}.")]
        assert layers == [
            "AvgPool2d",
            "Conv2d",
            "ReLU",
            "Flatten",
            "Linear",
            "ReLU",
            "Dropout",
            "Linear",
        ]
        assert net.inputs_of(f"{head}.avgpool") == (f"{source}.concat",)
    assert net.graph["training"]["auxiliary_loss_weight"] == 0.3


def test_googlenet_has_8_7_times_fewer_parameters_than_alexnet():
    # The paper claims 12 times and 5 million; its own layer table gives this.
    alexnet = ag.load("alexnet_two_gpu").total("params")
    googlenet = ag.load("googlenet").total("params")
    assert googlenet == 6_998_552
    assert round(alexnet / googlenet, 1) == 8.7
    assert any("12 times" in note for note in ag.load("googlenet").graph["notes"])


# 12. ResNet.


def test_a_block_adds_its_input_and_the_identity_has_no_weights():
    net = ag.load("resnet18")
    f, shortcut = net.inputs_of("layer1.1.add")
    assert (f, shortcut) == ("layer1.1.bn2", "layer1.0.relu2")
    assert isinstance(net.op("layer1.1.add"), Add)
    assert net.total("params") - ag.load("plain18").total("params") == sum(
        data["params"] for _, data in net.nodes(data=True) if data.get("role") == "projection"
    )
    padded = ag.load("resnet20_cifar")
    assert padded.total("params") == ag.load("plain20_cifar").total("params")


def test_with_all_weights_zero_a_block_passes_its_input_on():
    import torch

    block = ag.load("resnet18").module("layer1.1")
    module = ag.to_torch(block).eval()
    with torch.no_grad():
        for name, tensor in module.named_parameters():
            if "conv" in name:
                tensor.zero_()
        x = torch.randn(2, 64, 56, 56, generator=torch.Generator().manual_seed(0))
        # Behind the last ReLU this holds for x ≥ 0.
        assert torch.equal(module(x), x.relu())
        assert torch.equal(module(x.abs()), x.abs())


def test_deeper_plain_networks_err_more_and_deeper_residual_ones_less():
    # Errors cannot come from a graph; these are the paper's (table 2).
    def top1(name: str) -> float:
        return next(
            r["top1_error"] for r in ag.load(name).graph["published"] if "table 2" in r["setting"]
        )

    assert top1("plain34") > top1("plain18")
    errors = [
        ag.load(f"resnet{n}_cifar").graph["published"][0]["top1_error"]
        for n in (20, 32, 44, 56, 110)
    ]
    assert errors == sorted(errors, reverse=True)
    assert depth(ag.load("plain56_cifar")) == 56
    assert depth(ag.load("plain20_cifar")) == 20


# 13. Bottleneck.


def test_a_bottleneck_reduces_works_and_restores_at_less_cost_with_more_relus():
    bottleneck = ag.load("resnet50").module("layer1.1")
    convs = operators(bottleneck, Conv2d)
    assert [op.kernel_size for op in convs] == [(1, 1), (3, 3), (1, 1)]
    assert [(op.in_channels, op.out_channels) for op in convs] == [(256, 64), (64, 64), (64, 256)]
    # The same two 3×3 convolutions on 256 channels, as a basic block would do it.
    b = ag.Builder("basic", input=(256, 56, 56))
    x = b.relu("relu1", b.conv("conv1", b.input, 256, 3, padding=1, bias=False))
    x = b.conv("conv2", x, 256, 3, padding=1, bias=False)
    basic = b.build(b.relu("relu2", b.sum("add", x, b.input)))
    assert bottleneck.total("macs") * 16 < basic.total("macs")
    assert len(operators(bottleneck, ReLU)) == 3 > len(operators(basic, ReLU)) == 2
