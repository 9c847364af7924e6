"""The interactive page: one self-contained, offline HTML file."""

from .assemble import WRITER, write

__all__ = ["WRITER", "write"]
