"""Charts that compare networks: bars layer by layer, and accuracy against MACs (private)."""

from .chart import chart

__all__ = ["chart"]
