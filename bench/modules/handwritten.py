"""Modules of plain torch as people write them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - everybody's name for it
from torch.utils.checkpoint import checkpoint

__all__ = [
    "Attentive",
    "Autoencoder",
    "Cells",
    "Choosing",
    "Diffusion",
    "Experts",
    "Function",
    "Graph",
    "InPlace",
    "Lengths",
    "Pixels",
    "Recommender",
    "Remembering",
    "Rotary",
    "Scaling",
    "Siamese",
    "Spectral",
    "Tied",
    "Transforming",
    "Variational",
    "Wavenet",
]


class Function(nn.Module):
    """A module that is a function of its parts and inputs."""

    def __init__(self, function: Callable[..., Any], **parts: nn.Module | nn.Parameter) -> None:
        super().__init__()
        self.function = function
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, *inputs: Any, **keywords: Any) -> Any:
        return self.function(self, *inputs, **keywords)


class Cells(nn.Module):
    """A recurrent cell, step by step."""

    def __init__(self, cell: nn.Module) -> None:
        super().__init__()
        self.cell, self.head = cell, nn.Linear(16, 3)

    def forward(self, x: Tensor) -> Tensor:
        state = None
        for step in x.unbind(1):
            state = self.cell(step, state)
        return self.head(state[0] if isinstance(state, tuple) else state)


class Autoencoder(nn.Module):
    """Convolutions down, transposed ones up."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(3, 8, 3, 2, 1), nn.ReLU(inplace=True), nn.Conv2d(8, 16, 3, 2, 1)
        )
        self.decoder = nn.Sequential(
            nn.ConvTranspose2d(16, 8, 3, 2, 1, output_padding=1),
            nn.ReLU(inplace=True),
            nn.ConvTranspose2d(8, 3, 4, 2, 1),
            nn.Sigmoid(),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.decoder(self.encoder(x))


class Variational(Autoencoder):
    """An autoencoder that draws its code."""

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        mean, log = self.encoder(x).chunk(2, 1)
        drawn = mean + torch.randn_like(mean) * (0.5 * log).exp()
        return {"x": self.decoder(torch.cat([drawn, drawn], 1)), "mean": mean, "log": log}


class Siamese(nn.Module):
    """Two images through one tower."""

    def __init__(self) -> None:
        super().__init__()
        self.tower = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1))
        self.head = nn.Linear(8, 1)

    def forward(self, left: Tensor, right: Tensor) -> Tensor:
        return self.head((self.tower(left).flatten(1) - self.tower(right).flatten(1)).abs())


class Rotary(nn.Module):
    """Attention with rotary positions, by complex numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv, self.out = nn.Linear(32, 96), nn.Linear(32, 32)
        angle = torch.outer(torch.arange(16), 10000.0 ** (-torch.arange(0, 8, 2) / 8))
        self.register_buffer("turn", torch.polar(torch.ones_like(angle), angle))

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = self.qkv(x).view(*x.shape[:2], 3, 4, 8).unbind(2)
        q, k = self.rotated(q), self.rotated(k)
        q, k, v = (each.transpose(1, 2) for each in (q, k, v))
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.out(mixed.transpose(1, 2).flatten(2))

    def rotated(self, x: Tensor) -> Tensor:
        pairs = torch.view_as_complex(x.float().reshape(*x.shape[:-1], -1, 2))
        return torch.view_as_real(pairs * self.turn[: x.shape[1], None]).flatten(3)


class Attentive(nn.Module):
    """nn.MultiheadAttention with a mask of padding and a causal one."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(32, 4, batch_first=True)

    def forward(self, x: Tensor, padding: Tensor) -> tuple[Tensor, Tensor]:
        causal = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool).triu(1)
        return self.attention(x, x, x, key_padding_mask=padding, attn_mask=causal)


class Tied(nn.Module):
    """A language model whose head is its embedding."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(100, 32, padding_idx=0)
        self.gru = nn.GRU(32, 32, batch_first=True)
        self.head = nn.Linear(32, 100, bias=False)
        self.head.weight = self.words.weight

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.gru(self.words(x))[0])


class Choosing(nn.Module):
    """What runs depends on the numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.few, self.many = nn.Linear(8, 4), nn.Sequential(nn.Linear(8, 16), nn.Linear(16, 4))

    def forward(self, x: Tensor) -> Tensor:
        return self.many(x) if x.mean() > -100 else self.few(x)


class Scaling(nn.Module):
    """A number is read with .item()."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(8, 4)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(x) * (1.0 / max(x.abs().max().item(), 1e-3))


class Lengths(nn.Module):
    """Packed sequences, whose lengths are read."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm, self.head = nn.LSTM(8, 16, batch_first=True), nn.Linear(16, 2)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        packed = nn.utils.rnn.pack_padded_sequence(
            x, lengths.cpu(), batch_first=True, enforce_sorted=False
        )
        _, (hidden, _) = self.lstm(packed)
        return self.head(hidden[-1])


class Spectral(nn.Module):
    """A Fourier layer: modes are mixed by complex weights (Li et al., 2021)."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(4, 4, 5, dtype=torch.complex64))
        self.skip = nn.Conv1d(4, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        modes = torch.fft.rfft(x)
        mixed = torch.zeros_like(modes)
        mixed[..., :5] = torch.einsum("bix,iox->box", modes[..., :5], self.weight)
        return F.gelu(torch.fft.irfft(mixed, n=x.shape[-1]) + self.skip(x))


class Transforming(nn.Module):
    """Images are turned before they are looked at (Jaderberg et al., 2015)."""

    def __init__(self) -> None:
        super().__init__()
        self.where = nn.Sequential(nn.Flatten(), nn.Linear(192, 6))
        self.conv = nn.Conv2d(3, 4, 3)

    def forward(self, x: Tensor) -> Tensor:
        grid = F.affine_grid(self.where(x).view(-1, 2, 3), list(x.shape), align_corners=False)
        return self.conv(F.grid_sample(x, grid, align_corners=False))


class Remembering(nn.Module):
    """Blocks that are computed again in training, run in a loop."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(nn.Linear(16, 16) for _ in range(3))

    def forward(self, x: Tensor) -> Tensor:
        for _ in range(4):
            for block in self.blocks:
                x = x + checkpoint(block, F.silu(x), use_reentrant=False)
        return x


class InPlace(nn.Module):
    """Slices are written to in place."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(8, 8)

    def forward(self, x: Tensor) -> Tensor:
        y = self.fc(x).clone()
        y[:, :4].mul_(2).add_(x[:, 4:])
        y[:, 4:] = self.fc(y)[:, :4]
        y += x
        return y.relu_()


class Graph(nn.Module):
    """A graph convolution on an adjacency matrix."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = nn.Linear(8, 16), nn.Linear(16, 3)

    def forward(self, x: Tensor, adjacency: Tensor) -> Tensor:
        degree = adjacency.sum(-1, keepdim=True).clamp(min=1)
        x = F.relu(adjacency @ self.one(x) / degree)
        return F.log_softmax(adjacency @ self.two(x) / degree, -1)


class Recommender(nn.Module):
    """Bags of categories and numbers, each pair multiplied (Naumov et al., 2019)."""

    def __init__(self) -> None:
        super().__init__()
        self.tables = nn.ModuleList(nn.EmbeddingBag(50, 8, mode="sum") for _ in range(3))
        self.bottom, self.top = nn.Linear(5, 8), nn.Linear(8 + 6, 1)

    def forward(self, numbers: Tensor, categories: Tensor) -> Tensor:
        dense = self.bottom(numbers)
        rows = [table(categories[:, n]) for n, table in enumerate(self.tables)]
        every = torch.stack([dense, *rows], 1)
        pairs = torch.bmm(every, every.transpose(1, 2))
        i, j = torch.tril_indices(4, 4, -1)
        return torch.sigmoid(self.top(torch.cat([dense, pairs[:, i, j]], 1)))


class Pixels(nn.Module):
    """Pixels are shuffled up (Shi et al., 2016)."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, 12, 3, padding=1), nn.PixelShuffle(2))
        self.back = nn.Sequential(
            nn.PixelUnshuffle(2), nn.Conv2d(12, 3, 1), nn.Upsample(scale_factor=2, mode="bilinear")
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.back(self.body(x))


class Wavenet(nn.Module):
    """Dilated convolutions of one axis, gated (van den Oord et al., 2016)."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.utils.parametrizations.weight_norm(nn.Conv1d(1, 8, 1))
        self.layers = nn.ModuleList(
            nn.utils.parametrizations.weight_norm(nn.Conv1d(8, 16, 2, dilation=2**n))
            for n in range(4)
        )

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(x)
        for layer in self.layers:
            filtered, gate = layer(F.pad(x, (layer.dilation[0], 0))).chunk(2, 1)
            x = x + filtered.tanh() * gate.sigmoid()
        return x


class Experts(nn.Module):
    """Every token goes to the two experts that a router chooses, one expert after another."""

    def __init__(self) -> None:
        super().__init__()
        self.router = nn.Linear(16, 4)
        self.experts = nn.ModuleList(
            nn.Sequential(nn.Linear(16, 32), nn.GELU(), nn.Linear(32, 16)) for _ in range(4)
        )

    def forward(self, x: Tensor) -> Tensor:
        flat = x.flatten(0, 1)
        weight, chosen = self.router(flat).softmax(-1).topk(2)
        out = torch.zeros_like(flat)
        for n, expert in enumerate(self.experts):
            row, place = torch.where(chosen == n)
            out.index_add_(0, row, expert(flat[row]) * weight[row, place, None])
        return out.view_as(x)


class Diffusion(nn.Module):
    """A U-Net that knows the time step, with group norms and attention."""

    def __init__(self) -> None:
        super().__init__()
        self.time = nn.Sequential(nn.Linear(16, 32), nn.SiLU(), nn.Linear(32, 16))
        self.down = nn.Conv2d(3, 16, 3, 2, 1)
        self.norm = nn.GroupNorm(4, 16)
        self.attention = nn.MultiheadAttention(16, 2, batch_first=True)
        self.up = nn.Conv2d(16, 3, 3, padding=1)

    def forward(self, x: Tensor, step: Tensor) -> Tensor:
        rate = torch.exp(-math.log(1e4) * torch.arange(8, device=step.device) / 8)
        angle = step[:, None].float() * rate
        when = self.time(torch.cat([angle.sin(), angle.cos()], -1))
        h = self.down(x) + when[:, :, None, None]
        flat = F.silu(self.norm(h)).flatten(2).transpose(1, 2)
        mixed, _ = self.attention(flat, flat, flat, need_weights=False)
        h = h + mixed.transpose(1, 2).reshape(h.shape)
        return self.up(F.interpolate(h, scale_factor=2, mode="nearest"))
