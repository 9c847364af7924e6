"""Numbers that Python code writes into tensors, which torch drops on the meta device."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

__all__ = ["WrittenNumbers"]


class WrittenNumbers(TorchFunctionMode):
    """While it is entered, tensors that are made from Python's numbers have these.

    A module that runs on shapes alone writes ``torch.tensor(-1e9, device=scores.device)`` or
    ``x[:, [0, 2]]``; torch takes the shape of such lists there and forgets what they hold. Made on
    the CPU they are constants like all others.
    """

    def __torch_function__(
        self,
        func: Any,
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Call a function of torch; one that makes a tensor of numbers makes it on the CPU."""
        given = dict(kwargs or {})
        if func is torch.Tensor.new_tensor and args[0].is_meta:
            like, *rest = args
            given = {"dtype": like.dtype, **given, "device": "cpu"}
            return torch.tensor(*rest, **given)
        if func in (torch.tensor, torch.as_tensor) and _on_meta(given.get("device")):
            given["device"] = "cpu"
        elif func in (torch.Tensor.__getitem__, torch.Tensor.__setitem__) and args[0].is_meta:
            tensor, index, *rest = args
            args = (tensor, _with_tensors(index), *rest)
        return func(*args, **given)


def _on_meta(device: Any) -> bool:
    return device is not None and torch.device(device).type == "meta"


def _with_tensors(index: Any) -> Any:
    """Return an index in which lists of whole numbers are tensors."""
    if isinstance(index, tuple):
        return tuple(map(_with_tensors, index))
    return torch.tensor(index) if isinstance(index, list) and _is_whole(index) else index


def _is_whole(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and all(map(_is_whole, value))
    return type(value) is int
