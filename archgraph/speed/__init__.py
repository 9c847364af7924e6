"""How long a network takes on a device: estimated by its roofline (private)."""

from archgraph.speed.roofline import NodeTime, Roofline, roofline

__all__ = ["NodeTime", "Roofline", "roofline"]
