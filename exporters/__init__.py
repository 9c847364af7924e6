"""What a graph becomes: pictures, PyTorch modules, ONNX files (private)."""
