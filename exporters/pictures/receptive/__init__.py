"""Receptive fields over the input: pixels that one unit sees, layer by layer (private)."""

from .receptive_page import receptive_page

__all__ = ["receptive_page"]
