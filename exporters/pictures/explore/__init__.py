"""Exploring a network: a page for every level, and for every box that can be opened (private)."""

from .level_pages import level_pages

__all__ = ["level_pages"]
