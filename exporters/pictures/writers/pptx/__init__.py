"""PPTX: slides of native shapes (private)."""

from .presentation import WRITER, write

__all__ = ["WRITER", "write"]
