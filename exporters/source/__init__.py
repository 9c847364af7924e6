"""A graph as readable PyTorch source."""
