"""An annotated file is the file that it was: for onnx, for onnxruntime, for us, byte for byte.

What is added is read back with onnx, and adds up.
"""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import pytest

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper

import archgraph as ag
from archgraph.cli import main
from archgraph.errors import FileError, FormatError, UnknownNameError
from archgraph.formats.protobuf import head

LIGHT = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"


class Block(torch.nn.Module):
    """What exporters write out in many nodes, around what they write as one."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = torch.nn.Conv2d(3, 8, 3, padding=1)
        self.norm = torch.nn.LayerNorm(8)
        self.act = torch.nn.GELU()
        self.fc = torch.nn.Linear(8, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.fc(self.act(self.norm(self.conv(x).mean((2, 3)))))


@pytest.fixture(scope="module")
def exported(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("exported") / "block.onnx"
    torch.onnx.export(
        Block().eval(), (torch.zeros(1, 3, 8, 8),), str(path), dynamo=False, opset_version=16
    )
    return path


def notes(holder) -> dict[str, str]:
    assert len({entry.key for entry in holder.metadata_props}) == len(holder.metadata_props)
    return {entry.key: entry.value for entry in holder.metadata_props}


def without_ours(path: Path) -> bytes:
    model = onnx.load(path, load_external_data=False)
    for holder in (model, *model.graph.node):
        others = [e for e in holder.metadata_props if not e.key.startswith("archgraph.")]
        del holder.metadata_props[:]
        holder.metadata_props.extend(others)
    return model.SerializeToString(deterministic=True)


def results(path: Path) -> list[np.ndarray]:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    rng = np.random.default_rng(0)
    fed = {
        each.name: rng.random([n if isinstance(n, int) else 2 for n in each.shape], np.float32)
        for each in session.get_inputs()
    }
    return session.run(None, fed)


def assert_the_same(before: Path, after: Path, *, runs: bool = True) -> None:
    onnx.checker.check_model(str(after))
    assert without_ours(before) == without_ours(after)
    both = zip(results(before), results(after), strict=True) if runs else ()
    for one, other in both:
        assert one.tobytes() == other.tobytes()
    one, other = ag.load(before), ag.load(after)
    assert ag.diff(one, other).equal
    for metric in ("params", "macs", "flops", "activation_bytes"):
        assert dict(one.values(metric)) == dict(other.values(metric))


def assert_it_adds_up(path: Path) -> None:
    """The costs of all nodes are those of the model."""
    model, net = onnx.load(path, load_external_data=False), ag.load(path)
    every = [notes(node) for node in model.graph.node]
    for metric in ("params", "macs", "flops"):
        told = [int(each[key]) for each in every if (key := f"archgraph.{metric}") in each]
        assert sum(told) == net.total(metric) == int(notes(model)[f"archgraph.total_{metric}"])


# ---- the file stays what it was -----------------------------------------------------------------


def test_an_exported_module_stays_the_same_and_its_nodes_tell_their_costs(exported, tmp_path):
    made = ag.annotate(exported, tmp_path / "annotated.onnx")
    assert_the_same(exported, made)
    assert_it_adds_up(made)
    conv = next(n for n in onnx.load(made).graph.node if n.op_type == "Conv")
    assert notes(conv) | {
        "archgraph.name": "conv",
        "archgraph.operator": "Conv2d 3×3",
        "archgraph.output": "8x8x8",
        "archgraph.params": str(8 * 3 * 9 + 8),
        "archgraph.macs": str(8 * 8 * 8 * 3 * 9),
    } == notes(conv)


@pytest.mark.parametrize("name", ["light_squeezenet", "light_shufflenet", "light_zfnet512"])
def test_files_of_other_exporters_stay_the_same(name, tmp_path):
    made = ag.annotate(LIGHT / f"{name}.onnx", tmp_path / "annotated.onnx")
    assert_the_same(LIGHT / f"{name}.onnx", made)
    assert_it_adds_up(made)


def test_a_second_run_changes_nothing(exported, tmp_path):
    once = ag.annotate(exported, tmp_path / "once.onnx")
    content = once.read_bytes()
    assert ag.annotate(once, once).read_bytes() == content


def test_a_file_of_ours_keeps_all_its_notes(tmp_path):
    net = ag.load("lenet5")
    path = ag.export_onnx(net, tmp_path / "lenet5.onnx")
    made = ag.annotate(path, tmp_path / "annotated.onnx")
    assert ag.diff(net, made).equal
    for one, other in zip(onnx.load(path).graph.node, onnx.load(made).graph.node, strict=True):
        before, after = notes(one), notes(other)
        assert before.items() <= after.items()
        assert after["archgraph.name"] == after["archgraph.node"]


# ---- several nodes, one operator -----------------------------------------------------------------


def test_an_operator_written_out_has_its_costs_once_and_the_others_name_where(exported, tmp_path):
    model = onnx.load(ag.annotate(exported, tmp_path / "annotated.onnx"))
    by_name = {node.name: notes(node) for node in model.graph.node}
    gelu = [told for told in by_name.values() if told.get("archgraph.operator") == "GELU"]
    assert len(gelu) == 5  # x / √2, erf, + 1, · x, · ½
    with_costs = [told for told in gelu if "archgraph.flops" in told]
    assert len(with_costs) == 1
    for told in gelu:
        if told not in with_costs:
            assert by_name[told["archgraph.costs_at"]] == with_costs[0]


# ---- what a file may hold -----------------------------------------------------------------------


def small(nodes, *, initializers=(), functions=(), shape=(1, 4)) -> onnx.ModelProto:
    graph = helper.make_graph(
        nodes,
        "small",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [None] * len(shape))],
        initializers,
    )
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("local", 1)]
    return helper.make_model(graph, functions=functions, opset_imports=opsets, ir_version=10)


def saved(model: onnx.ModelProto, path: Path) -> Path:
    onnx.save(model, path)
    return path


def test_functions_and_subgraphs_stay_as_they_are(tmp_path):
    inner = [
        helper.make_node("Relu", ["a"], ["t"], name="inner"),
        helper.make_node("Abs", ["t"], ["b"], name="inner2"),
    ]
    function = helper.make_function(
        "local", "Act", ["a"], ["b"], inner, [helper.make_opsetid("", 18)]
    )
    branches = {
        f"{word}_branch": helper.make_graph(
            [helper.make_node(op, ["b"], [word], name=f"in_{word}")],
            word,
            [],
            [helper.make_tensor_value_info(word, TensorProto.FLOAT, [1, 4])],
        )
        for word, op in (("then", "Neg"), ("else", "Abs"))
    }
    nodes = [
        helper.make_node("Act", ["x"], ["b"], name="call", domain="local"),
        helper.make_node("ReduceSum", ["b"], ["s"], keepdims=0, name="sum"),
        helper.make_node("Cast", ["s"], ["c"], to=TensorProto.BOOL, name="cast"),
        helper.make_node("If", ["c"], ["d"], name="if", **branches),
        helper.make_node("Sigmoid", ["d"], ["y"]),
    ]
    path = saved(small(nodes, functions=[function]), tmp_path / "small.onnx")
    made = ag.annotate(path, tmp_path / "annotated.onnx")
    assert_the_same(path, made)
    call, total, _, branch, last = map(notes, onnx.load(made).graph.node)
    assert call == {}
    assert total["archgraph.output"] == "scalar"
    assert branch["archgraph.macs"] == "unknown"
    assert notes(onnx.load(made))["archgraph.total_macs"] == "unknown"
    assert last["archgraph.operator"].startswith("Sigmoid")
    assert not any(notes(node) for node in onnx.load(made).functions[0].node)


def test_nodes_of_one_name_are_told_apart_and_the_notes_of_others_stay(tmp_path):
    nodes = [
        helper.make_node("Relu", ["x"], ["a"], name="same"),
        helper.make_node("Neg", ["a"], ["b"], name="same"),
        helper.make_node("Abs", ["b"], ["y"]),
    ]
    entry = nodes[1].metadata_props.add()
    entry.key, entry.value = "theirs", "kept"
    path = saved(small(nodes), tmp_path / "small.onnx")
    made = ag.annotate(path, tmp_path / "annotated.onnx")
    assert_the_same(path, made, runs=False)  # onnxruntime wants names of their own
    told = [notes(node) for node in onnx.load(made).graph.node]
    assert [each["archgraph.operator"] for each in told[:2]] == ["ReLU", "Pointwise"]
    assert told[1]["theirs"] == "kept"


def weighted(path: Path, external: bool) -> Path:
    weight = numpy_helper.from_array(np.ones((4, 256), np.float32), "w")
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["h"], name="mm"),
        helper.make_node("Relu", ["h"], ["y"], name="act"),
    ]
    model = small(nodes, initializers=[weight])
    onnx.save(model, path, save_as_external_data=external, location="weights.bin", size_threshold=0)
    return path


def test_weights_beside_the_file_stay_there_and_another_folder_is_told(tmp_path):
    path = weighted(tmp_path / "small.onnx", external=True)
    assert_the_same(path, ag.annotate(path, tmp_path / "annotated.onnx"))
    (tmp_path / "other").mkdir()
    with pytest.warns(UserWarning, match=r"reads its weights from 'weights.bin'.*: copy it to"):
        ag.annotate(path, tmp_path / "other" / "annotated.onnx")
    assert [each.name for each in (tmp_path / "other").iterdir()] == ["annotated.onnx"]


def test_memory_does_not_grow_with_the_weights(tmp_path):
    """The weights of this file are holes in it: 128 MB that no memory should hold."""
    size = 2**27
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[4, size // 16])
    field = tensor.SerializeToString() + head(9, size)
    model = small([helper.make_node("MatMul", ["x", "w"], ["y"], name="mm")])
    graph = model.graph.SerializeToString()
    model.ClearField("graph")
    begin = head(5, len(field) + size) + field
    path, made = tmp_path / "large.onnx", tmp_path / "annotated.onnx"
    with path.open("wb") as file:
        file.write(model.SerializeToString() + head(7, len(graph) + len(begin) + size) + graph)
        file.write(begin)
        file.truncate(file.tell() + size)
    ag.load(path)  # what is imported on the way does not count
    tracemalloc.start()
    try:
        ag.annotate(path, made)
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()
    assert made.stat().st_size > size
    made.unlink()


# ---- node data ----------------------------------------------------------------------------------


def test_node_data_has_a_value_for_each_node_by_the_id_that_the_viewer_gives(exported, tmp_path):
    made = ag.annotate(exported, tmp_path / "macs.json")
    ((graph, data),) = json.loads(made.read_text("utf-8")).items()
    model = onnx.load(exported)
    assert graph == model.graph.name
    assert data["name"] == "MACs"
    assert data["results"].keys() <= {node.name for node in model.graph.node}
    assert sum(each["value"] for each in data["results"].values()) == ag.load(exported).total(
        "macs"
    )
    assert [each["stop"] for each in data["gradient"]] == [0, 0.5, 1]


def test_nodes_without_a_name_have_the_ids_of_the_adapter_for_onnx(tmp_path):
    nodes = [
        helper.make_node("Relu", ["x"], ["a"]),
        helper.make_node("Neg", ["a"], ["b"], name="node"),
        helper.make_node("Abs", ["b"], ["y"]),
    ]
    path = saved(small(nodes), tmp_path / "small.onnx")
    made = ag.annotate(path, tmp_path / "flops.json", metric="flops")
    data = json.loads(made.read_text("utf-8"))["small"]
    ir = pytest.importorskip("onnx_ir")
    from onnx_ir.passes.common import NameFixPass

    named = ir.serde.deserialize_model(onnx.load(path))
    NameFixPass()(named)
    assert list(data["results"]) == [node.name for node in named.graph]


# ---- the command, and what is wrong -------------------------------------------------------------


def test_the_command_says_how_much_it_understood(exported, tmp_path, capsys):
    assert main(["annotate", str(exported), "-o", str(tmp_path / "a.onnx")]) == 0
    count = len(onnx.load(exported).graph.node)
    assert f"of {count} nodes are annotated" in capsys.readouterr().err
    options = ["-o", str(tmp_path / "depth.json"), "--metric", "receptive_field"]
    assert main(["annotate", str(exported), *options]) == 0


def test_what_cannot_be_annotated_is_told_in_a_sentence(exported, tmp_path):
    with pytest.raises(FormatError, match="'lenet5' must end with .onnx"):
        ag.annotate("lenet5", tmp_path / "a.onnx")
    with pytest.raises(FormatError, match=r"must end with .onnx or .json"):
        ag.annotate(exported, tmp_path / "a.svg")
    with pytest.raises(FileError, match="there is no file"):
        ag.annotate(tmp_path / "none.onnx", tmp_path / "a.onnx")
    with pytest.raises(UnknownNameError, match="there is no metric 'mac'"):
        ag.annotate(exported, tmp_path / "a.json", metric="mac")
    with pytest.raises(FormatError, match="there is no metric to choose"):
        ag.annotate(exported, tmp_path / "a.onnx", metric="macs")
    cut = tmp_path / "cut.onnx"
    cut.write_bytes(exported.read_bytes()[:-50])
    with pytest.raises(FormatError, match="damaged or cut off"):
        ag.annotate(cut, tmp_path / "a.onnx")
    assert not (tmp_path / "a.onnx").exists()
