"""PyTorch modules as graphs: read as they run, on shapes alone.

Private: it may change in any release.
"""

from archgraph.importers.torch.network import load_module

__all__ = ["load_module"]
