"""chart: several networks into one chart in a picture file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from archgraph.errors import DrawError
from archgraph.graph import ArchGraph
from archgraph.names import nearest
from archgraph.tables.comparison import single_error

from ..draw import canvas_size, write
from ..drawing import Drawing
from ..theme import theme as theme_named
from .accuracy import accuracy_chart
from .layers import layers_chart

__all__ = ["CHARTS", "chart", "drawing"]

CHARTS = ("layers", "accuracy")

SIZE = (960.0, 540.0)
"""The size of a chart without a canvas, in points."""


def chart(
    nets: Sequence[ArchGraph],
    path: str | Path,
    *,
    chart: str | None = None,
    fit: str = "16:9",
    theme: str = "light",
) -> Path:
    """Draw a chart of networks into a file whose suffix says the format; return the path.

    ``chart`` is "layers" (activation memory, parameters and MACs, layer by layer) or "accuracy"
    (published accuracy against MACs, circles as large as the parameters are many). Without it,
    three or more networks with published errors are shown by accuracy, others by layers.
    Raises DrawError.
    """
    return write([drawing(nets, chart=chart, fit=fit, theme=theme)], Path(path))


def drawing(
    nets: Sequence[ArchGraph], *, chart: str | None = None, fit: str = "16:9", theme: str = "light"
) -> Drawing:
    """Return the chart as a drawing."""
    if not nets:
        raise DrawError("a chart needs at least one network.")
    kind = chart or _best(nets)
    if kind not in CHARTS:
        known = " and ".join(CHARTS)
        raise DrawError(f"there is no chart '{kind}'{nearest(kind, CHARTS)}; there are {known}.")
    size, colours = canvas_size(fit) or SIZE, theme_named(theme)
    if kind == "accuracy":
        return accuracy_chart(nets, size, colours)
    return layers_chart(nets, size, colours)


def _best(nets: Sequence[ArchGraph]) -> str:
    known = sum(bool(single_error(net)) for net in nets)
    return "accuracy" if known == len(nets) >= 3 else "layers"
