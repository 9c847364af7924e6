"""Other tools that count: asked, and explained by named rules (private)."""

from archgraph.peers.asking import counters
from archgraph.peers.counts import Count, Counters

__all__ = ["Count", "Counters", "counters"]
