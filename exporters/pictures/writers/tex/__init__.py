"""TeX: TikZ that compiles with a stock LaTeX.

Private: it may change in any release.
"""

from .tikz import WRITER, write

__all__ = ["WRITER", "write"]
