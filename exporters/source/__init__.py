"""A graph as readable PyTorch source: one file that imports nothing but torch."""

from .write import export_source, source

__all__ = ["export_source", "source"]
