"""Charts of networks: bars by layer, accuracy against MACs, memory over a run (private)."""

from .chart import chart

__all__ = ["chart"]
