"""Times that a runtime took, brought back to the nodes of a network (private)."""

from .measure import measure

__all__ = ["measure"]
