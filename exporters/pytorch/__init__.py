"""PyTorch modules that match a graph node for node."""
