"""Patterns of primitive operators that become the operator people mean: one pattern a file."""

from archgraph.recognition.recognise import recognise

__all__ = ["recognise"]
