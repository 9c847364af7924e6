"""Several networks in one picture: their stages aligned, what differs marked."""

from .side_by_side import drawings

__all__ = ["drawings"]
