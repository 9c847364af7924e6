"""The run of a module that says most: for any batch, on shapes alone, as far as that goes."""

from __future__ import annotations

from collections.abc import Callable

import torch

from archgraph.errors import FormatError
from archgraph.importers.torch.batch import BATCHES, DifferError, followed
from archgraph.importers.torch.example_inputs import Arguments
from archgraph.importers.torch.held_tensors import Held
from archgraph.importers.torch.run import WAYS, RunError, Way, run
from archgraph.importers.torch.trace import Trace

__all__ = ["traced"]

At = Callable[[int | None], Trace]
"""A run at a batch; None for the example as it is."""


def traced(
    module: torch.nn.Module, held: Held, arguments: Arguments, *, partial: bool = False
) -> Trace:
    """Return a run for any batch, or for the example's own where the module takes no other.

    Where the module fails in every way, ``partial`` takes the run that got farthest, which says why
    it ends there. Raises FormatError.
    """
    failures: list[tuple[Way, RunError]] = []
    moving = any(entry.axis is not None for entry in arguments.entries)
    for way in WAYS:
        if not way.arithmetic and any(error.numbers for _, error in failures):
            continue
        at = _runner(module, held, arguments, way)
        try:
            found = (_any_batch(at) if moving else None) or at(None)
        except RunError as error:
            failures.append((way, error))
            continue
        found.way = way.name
        return found
    way, told = _told(module, failures)
    sentence = f"running the module failed in {told.where}: {told.said}"
    if not partial or not told.trace.calls:
        raise FormatError(f"{sentence}.") from told
    every = _any_batch(_as_far(_runner(module, held, arguments, way))) if moving else None
    farthest = every or told.trace
    farthest.way, farthest.partial = way.name, sentence
    return farthest


def _runner(module: torch.nn.Module, held: Held, arguments: Arguments, way: Way) -> At:
    def at(batch: int | None) -> Trace:
        given = arguments.fixed() if batch is None else arguments
        return run(module, held, given, batch, way)

    return at


def _as_far(at: At) -> At:
    """Return runs that end where the module fails."""

    def run_at(batch: int | None) -> Trace:
        try:
            return at(batch)
        except RunError as error:
            return error.trace

    return run_at


def _any_batch(at: At) -> Trace | None:
    """Return a run for any batch; None where two batches are not the same calls.

    Raises RunError for a module that asks for numbers.
    """
    two, three = BATCHES
    try:
        first, second = at(two), at(three)
        try:
            return followed([first, second])
        except DifferError:
            # The first run may have filled tables that the second one found.
            return followed([at(two), second])
    except DifferError:
        return None
    except RunError as error:
        if error.numbers:  # no batch will have them
            raise
        return None


def _told(module: torch.nn.Module, failures: list[tuple[Way, RunError]]) -> tuple[Way, RunError]:
    """Return the failure to tell: the one with numbers, as in torch itself, where there are any."""
    real = not any(each.is_meta for each in module.parameters())
    with_numbers = [each for each in failures if each[0].arithmetic]
    if real and with_numbers:
        return with_numbers[0]
    return max(failures, key=lambda each: (not each[1].numbers, -WAYS.index(each[0])))
