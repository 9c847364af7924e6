"""The interactive page: one self-contained, offline HTML file."""

from .web_page import write

__all__ = ["write"]
