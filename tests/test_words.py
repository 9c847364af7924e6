"""Operators say their own words, and every text about them is made of these."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import ClassVar

import pytest

import archgraph as ag
from archgraph import ops
from archgraph.exporters import pictures
from archgraph.exporters.pictures.layout.box_text import ROOMS, filled, label_lines, narrowed
from archgraph.exporters.pictures.text.widths import text_width
from archgraph.exporters.pictures.view import View, build_view
from archgraph.exporters.source import source
from archgraph.ops.words import words_of_name
from archgraph.tables.operator_text import operator_text


@dataclass(frozen=True)
class FancyThing(ops.Op):
    """An operator of another package that says nothing of itself."""


@dataclass(frozen=True)
class LayerScale(ops.Op):
    """One that only says its family."""

    family: ClassVar[str] = "norm"


@dataclass(frozen=True)
class Deformable(ops.Op):
    """One that says its words and counts as a layer."""

    family: ClassVar[str] = "conv"

    @property
    def words(self) -> ops.Words:
        return ops.Words("conv", how="deformable", window=(3, 3), width=8, stride=(2, 2))


def shown(*added: ops.Op, level: str = "layer") -> View:
    b = ag.Builder("net", input=(8, 8, 8))
    x = b.input
    with b.scope("part"):
        for number, op in enumerate(added):
            x = b.add(f"op{number}", op, x)
    return build_view(b.build(x), level)


def test_an_operator_that_says_nothing_is_called_by_its_class():
    node = shown(FancyThing()).nodes["part.op0"]
    assert (node.form, label_lines(node)) == ("box", ("fancy thing", "8 × 8 × 8"))
    assert operator_text(FancyThing()) == "FancyThing"


def test_one_that_says_its_family_is_shown_as_others_of_it_are():
    node = shown(ops.Conv2d(8, 8, 1), LayerScale()).nodes["part.op1"]
    assert (node.form, node.attached, label_lines(node)) == ("thin", True, ("layer scale",))


def test_one_that_says_its_words_is_in_tables_and_summaries_with_them():
    assert operator_text(Deformable()) == "Deformable 3×3/2"
    view = shown(Deformable(), ops.MaxPool2d(2, 2), level="stage")
    node = next(node for node in view.nodes.values() if node.kind != "input")
    assert label_lines(node)[1] == "3×3 deformable conv, 8, /2 – max pool, /2"


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("BatchNorm2d", "batch norm"),
        ("LeakyReLU", "leaky ReLU"),
        ("PReLU", "PReLU"),
        ("GELU", "GELU"),
        ("Hardswish", "hardswish"),
        ("CrossAttention", "cross attention"),
    ],
)
def test_a_class_name_is_read_as_people_say_it(kind, words):
    assert words_of_name(kind).text() == words


@pytest.mark.parametrize(
    ("op", "said", "among_others", "in_a_table"),
    [
        # As the captions and tables of AlexNet, VGG, GoogLeNet, ResNet and U-Net have them.
        (ops.Conv2d(3, 96, 11, 4), "11×11 conv, 96, /4", "11×11, 96, /4", "Conv2d 11×11/4"),
        (
            ops.Conv2d(4, 8, 3, (1, 2), dilation=2, groups=2),
            "3×3 conv, 8, /1×2, 2 groups",
            "3×3, 8, /1×2, 2 groups",
            "Conv2d 3×3/1×2 dilation 2 groups 2",
        ),
        (
            ops.ConvTranspose2d(8, 4, 2, 2),
            "2×2 transposed conv, 4, ×2",
            "2×2 transposed, 4, ×2",
            "ConvTranspose2d 2×2/2",
        ),
        (ops.Linear(2048, 1000), "fc 1000", "fc 1000", "Linear"),
        (ops.MaxPool2d(3, 2), "3×3 max pool, /2", "max pool, /2", "MaxPool2d 3×3/2"),
        (ops.AdaptiveAvgPool2d(7), "avg pool to 7×7", "avg pool", "AdaptiveAvgPool2d"),
        (ops.AdaptiveMaxPool2d(1), "global max pool", "max pool", "AdaptiveMaxPool2d"),
        (ops.GlobalAvgPool2d(), "global avg pool", "avg pool", "GlobalAvgPool2d"),
        (ops.LocalResponseNorm(5), "LRN", "LRN", "LocalResponseNorm 5"),
        (ops.Dropout(0.5), "dropout", "dropout", "Dropout 0.5"),
        (ops.Slice(0, 48), "channels 0–47", "channels 0–47", "Slice"),
        (ops.Opaque("Swirl", (1,)), "Swirl", "Swirl", "Swirl (unknown)"),
    ],
)
def test_an_operator_says_as_much_as_each_place_asks_for(op, said, among_others, in_a_table):
    assert op.words.text() == said
    assert op.words.brief() == among_others
    assert operator_text(op) == in_a_table


def test_products_of_matrices_are_counted_as_what_they_are():
    b = ag.Builder("net", input=(4, 4))
    with b.scope("part"):
        x = b.add("mm", ops.MatMul(), b.linear("q", b.input, 4), b.linear("k", b.input, 4))
    nodes = build_view(b.build(x), "stage").nodes.values()
    (node,) = [node for node in nodes if node.kind not in ("input", "output")]
    assert set(label_lines(node)[1].split(", ")) == {"2 fully connected layers", "1 matrix product"}


def test_narrow_boxes_say_the_same_in_more_lines():
    view = build_view(ag.load("lenet5"), "block")
    pool = next(key for key, node in view.nodes.items() if node.kind == "pool")
    assert label_lines(view.nodes[pool]) == ("S2: 2×2 avg pool, /2", "6 × 14 × 14")
    for room in ROOMS:
        node = narrowed(view, room).nodes[pool]
        assert (node.form, label_lines(node)) == ("box", ("S2: avg pool", "2×2, /2", "6 × 14 × 14"))


@pytest.mark.parametrize("room", [20.0, 60.0, 90.0, 1000.0])
def test_lines_are_as_full_as_their_room_allows(room):
    pieces = ["1×1, 64", "3×3, 64", "1×1, 256"]
    found = filled(pieces, " – ", room)
    assert " ".join(found).split(" – ") == pieces
    for line, following in pairwise(found):
        assert line.endswith(" –")
        assert text_width(f"{line} {following}", 8.0) > room


def test_a_view_knows_no_geometry_and_no_widths_of_text():
    """What is shown, in a language: where it stands and how wide words are comes after."""
    assert pictures.__file__ is not None
    for file in (Path(pictures.__file__).parent / "view").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                assert node.level < 2 or node.module == "dress.spoken", (
                    f"{file.name} imports from {node.module}"
                )


def test_inference_reads_the_buffers_that_onnx_takes():
    """BatchNormalization of ONNX has the inputs input_mean and input_var, and no counter."""
    assert list(ops.BatchNorm2d(4).inference_buffers()) == ["running_mean", "running_var"]


def test_a_class_in_source_is_named_after_the_layers_in_it():
    b = ag.Builder("net", input=(4, 8, 8))
    x = b.input
    for stage in ("up1", "up2"):
        with b.scope(stage):
            x = b.add("deconv", ops.ConvTranspose2d(4, 4, 2, 2), x)
            x = b.relu("relu", b.batch_norm("norm", x))
    assert "class ConvTransposeBNReLU(nn.Module):" in source(b.build(x))


def test_a_name_that_nobody_knows_says_the_family_of_the_operator_that_has_it():
    """ONNX, PyTorch and our own operators mean the same by a name."""
    ops.load_all()
    for kind, known in ops.OPS.items():
        if known.__module__.startswith("archgraph."):
            assert ops.Opaque(kind, (1,)).family in (known.family, "other"), kind
    said = {name: ops.Opaque(name, None).family for name in ("Unsqueeze", "_to_copy", "LSTM", "?")}
    assert said == {"Unsqueeze": "reshape", "_to_copy": "other", "LSTM": "recurrent", "?": "other"}
    assert ops.Opaque("unsqueeze_3", None).moves
    assert not ops.Opaque("LSTM", None).known
