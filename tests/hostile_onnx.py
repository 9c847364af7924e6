"""ONNX files with fields that lie, written field by field."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper

__all__ = ["FLOAT", "elsewhere", "info", "node", "stored", "written"]

FLOAT = TensorProto.FLOAT
node = helper.make_node


def info(name, shape=None, kind=FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def stored(array, name="", **fields):
    tensor = numpy_helper.from_array(np.asarray(array), name)
    for key, value in fields.items():
        if key == "dims":
            tensor.dims[:] = value
        else:
            setattr(tensor, key, value)
    return tensor


def elsewhere(location, name="w", dims=(3,), kind=FLOAT, **told):
    tensor = TensorProto(name=name, data_type=kind, dims=dims, data_location=1)
    for key, value in {"location": location, **told}.items():
        tensor.external_data.add(key=key, value=str(value))
    return tensor


def written(path: Path, nodes, tensors=(), *, shape=("n", 3), outputs=("y",), opset=18, **more):
    graph = helper.make_graph(
        nodes, "g", [info("x", shape)], [info(name) for name in outputs], list(tensors)
    )
    opsets = [helper.make_opsetid("", opset), helper.make_opsetid("my", 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=10, **more)
    path.write_bytes(model.SerializeToString())
    return path
