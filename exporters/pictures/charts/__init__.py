"""Charts that compare networks: bars layer by layer, and accuracy against MACs."""

from .draw import chart

__all__ = ["chart"]
