"""Many configurations counted, in processes, into a file that is gone on with (private)."""

from archgraph.answers.sweeping.sweeps import Sweep, sweep

__all__ = ["Sweep", "sweep"]
