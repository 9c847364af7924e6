"""Modules of torch and of others to read, and what torch itself says of them."""

from __future__ import annotations

import sys
from collections import Counter
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

Call = tuple[tuple[Any, ...], dict[str, Any]]


def _without_compiled_operators() -> None:
    """Let torchvision be imported, by transformers too, beside another build of torch."""
    sys.modules.setdefault(
        "torchvision._meta_registrations", ModuleType("torchvision._meta_registrations")
    )


def torchvision() -> Any:
    """Return torchvision's models."""
    _without_compiled_operators()
    reason = "torchvision is not installed"
    return pytest.importorskip("torchvision", reason=reason, exc_type=ImportError).models


def transformers() -> Any:
    """Return transformers."""
    _without_compiled_operators()
    return pytest.importorskip("transformers", reason="transformers is not installed")


def on_meta(make: Any, *args: Any, **kwargs: Any) -> Any:
    """Return what ``make`` builds, without memory for its weights."""
    with torch.device("meta"):
        return make(*args, **kwargs).eval()


def images(batch: int, *shape: int) -> torch.Tensor:
    return torch.empty(batch, *shape, device="meta")


def tokens(batch: int, length: int) -> torch.Tensor:
    return torch.zeros(batch, length, dtype=torch.int64, device="meta")


def macs_of(module: nn.Module, *args: Any, **kwargs: Any) -> int:
    """Return what torch's own counter says of one call, in multiply-adds."""
    counter = FlopCounterMode(display=False)
    with sdpa_kernel(SDPBackend.MATH), torch.enable_grad(), counter:
        module(*args, **kwargs)
    return counter.get_total_flops() // 2


def bytes_of_leaves(module: nn.Module, *args: Any, **kwargs: Any) -> dict[str, int]:
    """Return the bytes of what every part without parts gives in one call, by path and time."""
    found: dict[str, int] = {}
    times: Counter[str] = Counter()

    def note(path: str) -> Any:
        def hook(part: nn.Module, given: Any, output: Any) -> None:
            del part, given
            times[path] += 1
            outputs = output if isinstance(output, tuple) else (output,)
            flat = [t for each in outputs for t in (each if isinstance(each, tuple) else (each,))]
            name = path if times[path] == 1 else f"{path}@{times[path]}"
            found[name] = sum(tensor.nbytes for tensor in flat)

        return hook

    leaves = [(path, each) for path, each in module.named_modules() if not list(each.children())]
    handles = [each.register_forward_hook(note(path)) for path, each in leaves]
    module(*args, **kwargs)
    for handle in handles:
        handle.remove()
    return found


class Siamese(nn.Module):
    """Two images through one tower."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1))
        self.head = nn.Linear(8, 1)

    def forward(self, left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
        one, two = self.backbone(left).flatten(1), self.backbone(right).flatten(1)
        return self.head((one - two).abs())


class Recurrent(nn.Module):
    """One block six times."""

    def __init__(self) -> None:
        super().__init__()
        self.block = nn.Sequential(nn.Linear(16, 16), nn.GELU())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for _ in range(6):
            x = x + self.block(x)
        return x


class Sequence(nn.Module):
    """A bidirectional LSTM of two layers, all of whose outputs are read."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(8, 16, num_layers=2, bidirectional=True, batch_first=True)
        self.head = nn.Linear(32, 4)

    def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
        every, (hidden, cell) = self.lstm(x)
        return {"steps": self.head(every), "last": hidden[-1] + cell[-1]}
