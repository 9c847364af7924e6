"""chart: several networks into one chart in a picture file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from archgraph.errors import DrawError
from archgraph.graph import ArchGraph
from archgraph.options import written
from archgraph.tables.comparison import single_error

from ..choices import ChartChoices
from ..pages import Page
from ..self_showing import Picture
from ..sheet import Sheet
from .accuracy import accuracy_chart
from .bars import layers_chart
from .chart_file import delivered, in_the_dark
from .live_memory import memory_chart

__all__ = ["chart", "chart_page"]

OF_MEMORY = ("batch", "optimizer", "precision", "checkpoint", "fits")
"""The options of the chart of memory."""

SIZE = (960.0, 540.0)
"""The size of a chart without a canvas, in points."""


def chart(
    nets: Sequence[ArchGraph], path: str | Path | None = None, **options: Any
) -> Path | Picture:
    """Draw a chart of networks into a file whose suffix says the format; return the path.

    Without a path it returns a picture that shows itself.

    ``options`` are the fields of ``ChartChoices``. The chart "layers" shows activation memory,
    parameters and MACs, layer by layer, "accuracy" published accuracy against MACs, circles as
    large as the parameters are many, "memory" what lies in memory at each step of a run. Raises
    DrawError, or UnknownNameError for an option that there is not.
    """
    choices = ChartChoices.of(options)
    dark = in_the_dark(choices, options)
    return delivered(lambda choices: _page(nets, choices, options), choices, path, dark)


def chart_page(nets: Sequence[ArchGraph], **options: Any) -> Page:
    """Return the page of a chart."""
    choices = ChartChoices.of(options)
    with choices.worn():
        return _page(nets, choices, options)


def _page(nets: Sequence[ArchGraph], choices: ChartChoices, options: Mapping[str, Any]) -> Page:
    if not nets:
        raise DrawError("a chart needs at least one network.")
    sheet = Sheet.of(choices)
    if sheet.size is None:
        sheet = replace(sheet, size=SIZE)
    kind = choices.chart or _best(nets)
    if kind == "memory":
        return memory_chart(nets, sheet, choices)
    for each in OF_MEMORY:
        if options.get(each) is not None:
            raise DrawError(f"{written(each)} is of {written('chart', 'memory')}.")
    return accuracy_chart(nets, sheet) if kind == "accuracy" else layers_chart(nets, sheet)


def _best(nets: Sequence[ArchGraph]) -> str:
    known = sum(bool(single_error(net)) for net in nets)
    return "accuracy" if known == len(nets) >= 3 else "layers"
