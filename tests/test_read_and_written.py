"""Modules of torch that were read are written again: as a module, an ONNX file and source."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from written_source import made_from

import archgraph as ag
from archgraph.exporters.onnx.runtimes import RUNTIMES
from archgraph.exporters.source import source


class Recurrent(nn.Module):
    """Tokens through a bidirectional LSTM; returns its last state too."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(20, 16)
        self.lstm = nn.LSTM(16, 16, 2, batch_first=True, bidirectional=True)
        self.head = nn.Linear(32, 20)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return scores and the last state."""
        y, (hidden, _) = self.lstm(self.table(x))
        return self.head(y), hidden


class Tied(nn.Module):
    """A language model whose head has the embedding's weights."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(20, 16)
        self.position = nn.Parameter(torch.randn(1, 7, 16))
        layer = nn.TransformerEncoderLayer(16, 4, 32, batch_first=True, norm_first=True)
        self.blocks = nn.TransformerEncoder(layer, 3, enable_nested_tensor=False)
        self.head = nn.Linear(16, 20, bias=False)
        self.head.weight = self.table.weight

    def forward(self, x: Tensor) -> Tensor:
        """Return scores."""
        return self.head(self.blocks(self.table(x) + self.position) * 0.5)


class Shifted(nn.Module):
    """Attention in shifted windows (Liu et al., 2021), with a mask that is a buffer."""

    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 8, 4, 4)
        self.register_buffer("mask", torch.randn(4, 4))
        self.norm = nn.LayerNorm(8)

    def forward(self, x: Tensor) -> Tensor:
        """Return the mean of all tokens."""
        x = torch.roll(self.patches(x).permute(0, 2, 3, 1), (-1, -1), (1, 2))
        n, h, w, c = x.shape
        x = x.view(n, h // 2, 2, w // 2, 2, c).permute(0, 1, 3, 2, 4, 5).reshape(-1, 4, c)
        y = self.norm(x)
        x = x + (y @ y.transpose(-2, -1) + self.mask).softmax(-1) @ y
        return x.view(n, h, w, c).mean((1, 2))


def listed(result: Tensor | tuple[Tensor, ...]) -> list[Tensor]:
    return list(result) if isinstance(result, tuple) else [result]


@pytest.mark.parametrize("kind", [Recurrent, Tied, Shifted])
def test_a_module_that_was_read_goes_out_by_every_way(kind, tmp_path):
    torch.manual_seed(0)
    module = kind().eval()
    example = torch.randn(2, 3, 16, 16) if kind is Shifted else torch.randint(0, 20, (2, 7))
    net = ag.load(module, example=example)
    x = torch.cat([example, example[:1]])  # another batch than it was read at
    ours = ag.to_torch(net, seed=None)
    ours.load_state_dict(module.state_dict(), assign=True)
    written = made_from(source(net)).eval()
    written.load_state_dict(module.state_dict())
    path = ag.export_onnx(net, tmp_path / "net.onnx", module=module)
    with torch.no_grad():
        wanted = listed(module(x))
        for one in (ours, written):
            for found, expected in zip(listed(one(x)), wanted, strict=True):
                torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)
    run = RUNTIMES["onnxruntime"].prepare(path, {net.sources[0]: x.numpy()}, net.results)
    for found, expected in zip(run(), wanted, strict=True):
        np.testing.assert_allclose(found, expected.numpy(), rtol=1e-4, atol=1e-5)
