"""Convolutions, pools and norms of any rank: what torch and ONNX Runtime compute."""

import onnxruntime
import pytest
import torch
from torch import nn

import archgraph as ag
from archgraph import ops

LAYERS = [
    (ops.Conv1d(4, 6, 3, 2, 1, groups=2), nn.Conv1d(4, 6, 3, 2, 1, groups=2), (4, 9)),
    (ops.Conv1d(4, 6, 3, dilation=2), nn.Conv1d(4, 6, 3, dilation=2), (4, 9)),
    (
        ops.Conv3d(2, 3, (1, 3, 2), (1, 2, 1), (0, 1, 1), bias=False),
        nn.Conv3d(2, 3, (1, 3, 2), (1, 2, 1), (0, 1, 1), bias=False),
        (2, 4, 6, 5),
    ),
    (ops.MaxPool1d(3, 2, 1), nn.MaxPool1d(3, 2, 1), (4, 9)),
    (ops.MaxPool1d(2, ceil_mode=True), nn.MaxPool1d(2, ceil_mode=True), (4, 9)),
    (ops.MaxPool3d(2, 1, dilation=2), nn.MaxPool3d(2, 1, dilation=2), (2, 4, 5, 6)),
    (ops.AvgPool1d(3, 2, 1), nn.AvgPool1d(3, 2, 1), (4, 9)),
    (
        ops.AvgPool3d((1, 2, 2), 2, (0, 1, 1), count_include_pad=False),
        nn.AvgPool3d((1, 2, 2), 2, (0, 1, 1), count_include_pad=False),
        (2, 4, 5, 6),
    ),
    (ops.GroupNorm(2, 6), nn.GroupNorm(2, 6), (6, 5, 4)),
    (ops.GroupNorm(3, 6, 1e-3, affine=False), nn.GroupNorm(3, 6, 1e-3, affine=False), (6, 7)),
    (ops.GroupNorm(6, 6), nn.InstanceNorm2d(6, affine=True), (6, 5, 4)),
    (ops.PReLU(), nn.PReLU(), (4, 5)),
    (ops.PReLU(4), nn.PReLU(4), (4, 5, 3)),
]


@pytest.mark.parametrize(("op", "layer", "shape"), LAYERS, ids=lambda each: str(each)[:60])
class TestLayers:
    def test_shapes_and_parameters_are_torchs(self, op, layer, shape):
        net = ag.ArchGraph(name="one")
        net.add("x", ops.Input(shape))
        net.add("it", op, ["x"])
        assert net.nodes["it"]["shape"] == tuple(layer(torch.zeros(2, *shape)).shape[1:])
        assert op.parameters() == {key: tuple(p.shape) for key, p in layer.named_parameters()}

    def test_they_are_read_written_and_run_alike(self, op, layer, shape, tmp_path):
        read = ag.load(nn.Sequential(layer), input=shape)
        assert read.op("0") == op
        for parameter in layer.parameters():
            nn.init.normal_(parameter)
        made = ag.to_torch(read).eval()
        made.load_state_dict({f"0.{key}": each for key, each in layer.state_dict().items()})
        x = torch.randn(1, *shape)
        expected = layer.eval()(x)
        torch.testing.assert_close(made(x), expected)
        path = ag.export_onnx(read, tmp_path / "one.onnx", module=made)
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        (found,) = session.run(None, {"input": x.numpy()})
        torch.testing.assert_close(torch.from_numpy(found), expected, atol=1e-5, rtol=1e-5)


def test_multiply_adds_count_every_axis_of_the_window():
    net = ag.ArchGraph(name="video")
    net.add("x", ops.Input((3, 8, 16, 16)))
    net.add("conv", ops.Conv3d(3, 5, (3, 2, 2)), ["x"])
    assert net.nodes["conv"]["macs"] == (5 * 6 * 15 * 15) * 3 * 12


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: ops.Conv1d(3, 4, (3, 3)), "kernel_size"),
        (lambda: ops.Conv3d(3, 4, 3, stride=(1, 2)), "stride"),
    ],
)
def test_settings_that_do_not_fit_are_refused(make, words):
    with pytest.raises(ag.ArchGraphError, match=words):
        make()


@pytest.mark.parametrize(
    "op",
    [
        ops.Conv1d(4, 6, 3, 2, 1, 2, groups=2),
        ops.Conv3d(4, 3, (1, 3, 2), (1, 2, 1), (0, 1, 1)),
        ops.MaxPool1d(3, 2, 1),
        ops.MaxPool3d(2, 1, dilation=2),
        ops.AvgPool1d(3, 2, 1),
        ops.AvgPool3d((1, 2, 2), 2, (0, 1, 1), count_include_pad=False),
    ],
    ids=lambda op: op.kind,
)
def test_a_file_of_any_writer_gives_them_back(op, tmp_path):
    import onnx

    net = ag.ArchGraph(name="one")
    net.add("x", ops.Input((4, 9) if "1d" in op.kind else (4, 5, 6, 7)))
    net.add("it", op, ["x"])
    path = ag.export_onnx(net, tmp_path / "x.onnx")
    assert ag.load(path).op("it") == op
    model = onnx.load(path)  # as if another had written it: without our notes
    for holder in (model, *model.graph.node):
        del holder.metadata_props[:]
    onnx.save(model, path)
    (read,) = (ag.load(path).op(name) for name in ag.load(path) if name != "x")
    assert read == op
