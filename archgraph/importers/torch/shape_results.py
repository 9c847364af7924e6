"""What functions give on shapes alone: by a formula, else by torch, remembered.

Networks repeat their layers, and what a function gives for arguments of the same shapes, strides
and types is the same again.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import torch
from torch._dispatch.python import no_python_dispatcher

from archgraph.importers.torch.shape_formulas import FORMULAS, Formula

__all__ = ["ShapeResults"]

Described = tuple[torch.Size, tuple[int, ...], torch.dtype]


class ShapeResults:
    """Runs functions on the meta device, each once for arguments of a kind.

    What gives a view of its arguments, or one of them, or writes to them, is run every time.
    """

    def __init__(self) -> None:
        self._known: dict[Any, list[Described] | tuple[Described]] = {}

    def of(self, func: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        """Return what a function gives."""
        with no_python_dispatcher():
            return self._of(func, args, kwargs)

    def _of(self, func: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        formula = _formula(func)
        if formula is not None:
            found = formula(*args, **kwargs)
            if found is not None:
                return found
        key: Any = None
        if _is_plain(func):
            try:
                key = (func, _described(args), tuple((k, _described(v)) for k, v in kwargs.items()))
                known = self._known.get(key)
            except (TypeError, RuntimeError, NotImplementedError):
                key = known = None  # such as a list of an argument, or a sparse tensor
            if known is not None:
                made = [
                    torch.empty_strided(shape, stride, dtype=dtype, device="meta")
                    for shape, stride, dtype in known
                ]
                return made if isinstance(known, list) else made[0]
        result = func(*args, **kwargs)
        if key is not None:
            self._remember(key, result, (args, kwargs))
        return result

    def _remember(self, key: Any, result: Any, given: Any) -> None:
        single = isinstance(result, torch.Tensor)
        tensors = [result] if single else result
        if not isinstance(tensors, (list, tuple)) or not all(map(_is_strided, tensors)):
            return
        before = {each.untyped_storage()._cdata for each in _tensors(given)}
        if any(each.untyped_storage()._cdata in before for each in tensors):
            return
        found = [(each.shape, each.stride(), each.dtype) for each in tensors]
        self._known[key] = (found[0],) if single else found


@cache
def _formula(func: Any) -> Formula | None:
    return FORMULAS.get(func._schema.name.partition("::")[2])


@cache
def _is_plain(func: Any) -> bool:
    """Return whether a function neither writes nor says that it gives a view."""
    schema = func._schema
    return not any(each.alias_info for each in (*schema.arguments, *schema.returns))


def _described(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return value.shape, value.stride(), value.dtype, value.device
    if isinstance(value, (list, tuple)):
        return tuple([_described(each) for each in value])
    return type(value), value


def _is_strided(value: Any) -> bool:
    return isinstance(value, torch.Tensor) and value.is_meta and value.layout == torch.strided


def _tensors(value: Any) -> list[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return [tensor for each in value for tensor in _tensors(each)]
    return []
