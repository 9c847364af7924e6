"""PPTX: slides of native shapes."""

from .presentation import WRITER, write

__all__ = ["WRITER", "write"]
