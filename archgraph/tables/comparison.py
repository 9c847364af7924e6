"""Several networks side by side: size, cost, depth and their published errors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from archgraph.analysis import depth
from archgraph.errors import FormatError, UnknownNameError
from archgraph.graph import ArchGraph
from archgraph.metrics import CONVENTIONS, Metric
from archgraph.nearest import nearest
from archgraph.tables.column_units import metric_column, units_named
from archgraph.tables.cost_table import convention_text
from archgraph.tables.table import Cell, Column, Table, listed_words, sorted_rows, total_cell

__all__ = ["USUAL", "comparison", "single_error"]

_FACTS: dict[str, tuple[Column, Callable[[ArchGraph], Cell]]] = {
    "input": (Column("input", "Input", "shape"), lambda net: net.input_shape),
    "depth": (Column("depth", "Depth", "number", "layers"), depth),
    "top1_error": (
        Column("top1_error", "Top-1 error", "number", "%"),
        lambda net: single_error(net).get("top1_error", ""),
    ),
    "top5_error": (
        Column("top5_error", "Top-5 error", "number", "%"),
        lambda net: single_error(net).get("top5_error", ""),
    ),
    "setting": (Column("setting", "Setting"), lambda net: _setting(net)),
}
"""What a network has as a whole, besides the totals of its metrics."""

USUAL = (
    "input", "params", "macs", "flops", "activation_bytes", "depth", "top1_error", "top5_error",
)  # fmt: skip
"""The columns where none are chosen."""


def comparison(
    nets: Sequence[ArchGraph],
    *,
    columns: Sequence[str] = (),
    unit: str | None = None,
    sort: str | None = None,
    exact: bool = False,
) -> Table:
    """Return one row per network, for one image and without what only training uses.

    ``columns`` are metrics of the networks (``params``, ``peak_memory``), ``input``, ``depth``,
    ``top1_error``, ``top5_error`` and ``setting``; ``unit`` is that of counts, of bytes or of both
    (``M``, ``MiB``, ``M,MB``), ``sort`` a column by which the rows stand. Errors are those of a
    single network as its paper prints them; an ensemble's are left out, because no single network
    reached them. Their settings stand in the notes, for a terminal is narrow; with ``exact``, for
    programs, in a column, and bytes are not in KiB. Raises UnknownNameError for another column,
    FormatError for another unit.
    """
    chosen = tuple(columns) or ((*USUAL, "setting") if exact else USUAL)
    units = units_named(unit)
    made = [Column("name", "Network")]
    for place, key in enumerate(chosen):
        if key in chosen[:place]:
            raise FormatError(f"the column '{key}' is named twice; name it once.")
        if key in _FACTS:
            made.append(_FACTS[key][0])
        else:
            metric = _metric(nets, key)
            made.append(metric_column(metric, metric.title, units, "B" if exact else "KiB"))
    rows: list[tuple[Cell, ...]] = [
        (net.name, *(_FACTS[key][1](net) if key in _FACTS else _total(net, key) for key in chosen))
        for net in nets
    ]
    table = Table(
        "One image, inference",
        tuple(made),
        tuple(rows),
        notes=_notes(nets, chosen),
        caption=_caption(nets),
        called={net.name: str(net.graph.get("title") or net.name) for net in nets},
    )
    return sorted_rows(table, sort)


_NAMED = 5
"""How many networks a caption names."""


def _caption(nets: Sequence[ArchGraph]) -> str:
    """Return what a paper says above it."""
    titles = [str(net.graph.get("title") or net.name) for net in nets]
    who = listed_words(titles) if 0 < len(titles) <= _NAMED else f"{len(nets)} networks"
    return f"{who} compared, for one input at inference"


def _metric(nets: Sequence[ArchGraph], key: str) -> Metric:
    """Return the metric that a column shows, of the first network that has it."""
    for net in nets:
        if net.has_metric(key):
            return net.metric(key)
    names = list(dict.fromkeys([*_FACTS, *(name for net in nets for name in net.metric_names())]))
    raise UnknownNameError(
        f"there is no column '{key}'{nearest(key, names)}; there are {', '.join(names)}."
    )


def _total(net: ArchGraph, key: str) -> Cell:
    """Return a network's total; unknown for one on whose nodes the metric is not."""
    if not net.has_metric(key):
        return None
    return total_cell(net.metric(key), [value for _, value in net.values(key)])


def _notes(nets: Sequence[ArchGraph], chosen: Sequence[str]) -> tuple[str, ...]:
    """Return what the columns mean, and the settings of errors that stand in no column."""
    counts = [f"{convention_text(key)}." for key in chosen if key in CONVENTIONS]
    said = []
    if "depth" in chosen:
        said.append("Depth: layers with weights on the longest path.")
    errors = {"top1_error", "top5_error"} & set(chosen)
    if errors:
        said.append("Errors: single networks, as published.")
    found = [" ".join(each) for each in (counts, said) if each]
    if errors and "setting" not in chosen:
        found += [f"{net.name}: {text}." for net in nets if (text := _setting(net))]
    return tuple(found)


def _setting(net: ArchGraph) -> str:
    error = single_error(net)
    return f"{error['data']}, {error['setting']}" if error else ""


def single_error(net: ArchGraph) -> dict[str, Any]:
    """Return the published error of the network alone, with its setting; empty if there is none."""
    for result in net.graph.get("published", ()):
        if not result.get("ensemble"):
            return dict(result)
    return {}
