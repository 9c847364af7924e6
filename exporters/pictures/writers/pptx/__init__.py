"""PPTX: slides of native shapes."""

from .presentation import write

__all__ = ["write"]
