"""Data is shown where it enters and where it leaves, with its name and shape."""

from __future__ import annotations

import pytest
import torch
from test_pictures import can_be_read

import archgraph as ag
from archgraph import ops
from archgraph.exporters.pictures.layout.box_text import label_lines
from archgraph.exporters.pictures.view import build_view
from bench.reading_svg import read


def network() -> ag.ArchGraph:
    """Return a network of two inputs that returns a state in its middle and two ends."""
    b = ag.Builder("several", input=(3, 16, 16))
    table = b.add_input("table", (8,))
    x = b.conv("stem.conv", b.input, 8, 3, padding=1)
    y = b.linear("head.fc", b.flatten("head.flat", x), 8)
    net = b.build(b.sum("both", y, table))
    net.add("head.softmax", ops.Softmax(), ["both"])
    net.set_outputs("head.softmax", "stem.conv")
    net.graph["result_names"] = {"head.softmax": "scores", "stem.conv": "maps"}
    return net


def words(net: ag.ArchGraph, kind: str, level: str = "layer") -> list[tuple[str, ...]]:
    return [
        label_lines(node) for node in build_view(net, level).nodes.values() if node.kind == kind
    ]


@pytest.mark.parametrize("level", ["stage", "block", "layer"])
def test_every_result_is_there_with_its_name_and_shape(level):
    assert words(network(), "output", level) == [("scores", "8"), ("maps", "8 × 16 × 16")]
    assert words(network(), "input", level) == [("input", "3 × 16 × 16"), ("table", "8")]
    lines = {edge.target: edge.source for edge in build_view(network(), "layer").edges}
    assert (lines["output:1"], lines["output:2"]) == ("head.softmax", "stem.conv")


def test_a_last_box_that_ends_with_its_width_needs_no_other():
    for name in ("alexnet", "resnet18", "googlenet", "vit_b_16"):
        assert words(ag.load(name), "output") == []
    assert words(ag.load("unet"), "output") == [("output", "2 × 388 × 388")]
    b = ag.Builder("softmax", input=(3, 8, 8))
    net = b.build(b.add("last", ops.Softmax(), b.linear("fc", b.flatten("flat", b.input), 4)))
    assert words(net, "output") == [("output", "4")]


def test_a_result_that_is_no_first_output_has_a_box():
    b = ag.Builder("states", input=(5, 6))
    net = b.build(b.add("lstm", ops.LSTM(6, 3, batch_first=True), b.input))
    assert words(net, "output") == [("output", "5 × 3")]
    net.set_outputs("lstm:1")
    assert words(net, "output") == [("output", "1 × 3")]


@pytest.mark.parametrize("suffix", ["svg", "pdf", "png", "pptx", "tex", "dot", "html"])
@pytest.mark.parametrize("color", ["op", "macs"])
def test_outputs_are_drawn_in_every_format(tmp_path, suffix, color):
    for level in ("stage", "layer"):
        file = ag.draw(network(), tmp_path / f"x.{suffix}", level=level, color=color)
        text = file.read_bytes()
        assert len(text) > 500
        if suffix in ("svg", "tex", "dot", "html"):
            assert b"scores" in text


def test_a_picture_with_outputs_can_be_read(tmp_path):
    can_be_read(read(ag.draw(network(), tmp_path / "x.svg").read_text(encoding="utf-8")))
    nets = [network(), ag.load("lenet5")]
    assert "maps" in ag.draw(nets, tmp_path / "two.svg", level="layer").read_text("utf-8")


def test_a_module_names_what_it_returns():
    class Both(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = torch.nn.Linear(4, 3)

        def forward(self, x):
            y = self.fc(x)
            return {"scores": y.softmax(-1), "states": [y, {"deep": y.relu()}]}

    net = ag.load(Both(), input=(4,))
    found = words(net, "output")
    assert found == [("scores", "3"), ("states.0", "3"), ("states.1.deep", "3")]
