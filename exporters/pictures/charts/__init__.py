"""Charts: bars layer by layer, accuracy against MACs, and a device's roofline (private)."""

from .chart import chart
from .roof import roofline_chart

__all__ = ["chart", "roofline_chart"]
