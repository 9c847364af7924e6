"""ONNX files as graphs: any file of a network, read without its weights.

Private: it may change in any release.
"""

from archgraph.importers.onnx.network import load_onnx

__all__ = ["load_onnx"]
