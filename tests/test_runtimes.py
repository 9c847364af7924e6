"""Files that archgraph writes run in other programs and compute there what PyTorch computes."""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from random_graphs import graphs
from written_onnx import written_and_run

import archgraph as ag
from archgraph.cli import main
from archgraph.errors import CheckError, MissingDependencyError
from archgraph.exporters.onnx import Options, check, check_file, compare, lowering
from archgraph.exporters.onnx.runtimes import RUNTIMES, Trial, installed, try_runtime
from archgraph.exporters.onnx.runtimes.worker import one_line

# Networks that have all operators of the convolutional ones of the gallery, at a small
# image. What the others give in each runtime, `make matrix` tells; transformers stand elsewhere.
FAMILIES = {
    "lenet5": (1, 32, 32),
    "alexnet": (3, 67, 67),
    "alexnet_grouped": (3, 67, 67),
    "alexnet_two_gpu": (3, 67, 67),
    "zfnet": (3, 64, 64),
    "vgg11_bn": (3, 32, 32),
    "googlenet": (3, 64, 64),
    "resnet18": (3, 48, 48),
    "resnet20_cifar": (3, 32, 32),
}


def small(name: str, shape: tuple[int, ...]) -> ag.ArchGraph:
    """Return a network at another image size, its linear layers with 32 outputs at most."""
    net = ag.load(name).inference()
    copy = ag.ArchGraph(name=name)
    for node in net.topological():
        op, inputs = net.op(node), net.inputs_of(node)
        if isinstance(op, ag.ops.Input):
            op = ag.ops.Input(shape)
        elif isinstance(op, ag.ops.Linear):
            (features,) = copy.nodes[inputs[0]]["shape"]
            op = replace(op, in_features=features, out_features=min(op.out_features, 32))
        copy.add(node, op, inputs, device=net.nodes[node]["device"])
    copy.set_outputs(*net.outputs)
    return copy


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Give a function that exports a family once."""
    made = {}

    def export(name):
        if name not in made:
            net = small(name, FAMILIES[name])
            module = ag.to_torch(net, seed=1)
            path = tmp_path_factory.mktemp(name) / "net.onnx"
            made[name] = ag.export_onnx(net, path, module=module), net, module
        return made[name]

    return export


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("name", FAMILIES)
def test_a_runtime_computes_what_torch_computes(name, runtime, exported):
    if RUNTIMES[runtime].version() is None:
        pytest.skip(f"{runtime} is not installed: {RUNTIMES[runtime].install}")
    (row,) = compare(*exported(name), runtimes=[runtime])
    assert row.verdict == "agrees", row.reason
    assert row.difference < 1e-4
    assert row.milliseconds > 0


def unet() -> ag.ArchGraph:
    """Return a network that goes down and up again, with gates and depthwise convolutions."""
    b = ag.Builder("unet", input=(3, 32, 24))
    high = b.add("act1", ag.ops.Hardswish(), b.conv("down1", b.input, 8, 3, padding=1))
    x = b.add("pool", ag.ops.MaxPool2d(2), high)
    x = b.add("act2", ag.ops.LeakyReLU(0.1), b.conv("down2", x, 16, 3, padding=2, dilation=2))
    x = b.add("act3", ag.ops.SiLU(), b.conv("depthwise", x, 16, (3, 5), padding=(1, 2), groups=16))
    gate = b.conv("gate", b.add("mean", ag.ops.GlobalAvgPool2d(), x), 16, 1)
    x = b.add("scale", ag.ops.Mul(), x, b.add("open", ag.ops.Hardsigmoid(), gate))
    x = b.add("up", ag.ops.ConvTranspose2d(16, 8, 3, 2, 1, 1, 2), x)
    x = b.add("act4", ag.ops.GELU(), b.concat("joined", high, x))
    return b.build(b.conv("head", x, 2, 1))


@pytest.mark.parametrize("opset", [13, 18])
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_network_of_ones_own_computes_what_torch_computes(runtime, opset, tmp_path):
    if RUNTIMES[runtime].version() is None:
        pytest.skip(f"{runtime} is not installed: {RUNTIMES[runtime].install}")
    net = unet()
    module = ag.to_torch(net, seed=3)
    path = ag.export_onnx(net, tmp_path / "net.onnx", module=module, opset=opset)
    (row,) = compare(path, net, module, Options(opset=opset), [runtime])
    assert row.verdict == "agrees", row.reason
    assert row.difference < 1e-4


@pytest.mark.parametrize(
    "choices",
    [
        {"precision": "float16", "size": "dynamic"},
        {"fold_batch_norm": True, "softmax": True, "batch": 1},
        {"external": True, "opset": 26},
    ],
    ids=str,
)
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_every_option_gives_a_file_that_runs_everywhere(runtime, choices, cifar, tmp_path):
    if RUNTIMES[runtime].version() is None:
        pytest.skip(f"{runtime} is not installed: {RUNTIMES[runtime].install}")
    net, module = cifar
    path = ag.export_onnx(net, tmp_path / "net.onnx", module=module, **choices)
    (row,) = compare(path, net, module, Options(**choices), [runtime])
    assert row.verdict == "agrees", row.reason


def test_every_runtime_that_pip_installs_is_there_for_the_tests():
    missing = {name for name in RUNTIMES if RUNTIMES[name] not in installed()}
    assert missing <= {"onnxruntime-web"}


@settings(max_examples=60, deadline=None, derandomize=True)
@given(graphs())
def test_random_graphs_compute_the_same_in_torch_onnxruntime_and_the_reference(net):
    with tempfile.TemporaryDirectory() as folder:
        written_and_run(net, Path(folder) / "net.onnx", ("onnxruntime", "onnx-reference"))


@pytest.fixture(scope="module")
def cifar():
    net = ag.load("resnet20_cifar")
    return net, ag.to_torch(net)


@pytest.mark.parametrize("external", [False, True])
def test_a_file_that_computes_something_else_fails_its_check_and_leaves_nothing(
    external, cifar, tmp_path, monkeypatch
):
    net, module = cifar
    monkeypatch.setitem(lowering._ONE_TO_ONE, ag.ops.ReLU, "Tanh")
    rows = []
    choices = {"external": external, "check": ["onnxruntime", "openvino"], "report": rows.append}
    with pytest.raises(CheckError, match="in onnxruntime the file differs .* in openvino the file"):
        ag.export_onnx(net, tmp_path / "net.onnx", module=module, **choices)
    assert [row.verdict for row in rows] == ["differs", "differs"]
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_no_runtime_can_run_fails_its_check(cifar, tmp_path, monkeypatch):
    net, module = cifar
    monkeypatch.setitem(lowering._ONE_TO_ONE, ag.ops.ReLU, "NoSuchOperator")
    with pytest.raises(CheckError, match="no runtime could run the file; .*NoSuchOperator"):
        ag.export_onnx(net, tmp_path / "net.onnx", module=module, check=["onnxruntime", "tract"])
    assert list(tmp_path.iterdir()) == []


def test_a_runtime_that_lacks_an_operator_is_told_and_does_not_fail_the_check(
    cifar, tmp_path, monkeypatch
):
    net, module = cifar
    path = ag.export_onnx(net, tmp_path / "net.onnx", module=module)

    def lacking(runtime, *rest):
        if runtime.name == "tract":
            return Trial(reason="no operator Relu")
        return try_runtime(runtime, *rest)

    monkeypatch.setattr(check, "try_runtime", lacking)
    rows = check_file(path, net, module, Options(), ["onnxruntime", "tract"])
    assert [(row.verdict, row.reason) for row in rows] == [
        ("agrees", None),
        ("cannot", "no operator Relu"),
    ]


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_damaged_file_gives_a_reason_in_one_line(runtime, tmp_path):
    if RUNTIMES[runtime].version() is None:
        pytest.skip(f"{runtime} is not installed: {RUNTIMES[runtime].install}")
    path = tmp_path / "net.onnx"
    path.write_bytes(b"\x08\x0a\x3a\xff\xff\x03not a graph")
    image = np.zeros((1, 3, 4, 4), np.float32)
    trial = try_runtime(RUNTIMES[runtime], path, {"input": image}, ["fc"])
    assert trial.outputs is None
    assert trial.reason
    assert "\n" not in trial.reason


def test_a_runtime_that_hangs_is_given_up(exported):
    path, net, _ = exported("lenet5")
    image = np.zeros((1, *net.input_shape), np.float32)
    trial = try_runtime(RUNTIMES["onnxruntime"], path, {"input": image}, net.outputs, limit=0.01)
    assert trial.reason == "it took longer than 0.01 seconds"


def test_the_runtimes_must_exist_and_be_installed(cifar, tmp_path, monkeypatch):
    net, module = cifar
    target = tmp_path / "net.onnx"
    with pytest.raises(CheckError, match=r"'onyxruntime' \(did you mean 'onnxruntime'"):
        ag.export_onnx(net, target, module=module, check=["onyxruntime"])
    for name, runtime in RUNTIMES.items():
        monkeypatch.setitem(RUNTIMES, name, replace(runtime, version=lambda: None))
    with pytest.raises(MissingDependencyError, match="tract is not installed: pip install tract"):
        ag.export_onnx(net, target, module=module, check=["tract"])
    with pytest.raises(MissingDependencyError, match="none is installed: pip install onnxruntime"):
        ag.export_onnx(net, target, module=module, check=True)
    assert list(tmp_path.iterdir()) == []


def test_the_check_prints_a_line_for_each_runtime(capsys, tmp_path):
    target = tmp_path / "lenet5.onnx"
    assert main(["export", "lenet5", "-o", str(target), "--check"]) == 0
    shown = capsys.readouterr().out
    for runtime in installed():
        (line,) = [line for line in shown.splitlines() if line.startswith(f"{runtime.name} ")]
        name, version, verdict, difference, milliseconds = line.split()
        assert (name, version, verdict) == (runtime.name, runtime.version(), "agrees")
        assert float(difference) < 1e-4
        assert float(milliseconds) >= 0
    assert target.exists()


def test_a_failed_check_prints_the_table_and_ends_with_status_1(capsys, tmp_path, monkeypatch):
    monkeypatch.setitem(lowering._ONE_TO_ONE, ag.ops.Tanh, "Sigmoid")
    command = ["export", "lenet5", "-o", str(tmp_path / "net.onnx"), "--runtime", "onnxruntime"]
    assert main(command) == 1
    told = capsys.readouterr()
    assert "DIFFERS" in told.out
    assert "in onnxruntime the file differs from PyTorch by" in told.err
    assert list(tmp_path.iterdir()) == []


def test_torchs_own_exporter_is_checked_too(cifar, tmp_path):
    net, module = cifar
    rows = []
    target = tmp_path / "net.onnx"
    only = ["onnxruntime"]
    ag.export_onnx(net, target, module=module, via="torch", check=only, report=rows.append)
    assert [row.verdict for row in rows] == ["agrees"]


def test_a_reason_is_the_error_and_its_last_cause():
    told = (
        'Failed analyse for node #11 "c1"\n\nCaused by:\n    0: Infering facts\n'
        "    1: Impossible to unify\n\nStack backtrace:\n   0: <anyhow::Error>::msg"
    )
    assert one_line(told) == 'Failed analyse for node #11 "c1": 1: Impossible to unify'
    assert one_line("y" * 900 + "x" * 100).endswith("y" * 37 + "x" * 100)
    assert len(one_line("x" * 1000)) == 200
    told = (
        "Can't create a session. ERROR_CODE: 1, ERROR_MESSAGE: /a/b/model.cc:203 Model::Model("
        "ModelProto &&) Unsupported model IR version: 14, max supported IR version: 13"
    )
    assert one_line(told) == (
        "Model::Model(ModelProto &&) Unsupported model IR version: 14, max supported IR version: 13"
    )


def test_node_finds_the_package_beside_python(tmp_path, monkeypatch):
    import shutil
    import sys

    if shutil.which("node") is None:
        pytest.skip("Node is not installed")
    home = tmp_path / "lib" / "node_modules" / "onnxruntime-web"
    home.mkdir(parents=True)
    (home / "package.json").write_text('{"version": "0.0.7", "main": "index.js"}')
    (home / "index.js").write_text("")
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.chdir(empty)
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setitem(os.environ, "NODE_PATH", "")
    assert RUNTIMES["onnxruntime-web"].version() == "0.0.7"
