"""Branches, loops, sequences and weights elsewhere: no ONNX file is refused for them."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

import archgraph as ag

FLOAT, INT = TensorProto.FLOAT, TensorProto.INT64


def info(name, shape=None, kind=FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def loaded(tmp_path, nodes, inputs, outputs, stored=(), **options):
    tensors = [numpy_helper.from_array(array, name) for name, array in stored]
    graph = helper.make_graph(nodes, "g", inputs, outputs, tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path = tmp_path / "net.onnx"
    onnx.save(model, path)
    return ag.load(path, **options)


def branch(name, rows, columns):
    """A branch that multiplies x with weights of its own."""
    weights = numpy_helper.from_array(np.ones((rows, columns), np.float32), "weight")
    node = helper.make_node("MatMul", ["x", "weight"], ["out"], name=f"{name}.fc")
    return helper.make_graph([node], name, [], [info("out")], [weights])


@pytest.mark.parametrize(("condition", "columns"), [(True, 5), (False, 3)])
def test_a_branch_whose_condition_is_known_is_taken(condition, columns, tmp_path):
    choose = helper.make_node(
        "If", ["c"], ["y"], name="if", then_branch=branch("a", 4, 5), else_branch=branch("b", 4, 3)
    )
    again = helper.make_node(
        "If", ["c"], ["z"], name="if2", then_branch=branch("a", 4, 5), else_branch=branch("b", 4, 3)
    )
    nodes = [choose, again, helper.make_node("Relu", ["y"], ["r"], name="relu")]
    stored = [("c", np.array(condition))]
    net = loaded(tmp_path, nodes, [info("x", ["n", 4])], [info("r"), info("z")], stored)
    assert net.nodes["relu"]["shape"] == (columns,)
    assert net.total("macs") == net.total("params") == 2 * 4 * columns


def test_a_branch_of_which_nothing_is_known_is_one_box_that_says_what_it_holds(tmp_path):
    choose = helper.make_node(
        "If", ["c"], ["y"], name="if", then_branch=branch("a", 4, 5), else_branch=branch("b", 4, 5)
    )
    inputs = [info("x", ["n", 4]), info("c", [], TensorProto.BOOL)]
    net = loaded(tmp_path, [choose], inputs, [info("y")])
    assert net.op("if").type_name == "If: 2 MatMul"
    assert set(net.pred["if"]) == {"x", "c"}  # x is read from inside
    assert net.nodes["if"]["macs"] is None


def test_a_loop_is_one_box_with_what_it_reads_from_around_it(tmp_path):
    body = helper.make_graph(
        [
            helper.make_node("MatMul", ["h", "w"], ["m"]),
            helper.make_node("Add", ["m", "x"], ["a"]),
            helper.make_node("MatMul", ["a", "w"], ["next"]),
            helper.make_node("Identity", ["go"], ["still"]),
        ],
        "body",
        [info("i", [], INT), info("go", [], TensorProto.BOOL), info("h", ["n", 4])],
        [info("still", [], TensorProto.BOOL), info("next", ["n", 4])],
    )
    loop = helper.make_node("Loop", ["times", "", "x"], ["y"], name="loop", body=body)
    nodes = [loop, helper.make_node("Relu", ["y"], ["z"], name="relu")]
    stored = [("times", np.array(3)), ("w", np.ones((4, 4), np.float32))]
    net = loaded(tmp_path, nodes, [info("x", ["n", 4])], [info("z")], stored)
    assert net.op("loop").type_name == "Loop: 2 MatMul, 1 Add, 1 Identity"
    assert "w" in net.reads("loop")
    assert net.total("macs") is None
    assert ag.draw(net, tmp_path / "x.svg", fit="none").stat().st_size > 500


def test_sequences_and_optionals_refuse_nothing(tmp_path):
    kind = helper.make_tensor_type_proto(FLOAT, [2, 3])
    sequence = helper.make_value_info("s", helper.make_sequence_type_proto(kind))
    maybe = helper.make_value_info("o", helper.make_optional_type_proto(kind))
    nodes = [
        helper.make_node("SequenceAt", ["s", "at"], ["first"], name="first"),
        helper.make_node("OptionalGetElement", ["o"], ["held"], name="held"),
        helper.make_node("Add", ["first", "held"], ["y"], name="sum"),
    ]
    net = loaded(tmp_path, nodes, [sequence, maybe], [info("y")], [("at", np.array(0))])
    assert net.nodes["held"]["outputs"][0].shape == (2, 3)
    assert net.nodes["sum"]["outputs"][0].shape == (2, 3)


def test_weights_in_a_file_that_is_not_there_are_not_missed(tmp_path):
    def outside(name):
        tensor = TensorProto(name=name, data_type=FLOAT, dims=[4, 4], data_location=1)
        tensor.external_data.add(key="location", value="/nowhere/weights.bin")
        return tensor

    constant = helper.make_node("Constant", [], ["w2"])
    constant.attribute.add(name="value", type=onnx.AttributeProto.TENSOR).t.CopyFrom(outside(""))
    nodes = [
        constant,
        helper.make_node("MatMul", ["x", "w1"], ["m"], name="one"),
        helper.make_node("MatMul", ["m", "w2"], ["y"], name="two"),
    ]
    graph = helper.make_graph(nodes, "g", [info("x", ["n", 4])], [info("y")], [outside("w1")])
    path = tmp_path / "net.onnx"
    path.write_bytes(helper.make_model(graph).SerializeToString())
    assert ag.load(path).total("params") == 32


def test_a_file_without_inputs_and_one_of_constants_are_read(tmp_path):
    noise = helper.make_node("RandomNormal", [], ["y"], name="noise", shape=[2, 3])
    assert loaded(tmp_path, [noise], [], [info("y")]).nodes["noise"]["outputs"][0].shape == (2, 3)
    size = helper.make_node("Shape", ["x"], ["y"], name="size")
    net = loaded(tmp_path, [size], [info("x", ["n", 4])], [info("y", None, INT)])
    assert net.nodes["size"]["outputs"][0].shape == (2,)


def test_large_constants_inside_nodes_are_skimmed(tmp_path):
    weights = numpy_helper.from_array(np.ones((400, 400), np.float32), "")
    nodes = [
        helper.make_node("Constant", [], ["w"], value=weights),
        helper.make_node("MatMul", ["x", "w"], ["y"], name="fc"),
    ]
    net = loaded(tmp_path, nodes, [info("x", ["n", 400])], [info("y")])
    assert net.total("params") == 160_000
    from archgraph.importers.onnx.without_weights import skim

    assert len(skim(tmp_path / "net.onnx").model) < 1000
