"""Charts: bars by layer, accuracy, a roofline, memory over a run (private)."""

from .chart import chart
from .roof import roofline_chart

__all__ = ["chart", "roofline_chart"]
