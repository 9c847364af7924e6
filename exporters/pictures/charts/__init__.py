"""Charts that compare networks: bars layer by layer, and accuracy against MACs."""

from .draw import CHARTS, chart

__all__ = ["CHARTS", "chart"]
