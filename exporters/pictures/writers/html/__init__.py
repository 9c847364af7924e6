"""The interactive page: one self-contained, offline HTML file.

Private: it may change in any release.
"""

from .assemble import WRITER, write

__all__ = ["WRITER", "write"]
