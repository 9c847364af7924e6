"""ONNX files for images of any size compute at other sizes what PyTorch computes there."""

from __future__ import annotations

import json

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from hypothesis import given, settings
from random_graphs import graphs

import archgraph as ag
from archgraph.cli import main
from archgraph.errors import ArchGraphError, ExportError
from archgraph.formats.graph_json import dumps

ANY_SIZE = {
    # By torch's own forward pass: heights and widths that round differently in each pool.
    "alexnet": [(63, 63), (131, 98), (227, 180)],
    "googlenet": [(32, 32), (97, 64), (130, 111)],
    "googlenet_bn": [(32, 32), (97, 64), (130, 111)],
    "inception_naive": [(28, 28), (7, 11), (13, 40)],
    "plain18": [(33, 33), (97, 64), (130, 111)],
    "resnet18": [(33, 33), (97, 64), (130, 111)],
    "resnet20_cifar": [(32, 32), (33, 29), (64, 50)],
    "resnet20_cifar_b": [(32, 32), (33, 29), (64, 50)],
}
ONE_SIZE = {
    "lenet5": "flatten",
    "alexnet_grouped": "flatten",
    "alexnet_two_gpu": "flatten.gpu0",
    "zfnet": "flatten",
}


def session(path) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])


def answers(module, images):
    with torch.no_grad():
        found = module.eval()(images)
    return found if isinstance(found, tuple) else (found,)


@pytest.mark.parametrize("name", ANY_SIZE)
def test_a_file_for_any_size_computes_what_torch_does_at_each(name, tmp_path):
    net = ag.load(name)
    module = ag.to_torch(net, seed=2)
    path = ag.export_onnx(net, tmp_path / "net.onnx", module=module, size="dynamic")
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    dims = [d.dim_param or d.dim_value for d in model.graph.input[0].type.tensor_type.shape.dim]
    assert dims == ["batch", net.input_shape[0], "height", "width"]
    run = session(path)
    for height, width in ANY_SIZE[name]:
        images = torch.randn(2, net.input_shape[0], height, width)
        (wanted, *_) = answers(module, images)
        (got,) = run.run(None, {"input": images.numpy()})
        assert got.shape == tuple(wanted.shape)
        scale = float(wanted.abs().max())
        np.testing.assert_allclose(got / scale, wanted.numpy() / scale, atol=1e-5)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(graphs())
def test_random_graphs_for_any_size_compute_what_torch_does(net):
    import tempfile
    from pathlib import Path

    if len(net.sources) > 1:
        return  # their sizes depend on one another
    module = ag.to_torch(net, seed=0)
    channels, height, width = net.input_shape
    other = (channels, height + 3, width + 4)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "net.onnx"
        try:
            ag.export_onnx(net, path, module=module, size="dynamic")
        except ExportError as error:
            refused = str(error)
        else:
            refused = ""
        if refused:
            assert any(
                word in refused
                for word in ("one size only", "even size", "adaptive", "output_padding")
            )
            return
        try:
            net.with_input(other)
        except ArchGraphError:
            return  # the graph cannot take that size, whatever the file says
        run = session(path)
        for size in (net.input_shape, other):
            images = torch.randn(2, *size, generator=torch.Generator().manual_seed(0))
            for got, wanted in zip(
                run.run(None, {"input": images.numpy()}), answers(module, images), strict=True
            ):
                np.testing.assert_allclose(got, wanted.numpy(), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("opset", [13, 18, 23])
def test_adaptive_pooling_of_any_size_works_in_every_opset_and_precision(opset, tmp_path):
    b = ag.Builder("pooled", input=(3, 20, 20))
    net = b.build(b.add("pool", ag.ops.AdaptiveAvgPool2d((3, 5)), b.input))
    for precision, atol in (("float32", 1e-6), ("float16", 2e-3)):
        path = ag.export_onnx(
            net, tmp_path / "net.onnx", size="dynamic", opset=opset, precision=precision
        )
        run = session(path)
        for size in ((20, 20), (7, 31), (2, 3)):
            images = np.random.default_rng(0).random((2, 3, *size), dtype=np.float32)
            fed = images.astype(np.float16) if precision == "float16" else images
            (got,) = run.run(None, {"input": fed})
            wanted = torch.nn.functional.adaptive_avg_pool2d(torch.from_numpy(images), (3, 5))
            np.testing.assert_allclose(got, wanted.numpy(), atol=atol)


@pytest.mark.parametrize("name", ONE_SIZE)
def test_a_network_of_one_size_is_refused_and_writes_nothing(name, tmp_path):
    with pytest.raises(ExportError, match=f"one size only: its node '{ONE_SIZE[name]}'"):
        ag.export_onnx(ag.load(name), tmp_path / "net.onnx", size="dynamic")
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_size_and_torchs_exporter_are_refused(tmp_path):
    net = ag.load("resnet20_cifar")
    with pytest.raises(ExportError, match="size is '32x32', but it is 'fixed' or 'dynamic'"):
        ag.export_onnx(net, tmp_path / "net.onnx", size="32x32")
    with pytest.raises(ExportError, match="via='torch' takes no size='dynamic'"):
        ag.export_onnx(net, tmp_path / "net.onnx", size="dynamic", via="torch")
    assert list(tmp_path.iterdir()) == []


def test_the_command_line_writes_files_for_any_size_and_reads_them_back(tmp_path):
    target = tmp_path / "net.onnx"
    assert main(["export", "resnet20_cifar", "-o", str(target), "--size", "dynamic"]) == 0
    dims = onnx.load(target).graph.input[0].type.tensor_type.shape.dim
    assert [d.dim_param for d in dims] == ["batch", "", "height", "width"]
    assert json.loads(dumps(ag.load(target))) == json.loads(dumps(ag.load("resnet20_cifar")))
    other = ag.load(target, input=(3, 48, 40))
    assert other.total("macs") == ag.load("resnet20_cifar", input=(3, 48, 40)).total("macs")
