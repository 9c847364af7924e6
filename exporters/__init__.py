"""What a graph becomes: pictures, PyTorch modules, ONNX files.

Private: it may change in any release.
"""
