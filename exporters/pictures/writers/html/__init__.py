"""The interactive page: one self-contained, offline HTML file (private)."""

from .assemble import WRITER, write

__all__ = ["WRITER", "write"]
