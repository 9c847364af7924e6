"""Readers of networks that others made, each loaded only when it is used (private)."""
