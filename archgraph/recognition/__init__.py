"""Primitive operators that become the operator people mean: one pattern a file (private)."""

from archgraph.recognition.recognise import recognise

__all__ = ["recognise"]
