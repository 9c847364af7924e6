"""TeX: TikZ that compiles with a stock LaTeX (private)."""

from .tikz import WRITER, write

__all__ = ["WRITER", "write"]
