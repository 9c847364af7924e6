"""TeX: TikZ that compiles with a stock LaTeX."""

from .tikz import WRITER, write

__all__ = ["WRITER", "write"]
