"""ONNX files that people open in other tools."""

from .check import check_file, difference
from .export import export_onnx
from .options import Options

__all__ = ["Options", "check_file", "difference", "export_onnx"]
