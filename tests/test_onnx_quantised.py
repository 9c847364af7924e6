"""Quantised files cost what they stand for, and what ONNX Runtime fuses costs what it fused."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantFormat,
    quantize_dynamic,
    quantize_static,
)
from torch import nn

import archgraph as ag

IMAGE = np.random.default_rng(0).random((1, 3, 16, 16), dtype=np.float32)


class Images(CalibrationDataReader):
    def __init__(self) -> None:
        self.left = iter([{"x": IMAGE}, {"x": IMAGE}])

    def get_next(self):
        return next(self.left, None)


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """A small network in 32-bit floats, from torch."""
    path = tmp_path_factory.mktemp("quantised") / "plain.onnx"
    net = nn.Sequential(
        *(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 16, 3, 2, 1, groups=2)),
        *(nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 10)),
    )
    torch.onnx.export(
        net.eval(),
        (torch.from_numpy(IMAGE),),
        path,
        dynamo=False,
        input_names=["x"],
        dynamic_axes={"x": {0: "batch"}},
    )
    return path


@pytest.mark.parametrize("form", ["qdq", "operators", "dynamic"])
def test_a_quantised_file_has_the_parameters_and_multiply_adds_of_its_float_form(
    form, plain, tmp_path
):
    path = tmp_path / "quantised.onnx"
    if form == "dynamic":
        quantize_dynamic(plain, path)
    else:
        kind = QuantFormat.QDQ if form == "qdq" else QuantFormat.QOperator
        quantize_static(plain, path, Images(), quant_format=kind, per_channel=form == "qdq")
    net, other = ag.load(path), ag.load(plain)
    assert net.total("params") == other.total("params")
    assert net.total("macs") == other.total("macs")
    assert net.total("flops") is not None
    small = [n for n in net if net.nodes[n]["outputs"][0].dtype in ("int8", "uint8")]
    assert small
    for name in small:  # eight bits each
        shape = net.nodes[name]["outputs"][0].shape
        if len(net.nodes[name]["outputs"]) == 1:
            assert net.nodes[name]["activation_bytes"] == int(np.prod(shape))
    weights = {each.dtype for each in net.tensors.values() if each.kind == "parameter"}
    assert weights & {"int8", "uint8"}


def theirs(kind, inputs, outputs, shapes, weights=(), **settings):
    """Return a model of one operator of ONNX Runtime."""
    node = helper.make_node(kind, inputs, outputs, name="fused", domain="com.microsoft", **settings)
    infos = [
        helper.make_tensor_value_info(
            name, TensorProto.INT32 if name.startswith("i_") else TensorProto.FLOAT, shape
        )
        for name, shape in shapes.items()
    ]
    stored = [numpy_helper.from_array(np.ones(shape, np.float32), n) for n, shape in weights]
    results = [helper.make_tensor_value_info(outputs[0], TensorProto.FLOAT, None)]
    graph = helper.make_graph([node], "g", infos, results, stored)
    imports = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(graph, opset_imports=imports, ir_version=8)


CASES = {
    # 32 · 96 of the projection for 6 rows; 4 heads of 6 × 6 times 8 + 8.
    "Attention": (
        theirs(
            "Attention",
            ["x", "w", "b"],
            ["y"],
            {"x": [2, 6, 32]},
            [("w", (32, 96)), ("b", (96,))],
            num_heads=4,
        ),
        6 * 32 * 96 + 4 * 6 * 6 * 16,
        32 * 96 + 96,
    ),
    "MultiHeadAttention": (
        theirs(
            "MultiHeadAttention",
            ["q", "k", "v"],
            ["y"],
            {"q": [2, 6, 32], "k": [2, 9, 32], "v": [2, 9, 32]},
            num_heads=4,
        ),
        4 * 6 * 9 * 16,
        0,
    ),
    "SkipLayerNormalization": (
        theirs(
            "SkipLayerNormalization",
            ["x", "s", "g", "b", "c"],
            ["y", "", "", "sum"],
            {"x": [2, 6, 32], "s": [2, 6, 32]},
            [("g", (32,)), ("b", (32,)), ("c", (32,))],
        ),
        0,
        96,
    ),
    "FusedMatMul": (
        theirs(
            "FusedMatMul",
            ["a", "b"],
            ["y"],
            {"a": [2, 4, 6], "b": [2, 5, 6]},
            transB=1,
            alpha=0.5,
        ),
        4 * 5 * 6,
        0,
    ),
    "FusedConv": (
        theirs(
            "FusedConv",
            ["x", "w"],
            ["y"],
            {"x": [2, 3, 8, 8]},
            [("w", (4, 3, 3, 3))],
            kernel_shape=[3, 3],
            pads=[1, 1, 1, 1],
            activation="Relu",
        ),
        4 * 8 * 8 * 27,
        108,
    ),
    "BiasGelu": (
        theirs("BiasGelu", ["x", "b"], ["y"], {"x": [2, 6, 32]}, [("b", (32,))]),
        0,
        32,
    ),
    "FastGelu": (theirs("FastGelu", ["x"], ["y"], {"x": [2, 6, 32]}), 0, 0),
}


@pytest.mark.parametrize("name", CASES)
def test_operators_of_onnx_runtime_have_its_shapes_and_their_costs(name, tmp_path):
    model, macs, params = CASES[name]
    path = tmp_path / "fused.onnx"
    onnx.save(model, path)
    net = ag.load(path)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    feeds = {i.name: np.ones(i.shape, np.float32) for i in session.get_inputs()}
    (made,) = session.run(None, feeds)
    shape = net.tensor(net.results[0]).shape
    assert (2, *shape[1:]) == made.shape
    assert (net.total("macs"), net.total("params")) == (macs, params)
    assert net.total("flops") is not None


def test_an_operator_of_another_domain_refuses_nothing(tmp_path):
    nodes = [
        helper.make_node("Mystery", ["x"], ["m"], name="mystery", domain="their.own"),
        helper.make_node("Relu", ["m"], ["y"], name="relu"),
    ]
    infos = [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 4])]
    results = [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)]
    imports = [helper.make_opsetid("", 17), helper.make_opsetid("their.own", 1)]
    graph = helper.make_graph(nodes, "g", infos, results)
    onnx.save(helper.make_model(graph, opset_imports=imports), tmp_path / "x.onnx")
    net = ag.load(tmp_path / "x.onnx")
    assert net.nodes["mystery"]["macs"] is None
    assert net.nodes["relu"]["shape"] is None
