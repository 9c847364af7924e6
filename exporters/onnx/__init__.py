"""ONNX files that people open in other tools."""

from .check import Row, check_file, compare, difference
from .export import export_onnx
from .options import Options

__all__ = ["Options", "Row", "check_file", "compare", "difference", "export_onnx"]
