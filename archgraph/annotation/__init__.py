"""Names and costs written into an ONNX file of anyone's, which stays what it is (private)."""

from archgraph.annotation.annotating import annotate, annotated

__all__ = ["annotate", "annotated"]
