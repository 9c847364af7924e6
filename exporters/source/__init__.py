"""A graph as readable PyTorch source: one file that imports nothing but torch (private)."""

from .write_module import export_source, source

__all__ = ["export_source", "source"]
