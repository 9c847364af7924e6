"""The interactive page: one self-contained, offline HTML file."""

from .page import write

__all__ = ["write"]
