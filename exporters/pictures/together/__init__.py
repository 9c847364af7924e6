"""Several networks in one picture: their stages aligned, what differs marked (private)."""

from .difference_page import difference_page, difference_pages, difference_view
from .side_by_side import page_together

__all__ = ["difference_page", "difference_pages", "difference_view", "page_together"]
