"""Charts that compare networks: bars layer by layer, and accuracy against MACs.

Private: it may change in any release.
"""

from .chart import chart

__all__ = ["chart"]
