"""PyTorch modules as graphs: read as they run, on shapes alone (private)."""

from archgraph.importers.torch.network import load_module

__all__ = ["load_module"]
