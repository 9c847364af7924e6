"""Several networks in one picture: their stages aligned, what differs marked.

Private: it may change in any release.
"""

from .side_by_side import page_together

__all__ = ["page_together"]
