"""PPTX: slides of native shapes.

Private: it may change in any release.
"""

from .presentation import WRITER, write

__all__ = ["WRITER", "write"]
