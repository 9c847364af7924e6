"""Modules are called by the end of their path, and by their class where it tells."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import archgraph as ag
from archgraph import ops
from archgraph.exporters.pictures.view import build_view
from archgraph.exporters.pictures.view.module_names import short_names


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["encoder.layers.encoder_layer_0", "heads"], ["encoder_layer_0", "heads"]),
        (["model.layers.0", "model.layers.1"], ["layers.0", "layers.1"]),
        (["layer1.0", "layer1.1", "layer2.0"], ["layer1.0", "layer1.1", "layer2.0"]),
        (
            ["text.encoder.layers.0", "vision.encoder.layers.0", "vision.encoder.layers.1"],
            ["text…layers.0", "vision…layers.0", "vision…layers.1"],
        ),
        (["encoder.block.0", "decoder.block.0"], ["encoder.block.0", "decoder.block.0"]),
        (["blocks.0.layers.0", "blocks.1.layers.0"], ["blocks.0.layers.0", "blocks.1.layers.0"]),
        (["layers.0", "encoder.layers.0"], ["layers.0", "encoder.layers.0"]),
    ],
)
def test_as_much_of_a_path_is_said_as_tells(paths, names):
    assert list(short_names(paths).values()) == names


word = st.sampled_from(["a", "b", "layers", "0", "1", "12"])


@given(st.lists(st.lists(word, min_size=1, max_size=4).map(".".join), unique=True, max_size=8))
def test_no_two_modules_are_called_the_same(paths):
    found = short_names(paths)
    assert list(found) == paths
    assert len(set(found.values())) == len(paths)


def stack(kind: str, *, count: int = 3) -> ag.ArchGraph:
    """Return equal blocks of two convolutions with a shortcut, whose class is known."""
    b = ag.Builder("stack", input=(8, 8, 8))
    x = b.input
    for number in range(count):
        with b.scope(f"features.{number}"):
            y = b.relu("relu", b.conv("conv1", x, 8, 3, padding=1))
            x = b.sum("add", b.conv("conv2", y, 8, 3, padding=1), x)
    net = b.build(b.add("pool", ops.GlobalAvgPool2d(), x))
    net.graph["modules"] = {f"features.{number}": kind for number in range(count)}
    return net


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("Block", "features.0–2 · Block × 3"),
        ("ResidualBlockOfTwo", "ResidualBlockOfTwo × 3"),
        ("Sequential", "features.0–2 × 3"),
        ("AClassWithANameThatHasNoRoomAtAll", "features.0–2 × 3"),
    ],
)
def test_a_class_stands_beside_the_path_or_for_it(kind, said):
    node = build_view(stack(kind), "block").nodes["features.0"]
    assert node.label.head == said


def test_a_class_that_two_boxes_have_does_not_stand_for_either():
    net = stack("ResidualBlockOfTwo")
    heads = [n.label.head for n in build_view(net, "block", fold=False).nodes.values()]
    assert [head for head in heads if head.startswith("features")] == [
        "features.0",
        "features.1",
        "features.2",
    ]
