"""chart: several networks into one chart in a picture file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from archgraph.errors import DrawError
from archgraph.graph import ArchGraph
from archgraph.tables.comparison import single_error

from ..choices import CANVASES, ChartChoices
from ..draw import write
from ..drawing import Drawing
from ..look.theme import theme as theme_named
from .accuracy import accuracy_chart
from .bars import layers_chart

__all__ = ["chart", "drawing"]

SIZE = (960.0, 540.0)
"""The size of a chart without a canvas, in points."""


def chart(nets: Sequence[ArchGraph], path: str | Path, **options: Any) -> Path:
    """Draw a chart of networks into a file whose suffix says the format; return the path.

    ``options`` are the fields of ``ChartChoices``. The chart "layers" shows activation memory,
    parameters and MACs, layer by layer, "accuracy" published accuracy against MACs, circles as
    large as the parameters are many. Raises DrawError, or UnknownNameError for an option that
    there is not.
    """
    return write([drawing(nets, **options)], Path(path))


def drawing(nets: Sequence[ArchGraph], **options: Any) -> Drawing:
    """Return the chart as a drawing."""
    choices = ChartChoices.of(options)
    if not nets:
        raise DrawError("a chart needs at least one network.")
    kind = choices.chart or _best(nets)
    size, colours = CANVASES[choices.fit] or SIZE, theme_named(choices.theme)
    if kind == "accuracy":
        return accuracy_chart(nets, size, colours)
    return layers_chart(nets, size, colours)


def _best(nets: Sequence[ArchGraph]) -> str:
    known = sum(bool(single_error(net)) for net in nets)
    return "accuracy" if known == len(nets) >= 3 else "layers"
