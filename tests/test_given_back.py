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
    return list(result) if isinstance(result, tuple) else [result]


X, MAPS = torch.randn(2, 6, 8), torch.randn(2, 4, 6, 6)

CALLS: dict[str, tuple[Callable[..., Any], tuple[Tensor, ...]]] = {
    "a number beside a tensor": (
        lambda _, x: torch.where(x > 0, x, torch.tensor(-3.5, device=x.device)),
        (X,),
    ),
    "numbers like a tensor": (lambda _, x: x * x.new_tensor([0.5, 2.0] * 4), (X,)),
    "a list as an index": (lambda _, x: (x[:, [0, -2]], x[:, :, [[1, 2], [3, 4]]]), (X,)),
}
"""What is called, and with what."""


@pytest.mark.parametrize("name", CALLS)
def test_a_call_is_given_back(name, tmp_path):
    function, example = CALLS[name]
    assert_given_back(Calling(function), example, tmp_path)
