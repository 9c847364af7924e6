"""Modules that nobody here wrote, read by archgraph and by other tools (private)."""
