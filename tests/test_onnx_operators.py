"""Every operator in ONNX, at open and fixed batches, computes what PyTorch computes."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
import torch
from one_of_each import networks, own_operators
from random_graphs import fed

import archgraph as ag
from archgraph import ops
from archgraph.errors import ExportError
from archgraph.exporters.onnx import difference
from archgraph.exporters.onnx.runtimes import RUNTIMES

UNHELD = {ops.Input, ops.Opaque}
"""An input is given, an opaque operator unknown."""


@pytest.mark.parametrize("opset", [13, 17, 18, 23, 26])
@pytest.mark.parametrize("batch", ["dynamic", 3])
def test_every_operator_is_written_and_computes_what_torch_computes(opset, batch, tmp_path):
    written, refused = set(), []
    for number, (kind, net) in enumerate(networks()):
        module = ag.to_torch(net, seed=1)
        given = fed(net, 3)
        with torch.no_grad():
            wanted = module(*given)
        answers = wanted if isinstance(wanted, tuple) else (wanted,)
        try:
            path = ag.export_onnx(
                net, tmp_path / f"{number}.onnx", module=module, opset=opset, batch=batch
            )
        except ExportError as error:
            refused.append(f"{net.op('it')}: {error}")
            continue
        onnx.checker.check_model(onnx.load(path), full_check=True)
        written.add(kind)
        fed_by_name = {n: each.numpy() for n, each in zip(net.sources, given, strict=True)}
        found = RUNTIMES["onnxruntime"].prepare(path, fed_by_name, net.results)()
        for ours, theirs in zip(found, answers, strict=True):
            assert ours.dtype == theirs.numpy().dtype, net.op("it")
            np.testing.assert_allclose(
                ours, theirs, rtol=1e-4, atol=1e-4, err_msg=str(net.op("it"))
            )
    # Bits came with opset 18, sums at places with 16; ONNX has no arc tangent of two.
    assert {each.split("'")[1] for each in refused} == {
        "atan2",
        *(["bitwise_and"] if opset < 18 else []),
        *(["add"] if opset < 16 else []),
    }
    assert set(own_operators()) - written == UNHELD


def test_a_batch_that_is_not_the_first_axis_stays_open(tmp_path):
    net = ag.ArchGraph(name="steps")
    net.add("tokens", ops.Input((5, "N"), "int64"))
    net.add("state", ops.Input((2, "N", 4)))
    net.add("table", ops.Embedding(9, 3), ["tokens"])
    net.add("lstm", ops.LSTM(3, 4, 2), ["table", "state", "state"])
    net.add("folded", ops.Reshape(("5N", 4)), ["lstm"])
    net.set_outputs("folded", "lstm:1")
    module = ag.to_torch(net)
    path = ag.export_onnx(net, tmp_path / "net.onnx", module=module, check=["onnxruntime"])
    graph = onnx.load(path).graph
    extents = [
        [d.dim_param or d.dim_value for d in value.type.tensor_type.shape.dim]
        for value in (*graph.input, *graph.output)
    ]
    assert extents == [[5, "batch"], [2, "batch", 4], ["5*batch", 4], [2, "batch", 4]]
    assert difference(path, net, module, 4) < 1e-4
    through = tmp_path / "torch.onnx"
    ag.export_onnx(net, through, module=module, via="torch", check=["onnxruntime"])


def test_a_network_of_a_fixed_batch_is_written_as_it_stands(tmp_path):
    net = ag.ArchGraph(name="fixed")
    net.add("x", ops.Input((2, 4), batched=False))
    net.add("y", ops.Reshape((8,)), ["x"])
    path = ag.export_onnx(net, tmp_path / "net.onnx", check=["onnxruntime"])
    shape = onnx.load(path).graph.input[0].type.tensor_type.shape
    assert [d.dim_value for d in shape.dim] == [2, 4]
    with pytest.raises(ExportError, match="'fixed' is a network of one fixed batch"):
        ag.export_onnx(net, tmp_path / "other.onnx", batch=3)


def test_what_only_a_fixed_size_can_do_is_refused_for_an_open_one(tmp_path):
    net = ag.ArchGraph(name="tokens")
    net.add("x", ops.Input((3, 8, 8)))
    net.add("conv", ops.Conv2d(3, 4, 3), ["x"])
    net.add("row", ops.Reshape(("N", 4, -1)), ["conv"])
    with pytest.raises(ExportError, match=r"'row' \(Reshape\) needs maps of a known size"):
        ag.export_onnx(net, tmp_path / "net.onnx", size="dynamic")


def test_every_operator_is_valid_in_half_precision(tmp_path):
    for number, (_, net) in enumerate(networks()):
        if "atan2" not in str(net.op("it")):
            path = tmp_path / f"{number}.onnx"
            ag.export_onnx(net, path, precision="float16")
            model = onnx.load(path)
            onnx.checker.check_model(model, full_check=True)
            kinds = {each.type.tensor_type.elem_type for each in model.graph.input}
            assert onnx.TensorProto.FLOAT not in kinds
