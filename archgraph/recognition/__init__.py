"""Patterns of primitive operators that become the operator people mean: one pattern a file.

Private: it may change in any release.
"""

from archgraph.recognition.recognise import recognise

__all__ = ["recognise"]
