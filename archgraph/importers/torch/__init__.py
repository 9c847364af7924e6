"""PyTorch modules as graphs: read as they run, on shapes alone."""

from archgraph.importers.torch.network import load_module

__all__ = ["load_module"]
