"""ONNX files that people open in other tools."""
