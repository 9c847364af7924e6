"""Norms, activations and softmax as others write them out, and what they compute."""

from __future__ import annotations

import onnxruntime
import pytest
import torch
from recognised import assert_law, kinds
from torch import nn
from torch.nn import functional

import archgraph as ag
from archgraph import ops

CHANNELS, HEIGHT, WIDTH = 6, 5, 4


class Written(nn.Module):
    """A function of maps and of one learned number of two kinds for each channel."""

    def __init__(self, function) -> None:
        super().__init__()
        self.function = function
        self.weight = nn.Parameter(torch.randn(CHANNELS))
        self.bias = nn.Parameter(torch.randn(CHANNELS))

    def forward(self, x):
        return self.function(x, self.weight, self.bias)


def assert_read_as(function, *wanted: ops.Op, tmp_path) -> None:
    """Check what a function of maps is read as, the law, and that torch and a runtime agree."""
    torch.manual_seed(0)
    module = Written(function).eval()
    given = {"input": (CHANNELS, HEIGHT, WIDTH)}
    before, after = ag.load(module, **given, recognise=False), ag.load(module, **given)
    assert_law(before, after)
    assert [after.op(name) for name in after][1:] == list(wanted)
    x = torch.randn(3, CHANNELS, HEIGHT, WIDTH)
    made = ag.to_torch(after).eval()
    made.load_state_dict(module.state_dict(), strict=False)
    with torch.no_grad():
        known = module(x)
        assert torch.allclose(made(x), known, atol=1e-5)
    path = ag.export_onnx(after, tmp_path / "net.onnx", module=made)
    session = onnxruntime.InferenceSession(path)
    (found,) = session.run(None, {session.get_inputs()[0].name: x.numpy()})
    assert torch.allclose(torch.tensor(found), known, atol=1e-5)


def rows(each):
    return each.view(1, -1, 1, 1)


def written_softmax(x, *_):
    powers = torch.exp(x)
    return powers * torch.reciprocal(powers.sum(1, keepdim=True))


def stable_softmax(x, *_):
    powers = torch.exp(x - torch.max(x, dim=-1, keepdim=True).values)
    return powers / powers.sum(-1, keepdim=True)


def over_channels(x, weight, bias):
    """The layer norm of ConvNeXt's and SAM's maps."""
    mean = x.mean(1, keepdim=True)
    variance = (x - mean).pow(2).mean(1, keepdim=True)
    x = (x - mean) / torch.sqrt(variance + 1e-6)
    return weight[:, None, None] * x + bias[:, None, None]


def grouped(x, weight, bias):
    y = x.reshape(x.shape[0], 3, -1)
    d = y - y.mean(-1, keepdim=True)
    y = d * torch.rsqrt((d * d).mean(-1, keepdim=True) + 1e-5)
    return y.view(x.shape) * rows(weight) + rows(bias)


def instance(x, weight, bias):
    d = x - x.mean((2, 3), keepdim=True)
    return d / ((d**2).mean((2, 3), keepdim=True) + 1e-5) ** 0.5 * rows(weight) + rows(bias)


def multiplied_out(x, weight, bias):
    """The layer norm of tensorflow, over the last axis."""
    x = x.permute(0, 2, 3, 1)
    mean = x.mean(-1, keepdim=True)
    variance = torch.square(x - mean).mean(-1, keepdim=True)
    scale = torch.rsqrt(variance + 1e-6) * weight
    return x * scale + (bias - mean * scale)


ONE = {
    "softmax": (written_softmax, ops.Softmax(1)),
    "softmax without the greatest": (stable_softmax, ops.Softmax(3)),
    "sigmoid": (lambda x, *_: 1 / (1 + torch.exp(-x)), ops.Sigmoid()),
    "SiLU": (lambda x, *_: x / (1 + torch.exp(-x)), ops.SiLU()),
    "quick GELU": (lambda x, *_: x * torch.sigmoid(1.702 * x), ops.QuickGELU()),
    "softplus": (lambda x, *_: torch.log(1 + torch.exp(x)), ops.Pointwise("softplus")),
    "softplus, log1p": (lambda x, *_: torch.log1p(torch.exp(x)), ops.Pointwise("softplus")),
    "Mish": (lambda x, *_: x * torch.tanh(functional.softplus(x)), ops.Pointwise("mish")),
    "Mish in parts": (
        lambda x, *_: x * torch.tanh(torch.log(1 + torch.exp(x))),
        ops.Pointwise("mish"),
    ),
    "hard swish, clamp": (lambda x, *_: x * torch.clamp(x + 3, 0, 6) / 6, ops.Hardswish()),
    "hard swish, sixth before": (
        lambda x, *_: x * torch.clamp(x / 6 + 0.5, 0, 1),
        ops.Hardswish(),
    ),
    "hard swish, two bounds": (
        lambda x, *_: x * (x + 3).clamp(min=0).clamp(max=6) / 6,
        ops.Hardswish(),
    ),
    "hard sigmoid": (lambda x, *_: torch.clamp(x / 6 + 0.5, 0, 1), ops.Hardsigmoid()),
    "group norm": (grouped, ops.GroupNorm(3, CHANNELS)),
    "instance norm": (instance, ops.GroupNorm(CHANNELS, CHANNELS)),
}


@pytest.mark.parametrize("form", ONE)
def test_one_operator(form, tmp_path):
    function, wanted = ONE[form]
    assert_read_as(function, wanted, tmp_path=tmp_path)


def test_a_layer_norm_over_channels_is_one_of_maps_that_are_turned(tmp_path):
    norm = ops.LayerNorm((CHANNELS,), 1e-6)
    turns = ops.Permute((0, 2, 3, 1)), ops.Permute((0, 3, 1, 2))
    assert_read_as(over_channels, turns[0], norm, turns[1], tmp_path=tmp_path)


def test_a_layer_norm_that_is_multiplied_out(tmp_path):
    wanted = ops.Permute((0, 2, 3, 1)), ops.LayerNorm((CHANNELS,), 1e-6)
    assert_read_as(multiplied_out, *wanted, tmp_path=tmp_path)


@pytest.mark.parametrize(
    "function",
    [
        lambda x, *_: torch.exp(x) / torch.exp(x).sum((2, 3), keepdim=True),
        lambda x, *_: torch.exp(x) / torch.exp(x + 1).sum(1, keepdim=True),
        lambda x, *_: 1 / (2 + torch.exp(-x)),
        lambda x, *_: torch.log(2 + torch.exp(x)),
        lambda x, *_: x * torch.tanh(functional.softplus(x + 1)),
        lambda x, *_: torch.clamp(x / 6 + 0.5, 0, 2),
        lambda x, *_: torch.clamp(x / 5 + 0.5, 0, 1),
        lambda x, w, b: x * rows(w) + b.view(-1, 1),
    ],
)
def test_what_is_nearly_one_stays_in_parts(function):
    module, shape = Written(function), (CHANNELS, CHANNELS, CHANNELS)
    before = ag.load(module, input=shape, recognise=False)
    assert kinds(ag.load(module, input=shape)) == kinds(before)
