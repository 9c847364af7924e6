"""What an ONNX file stores: element types, which tensors are learned, which are tied."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

import archgraph as ag
from archgraph.tensors import N, Tensor

node = helper.make_node
RNG = np.random.default_rng(0)


def floats(*shape: int) -> np.ndarray:
    return RNG.normal(size=shape).astype(np.float32)


def written(
    path: Path, nodes, tensors, *, shape=("n", 8, 4), kind=TensorProto.FLOAT, outputs=("y",),
    notes=None,
) -> Path:  # fmt: skip
    """Write a file with one input; ``notes`` are what torch's exporter says of tensors."""
    graph = helper.make_graph(
        nodes,
        "main",
        [helper.make_tensor_value_info("x", kind, shape)],
        [helper.make_empty_tensor_value_info(name) for name in outputs],
        initializer=[numpy_helper.from_array(array, name) for name, array in tensors.items()],
    )
    for name, word in (notes or {}).items():
        info = graph.value_info.add(name=name)
        info.metadata_props.add(key="pkg.torch.export.graph_signature.InputSpec.kind", value=word)
    imports = [helper.make_opsetid("", 20), helper.make_opsetid("custom", 1)]
    onnx.save(helper.make_model(graph, opset_imports=imports, ir_version=10), path)
    return path


def added(tmp_path: Path, array: np.ndarray, name: str = "val_7", **more) -> ag.ArchGraph:
    """Load a file in which one tensor is added to the input, by no layer's position."""
    nodes = [node("Relu", ["x"], ["r"]), node("Add", ["r", name], ["y"])]
    return ag.load(written(tmp_path / "net.onnx", nodes, {name: array}, **more))


class TestWhichTensorsAreLearned:
    """The rule of docs/counting.md, case by case."""

    @pytest.mark.parametrize("shape", [(8, 4), (64, 1024)], ids=["small", "large"])
    def test_numbers_that_say_nothing_are_taken_as_learned_and_told(self, shape, tmp_path):
        net = added(tmp_path, floats(*shape), shape=("n", *shape))
        assert net.total("params") == shape[0] * shape[1]
        assert net.tensors["val_7"].doubtful

    @pytest.mark.parametrize(
        "array",
        [
            np.float32(1.5).reshape(()),
            np.full((8, 4), 0.5, np.float32),
            np.where(np.tri(8, 4) > 0, 0, -100).astype(np.float32),
            np.where(np.tri(8, 4) > 0, 0, -np.inf).astype(np.float32),
            np.where(np.tri(8, 4) > 0, 0, np.finfo(np.float32).min),
        ],
        ids=["scalar", "all equal", "mask of Swin", "mask of -inf", "mask of the least float"],
    )
    def test_scalars_equal_numbers_and_masks_are_constants(self, array, tmp_path):
        net = added(tmp_path, array.astype(np.float32))
        assert net.total("params") == 0
        assert net.tensors["val_7"].kind == "constant"
        assert not net.tensors["val_7"].doubtful

    def test_a_large_mask_is_seen_in_the_file(self, tmp_path):
        array = np.where(np.tri(64, 1024) > 0, 0, -100).astype(np.float32)
        net = added(tmp_path, array, shape=("n", 64, 1024))
        assert net.tensors["val_7"].kind == "constant"

    def test_a_layer_scale_of_equal_numbers_has_a_modules_name(self, tmp_path):
        net = added(tmp_path, np.full((8, 1), 1e-6, np.float32), "features.1.0.layer_scale")
        assert net.total("params") == 8

    def test_whole_numbers_are_constants(self, tmp_path):
        net = added(tmp_path, np.arange(32).reshape(8, 4), kind=TensorProto.INT64)
        assert net.tensors["val_7"].kind == "constant"
        assert net.tensors["val_7"].value == tuple(range(32))

    @pytest.mark.parametrize(
        ("word", "kind"),
        [("PARAMETER", "parameter"), ("BUFFER", "buffer"), ("CONSTANT_TENSOR", "constant")],
    )
    def test_what_torchs_exporter_notes_is_believed(self, word, kind, tmp_path):
        for array in (floats(8, 4), np.full((8, 4), 0.5, np.float32)):
            stored = added(tmp_path, array, notes={"val_7": word}).tensors["val_7"]
            assert (stored.kind, stored.doubtful) == (kind, False)

    def test_a_norm_that_must_be_given_ones_and_zeros_learns_nothing(self, tmp_path):
        made = [node("InstanceNormalization", ["x", "s", "b"], ["y"])]
        plain = {"s": np.ones(8, np.float32), "b": np.zeros(8, np.float32)}
        assert ag.load(written(tmp_path / "a.onnx", made, plain)).total("params") == 0
        trained = {"s": floats(8), "b": floats(8)}
        assert ag.load(written(tmp_path / "b.onnx", made, trained)).total("params") == 16

    def test_mean_and_variance_are_buffers(self, tmp_path):
        names = ["scale", "shift", "mean", "var"]
        made = [node("BatchNormalization", ["x", *names], ["y"])]
        net = ag.load(written(tmp_path / "a.onnx", made, {n: floats(8) for n in names}))
        assert {name: net.tensors[name].kind for name in names} == {
            "scale": "parameter", "shift": "parameter", "mean": "buffer", "var": "buffer",
        }  # fmt: skip
        assert net.total("params") == 16

    def test_sizes_bounds_and_shapes_are_not_stored(self, tmp_path):
        made = [
            node("Clip", ["x", "low", "high"], ["c"]),
            node("Unsqueeze", ["c", "axis"], ["u"]),
            node("Resize", ["u", "", "scales"], ["y"]),
        ]
        tensors = {
            "low": np.float32(0), "high": np.float32(6), "axis": np.array([1]),
            "scales": np.array([1, 1, 2, 2], np.float32),
        }  # fmt: skip
        net = ag.load(written(tmp_path / "a.onnx", made, tensors))
        assert net.tensors == {}
        assert net.op(net.outputs[0]) == ag.ops.Resize(scale=(2.0, 2.0))

    def test_cost_tells_how_many_may_be_constants(self, tmp_path, capsys):
        from archgraph.cli import main

        added(tmp_path, floats(8, 4))
        assert main(["cost", str(tmp_path / "net.onnx")]) == 0
        assert "1 tensor may be a constant" in capsys.readouterr().out


class TestTiedTensors:
    def product(self, second: str) -> list:
        return [
            node("Gather", ["table", "x"], ["e"]),
            node("MatMul", ["e", second], ["y"]),
        ]

    def load(self, tmp_path: Path, nodes, tensors) -> ag.ArchGraph:
        path = written(
            tmp_path / "net.onnx", nodes, tensors, shape=("n", 5), kind=TensorProto.INT64
        )
        return ag.load(path)

    def test_a_table_that_is_read_again_turned_counts_once(self, tmp_path):
        nodes = [node("Transpose", ["table"], ["t"], perm=[1, 0]), *self.product("t")]
        net = self.load(tmp_path, nodes, {"table": floats(300, 16)})
        assert net.total("params") == 300 * 16
        assert net.nodes[net.outputs[0]]["params"] == 0
        assert net.op(net.outputs[0]) == ag.ops.Linear(16, 300, bias=False)

    @pytest.mark.parametrize("rows", [10, 3000], ids=["small", "large"])
    def test_a_copy_that_is_stored_turned_counts_once(self, rows, tmp_path):
        table = floats(rows, 16)
        net = self.load(tmp_path, self.product("w"), {"table": table, "w": table.T.copy()})
        assert net.total("params") == rows * 16
        assert net.tensors["w"].alias == "table"

    def test_other_numbers_of_the_same_shape_count_too(self, tmp_path):
        tensors = {"table": floats(300, 16), "w": floats(16, 300)}
        assert self.load(tmp_path, self.product("w"), tensors).total("params") == 2 * 300 * 16

    def test_equal_layers_of_a_new_network_are_not_tied(self, tmp_path):
        same = floats(4, 4)
        nodes = [node("MatMul", ["x", "a"], ["h"]), node("MatMul", ["h", "b"], ["y"])]
        net = ag.load(written(tmp_path / "net.onnx", nodes, {"a": same, "b": same}))
        assert net.total("params") == 32


class TestElementTypes:
    def test_a_float16_file_has_bytes_of_float16(self, tmp_path):
        nodes = [node("MatMul", ["x", "w"], ["y"])]
        tensors = {"w": floats(4, 6).astype(np.float16)}
        net = ag.load(written(tmp_path / "net.onnx", nodes, tensors, kind=TensorProto.FLOAT16))
        assert net.nodes["x"]["activation_bytes"] == 8 * 4 * 2
        assert net.nodes[net.outputs[0]]["activation_bytes"] == 8 * 6 * 2
        assert net.tensors["w"].bytes == 48

    def test_places_are_int64(self, tmp_path):
        nodes = [node("TopK", ["x", "k"], ["best", "places"], name="top")]
        path = written(
            tmp_path / "net.onnx", nodes, {"k": np.array([2])}, outputs=("best", "places")
        )
        net = ag.load(path)
        assert net.nodes["top"]["outputs"] == (
            Tensor((N, 8, 2), "float32"),
            Tensor((N, 8, 2), "int64"),
        )
        assert net.results == ["top", "top:1"]

    def test_an_operator_of_which_nothing_is_known_leaves_what_follows_unknown(self, tmp_path):
        nodes = [
            node("Magic", ["x"], ["m"], domain="custom", name="magic"),
            node("MatMul", ["m", "w"], ["y"]),
        ]
        net = ag.load(written(tmp_path / "net.onnx", nodes, {"w": floats(4, 6)}))
        assert net.nodes["magic"]["shape"] is None
        assert net.total("macs") is None
        assert net.total("params") is None or net.total("params") == 24
