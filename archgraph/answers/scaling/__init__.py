"""How a network's cost grows with its input: formulas found by counting, and checked so (private).

A network is read at some sizes; the formula through what is counted there is tried on others.
"""

from archgraph.answers.scaling.cache_per_token import CachePerToken, cache_per_token
from archgraph.answers.scaling.growing import Growth, growth

__all__ = ["CachePerToken", "Growth", "cache_per_token", "growth"]
