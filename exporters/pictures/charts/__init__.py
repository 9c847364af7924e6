"""Charts: bars by layer, accuracy, a roofline, memory over a run, cost over size (private)."""

from .chart import chart
from .growth_curves import growth_chart
from .roof import roofline_chart

__all__ = ["chart", "growth_chart", "roofline_chart"]
