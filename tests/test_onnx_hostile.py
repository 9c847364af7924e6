"""ONNX files whose fields lie: one sentence, or an operator of which little is known."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import onnx
import pytest
from hostile_onnx import info, node, stored, written
from onnx import TensorProto, helper

import archgraph as ag
from archgraph.cli import main
from archgraph.errors import ArchGraphError
from archgraph.formats.protobuf import head
from archgraph.limits import ATTRIBUTES, AXES, NAME, OPEN, OPERATORS


def refused(path: Path, capsys) -> str:
    """Ask for the costs of a file that cannot be read; return the one sentence."""
    assert main(["cost", str(path)]) == 1
    caught = capsys.readouterr()
    assert (caught.out, caught.err.count("\n")) == ("", 1)
    assert caught.err.startswith("archgraph: ")
    return caught.err


def _pair(text: str) -> list[str]:
    return text.split(">")


class TestDamaged:
    """Fields that lie: the file is refused in one sentence, or its operator is an unknown one."""

    def add(self, tmp_path, tensor, **more):
        return written(tmp_path / "net.onnx", [node("Add", ["x", "w"], ["y"])], [tensor], **more)

    @pytest.mark.parametrize(
        "fields",
        [
            {"data_type": 0},
            {"data_type": 99},
            {"data_type": TensorProto.STRING},
            {"data_type": TensorProto.INT4},
            {"data_type": TensorProto.FLOAT8E4M3FN},
            {"data_type": TensorProto.COMPLEX64},
            {"raw_data": b"abc"},
            {"raw_data": b""},
            {"dims": (4,)},
            {"dims": (0,)},
            {"dims": (1,) * AXES},
        ],
        ids=str,
    )
    @pytest.mark.parametrize("place", ["initialiser", "constant", "fill", "setting"])
    def test_numbers_that_do_not_fit(self, fields, place, tmp_path):
        tensor = stored(np.ones(3, np.float32), "w", **fields)
        uses = node("Add", ["x", "w"], ["y"])
        nodes, tensors = {
            "initialiser": ([uses], [tensor]),
            "constant": ([node("Constant", [], ["w"], value=tensor), uses], []),
            "fill": (
                [node("ConstantOfShape", ["s"], ["w"], value=tensor), uses],
                [stored([3], "s")],
            ),
            "setting": ([node("Relu", ["x"], ["y"], alpha=tensor)], []),
        }[place]
        path = written(tmp_path / "net.onnx", nodes, tensors)
        net = ag.load(path)
        for key in net.weights or ():
            try:
                net.weights[key]
            except ArchGraphError:
                continue

    @pytest.mark.parametrize(
        ("dims", "said"),
        [
            ((-1,), "negative extent"),
            ((2**62, 2**62), "more elements"),
            ((1,) * (AXES + 1), "65 axes"),
        ],
        ids=["negative", "huge", "axes"],
    )
    def test_shapes_that_no_tensor_has(self, dims, said, tmp_path, capsys):
        assert said in refused(self.add(tmp_path, stored(np.ones(3), "w", dims=dims)), capsys)
        path = written(tmp_path / "x.onnx", [node("Relu", ["x"], ["y"])], shape=dims)
        if said != "negative extent":  # of an input that is an open one
            assert said in refused(path, capsys)

    @pytest.mark.parametrize(
        ("chain", "said"),
        [
            ("x>y x>y", "two values in it are called 'y'"),
            ("x>x x>y", "two values in it are called 'x'"),
            ("y>z z>y", "which nothing before it makes"),
            ("q>y", "which nothing before it makes"),
            ("x>w w>y", "two values in it are called 'w'"),
            ("x>z", "it gives 'y', which nothing in it makes"),
            (f"x>y y>{'y' * (NAME + 1)}", "a name of 1,001 characters"),
        ],
        ids=["twice", "input", "cycle", "undeclared", "stored", "never", "long"],
    )
    def test_values_that_are_made_twice_or_never(self, chain, said, tmp_path, capsys):
        nodes = [node("Relu", [one], [two]) for one, two in map(_pair, chain.split())]
        path = written(tmp_path / "net.onnx", nodes, [stored(np.ones(3), "w")])
        assert said in refused(path, capsys)

    @pytest.mark.parametrize(
        "of",
        [
            node("Transpose", ["x"], ["y"], perm=[0.5, 1.5]),
            node("Transpose", ["x"], ["y"], perm=[7, -3]),
            node("Softmax", ["s"], ["y"], axis=5),
            node("Concat", ["s", "s"], ["y"], axis=0),
            node("TopK", ["s", "one"], ["y", "i"]),
            node("Slice", ["s", "one", "one"], ["y"]),
            node("ReduceSum", ["s", "one"], ["y"]),
            node("MaxPool", ["m"], ["y"], kernel_shape=[0, 0]),
            node("MaxPool", ["m"], ["y"], kernel_shape=[2, 2], strides=[0, -1]),
            node("Conv", ["m", "k"], ["y"], group=0),
            node("Conv", ["m", "k"], ["y"], group=2**62),
            node("Conv", ["m", "k"], ["y"], kernel_shape="wide"),
            node("Split", ["x"], ["y", "z"], num_outputs=10**9),
            node("SplitToSequence", ["x", "one"], ["y"], axis=9),
            node("SequenceAt", ["x"], ["y"]),
            node("Shape", [], ["y"]),
            node("CastLike", [], ["y"]),
            node("ConstantOfShape", [], ["y"]),
            node("LSTM", [], ["y"], hidden_size=2**62),
            node("If", [], ["y"]),
            node("If", ["true"], ["y"], then_branch=3),
            node("Loop", ["one", "true", "x"], ["y"]),
            node("LayerNormalization", ["x", "w"], ["y"], axis=2**62),
            node("LayerNormalization", ["x", ""], ["y"]),
            node("EyeLike", [""], ["y"]),
            node("RegexFullMatch", [], ["y"], pattern="a"),
            node("Einsum", ["x", "x"], ["y"], equation=b"\xff"),
            node("MultiHeadAttention", ["m", "m", "m"], ["y"], domain="com.microsoft", num_heads=0),
            node("MatMulNBits", ["x", "w"], ["y"], domain="com.microsoft", N=-5, K="a"),
            node("Reshape", ["x", "half"], ["y"]),
            node("Reshape", ["x", "one"], ["y", "z"]),
            node("Attention", ["m", "m", "m"], ["y"]),
            node("", ["x"], ["y"]),
        ],
        ids=lambda each: each.op_type,
    )  # fmt: skip
    def test_settings_and_inputs_of_the_wrong_kind(self, of, tmp_path, capsys):
        tensors = [
            stored(np.ones((), np.float32), "scalar"), stored([1], "one"), stored([0.5], "half"),
            stored(np.ones((4, 2, 3, 3), np.float32), "k"), stored(True, "true"),
            stored(np.ones(3, np.float32), "w"),
        ]  # fmt: skip
        before = [
            node("ReduceMax", ["x"], ["s"], keepdims=0),
            node("Reshape", ["x", "four"], ["m"]),
        ]
        tensors.append(stored([1, 1, 1, -1], "four"))
        made = next(name for name in of.output)
        nodes = [*before, of, node("Identity", [made], ["result"])]
        path = written(tmp_path / "net.onnx", nodes, tensors, outputs=("result",), opset=23)
        assert main(["cost", str(path)]) in (0, 1)
        assert capsys.readouterr().err.count("\n") <= 1

    @pytest.mark.parametrize("opset", [0, -1, 10**9, 2**62])
    def test_operator_sets_that_there_are_not(self, opset, tmp_path):
        path = written(tmp_path / "net.onnx", [node("Relu", ["x"], ["y"])], opset=opset)
        assert len(ag.load(path)) == 2

    def test_more_parts_than_can_be_looked_at(self, tmp_path, capsys):
        """An empty part takes two bytes of a file, and hundreds of memory."""
        path = written(tmp_path / "net.onnx", [node("Relu", ["x"], ["y"])])
        many = b"\x0a\x00" * (OPERATORS + 1)
        whole = path.read_bytes()
        path.write_bytes(whole + head(7, len(many)) + many)
        assert "more than 1,000,000 operators" in refused(path, capsys)
        made = node("Relu", ["x"], ["y"])
        for number in range(ATTRIBUTES + 1):
            made.attribute.add(name=str(number))
        assert "more than 1,000 attributes" in refused(written(path, [made]), capsys)

    def test_a_node_that_gives_nothing_is_none(self, tmp_path):
        path = written(
            tmp_path / "net.onnx",
            [node("Relu", ["x"], []), node("Constant", [], []), node("Tanh", ["x"], ["y"])],
        )
        assert len(ag.load(path)) == 2

    def test_names_that_are_not_text(self, tmp_path, capsys):
        path = written(tmp_path / "net.onnx", [node("Relu", ["x"], ["yy"])], outputs=("yy",))
        path.write_bytes(path.read_bytes().replace(b"yy", b"\xff\xfe"))
        assert "not text" in refused(path, capsys)

    def test_metadata_that_is_not_text(self, tmp_path, capsys):
        made = node("Relu", ["x"], ["y"])
        made.metadata_props.add(key="archgraph.xx", value="a")
        path = written(tmp_path / "net.onnx", [made])
        path.write_bytes(path.read_bytes().replace(b"archgraph.xx", b"archgraph.\xff\xfe"))
        assert "not text" in refused(path, capsys)

    def test_functions_that_call_each_other_without_end(self, tmp_path, capsys):
        opsets = [helper.make_opsetid("my", 1)]
        functions = [
            helper.make_function(
                "my", f"f{i}", ["a"], ["b"],
                [node(f"f{i + 1}", ["a"], ["c"], domain="my"),
                 node(f"f{i + 1}", ["c"], ["b"], domain="my")], opsets,
            )
            for i in range(60)
        ]  # fmt: skip
        path = written(
            tmp_path / "net.onnx", [node("f0", ["x"], ["y"], domain="my")], functions=functions
        )
        assert "more than 121,000 operators, its functions put" in refused(path, capsys)

    def test_a_function_that_calls_itself(self, tmp_path, capsys):
        opsets = [helper.make_opsetid("my", 1)]
        body = [node("f", ["a"], ["b"], domain="my")]
        functions = [helper.make_function("my", "f", ["a"], ["b"], body, opsets)]
        path = written(
            tmp_path / "net.onnx", [node("f", ["x"], ["y"], domain="my")], functions=functions
        )
        assert "a function that calls itself" in refused(path, capsys)

    def test_many_open_sizes_are_unknown_rather_than_taken_for_each_other(self, tmp_path):
        names = [f"x{number}" for number in range(40)]
        graph = helper.make_graph(
            [node("Identity", [name], [f"y{name}"]) for name in names], "g",
            [info(name, ["n", f"size{name}"]) for name in names],
            [info(f"y{name}") for name in names],
        )  # fmt: skip
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
        onnx.save(model, tmp_path / "net.onnx")
        net = ag.load(tmp_path / "net.onnx")
        shapes = [net.nodes[name]["shape"] for name in net.results]
        letters = [str(extent) for (extent,) in shapes if extent is not None]
        assert len(shapes) == 40
        assert letters == [f"sizex{number}" for number in range(len(letters))]
        assert len(letters) == OPEN

    def test_operators_whose_names_are_not_for_people(self, tmp_path):
        path = written(tmp_path / "net.onnx", [node("a\nb\0", ["x"], ["y"], domain="z")])
        net = ag.load(path)
        assert net.op(net.outputs[0]).type_name == "a_b_"
        assert ag.draw(net, tmp_path / "net.svg").exists()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
@pytest.mark.parametrize("suffix", ["onnx", "json"])
class TestWhatIsNoFile:
    """A pipe, a device, a folder in the place of a network."""

    def test_a_pipe_is_not_waited_for(self, suffix, tmp_path, capsys):
        os.mkfifo(tmp_path / f"net.{suffix}")
        assert "a pipe or a device" in refused(tmp_path / f"net.{suffix}", capsys)

    def test_a_device_is_not_read(self, suffix, tmp_path, capsys):
        (tmp_path / f"net.{suffix}").symlink_to("/dev/zero")
        assert "a pipe or a device" in refused(tmp_path / f"net.{suffix}", capsys)

    def test_a_folder_is_named(self, suffix, tmp_path, capsys):
        (tmp_path / f"net.{suffix}").mkdir()
        assert "it is a folder" in refused(tmp_path / f"net.{suffix}", capsys)

    def test_a_file_of_the_kernel_is_no_network(self, suffix, tmp_path, capsys):
        (tmp_path / f"net.{suffix}").symlink_to("/proc/self/status")
        refused(tmp_path / f"net.{suffix}", capsys)

    def test_an_empty_file_is_no_network(self, suffix, tmp_path, capsys):
        (tmp_path / f"net.{suffix}").touch()
        refused(tmp_path / f"net.{suffix}", capsys)


def test_extents_that_follow_the_batch_and_a_letter_are_asked_for_with_both(tmp_path):
    """An Identity whose setting is 3·D·N·N has no size for images that are separate."""
    made = node("Flatten", ["x"], ["y", "z"])
    path = written(tmp_path / "net.onnx", [made], shape=("n", 3, "D", "n", "n"), opset=24)
    assert len(ag.load(path)) == 2


def test_open_extents_have_no_groups_of_axes():
    from archgraph.open_extents import Open
    from archgraph.recognition.matching.views import in_view

    assert in_view((1, 1, 5, 5), (Open.letter("H"), 2), (2, Open.letter("H"))) is None
    assert in_view((1, 1, 5, 5), (3, 2), (6,)) == (1, 5, 5)


def test_a_layer_norm_inside_a_branch_hides_no_shape(tmp_path):
    """Of what it bears onnx is asked inside graphs too."""
    body = helper.make_graph(
        [node("LayerNormalization", ["x", "w"], ["b"])], "b", [], [info("b", ("n", 3))]
    )
    choose = node("If", ["c"], ["r"], then_branch=body, else_branch=body)
    nodes = [node("Cast", ["s"], ["c"], to=TensorProto.BOOL), choose, node("Relu", ["r"], ["y"])]
    nodes.insert(0, node("ReduceMax", ["x"], ["s"], keepdims=0))
    net = ag.load(written(tmp_path / "net.onnx", nodes, [stored(np.ones(3, np.float32), "w")]))
    assert net.nodes[net.outputs[0]]["shape"] == (3,)
