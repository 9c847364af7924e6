"""ONNX files say what the graph says and compute what PyTorch computes."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

import archgraph as ag
from archgraph.errors import CheckError, CheckpointError, ExportError, UnknownNameError
from archgraph.exporters.onnx import Options, check_file, difference
from archgraph.exporters.onnx.options import OPSETS
from archgraph.ops import MaxPool2d

ORT = ["onnxruntime"]
"""What checks a file here; all others are tried in test_runtimes.py."""
NETWORKS = sorted(ag.architectures())
# One of each family, the smallest: the others differ in their numbers only.
FAMILIES = [
    "lenet5",
    "alexnet_two_gpu",
    "alexnet_grouped",
    "zfnet",
    "googlenet",
    "googlenet_bn",
    "inception_naive",
    "inception_reduced",
    "resnet18",
    "resnet50_v1",
    "resnet20_cifar",
    "resnet20_cifar_b",
]
# VGG's classifier is AlexNet's, with half a gigabyte of weights.
LARGE = ["alexnet", "vgg11_lrn/features", "vgg16_c/features", "vgg11_bn/features"]


@pytest.mark.parametrize("name", NETWORKS)
def test_the_structure_of_every_network_is_valid_onnx_with_our_shapes(name, tmp_path):
    net = ag.load(name)
    path = ag.export_onnx(net, tmp_path / "net.onnx", structure_only=True)
    assert path.stat().st_size < 1_000_000
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    # ONNX's own inference, from the input alone, must find our shapes.
    del model.graph.value_info[:]
    inferred = onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
    shapes = {
        info.name: [d.dim_param or d.dim_value for d in info.type.tensor_type.shape.dim]
        for info in [*inferred.graph.value_info, *inferred.graph.output]
    }
    run = net.inference()
    written = {name for node in model.graph.node for name in node.output}
    for node in written & set(run):
        batch, *extents = shapes[node]
        # Behind a Resize onnx's inference no longer knows an extent that is a symbol.
        assert batch == "batch" or (name == "unet" and batch.startswith("unk__")), node
        assert extents == [*run.nodes[node]["shape"]], node
    # What is not written does nothing at inference.
    for node in set(run) - written:
        op, (source,) = run.op(node), run.inputs_of(node) or (None,)
        assert op.kind in ("Input", "Dropout", "Identity") or (
            op.kind == "AdaptiveAvgPool2d"
            and run.nodes[node]["shape"] == run.nodes[source]["shape"]
        ), node


@pytest.mark.parametrize("name", FAMILIES + LARGE)
def test_onnxruntime_computes_what_torch_computes(name, tmp_path):
    net = ag.load(name)
    module = ag.to_torch(net, seed=1)
    path = ag.export_onnx(net, tmp_path / "net.onnx", module=module)
    for batch in (1,) if name in LARGE else (1, 3):
        assert difference(path, net, module, batch) < 1e-4


@pytest.fixture(scope="module")
def small():
    net = ag.load("resnet20_cifar")
    return net, ag.to_torch(net)


def test_a_broken_file_fails_the_check(small, tmp_path):
    net, module = small
    path = ag.export_onnx(net, tmp_path / "net.onnx", module=module)
    model = onnx.load(path)
    for node in model.graph.node:
        if node.name == "layer2.1.add":
            node.op_type = "Mul"
    onnx.save(model, path)
    with pytest.raises(CheckError, match="differs from PyTorch by"):
        check_file(path, net, module, Options(), ORT)


def test_a_file_that_fails_its_check_never_takes_its_place(small, tmp_path, monkeypatch):
    from archgraph.exporters.onnx import lowering

    net, module = small
    monkeypatch.setitem(lowering._ONE_TO_ONE, ag.ops.ReLU, "Tanh")
    with pytest.raises(CheckError):
        ag.export_onnx(net, tmp_path / "net.onnx", module=module, check=ORT)
    assert list(tmp_path.iterdir()) == []


def test_the_same_input_gives_the_same_bytes(small, tmp_path):
    net, module = small
    one = ag.export_onnx(net, tmp_path / "1.onnx", module=module).read_bytes()
    two = ag.export_onnx(net, tmp_path / "2.onnx", seed=0).read_bytes()
    again = ag.export_onnx(net, tmp_path / "3.onnx", seed=0).read_bytes()
    assert two == again
    # Only the note on where the weights came from differs.
    assert abs(len(one) - len(two)) < 100


def test_names_are_those_of_the_graph_and_the_state_dict(tmp_path):
    net = ag.load("resnet18")
    module = ag.to_torch(net)
    model = onnx.load(ag.export_onnx(net, tmp_path / "net.onnx", module=module))
    names = {node.name for node in model.graph.node}
    assert names == {n for n in net if n not in net.sources}
    assert [value.name for value in model.graph.input] == ["input"]
    assert [value.name for value in model.graph.output] == ["fc"]
    stored = {tensor.name for tensor in model.graph.initializer}
    assert stored == {k for k in module.state_dict() if not k.endswith("num_batches_tracked")}


def test_costs_and_facts_travel_in_the_file(tmp_path):
    net = ag.load("alexnet")
    model = onnx.load(ag.export_onnx(net, tmp_path / "net.onnx", structure_only=True))
    conv1 = next(node for node in model.graph.node if node.name == "features.0")
    facts = {entry.key: entry.value for entry in conv1.metadata_props}
    assert facts["archgraph.label"] == "conv1"
    assert facts["archgraph.macs"] == str(net.nodes["features.0"]["macs"])
    assert facts["archgraph.params"] == "23296"
    whole = {entry.key: entry.value for entry in model.metadata_props}
    assert whole["archgraph.total_params"] == "61100840"
    assert whole["archgraph.architecture"] == "alexnet"
    assert "61,100,840 parameters" in model.doc_string


def test_every_fact_in_a_file_is_documented(tmp_path):
    page = (Path(__file__).parents[1] / "docs" / "onnx.md").read_text(encoding="utf-8")
    net = ag.load("alexnet_two_gpu")
    model = onnx.load(ag.export_onnx(net, tmp_path / "net.onnx", seed=0))
    entries = [
        *model.metadata_props,
        *(e for node in model.graph.node for e in node.metadata_props),
    ]
    keys = {entry.key.removeprefix("archgraph") for entry in entries}
    assert {
        key for key in keys if f"`{key}`" not in page and f"`archgraph{key}`" not in page
    } == set()


def test_the_two_gpus_are_written_in_the_standard_fields(tmp_path):
    net = ag.load("alexnet_two_gpu")
    path = ag.export_onnx(net, tmp_path / "net.onnx", structure_only=True)
    model = onnx.load(path)
    assert model.ir_version == 11
    (configuration,) = model.configuration
    assert configuration.num_devices == 2
    for node in model.graph.node:
        (placed,) = node.device_configurations
        assert placed.configuration_id == configuration.name
        (spec,) = placed.sharding_spec
        assert list(spec.device) == [net.nodes[node.name]["device"]]
    bare = onnx.load(ag.export_onnx(net, tmp_path / "b.onnx", structure_only=True, devices=False))
    assert bare.ir_version == 10
    assert not bare.configuration


@pytest.mark.parametrize("opset", OPSETS)
def test_every_opset_gives_a_file_that_runs(opset, small, tmp_path):
    if opset > onnx.defs.onnx_opset_version():
        pytest.skip("newer than the onnx that is installed")
    net, module = small
    path = ag.export_onnx(net, tmp_path / "net.onnx", module=module, opset=opset)
    model = onnx.load(path)
    assert model.opset_import[0].version == opset
    onnx.checker.check_model(model, full_check=True)
    assert difference(path, net, module, 2) < 1e-4


def test_batch_norms_fold_into_their_convolutions(tmp_path):
    net = ag.load("resnet20_cifar")
    module = ag.to_torch(net)
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for name, tensor in module.state_dict().items():
            if name.endswith(("running_mean", "bn1.bias", "bn2.bias")):
                tensor.normal_(0, 0.2, generator=generator)
            elif name.endswith("running_var"):
                tensor.uniform_(0.5, 1.5, generator=generator)
    path = ag.export_onnx(net, tmp_path / "net.onnx", module=module, fold_batch_norm=True)
    assert {node.op_type for node in onnx.load(path).graph.node} & {"BatchNormalization"} == set()
    assert difference(path, net, module, 2) < 1e-4


def test_softmax_and_a_fixed_batch_are_options(small, tmp_path):
    net, module = small
    path = ag.export_onnx(net, tmp_path / "net.onnx", module=module, softmax=True, batch=2)
    model = onnx.load(path)
    assert [d.dim_value for d in model.graph.input[0].type.tensor_type.shape.dim] == [2, 3, 32, 32]
    assert model.graph.node[-1].op_type == "Softmax"
    assert difference(path, net, module, 2) < 1e-4


def test_half_precision_halves_the_file(small, tmp_path):
    net, module = small
    whole = ag.export_onnx(net, tmp_path / "32.onnx", module=module)
    choices = {"precision": "float16", "check": ORT}
    half = ag.export_onnx(net, tmp_path / "16.onnx", module=module, **choices)
    assert half.stat().st_size < 0.7 * whole.stat().st_size


def test_the_callers_module_keeps_its_mode_and_its_floats(tmp_path):
    net = ag.load("resnet20_cifar")
    module = ag.to_torch(net).double().train()
    module.layer1.eval()  # a part that is frozen
    only = ["onnxruntime"]
    for via in ("direct", "torch"):
        if via == "torch":
            module.float()
        ag.export_onnx(net, tmp_path / "net.onnx", module=module, via=via, check=only)
        assert module.training
        assert not module.layer1.training
        assert not module.get_submodule("layer1.0.bn1").training
        assert module.get_submodule("layer2.0.bn1").training
    assert next(module.parameters()).dtype == torch.float32


@pytest.mark.parametrize("via", ["direct", "torch"])
def test_several_inputs_and_outputs_are_exported(via, tmp_path):
    net = ag.ArchGraph(name="two")
    net.add("a", ag.ops.Input((3, 8, 8)))
    net.add("b", ag.ops.Input((5, 8, 8)))
    net.add("ca", ag.ops.Conv2d(3, 4, 3, padding=1), ["a"])
    net.add("cb", ag.ops.Conv2d(5, 4, 3, padding=1), ["b"])
    net.add("sum", ag.ops.Add(), ["ca", "cb"])
    net.add("mean", ag.ops.GlobalAvgPool2d(), ["cb"])
    net.set_outputs("sum", "mean")
    path = ag.export_onnx(net, tmp_path / "net.onnx", via=via, check=["onnxruntime"])
    shapes = [
        [d.dim_value for d in value.type.tensor_type.shape.dim][1:]
        for value in onnx.load(path).graph.output
    ]
    assert shapes == [[4, 8, 8], [4, 1, 1]]


def test_what_torch_cannot_export_is_told_in_one_line(tmp_path, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError("advice\nand more") from ValueError("no such operator\nat all")

    monkeypatch.setattr(torch.onnx, "export", fail)
    with pytest.raises(ExportError, match=r"torch could not export 'lenet5': no such operator$"):
        ag.export_onnx(ag.load("lenet5"), tmp_path / "net.onnx", via="torch")
    assert list(tmp_path.iterdir()) == []


def test_a_structure_has_no_second_file(small, tmp_path):
    ag.export_onnx(small[0], tmp_path / "net.onnx", structure_only=True, external=True)
    assert [each.name for each in tmp_path.iterdir()] == ["net.onnx"]


def test_weights_can_lie_in_a_second_file(small, tmp_path):
    net, module = small
    path = ag.export_onnx(net, tmp_path / "net.onnx", module=module, external=True, check=ORT)
    assert (tmp_path / "net.onnx.data").exists()
    inside = ag.export_onnx(net, tmp_path / "inside.onnx", module=module)
    for ours, theirs in zip(
        onnx.load(path).graph.initializer, onnx.load(inside).graph.initializer, strict=True
    ):
        assert ours.name == theirs.name
        left, right = (
            onnx.numpy_helper.to_array(tensor, base_dir=str(tmp_path)) for tensor in (ours, theirs)
        )
        np.testing.assert_array_equal(left, right)


def test_weights_too_large_for_one_file_go_into_a_second_and_that_is_told(
    small, tmp_path, monkeypatch
):
    from archgraph.exporters.onnx import export

    net, module = small
    monkeypatch.setattr(export, "LIMIT", 1_000_000)
    with pytest.warns(UserWarning, match=r"take 1\.\d+ MiB .* they are in net\.onnx\.data beside"):
        path = ag.export_onnx(net, tmp_path / "net.onnx", module=module)
    assert {each.name for each in tmp_path.iterdir()} == {"net.onnx", "net.onnx.data"}
    assert difference(path, net, module, 2) < 1e-4
    with pytest.raises(ExportError, match="an ONNX file ends at 2 GiB"):
        ag.export_onnx(net, tmp_path / "net.onnx", module=module, external=False)


def test_auxiliary_heads_are_exported_when_asked_for(tmp_path):
    net = ag.load("googlenet")
    bare = onnx.load(ag.export_onnx(net, tmp_path / "a.onnx", structure_only=True))
    whole = onnx.load(ag.export_onnx(net, tmp_path / "b.onnx", structure_only=True, auxiliary=True))
    assert [o.name for o in bare.graph.output] == ["fc"]
    assert [o.name for o in whole.graph.output] == ["fc", "aux1.fc2", "aux2.fc2"]


def test_torchs_own_exporter_gives_the_same_outputs(small, tmp_path):
    net, module = small
    ours = ag.export_onnx(net, tmp_path / "ours.onnx", module=module)
    theirs = ag.export_onnx(net, tmp_path / "theirs.onnx", module=module, via="torch")
    images = np.random.default_rng(0).standard_normal((2, 3, 32, 32), dtype=np.float32)
    results = []
    for path in (ours, theirs):
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        results.append(session.run(None, {session.get_inputs()[0].name: images})[0])
    np.testing.assert_allclose(*results, rtol=1e-4, atol=1e-3 * np.abs(results[0]).max())


@pytest.mark.parametrize(
    ("choices", "error", "words"),
    [
        ({"opset": 12}, ExportError, "opset is 12, but it must be 13 to 28"),
        ({"batch": 0}, ExportError, "batch is 0"),
        ({"precision": "int4"}, ExportError, "precision is 'int4'"),
        (
            {"opset": 21, "ir_version": 8},
            ExportError,
            "ir_version is 8, but with opset 21 it must be 10 to 14",
        ),
        ({"shiny": True}, UnknownNameError, "has no option shiny"),
        ({"via": "magic"}, ExportError, "via is 'magic'"),
        ({"via": "torch", "softmax": True}, ExportError, "takes no softmax=True"),
        ({"weights": {"conv1.weight": torch.zeros(1)}}, CheckpointError, "missing"),
    ],
)
def test_a_wrong_option_is_refused_and_writes_nothing(choices, error, words, tmp_path):
    with pytest.raises(error, match=words):
        ag.export_onnx(ag.load("lenet5"), tmp_path / "net.onnx", **choices)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_operator_is_refused(tmp_path):
    net = ag.ArchGraph(name="odd")
    net.add("input", ag.ops.Input((3, 4, 4)))
    net.add("pool", MaxPool2d(2), ["input"])
    net.add("odd", ag.ops.Opaque("FancyOp", (3, 2, 2)), ["pool"])
    with pytest.raises(ExportError, match=r"FancyOp \('odd'\)"):
        ag.export_onnx(net, tmp_path / "net.onnx")


KILLED = """
import os, signal, sys, threading, time
import archgraph as ag
net = ag.load("alexnet_grouped")
module = ag.to_torch(net, seed=None).to_empty(device="cpu")
ag.export_onnx(net, sys.argv[2] + ".warm", structure_only=True)  # so that all is imported
for target, after in zip(sys.argv[2::2], sys.argv[3::2]):
    child = os.fork()
    if child == 0:
        while True:
            ag.export_onnx(net, target, module=module, external=sys.argv[1] == "external")
    time.sleep(float(after))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signal that kills at once")
@pytest.mark.parametrize("external", ["inside", "external"])
def test_killed_exports_leave_no_file_that_looks_finished(external, tmp_path):
    moments = random.Random(0)
    folders = [tmp_path / str(trial) for trial in range(6)]
    command = [sys.executable, "-c", KILLED, external]
    for folder in folders:
        folder.mkdir()
        command += [str(folder / "net.onnx"), str(moments.uniform(0.01, 0.6))]
    subprocess.run(command, check=True)
    for folder in folders:
        target = folder / "net.onnx"
        for left in folder.iterdir():
            assert left.name.startswith("net.onnx") or left.name.endswith(".partial")
        if target.exists():
            onnx.checker.check_model(str(target), full_check=True)


def test_a_full_disk_leaves_nothing(tmp_path):
    code = (
        "import resource, signal, sys; import archgraph as ag\n"
        "from archgraph.errors import FileError\n"
        "net = ag.load('resnet18'); module = ag.to_torch(net)\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, 2**20))\n"
        "try: ag.export_onnx(net, sys.argv[1], module=module)\n"
        "except FileError as error: print(error)\n"
    )
    if sys.platform == "win32":
        pytest.skip("Windows has no limit on a process's file sizes")
    target = tmp_path / "net.onnx"
    done = subprocess.run(
        [sys.executable, "-c", code, str(target)], capture_output=True, text=True, check=True
    )
    assert "cannot write" in done.stdout
    assert list(tmp_path.iterdir()) == []
