"""Other tools that count: asked, and explained by named rules (private)."""

from archgraph.answers.peers.asking import counters
from archgraph.answers.peers.counts import Count, Counters

__all__ = ["Count", "Counters", "counters"]
