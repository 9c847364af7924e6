"""Several networks in one picture: their stages aligned, what differs marked (private)."""

from .side_by_side import page_together

__all__ = ["page_together"]
