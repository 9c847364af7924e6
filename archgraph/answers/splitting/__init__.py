"""A network over several devices: who runs what, what crosses between them (private)."""

from archgraph.answers.splitting.device_loads import Crossing, DeviceLoad, Placement, placement
from archgraph.answers.splitting.splits import split

__all__ = ["Crossing", "DeviceLoad", "Placement", "placement", "split"]
