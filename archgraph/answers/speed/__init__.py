"""How long a network takes: estimated by a device's roofline, or measured (private)."""

from archgraph.answers.speed.measured_network import measure
from archgraph.answers.speed.roofline import NodeTime, Roofline, roofline
from archgraph.answers.speed.times import Group, Measured

__all__ = ["Group", "Measured", "NodeTime", "Roofline", "measure", "roofline"]
