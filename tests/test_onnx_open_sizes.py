"""Sizes that an ONNX file leaves open are letters, and hold for what onnxruntime computes."""

from __future__ import annotations

import json
import re

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import TensorProto, helper
from torch import nn

import archgraph as ag
from archgraph import ops
from archgraph.cli import main
from archgraph.errors import FormatError
from archgraph.open_extents import Open
from archgraph.open_inputs import open_inputs
from archgraph.tensors import at_point


class Pyramid(nn.Module):
    """Maps at two sizes, joined, and all places as rows with one more in front."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, 2, 1)
        self.down = nn.Conv2d(8, 8, 3, 2, 1)
        self.first = nn.Parameter(torch.randn(1, 1, 16))

    def forward(self, x):
        fine = torch.relu(self.stem(x))
        coarse = nn.functional.interpolate(self.down(fine), scale_factor=2.0)
        rows = torch.cat([fine, coarse], 1).flatten(2).permute(0, 2, 1)
        return torch.cat([self.first.expand(rows.shape[0], -1, -1), rows], 1), coarse


@pytest.fixture(scope="module")
def pyramid(tmp_path_factory):
    path = tmp_path_factory.mktemp("open") / "pyramid.onnx"
    axes = {0: "batch", 2: "H", 3: "W"}
    torch.onnx.export(
        Pyramid().eval(),
        (torch.zeros(2, 3, 64, 96),),
        path,
        dynamo=False,
        input_names=["image"],
        output_names=["rows", "maps"],
        dynamic_axes={"image": axes},
    )
    return path


def test_letters_are_followed_to_the_results(pyramid):
    net = ag.load(pyramid)
    assert str(net.nodes["image"]["shape"]) == "(3, H, W)"
    assert [str(net.tensor(ref).shape) for ref in net.results] == [
        "(N, H·W/4+1, 16)",
        "(N, 8, H/2, W/2)",
    ]
    assert net.total("params") == sum(p.numel() for p in Pyramid().parameters())
    assert net.total("macs") is None  # they depend on H and W


@pytest.mark.parametrize(("batch", "height", "width"), [(1, 32, 64), (3, 96, 32)])
def test_the_forms_hold_for_what_onnxruntime_computes(pyramid, batch, height, width):
    net = ag.load(pyramid)
    session = onnxruntime.InferenceSession(str(pyramid), providers=["CPUExecutionProvider"])
    made = session.run(None, {"image": np.zeros((batch, 3, height, width), np.float32)})
    point = {"N": batch, "H": height, "W": width}
    assert [at_point(net.tensor(ref).shape, point) for ref in net.results] == [
        each.shape for each in made
    ]


def test_the_example_of_sizes_can_be_used_as_it_is(pyramid):
    net = ag.load(pyramid)
    found = open_inputs(net)
    assert found.sentence == (
        "H and W are open; say the sizes of the inputs, as in --input image:Nx3x224x224."
    )
    sized = ag.load(pyramid, input=found.example)
    assert open_inputs(sized) is None
    assert sized.total("macs") == ag.load(pyramid, input=(3, 224, 224)).total("macs")
    assert sized.batched


def test_what_is_given_by_name_is_checked(pyramid):
    fixed = ag.load(pyramid, input={"image": (1, 3, 64, 64)})
    assert not fixed.batched
    with pytest.raises(FormatError, match="no input 'imag' .did you mean 'image'"):
        ag.load(pyramid, input={"imag": ("N", 3, 64, 64)})
    with pytest.raises(FormatError, match="'image'.*has 4 axes, but 3×64×64 has 3"):
        ag.load(pyramid, input={"image": (3, 64, 64)})


def test_open_sizes_are_costed_drawn_saved_and_read_again(pyramid, tmp_path, capsys):
    net = ag.load(pyramid)
    again = ag.load(net.save(tmp_path / "net.json"))
    assert dict(again.nodes(data=True)) == dict(net.nodes(data=True))
    assert main(["cost", str(pyramid), "--format", "json"]) == 0
    nodes = {each["name"]: each for each in json.loads(capsys.readouterr().out)["nodes"]}
    assert nodes["image"]["output"] == [3, "H", "W"]
    for form in ("table", "csv", "markdown", "latex"):
        assert main(["cost", str(pyramid), "--format", form]) == 0
        assert "H/2" in capsys.readouterr().out
    for suffix in ("svg", "html", "pptx", "dot", "png"):
        path = ag.draw(net, tmp_path / f"x.{suffix}", level="layer", fit="none")
        assert path.stat().st_size > 500
    assert "H/2" in re.sub(r"<[^>]+>", "", (tmp_path / "x.svg").read_text(encoding="utf-8"))


def test_nameless_and_negative_sizes_are_letters(tmp_path):
    relu = helper.make_node("Relu", ["x"], ["y"])
    open_image = helper.make_tensor_value_info("x", TensorProto.FLOAT, [-1, 3, -1, 0])
    result = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    path = tmp_path / "paddle.onnx"
    graph = helper.make_graph([relu], "g", [open_image], [result])
    onnx.save(helper.make_model(graph), path)
    assert str(ag.load(path).tensor("x").shape) == "(N, 3, H, W)"
    assert ag.load(path, input=(3, 48, 320)).nodes["x"]["shape"] == (3, 48, 320)


def test_an_input_of_unknown_rank_is_read(tmp_path):
    relu = helper.make_node("Relu", ["x"], ["y"], name="relu")
    infos = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in "xy"]
    path = tmp_path / "any.onnx"
    onnx.save(helper.make_model(helper.make_graph([relu], "g", infos[:1], infos[1:])), path)
    assert ag.load(path).nodes["relu"]["shape"] is None
    assert ag.load(path, input={"x": ("N", 8)}).nodes["relu"]["shape"] == (8,)


@pytest.mark.parametrize("text", ["H", "H/2", "3·H/4+1", "H·W/1024-2", "past+seq+1", "N·T"])
def test_forms_are_read_as_they_are_written(text):
    assert str(Open.of(text)) == text


def test_operators_say_what_they_give_for_letters():
    net = ag.ArchGraph(name="open")
    net.add("past", ops.Input((8, "P", 16)))
    net.add("new", ops.Input((8, "T", 16)))
    net.add("keys", ops.Concat(2), ["past", "new"])
    net.add("turned", ops.Permute((0, 1, 3, 2)), ["keys"])
    net.add("scores", ops.MatMul(), ["new", "turned"])
    assert str(net.tensor("scores").shape) == "(N, 8, T, P+T)"
    assert net.nodes["turned"]["macs"] == 0
    assert net.nodes["scores"]["macs"] is None
