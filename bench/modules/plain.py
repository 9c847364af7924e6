"""The list's modules of plain torch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn

from bench.modules.entry import Entry, images, tokens
from bench.modules.handwritten import (
    Attentive,
    Autoencoder,
    Cells,
    Choosing,
    Diffusion,
    Experts,
    Function,
    Graph,
    InPlace,
    Lengths,
    Pixels,
    Recommender,
    Remembering,
    Rotary,
    Scaling,
    Siamese,
    Spectral,
    Tied,
    Transforming,
    Variational,
    Wavenet,
)

__all__ = ["entries"]


def _transformer() -> nn.Module:
    return nn.Transformer(32, 4, 2, 2, 64, batch_first=True)


def _decoder() -> nn.Module:
    layer = nn.TransformerDecoderLayer(32, 4, 64, batch_first=True, norm_first=True)
    return nn.TransformerDecoder(layer, 2, nn.LayerNorm(32))


def _scripted() -> nn.Module:
    return torch.jit.script(
        nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 2))
    )


def _quantised() -> nn.Module:
    module = nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 4)).eval()
    return torch.ao.quantization.quantize_dynamic(module, {nn.Linear}, dtype=torch.qint8)


def _lazy() -> nn.Module:
    module = nn.Sequential(nn.LazyConv2d(4, 3), nn.Flatten(), nn.LazyLinear(2))
    module(torch.zeros(1, 3, 8, 8))
    return module


def _meta() -> nn.Module:
    with torch.device("meta"):
        return nn.Sequential(nn.Linear(16, 2**14), nn.ReLU(), nn.Linear(2**14, 2**14))


def _spectral_norm() -> nn.Module:
    return nn.Sequential(
        nn.utils.parametrizations.spectral_norm(nn.Conv2d(3, 8, 3)), nn.LeakyReLU(0.2)
    )


def _pair(*shapes: tuple[int, ...]) -> Callable[[int], Any]:
    return lambda n: tuple(torch.randn(n, *shape) for shape in shapes)


def _weights(module: nn.Module, *words: str) -> int:
    """Return how many numbers the parameters hold whose names have one of these words."""
    named = module.named_parameters()
    return sum(each.numel() for name, each in named if any(word in name for word in words))


def entries() -> Iterator[Entry]:
    """Yield the modules."""
    for kind in (nn.LSTM, nn.GRU, nn.RNN):
        layer = kind(8, 16, num_layers=2, batch_first=True, bidirectional=True)
        yield Entry(kind.__name__, "torch", lambda layer=layer: layer, _pair((5, 8)))
    for cell in (nn.LSTMCell, nn.GRUCell, nn.RNNCell):
        made = lambda cell=cell: Cells(cell(8, 16))  # noqa: E731
        yield Entry(f"{cell.__name__} in a loop", "torch", made, _pair((5, 8)))
    yield Entry(
        "LSTM, projected",
        "torch",
        lambda: nn.LSTM(8, 16, proj_size=4, batch_first=True),
        _pair((5, 8)),
    )
    yield Entry(
        "packed sequences",
        "torch",
        Lengths,
        lambda n: (torch.randn(n, 5, 8), torch.full((n,), 5)),
        why="an LSTM with numbers, by its definition: the counter skips it",
        skipped=lambda m, n: n * 5 * _weights(m, "weight_ih", "weight_hh"),
    )
    yield Entry("nn.Transformer", "torch", _transformer, _pair((9, 32), (6, 32)))
    yield Entry(
        "nn.TransformerEncoder",
        "torch",
        lambda: nn.TransformerEncoder(nn.TransformerEncoderLayer(32, 4, 64, batch_first=True), 2),
        _pair((9, 32)),
    )
    yield Entry("nn.TransformerDecoder", "torch", _decoder, _pair((6, 32), (9, 32)))
    yield Entry(
        "nn.MultiheadAttention, masked",
        "torch",
        Attentive,
        lambda n: (torch.randn(n, 6, 32), torch.arange(6).expand(n, 6) > 3),
    )
    yield Entry("attention, rotary by complex numbers", "torch", Rotary, _pair((16, 32)))
    yield Entry("autoencoder", "torch", Autoencoder, images(3, 32, 32))
    yield Entry("variational autoencoder", "torch", Variational, images(3, 32, 32))
    yield Entry("siamese", "torch", Siamese, _pair((3, 16, 16), (3, 16, 16)))
    yield Entry("tied weights", "torch", Tied, tokens(7))
    yield Entry("data-dependent if", "torch", Choosing, _pair((8,)))
    yield Entry(".item()", "torch", Scaling, _pair((8,)))
    yield Entry("complex Fourier layer", "torch", Spectral, _pair((4, 32)))
    yield Entry("spatial transformer, grid_sample", "torch", Transforming, images(3, 8, 8))
    yield Entry("checkpoint, loops over ModuleList", "torch", Remembering, _pair((16,)))
    yield Entry("in-place writes", "torch", InPlace, _pair((8,)))
    yield Entry(
        "graph convolution",
        "torch",
        Graph,
        lambda n: (torch.randn(n, 6, 8), (torch.rand(n, 6, 6) > 0.5).float()),
    )
    yield Entry(
        "recommender, EmbeddingBag",
        "torch",
        Recommender,
        lambda n: (torch.randn(n, 5), torch.randint(0, 50, (n, 3, 4))),
    )
    yield Entry("pixel shuffle", "torch", Pixels, images(3, 8, 8))
    yield Entry("gated Conv1d, weight_norm", "torch", Wavenet, images(1, 32))
    yield Entry(
        "Conv3d",
        "torch",
        lambda: nn.Sequential(
            nn.Conv3d(1, 4, 3),
            nn.BatchNorm3d(4),
            nn.ReLU6(),
            nn.AvgPool3d(2),
            nn.ConvTranspose3d(4, 2, 2, 2),
        ),
        images(1, 8, 8, 8),
    )
    yield Entry("mixture of experts, one after another", "torch", Experts, _pair((6, 16)))
    yield Entry(
        "diffusion U-Net", "torch", Diffusion, lambda n: (torch.randn(n, 3, 8, 8), torch.arange(n))
    )
    yield Entry(
        "spectral norm",
        "torch",
        _spectral_norm,
        images(3, 8, 8),
        why="uᵀ·W·v, once for any batch: the counter skips matrix times vector",
        skipped=lambda *_: 8 * 27 + 8,
    )
    yield Entry("ScriptModule", "torch", _scripted, images(3, 8, 8))
    yield Entry(
        "quantised dynamically",
        "torch",
        _quantised,
        _pair((16,)),
        why="linear layers of whole numbers: the counter skips them",
        skipped=lambda _, n: n * (16 * 32 + 32 * 4),
    )
    yield Entry("lazy layers after a run", "torch", _lazy, images(3, 8, 8))
    yield Entry("on the meta device", "torch", _meta, _pair((16,)))
    yield Entry("DataParallel", "torch", lambda: nn.DataParallel(Autoencoder()), images(3, 32, 32))
    yield Entry("torch.compile", "torch", lambda: torch.compile(Autoencoder()), images(3, 32, 32))
    yield Entry(
        "einsum",
        "torch",
        lambda: Function(
            lambda m, x, y: torch.einsum("bij,bkj,kl->bil", x, y, m.w),
            w=nn.Parameter(torch.randn(4, 3)),
        ),
        _pair((5, 6), (4, 6)),
    )
    yield Entry(
        "two inputs by name",
        "torch",
        lambda: Function(
            lambda m, x, y: {"a": m.fc(x), "b": [m.fc(y).sum(-1)]}, fc=nn.Linear(4, 2)
        ),
        lambda n: {"x": torch.randn(n, 4), "y": torch.randn(n, 4)},
    )
    yield Entry(
        "nn.Bilinear",
        "torch",
        lambda: nn.Bilinear(4, 5, 3),
        _pair((4,), (5,)),
        why="x·W·z, x·W first: the counter skips it",
        skipped=lambda _, n: n * 3 * (4 * 5 + 5),
    )
    yield Entry(
        "unfold and fold",
        "torch",
        lambda: nn.Sequential(
            nn.Unfold(2, stride=2), nn.Conv1d(12, 12, 1), nn.Fold(8, 2, stride=2)
        ),
        images(3, 8, 8),
    )
    yield Entry(
        "half precision",
        "torch",
        lambda: nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU()).to(torch.bfloat16),
        lambda n: torch.randn(n, 3, 8, 8, dtype=torch.bfloat16),
    )
    yield Entry("autocast", "torch", lambda: Function(_autocast, fc=nn.Linear(8, 4)), _pair((8,)))
    yield Entry(
        "vmap",
        "torch",
        lambda: Function(lambda m, x: torch.vmap(m.fc)(x), fc=nn.Linear(8, 4)),
        _pair((5, 8)),
    )
    yield Entry(
        "gradient inside, energy",
        "torch",
        lambda: Function(_forces, fc=nn.Linear(3, 8), out=nn.Linear(8, 1)),
        _pair((3,)),
        why="forward, and back to the input: the counter cannot run it",
        skipped=lambda _, n: 2 * n * (3 * 8 + 8),
        counter=False,
    )


def _autocast(m: Any, x: Tensor) -> Tensor:
    with torch.autocast("cpu", torch.bfloat16):
        return m.fc(x).softmax(-1)


def _forces(m: Any, x: Tensor) -> Tensor:
    x = x.detach().requires_grad_()
    energy = m.out(m.fc(x).tanh()).sum()
    return torch.autograd.grad(energy, x)[0]
