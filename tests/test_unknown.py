"""A network of which a part is unknown is costed, drawn, saved and cut like any other."""

from __future__ import annotations

import json

import pytest

import archgraph as ag
from archgraph import ops
from archgraph.cli import main
from archgraph.errors import ExportError


def network() -> ag.ArchGraph:
    """Return a network behind one operator of which nothing but its name is known."""
    net = ag.ArchGraph(name="mystery")
    net.add("input", ops.Input((3, 16, 16)))
    net.add("stem.conv", ops.Conv2d(3, 8, 3, padding=1), ["input"])
    net.add("stem.relu", ops.ReLU(), ["stem.conv"])
    net.add("nms", ops.Opaque("NonMaxSuppression", None), ["stem.relu"])
    net.add("open", ops.Opaque("Crop", (8, None, 16)), ["nms"])
    net.add("head.split", ops.Split((4, 4), 1), ["open"])
    net.add("head.rnn", ops.LSTM(4, 8), ["nms"])
    net.add("head.sum", ops.Add(), ["head.split", "head.split:1"])
    net.add("head.last", ops.Concat(1), ["head.sum", "head.rnn:1", "head.rnn:2"])
    net.set_outputs("head.last")
    return net


@pytest.fixture
def file(tmp_path):
    return network().save(tmp_path / "mystery.json")


def test_outputs_are_counted_where_their_shapes_are_not_known():
    net = network()
    net.check()
    assert len(net.nodes["head.split"]["outputs"]) == 2
    assert len(net.nodes["head.rnn"]["outputs"]) == 3
    assert net.nodes["open"]["shape"] == (8, None, 16)
    assert net.total("macs") is None
    assert net.edges["nms", "open"]["bytes"] is None


def test_it_is_saved_and_cut(file):
    again = ag.load(file)
    assert dict(again.nodes(data=True)) == dict(network().nodes(data=True))
    assert len(again.module("head").results) == 1
    assert set(network().plain().nodes) == set(network())


@pytest.mark.parametrize("form", ["table", "json", "csv", "markdown", "latex"])
@pytest.mark.parametrize("by", ["layer", "block", "stage", "device"])
def test_it_is_costed(file, form, by, capsys):
    assert main(["cost", str(file), "--format", form, "--by", by]) == 0
    said = capsys.readouterr().out
    assert "None" not in said
    if form == "json":
        outputs = {node["name"]: node["output"] for node in json.loads(said)["nodes"]}
        assert outputs["nms"] is None
        assert outputs["open"] == [8, None, 16]
    if form == "table":
        assert "≥" in said
        assert "unknown" in said


@pytest.mark.parametrize("suffix", ["svg", "png", "pdf", "pptx", "html", "tex", "dot"])
def test_it_is_drawn_in_every_format(suffix, tmp_path):
    path = ag.draw(network(), tmp_path / f"x.{suffix}", level="layer", fit="none")
    assert path.stat().st_size > 500
    if suffix in ("svg", "html", "tex", "dot"):
        assert "None" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("level", ["stage", "block", "layer"])
@pytest.mark.parametrize("options", [{"color": "macs"}, {"facts": "shape,params,macs"}, {}])
def test_it_is_drawn_at_every_level(level, options, tmp_path):
    path = ag.draw(network(), tmp_path / "x.svg", level=level, fit="none", **options)
    assert "unknown" in path.read_text(encoding="utf-8")


def test_it_stands_beside_others(tmp_path):
    nets = [network(), ag.load("lenet5")]
    assert ag.draw(nets, tmp_path / "both.svg", fit="none").stat().st_size > 500
    assert ag.chart(nets, tmp_path / "chart.svg").stat().st_size > 500


def test_what_cannot_be_exported_is_said_in_one_sentence(tmp_path):
    for name in ("x.py", "x.onnx"):
        if name == "x.onnx":
            pytest.importorskip("torch")
            pytest.importorskip("onnx")
        with pytest.raises(ExportError, match="NonMaxSuppression") as caught:
            ag.export(network(), tmp_path / name)
        assert "\n" not in str(caught.value)
