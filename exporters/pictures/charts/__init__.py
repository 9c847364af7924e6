"""Charts of networks: bars layer by layer, accuracy against MACs, cost over size (private)."""

from .chart import chart
from .growth_curves import growth_chart

__all__ = ["chart", "growth_chart"]
