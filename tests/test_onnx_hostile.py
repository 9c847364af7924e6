"""ONNX files of strangers: no other file is opened, nothing grows without bound, one sentence."""

from __future__ import annotations

import os
import resource
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

import archgraph as ag
from archgraph.cli import main
from archgraph.errors import ArchGraphError, FileError, FormatError
from archgraph.importers.onnx.folding import run_node
from archgraph.importers.onnx.folding_bounds import bound_of
from archgraph.importers.onnx.nodes import nodes_of
from archgraph.limits import AXES, FOLDED, NAME, OPEN

FLOAT, INT = TensorProto.FLOAT, TensorProto.INT64
node = helper.make_node


def info(name, shape=None, kind=FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def stored(array, name="", **fields):
    tensor = numpy_helper.from_array(np.asarray(array), name)
    for key, value in fields.items():
        if key == "dims":
            tensor.dims[:] = value
        else:
            setattr(tensor, key, value)
    return tensor


def elsewhere(location, name="w", dims=(3,), kind=FLOAT, **told):
    tensor = TensorProto(name=name, data_type=kind, dims=dims, data_location=1)
    for key, value in {"location": location, **told}.items():
        tensor.external_data.add(key=key, value=str(value))
    return tensor


def written(path: Path, nodes, tensors=(), *, shape=("n", 3), outputs=("y",), opset=18, **more):
    graph = helper.make_graph(
        nodes, "g", [info("x", shape)], [info(name) for name in outputs], list(tensors)
    )
    opsets = [helper.make_opsetid("", opset), helper.make_opsetid("my", 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=10, **more)
    path.write_bytes(model.SerializeToString())
    return path


def refused(path: Path, capsys) -> str:
    """Ask for the costs of a file that cannot be read; return the one sentence."""
    assert main(["cost", str(path)]) == 1
    caught = capsys.readouterr()
    assert (caught.out, caught.err.count("\n")) == ("", 1)
    assert caught.err.startswith("archgraph: ")
    return caught.err


class Opened:
    """Which files were opened meanwhile, by what the interpreter says of itself."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.on = False
        sys.addaudithook(self._note)

    def _note(self, event: str, arguments) -> None:
        if self.on and event == "open":
            self.paths.append(str(arguments[0]))


OPENED = Opened()


@pytest.fixture
def opened():
    OPENED.paths.clear()
    OPENED.on = True
    yield OPENED.paths
    OPENED.on = False


class TestFilesBeside:
    """Numbers that are kept in another file are looked at for who asks for weights only."""

    def holders(self, location: str):
        """Each place where a tensor can stand, with the nodes that make it one."""
        outside = elsewhere(location, "")
        inside = helper.make_graph(
            [node("Constant", [], ["c"], value=outside)], "b", [], [info("c")]
        )
        constant = node("Constant", [], ["w"], value=outside)
        sparse = onnx.SparseTensorProto(values=outside, dims=[3])
        yield "constant", [constant, node("Add", ["x", "w"], ["y"])], []
        yield "initialiser", [node("Add", ["x", "w"], ["y"])], [elsewhere(location)]
        yield (
            "sparse",
            [node("Constant", [], ["w"], sparse_value=sparse), node("Add", ["x", "w"], ["y"])],
            [],
        )
        yield (
            "fill",
            [node("ConstantOfShape", ["s"], ["w"], value=outside), node("Add", ["x", "w"], ["y"])],
            [stored([3], "s")],
        )
        yield (
            "folded",
            [
                node("Concat", ["s", "s"], ["t"], axis=0, more=outside),
                node("Tile", ["x", "t"], ["y"]),
            ],
            [stored([1], "s")],
        )
        yield (
            "branch",
            [
                node("If", ["k"], ["w"], then_branch=inside, else_branch=inside),
                node("Add", ["x", "w"], ["y"]),
            ],
            [stored(True, "k")],
        )

    @pytest.mark.parametrize(
        "form", ["constant", "initialiser", "sparse", "fill", "folded", "branch"]
    )
    @pytest.mark.parametrize("location", ["weights.bin", "../secret.bin", "absolute"])
    def test_reading_opens_none(self, form, location, tmp_path, opened):
        folder = tmp_path / "here"
        folder.mkdir()
        for name in ("here/weights.bin", "secret.bin"):
            (tmp_path / name).write_bytes(np.ones(3, np.float32).tobytes())
        location = str(tmp_path / "secret.bin") if location == "absolute" else location
        found = {name: rest for name, *rest in self.holders(location)}
        path = written(folder / "net.onnx", *found[form])
        opened.clear()
        ag.draw(ag.load(path), tmp_path / "net.svg")
        assert not [each for each in opened if each.endswith(".bin")]
        assert main(["cost", str(path)]) == 0

    @pytest.mark.parametrize("location", ["../secret.bin", "absolute", "link.bin", "", "a\0b", "."])
    def test_weights_are_read_from_the_models_folder_only(self, location, tmp_path, opened):
        folder = tmp_path / "here"
        folder.mkdir()
        secret = tmp_path / "secret.bin"
        secret.write_bytes(np.ones(3, np.float32).tobytes())
        (folder / "link.bin").symlink_to(secret)
        location = str(secret) if location == "absolute" else location
        path = written(folder / "net.onnx", [node("Add", ["x", "w"], ["y"])], [elsewhere(location)])
        net = ag.load(path)
        opened.clear()
        with pytest.raises(FileError, match=r"not in its folder|cannot be read"):
            net.weights["w"]
        assert not [each for each in opened if each.endswith(".bin")]

    def test_weights_in_the_models_folder_are_read(self, tmp_path):
        (tmp_path / "w.bin").write_bytes(np.arange(5, dtype=np.float32).tobytes())
        tensors = [elsewhere("w.bin", offset=8)]
        path = written(tmp_path / "net.onnx", [node("Add", ["x", "w"], ["y"])], tensors)
        np.testing.assert_array_equal(ag.load(path).weights["w"], [2, 3, 4])

    @pytest.mark.parametrize(
        "told", [{"offset": -4}, {"offset": 12}, {"offset": "x"}, {"dims": (2**62,)}, {"kind": 99}]
    )
    def test_what_the_file_beside_does_not_hold_is_refused(self, told, tmp_path):
        (tmp_path / "w.bin").write_bytes(np.arange(5, dtype=np.float32).tobytes())
        from archgraph.importers.onnx.external_data import external_numbers

        with pytest.raises(ArchGraphError, match=r"cannot be read|is damaged"):
            external_numbers(elsewhere("w.bin", **told), tmp_path / "net.onnx")

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
    def test_a_pipe_beside_the_model_is_not_waited_for(self, tmp_path):
        os.mkfifo(tmp_path / "w.bin")
        path = written(
            tmp_path / "net.onnx", [node("Add", ["x", "w"], ["y"])], [elsewhere("w.bin")]
        )
        with pytest.raises(FileError, match="no such file"):
            ag.load(path).weights["w"]


class TestBounds:
    """What is computed of sizes is told to be few before it is computed."""

    def made(self, op_type, *arrays, **settings):
        names = [f"i{place}" if a is not None else "" for place, a in enumerate(arrays)]
        (found,) = nodes_of([node(op_type, names, ["o"], **settings)])
        return found, [None if a is None else np.asarray(a) for a in arrays]

    HUGE = (
        ("Expand", [1], [2**40]),
        ("Tile", [1], [2**40]),
        ("ConstantOfShape", [2**20, 2**20]),
        ("Range", 0, 2**40, 1),
        ("Range", 0.0, 1.0, 1e-30),
        ("Where", np.ones((FOLDED, 1, 1), bool), np.ones((1, FOLDED, 1)), np.ones((1, 1, FOLDED))),
        ("Add", np.ones((FOLDED, 1)), np.ones((1, FOLDED))),
        ("Gather", np.ones((2, 512)), np.zeros(512, int)),
        ("Gather", np.ones((0, 2**40)), np.zeros(1, int)),
        ("ReduceSum", np.ones((2**40, 0)), [1]),
        ("Concat", np.ones(600), np.ones(600)),
        ("Pad", np.ones(2), [2**40, 0]),
        ("Add", np.array(["a"], object), np.array(["b"], object)),
        ("Resize", np.ones(2), None, [2.0**40]),
        ("RegexFullMatch", np.array(["a"], object)),
    )

    @pytest.mark.parametrize("given", HUGE, ids=lambda given: given[0])
    def test_more_than_sizes_have_is_not_computed(self, given):
        found, arrays = self.made(*given)
        if given[0] == "Gather":
            found.kind.settings["axis"] = 0
        bound = bound_of(found.op_type, found.kind.settings, arrays)
        assert bound is None or bound > FOLDED
        assert run_node(found, arrays, 18, FOLDED) is None

    def test_the_bound_is_never_below_what_onnx_computes(self):
        """Compared with onnx's own reference, on arrays of all small shapes."""
        rng = np.random.default_rng(0)
        shapes = [(), (1,), (3,), (0,), (2, 3), (1, 3), (2, 1), (0, 3), (3, 0)]
        seen = set()
        for one in shapes:
            for other in shapes:
                a, b = rng.integers(1, 3, one), rng.integers(1, 3, other)
                for op_type in ("Add", "Max", "MatMul", "Gather", "Concat", "Tile", "Expand"):
                    settings = {"axis": 0} if op_type in ("Gather", "Concat") else {}
                    found, arrays = self.made(op_type, a, b, **settings)
                    bound = bound_of(op_type, found.kind.settings, arrays)
                    made = run_node(found, arrays, 18, 10**6)
                    if made is not None:
                        assert bound is not None, op_type
                        assert made[0].size <= bound, (op_type, one, other)
                        seen.add(op_type)
        assert len(seen) == 7

    def test_what_is_few_is_computed(self):
        found, arrays = self.made("Range", 2, 8, 3)
        assert run_node(found, arrays, 18, FOLDED)[0].tolist() == [2, 5]

    @pytest.mark.parametrize(
        ("nodes", "tensors"),
        [
            ([node("Expand", ["one", "many"], ["w"])], {"one": [1.0], "many": [2**33]}),
            ([node("ReduceSum", ["none"], ["w"], axes=[1], keepdims=0)], {}),
            ([node("Range", ["zero", "many", "one"], ["w"])], {"zero": 0, "many": 2**33, "one": 1}),
            (
                [node("Concat", [f"d{i}"] * 2, [f"d{i + 1}"], axis=0) for i in range(40)]
                + [node("Identity", ["d40"], ["w"])],
                {"d0": [1.0, 2.0]},
            ),
            (
                [node("Add", [f"d{i}"] * 2, [f"d{i + 1}"]) for i in range(40)]
                + [node("Identity", ["d40"], ["w"])],
                {"d0": np.array(["a"], object)},
            ),
        ],
        ids=["expand", "sum of nothing", "range", "doubled", "texts"],
    )
    def test_a_small_file_takes_little_memory(self, nodes, tensors, tmp_path):
        made = [stored(np.asarray(a), name) for name, a in tensors.items()]
        made.append(stored(np.zeros((0, 0), np.float32), "none", dims=(2**33, 0)))
        path = written(tmp_path / "net.onnx", [*nodes, node("Add", ["x", "w"], ["y"])], made)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with suppress(ArchGraphError):
            ag.load(path)
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 * 1024

    def test_a_weight_that_would_be_huge_is_not_computed(self, tmp_path):
        nodes = [node("Expand", ["one", "many"], ["w"]), node("MatMul", ["x", "w"], ["y"])]
        tensors = [stored([[1.0]], "one"), stored([3, 2**40], "many")]
        net = ag.load(written(tmp_path / "net.onnx", nodes, tensors))
        with pytest.raises(FormatError, match="cannot be computed here"):
            [net.weights[key] for key in net.weights]

    def test_a_weight_is_computed_once_from_what_is_read_twice(self, tmp_path):
        """A chain of sums of a value with itself, which takes 2^60 sums otherwise."""
        nodes = [node("Add", [f"w{i}"] * 2, [f"w{i + 1}"]) for i in range(60)]
        nodes.append(node("MatMul", ["x", "w60"], ["y"]))
        net = ag.load(written(tmp_path / "net.onnx", nodes, [stored(np.ones((3, 600)), "w0")]))
        (key,) = net.weights
        assert net.weights[key][0, 0] == 2.0**60


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
