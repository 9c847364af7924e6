"""Two runs at batches of 2 and 3 become one, whose extents say what follows the batch.

Two points tell a number that stays from k·N and from any a + k·N. 0 and 1 are special to torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archgraph.importers.torch.trace import Call, Trace, Value
from archgraph.tensors import Batch

__all__ = ["BATCHES", "DifferError", "followed"]

BATCHES = (2, 3)
"""The batches at which a module is run."""


class DifferError(Exception):
    """Runs at different batches that are not the same calls."""


def followed(traces: Sequence[Trace]) -> Trace:
    """Return the run whose numbers are those of any batch; DifferError where there is none."""
    if len({(len(each.values), len(each.calls)) for each in traces}) > 1:
        raise DifferError
    first = traces[0]
    for values in zip(*(each.values for each in traces), strict=True):
        _join_values(values)
    for calls in zip(*(each.calls for each in traces), strict=True):
        _join_calls(calls)
    results = [[value.index for value in each.results] for each in traces]
    if any(each != results[0] for each in results):
        raise DifferError
    return first


def _join_values(values: Sequence[Value]) -> None:
    """Give the first of the runs' values its extents for any batch."""
    first = values[0]
    kinds = {(v.source, v.key, v.dtype, v.constant, len(v.shape), v.output) for v in values}
    if len(kinds) > 1:
        raise DifferError
    first.shape = tuple(map(_number, zip(*(value.shape for value in values), strict=True)))
    if any(value.numbers != first.numbers for value in values[1:]):
        first.numbers = None


def _join_calls(calls: Sequence[Call]) -> None:
    first = calls[0]
    if len({(call.name, call.scope, call.constant, tuple(call.arguments)) for call in calls}) > 1:
        raise DifferError
    first.arguments = {
        key: _joined([call.arguments[key] for call in calls]) for key in first.arguments
    }


def _joined(given: Sequence[Any]) -> Any:
    """Return one argument for any batch."""
    first = given[0]
    if isinstance(first, Value):
        if not all(isinstance(each, Value) and each.index == first.index for each in given):
            raise DifferError
        return first
    if isinstance(first, (list, tuple)):
        if not all(isinstance(each, (list, tuple)) and len(each) == len(first) for each in given):
            raise DifferError
        return [_joined(each) for each in zip(*given, strict=True)]
    if type(first) is int and all(type(each) is int for each in given):
        return _number(given)
    if first is None or any(type(each) is not type(first) for each in given):
        if any(each is not first for each in given):
            raise DifferError
        return first
    if isinstance(first, float):
        # A number of a formula may depend on the batch, such as 1 / N.
        return first if all(each == first for each in given) else float("nan")
    if isinstance(first, (str, bool)) and any(each != first for each in given):
        raise DifferError
    return first


def _number(given: Sequence[int]) -> int:
    """Return a whole number for any batch: one that stays, or k·N."""
    two, three = given
    if two == three:
        return two
    if two > 0 and 2 * three == 3 * two:
        return Batch(two // 2)
    raise DifferError
