"""ONNX files as graphs: any file of a network, read without its weights (private)."""

from archgraph.importers.onnx.network import load_onnx

__all__ = ["load_onnx"]
