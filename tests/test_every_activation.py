"""Each activation of torch.nn, whatever its settings, computes the same in all of our forms."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn
from written_source import made_from

import archgraph as ag
from archgraph.exporters.source import source

ACTIVATIONS = [
    *(nn.ELU(0.5), nn.CELU(2.0), nn.SELU(), nn.Mish(), nn.SiLU(), nn.GELU(), nn.GELU("tanh")),
    *(nn.Hardshrink(0.2), nn.Softshrink(0.3), nn.Tanhshrink(), nn.Softsign(), nn.Tanh()),
    *(nn.Hardtanh(-2.0, 3.0), nn.Hardtanh(), nn.ReLU6(), nn.ReLU(), nn.Threshold(0.1, 20.0)),
    *(nn.Hardswish(), nn.Hardsigmoid(), nn.Sigmoid(), nn.LogSigmoid(), nn.Softplus(2.0, 1.0)),
    *(nn.LeakyReLU(0.2), nn.PReLU(), nn.PReLU(4), nn.RReLU(0.1, 0.4), nn.GLU(1)),
    *(nn.Softmin(1), nn.Softmax(1), nn.Softmax2d(), nn.LogSoftmax(1)),
]


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=str)
def test_an_activation_computes_the_same_in_every_form(
    activation: nn.Module, tmp_path: Path
) -> None:
    module = nn.Sequential(nn.Conv2d(3, 4, 3), activation).eval()
    net = ag.load(module, input=(3, 8, 8))
    image = 30 * torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        wanted = module(image)
        torch.testing.assert_close(ag.to_torch(net)(image), wanted)
        written = made_from(source(net)).eval()
        written.load_state_dict(ag.to_torch(net).state_dict())
        torch.testing.assert_close(written(image), wanted)
    ag.export_onnx(net, tmp_path / "net.onnx", check=["onnxruntime"])
    again = ag.load(tmp_path / "net.onnx")
    assert [again.op(name) for name in again] == [net.op(name) for name in net]
