"""What ``archgraph memory`` and ``ag.memory`` answer, as one table."""

from __future__ import annotations

from archgraph.answers.footprint.memory_tables import (
    Fits,
    inference_table,
    training_table,
    with_fits,
)
from archgraph.answers.footprint.report import inference_memory, training_memory
from archgraph.errors import FormatError
from archgraph.graph import ArchGraph
from archgraph.known_devices import device_named
from archgraph.options import written
from archgraph.tables.table import Table

__all__ = ["memory_table"]


def memory_table(
    net: ArchGraph,
    *,
    batch: int = 1,
    training: bool = False,
    optimizer: str | None = None,
    precision: str | None = None,
    checkpoint: str | None = None,
    fits: str | None = None,
    exact: bool = False,
) -> Table:
    """Return what a network holds, at inference or in a training step, on each of its devices.

    ``fits`` names a device, or a memory such as ``3GB``, of which the table says the largest
    batch. ``exact`` in bytes, for programs. Raises FormatError for what is of training without it,
    and for what there is not; UnknownNameError for a device that is not known.
    """
    of_training = {"optimizer": optimizer, "precision": precision, "checkpoint": checkpoint}
    for name, value in of_training.items():
        if value is not None and not training:
            raise FormatError(f"{written(name)} is of training: add {written('training', True)}.")
    device = None if fits is None else device_named(fits)
    how = {"precision": precision, "checkpoint": checkpoint}
    if training:
        optimizer = optimizer or "sgd"
        held = training_memory(net, batch=batch, optimizer=optimizer, **how)
        table, known = training_table(net, held, exact=exact), held.known
        count = len(held.weights)
    else:
        run = inference_memory(net, batch=batch)
        table, known, count = inference_table(net, run, exact=exact), run.known, len(run.weights)
    if device is None:
        return table
    return with_fits(
        table, Fits.of(net, device, count, known, optimizer=optimizer, **how), exact=exact
    )
