"""TeX: TikZ that compiles with a stock LaTeX."""

from .tikz import write

__all__ = ["write"]
