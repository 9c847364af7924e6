"""What a box says of the operators in it, against the tables of the papers."""

from __future__ import annotations

import pytest

import archgraph as ag
from archgraph.exporters.pictures.layout.box_text import label_lines
from archgraph.exporters.pictures.view import build_view
from archgraph.exporters.pictures.view.inside import inside


def lone(net):
    """Return what a picture of the stages shows between input and output."""
    return [node for node in build_view(net, "stage").nodes.values() if node.kind not in ENDS]


ENDS = ("input", "output")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        # "Deep Residual Learning for Image Recognition" (2015), table 1.
        ("resnet18", "2 × [3×3, 64 – 3×3, 64]"),
        ("resnet34", "6 × [3×3, 256 – 3×3, 256], /2"),
        ("resnet50", "3 × [1×1, 64 – 3×3, 64 – 1×1, 256]"),
        ("resnet101", "23 × [1×1, 256 – 3×3, 256 – 1×1, 1024], /2"),
        ("resnet152", "8 × [1×1, 128 – 3×3, 128 – 1×1, 512], /2"),
        ("resnet152", "3 × [1×1, 512 – 3×3, 512 – 1×1, 2048], /2"),
        ("resnet50", "7×7 conv, 64, /2 – max pool, /2"),
        # "Very Deep Convolutional Networks" (2014), table 1.
        ("vgg16", "3 × 3×3 conv, 256 – max pool, /2"),
        ("vgg19", "4 × 3×3 conv, 512 – max pool, /2"),
        ("vgg16_c", "2 × 3×3, 512 – 1×1, 512 – max pool, /2"),
        ("alexnet", "9216 → 4096 → 4096 → 1000"),
        ("resnet50", "avg pool – 2048 → 1000"),
        ("zfnet", "7×7 conv, 96, /2 – max pool, /2 – LRN"),
        ("googlenet", "5 blocks, 30 convolutions"),
    ],
)
def test_a_stage_says_what_its_paper_says(name, said):
    view = build_view(ag.load(name), "stage")
    texts = [line for shown in view.nodes.values() for line in label_lines(shown)[1:]]
    assert said in texts, texts


@pytest.mark.parametrize(
    ("name", "label", "said"),
    [
        ("googlenet", "Inception 3a", ["6 convolutions", "256 × 28 × 28 · 128 M MACs"]),
        (
            "googlenet",
            "auxiliary head 1",
            ["avg pool, /3 – 1×1 conv, 128 –", "fc 1024 – fc 1000", "4.17 M MACs"],
        ),
        ("resnet50", "conv3_1", ["1×1, 128 – 3×3, 128, /2 – 1×1, 512"]),
        ("resnet34", "conv2_1–3 × 3", ["2 × 3×3 conv, 64"]),
        ("alexnet_two_gpu", "conv1", ["11×11 conv, 48, /4 – LRN"]),
        ("lenet5", "S2: 2×2 avg pool, /2", ["6 × 14 × 14"]),
    ],
)
def test_a_block_says_what_it_does(name, label, said):
    shown = {
        label_lines(node)[0]: list(label_lines(node)[1:])
        for node in build_view(ag.load(name)).nodes.values()
    }
    assert shown[label][: len(said)] == said


def test_branches_are_counted_and_not_put_in_a_row():
    b = ag.Builder("fork", input=(3, 8, 8))
    with b.scope("part"):
        one = b.conv("one", b.input, 4, 3, padding=1)
        other = b.conv("other", b.input, 4, 3, padding=1)
        both = b.add("both", ag.ops.Concat(), one, other)
    net = b.build(both)
    (node,) = lone(net)
    assert label_lines(node)[1] == "2 convolutions"


def test_a_row_says_every_layer_with_its_stride():
    b = ag.Builder("row", input=(3, 32, 32))
    with b.scope("part"):
        x = b.conv("a", b.input, 8, 3, 2, 1)
        x = b.add("up", ag.ops.ConvTranspose2d(8, 4, 2, 2), x)
        x = b.conv("c", x, 6, 1)
        x = b.add("pool", ag.ops.MaxPool2d(2, 2), x)
        x = b.linear("fc", b.add("flat", ag.ops.Flatten(), x), 5)
    net = b.build(x)
    (node,) = lone(net)
    text = " ".join(label_lines(node)[1:])
    assert text.startswith("3×3, 8, /2 – 2×2 transposed, 4, ×2 – 1×1, 6 – max pool, /2 – fc 5")


def test_what_nobody_knows_is_counted_beside_what_is_known():
    b = ag.Builder("odd", input=(3, 8, 8))
    with b.scope("part"):
        x = b.conv("conv", b.input, 4, 3)
        x = b.add("odd", ag.ops.Opaque("Swirl", shape=(4, 6, 6)), x)
        x = b.add("moved", ag.ops.Opaque("Unsqueeze", shape=(1, 4, 6, 6)), x)
    (node,) = lone(b.build(x))
    assert label_lines(node)[1] == "3×3 conv, 4 – 1 of 3 operators unknown"


def test_a_part_is_fed_by_a_block_with_its_name():
    assert ag.load("resnet50/layer2").nodes["input"]["label"] == "from conv2_3"
    assert ag.load("googlenet/inception3b").nodes["input"]["label"] == "from Inception 3a"
    assert ag.load("googlenet/inception3a").nodes["input"]["label"] == "from pool2"
    # From inside the same block the operator itself is named.
    assert ag.load("googlenet/inception3a.branch2.1").nodes["input"]["label"] != "from Inception 3a"


def test_what_only_training_reads_is_not_the_end_of_a_part():
    part = ag.load("googlenet/inception4")
    assert part.outputs == ["inception4e.concat", "inception4a.concat", "inception4d.concat"]
    assert ag.load("googlenet/inception4a").outputs == ["inception4a.concat"]


@pytest.mark.parametrize("joined", [True, False])
def test_a_dense_block_without_names_says_its_growth_and_counts_its_layers(joined):
    b = ag.Builder("dense", input=(8, 16, 16))
    given, members = [b.input], []
    for number in range(6):
        x = b.concat(f"join{number}", *given) if number else b.input
        wide = b.relu(f"relu{number}", b.conv(f"wide{number}", x, 16, 1))
        given.append(b.conv(f"add{number}", wide, 4, 3, padding=1))
        members += [*([x] if number else []), f"wide{number}", wide, given[-1]]
    if joined:
        members.append(b.concat("all", *given))
    net = b.build(b.concat("end", *given))
    found = inside(net, members)
    assert found.pieces() == ["6 × [1×1, 16", "3×3, 4]", "growth 4"]
    assert found.dense == 6
