"""What torch itself says of a module: parameters, and multiply-adds by its own counter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils._pytree import tree_map
from torch.utils.flop_counter import FlopCounterMode

from bench.modules.entry import call_of

__all__ = ["counted", "parameters"]


def counted(make: Callable[[], torch.nn.Module], examples: Sequence[Any]) -> list[int]:
    """Return half of what torch's counter says of each call, with its plain attention.

    On the meta device where the module runs there: torch's fused LSTM of the CPU escapes it.
    """
    try:
        module = make().eval().to("meta")
        return [_counted(module, _on_meta(each)) for each in examples]
    except (RuntimeError, NotImplementedError, ValueError, TypeError):
        module = make().eval()
        return [_counted(module, each) for each in examples]


def _counted(module: torch.nn.Module, example: Any) -> int:
    args, kwargs = call_of(example)
    counter = FlopCounterMode(display=False)
    with sdpa_kernel(SDPBackend.MATH), torch.enable_grad(), counter:
        module(*args, **kwargs)
    return counter.get_total_flops() // 2


def parameters(module: torch.nn.Module) -> int:
    """Return how many numbers a module's parameters hold, tied ones once."""
    return sum(each.numel() for each in module.parameters())


def _on_meta(example: Any) -> Any:
    """Return an example's tensors without their numbers."""

    def moved(each: Any) -> Any:
        return each.to("meta") if isinstance(each, torch.Tensor) else each

    return tree_map(moved, example)
