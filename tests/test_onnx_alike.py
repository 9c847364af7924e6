"""ONNX files of nodes that are alike, which are read once: what differs must stay different."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

import archgraph as ag

node = helper.make_node


def loaded(path: Path, nodes, weights, shape=("n", 4, 6)) -> ag.ArchGraph:
    """Load a file in which 'y' is made of 'x'."""
    graph = helper.make_graph(
        nodes,
        "main",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_empty_tensor_value_info("y")],
        [numpy_helper.from_array(np.asarray(each), name) for name, each in weights.items()],
    )
    imports = [helper.make_opsetid("", 21)]
    onnx.save(helper.make_model(graph, opset_imports=imports, ir_version=10), path)
    return ag.load(path)


def ops(net: ag.ArchGraph) -> list[ag.ops.Op]:
    return [net.op(name) for name in net if name not in net.sources]


def floats(*values: float) -> np.ndarray:
    return np.asarray(values, np.float32)


def test_bounds_of_equal_shape_are_told_apart_by_their_numbers(tmp_path):
    bounds = {"zero": 0.0, "one": 1.0, "six": 6.0, "least": -1.0}
    nodes = [
        node("Clip", ["x", "zero", "six"], ["a"]),
        node("Clip", ["a", "least", "one"], ["b"]),
        node("Clip", ["b", "zero", "six"], ["y"]),
    ]
    net = loaded(tmp_path / "net.onnx", nodes, {k: np.float32(v) for k, v in bounds.items()})
    assert ops(net) == [ag.ops.ReLU6(), ag.ops.Pointwise("hardtanh", (-1.0, 1.0)), ag.ops.ReLU6()]


@pytest.mark.parametrize("channels", [4, 40])
def test_scales_of_norms_are_told_apart_however_many_they_are(channels, tmp_path):
    ones, zeros = np.ones(channels, np.float32), np.zeros(channels, np.float32)
    nodes = [
        node("InstanceNormalization", ["x", "one", "zero"], ["a"]),
        node("InstanceNormalization", ["a", "scale", "zero"], ["y"]),
    ]
    weights = {"one": ones, "zero": zeros, "scale": np.arange(channels, dtype=np.float32)}
    net = loaded(tmp_path / "net.onnx", nodes, weights, ("n", channels, 5, 5))
    assert [op.affine for op in ops(net)] == [False, True]


def test_constants_of_one_kind_and_different_numbers_make_different_shapes(tmp_path):
    shapes = {"flat": (0, -1), "apart": (0, 2, 12), "wide": (0, 24)}
    constants = [
        node("Constant", [], [name], value=numpy_helper.from_array(np.asarray(shape)))
        for name, shape in shapes.items()
    ]
    nodes = [
        *constants,
        node("Reshape", ["x", "flat"], ["a"]),
        node("Reshape", ["a", "apart"], ["b"]),
        node("Reshape", ["b", "wide"], ["c"]),
        node("Reshape", ["c", "apart"], ["y"]),
    ]
    net = loaded(tmp_path / "net.onnx", nodes, {})
    assert [net.nodes[name]["shape"] for name in net][1:] == [(24,), (2, 12), (24,), (2, 12)]


def test_sizes_of_two_tensors_are_computed_from_each(tmp_path):
    def halved(source: str, made: str) -> list[onnx.NodeProto]:
        """Give a tensor with its last axis half as long, as exporters write it."""
        return [
            node("Shape", [source], [f"{made}.shape"]),
            node("Gather", [f"{made}.shape", "last"], [f"{made}.size"]),
            node("Div", [f"{made}.size", "two"], [f"{made}.half"]),
            node("Slice", [source, "none", f"{made}.half", "last"], [made]),
        ]

    nodes = [*halved("x", "a"), *halved("a", "b"), *halved("b", "y")]
    weights = {"last": np.array([2]), "two": np.array([2]), "none": np.array([0])}
    net = loaded(tmp_path / "net.onnx", nodes, weights, ("n", 4, 16))
    assert [op.stop for op in ops(net)] == [8, 4, 2]


def test_layers_that_are_alike_keep_their_own_weights_and_biases(tmp_path):
    numbers = np.random.default_rng(0).standard_normal((2, 6, 6)).astype(np.float32)
    biases = np.random.default_rng(1).standard_normal((2, 6)).astype(np.float32)
    nodes = [
        node("Transpose", ["one.weight"], ["turned"], perm=[1, 0]),
        node("MatMul", ["x", "turned"], ["a"]),
        node("Add", ["a", "one.bias"], ["b"]),
        node("Transpose", ["two.weight"], ["turned again"], perm=[1, 0]),
        node("MatMul", ["b", "turned again"], ["c"]),
        node("Add", ["c", "two.bias"], ["y"]),
    ]
    weights = {
        **{f"{word}.weight": numbers[place] for place, word in enumerate(("one", "two"))},
        **{f"{word}.bias": biases[place] for place, word in enumerate(("one", "two"))},
    }
    net = loaded(tmp_path / "net.onnx", nodes, weights)
    assert ops(net) == [ag.ops.Linear(6, 6)] * 2
    assert net.total("params") == 2 * (36 + 6)
    for word, number in (("one", 0), ("two", 1)):
        np.testing.assert_array_equal(net.weights[f"{word}.weight"], numbers[number])
        np.testing.assert_array_equal(net.weights[f"{word}.bias"], biases[number])


def test_what_reads_one_tensor_twice_is_not_what_reads_two(tmp_path):
    nodes = [
        node("Relu", ["x"], ["a"]),
        node("Mul", ["a", "a"], ["b"]),
        node("Mul", ["a", "b"], ["c"]),
        node("Mul", ["c", "c"], ["y"]),
    ]
    net = loaded(tmp_path / "net.onnx", nodes, {})
    last = [len(net.inputs_of(name)) and len(set(net.inputs_of(name))) for name in net][2:]
    assert last == [1, 2, 1]


@pytest.mark.parametrize(
    "shapes",
    [((2, 3), (2, 3)), ((2, 3), (3,)), ((), (4, 1)), ((5, 1, 3), (2, 1)), ((0, 3), (1, 3))],
    ids=str,
)
@pytest.mark.parametrize("kind", ["Add", "Div", "Mul", "Pow", "Sub"])
def test_functions_of_two_tensors_give_the_shapes_that_onnxruntime_does(kind, shapes, tmp_path):
    graph = helper.make_graph(
        [node(kind, ["a", "b"], ["y"])],
        "main",
        [helper.make_tensor_value_info(n, 1, s) for n, s in zip("ab", shapes, strict=True)],
        [helper.make_empty_tensor_value_info("y")],
    )
    path = tmp_path / "net.onnx"
    imports = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=imports, ir_version=8), path)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    arrays = {n: np.ones(s, np.float32) for n, s in zip("ab", shapes, strict=True)}
    (result,) = session.run(None, arrays)
    net = ag.load(path, input=dict(zip("ab", shapes, strict=True)))
    (tensor,) = net.nodes[net.outputs[0]]["outputs"]
    assert tensor == (result.shape, "float32")
