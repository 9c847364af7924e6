"""What a module calls is read, and given back as a module and as an ONNX file: the same numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import archgraph as ag
from archgraph.exporters.onnx.runtimes import RUNTIMES

pytestmark = pytest.mark.usefixtures("one_thread")


class Calling(nn.Module):
    """A module that is a function of its parts and inputs."""

    def __init__(self, function: Callable[..., Any], **parts: nn.Module | nn.Parameter) -> None:
        super().__init__()
        self.function = function
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, *inputs: Tensor) -> Any:
        return self.function(self, *inputs)


def assert_given_back(module: nn.Module, example: tuple[Tensor, ...], folder: Any) -> ag.ArchGraph:
    """Compare at the example's batch of two, and at one of three with other numbers."""
    module.eval()
    net = ag.load(module, example=example)
    ours, path = ag.to_torch(net), ag.export_onnx(net, folder / "net.onnx")
    more = tuple(torch.cat([each, each[:1].flip(-1)]) for each in example)
    for given in (example, more):
        with torch.no_grad():
            wanted, found = (_listed(each(*given)) for each in (module, ours))
        fed = {n: each.numpy() for n, each in zip(net.sources, given, strict=True)}
        run = RUNTIMES["onnxruntime"].prepare(path, fed, net.results)()
        for one, two, expected in zip(found, run, wanted, strict=True):
            torch.testing.assert_close(one, expected, rtol=1e-4, atol=1e-5)
            assert two.dtype == expected.numpy().dtype
            np.testing.assert_allclose(two, expected.numpy(), rtol=1e-4, atol=1e-5)
    return net


def _listed(result: Tensor | tuple[Tensor, ...]) -> list[Tensor]:
    return [each.detach() for each in (result if isinstance(result, tuple) else (result,))]


X, MAPS = torch.randn(2, 6, 8), torch.randn(2, 4, 6, 6)


def _rows_written(_: object, x: Tensor) -> Tensor:
    found = torch.zeros_like(x)
    found[:, torch.tensor([4, 1])] = x[:, :2]
    return found


def _masked(_: object, x: Tensor) -> Tensor:
    found = x.clone()
    found[x > 0.5] = -1.0
    return found


CALLS: dict[str, tuple[Callable[..., Any], tuple[Tensor, ...]]] = {
    "a number beside a tensor": (
        lambda _, x: torch.where(x > 0, x, torch.tensor(-3.5, device=x.device)),
        (X,),
    ),
    "numbers like a tensor": (lambda _, x: x * x.new_tensor([0.5, 2.0] * 4), (X,)),
    "a list as an index": (lambda _, x: (x[:, [0, -2]], x[:, :, [[1, 2], [3, 4]]]), (X,)),
    "what is sorted, and where it stood": (lambda _, x: x.sort(1, descending=True), (X,)),
    "the places of what is sorted": (lambda _, x: x.argsort(-1), (X,)),
    "the largest": (lambda _, x: x.topk(3, 1), (X,)),
    "the smallest": (lambda _, x: x.topk(2, -1, largest=False), (X,)),
    "scatter": (lambda _, x: x.scatter(2, x.argsort(-1), x * 2), (X,)),
    "scatter of a number": (lambda _, x: x.scatter(1, x.topk(2, 1)[1], 7.0), (X,)),
    "scatter_add": (lambda _, x: x.scatter_add(1, x.topk(2, 1)[1], x[:, :2]), (X,)),
    "index_add": (lambda _, x: x.index_add(1, torch.tensor([0, 2, 0]), x[:, 1:4]), (X,)),
    "index_copy": (lambda _, x: x.index_copy(2, torch.tensor([3, 1]), x[..., :2]), (X,)),
    "rows that are written": (_rows_written, (X,)),
    "numbers behind a mask": (_masked, (X,)),
    "counts": (
        lambda _, x: torch.histc(x.flatten(), 7, -1.5, 1.5) / 8,
        (torch.linspace(-2, 2, 12).reshape(2, 6),),
    ),
    "one_hot": (
        lambda _, x: torch.nn.functional.one_hot(x, 9),
        (torch.tensor([[0, 8], [3, 4]]),),
    ),
    "variance of n": (lambda _, x: x.var(-1, unbiased=False), (X,)),
    "deviation of n − 2": (lambda _, x: x.std((1, 2), correction=2, keepdim=True), (X,)),
    "variance of all": (lambda _, x: x * x.var(), (X,)),
    "variance and mean": (lambda _, x: torch.var_mean(x, 1, correction=0), (X,)),
    "deviation and mean": (lambda _, x: torch.std_mean(x, 2, keepdim=True), (X,)),
    "windows of a sequence": (lambda _, x: x.unfold(1, 3, 2), (X,)),
    "windows of the last axis": (lambda _, x: x.unfold(-1, 4, 2), (X,)),
    "windows of maps": (
        lambda _, x: torch.nn.functional.unfold(x, (3, 2), (1, 2), (1, 0), (2, 1)),
        (MAPS,),
    ),
    "maps of windows": (
        lambda _, x: torch.nn.functional.fold(x.flatten(2), (12, 6), (2, 1), stride=(2, 1)),
        (MAPS,),
    ),
    "maps of windows over each other": (
        lambda _, x: torch.nn.functional.fold(x.flatten(2), (6, 6), (2, 2), padding=(0, 1)),
        (torch.randn(2, 4, 5, 7),),
    ),
    "a norm over the batch": (
        lambda _, x: torch.nn.functional.batch_norm(
            x[0][None], None, None, x[0, :, 0, 0], training=True
        ),
        (MAPS,),
    ),
    "pixel_unshuffle": (lambda _, x: torch.nn.functional.pixel_unshuffle(x, 3), (MAPS,)),
    "numbers that follow the batch": (
        lambda _, x: x + torch.arange(0, 3 * len(x), 3)[:, None, None],
        (X,),
    ),
}
"""What is called, and with what."""


def _cells(m: Any, x: Tensor) -> Tensor:
    state, out = None, None
    for step in x.unbind(1):
        state = m.lstm(step, state)
        out = m.gru(state[0], out)
    return out


def _routed(m: Any, x: Tensor) -> Tensor:
    """Send each row to one of four experts, as mixtures do."""
    rows = x.flatten(0, 1)
    expert = m.router(rows).argmax(-1)
    order = expert.argsort()
    ends = torch.histc(expert.float(), 4, 0, 3).cumsum(0).to(torch.int32)
    out = torch._grouped_mm(rows[order], m.w, offs=ends)
    back = torch.zeros_like(out)
    back[order] = out
    return back


class Normed(nn.BatchNorm2d):
    """A batch norm that is more than its own call."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x).relu()


MODULES: dict[str, tuple[Callable[[], nn.Module], tuple[Tensor, ...]]] = {
    "a bilinear layer, whose node is no tensor": (lambda: nn.Bilinear(8, 8, 3), (X, X.flip(1))),
    "cells": (lambda: Calling(_cells, lstm=nn.LSTMCell(8, 5), gru=nn.GRUCell(5, 5, False)), (X,)),
    "a relu cell": (
        lambda: Calling(lambda m, x: m.rnn(x[:, 0]), rnn=nn.RNNCell(8, 4, nonlinearity="relu")),
        (X,),
    ),
    "weight_norm": (
        lambda: nn.utils.parametrizations.weight_norm(nn.Conv1d(6, 4, 3, padding=1), dim=2),
        (X,),
    ),
    "weights that are computed": (
        lambda: Calling(
            lambda m, x: torch.nn.functional.conv2d(x, m.w.tanh(), m.b * 2, 2, 1, groups=2),
            w=nn.Parameter(torch.randn(6, 2, 3, 3)),
            b=nn.Parameter(torch.randn(6)),
        ),
        (MAPS,),
    ),
    "transposed along one axis": (lambda: nn.ConvTranspose1d(6, 4, 3, 2, 1, 1, 2), (X,)),
    "transposed along three": (
        lambda: nn.Sequential(nn.Unflatten(1, (2, 2)), nn.ConvTranspose3d(2, 3, (1, 2, 3))),
        (MAPS,),
    ),
    "grouped products": (
        lambda: Calling(_routed, router=nn.Linear(8, 4), w=nn.Parameter(torch.randn(4, 8, 16))),
        (X,),
    ),
    "a norm with its activation": (lambda: nn.Sequential(nn.Conv2d(4, 3, 3), Normed(3)), (MAPS,)),
    "a parameter that is returned": (
        lambda: Calling(lambda m, x: (x * m.w, m.w), w=nn.Parameter(torch.randn(8))),
        (X,),
    ),
}
"""What is made, and what it is called with."""


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_given_back(name, tmp_path):
    make, example = MODULES[name]
    torch.manual_seed(0)
    assert_given_back(make(), example, tmp_path)


@pytest.mark.parametrize("name", CALLS)
def test_a_call_is_given_back(name, tmp_path):
    function, example = CALLS[name]
    assert_given_back(Calling(function), example, tmp_path)
