"""ONNX files of strangers: no other file is opened, nothing grows without bound."""

from __future__ import annotations

import os
import resource
import sys
from contextlib import suppress

import numpy as np
import onnx
import pytest
from hostile_onnx import elsewhere, info, node, stored, written
from onnx import helper

import archgraph as ag
from archgraph.cli import main
from archgraph.errors import ArchGraphError, FileError, FormatError
from archgraph.importers.onnx.folding import run_node
from archgraph.importers.onnx.folding_bounds import bound_of
from archgraph.importers.onnx.nodes import nodes_of
from archgraph.limits import FOLDED


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
