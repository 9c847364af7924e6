"""The shapes of a model's values: what the file says of its inputs, and what follows from that."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from archgraph.errors import FormatError
from archgraph.importers.onnx.folding import fold_sizes
from archgraph.ops import Shape, shape_text

if TYPE_CHECKING:
    from onnx import ModelProto, TensorProto, ValueInfoProto

__all__ = ["concrete", "inferred", "numeric"]

ROUNDS = 100
"""How often what is computed from shapes may be needed for others, at most."""

Types = dict[str, tuple[bool, Shape | None]]
"""By value: whether it holds floating-point numbers, and its shape where that is known."""


def concrete(
    infos: Sequence[ValueInfoProto], model: ModelProto, origin: str, first: Sequence[int] | None
) -> tuple[dict[str, Shape], int]:
    """Return the inputs' shapes with every open extent filled in, and the extent of the batch.

    The first axis is the batch: 1 where it is open. Other open extents are those of ``first``,
    the first input's shape without the batch, or of the file's own note on what it was made for.
    """
    shapes: dict[str, Shape] = {}
    known: dict[str, int] = {}
    if first is None:
        first = _noted(model)
        required = False
    else:
        required = True
    for info in infos:
        kind = info.type.tensor_type
        if not info.type.HasField("tensor_type") or not kind.HasField("shape"):
            raise FormatError(f"{origin} does not say the shape of its input '{info.name}'.")
        words = [d.dim_value if d.HasField("dim_value") else d.dim_param for d in kind.shape.dim]
        own = first if not shapes and first is not None else None
        if own is not None and len(own) != len(words) - 1:
            if required:
                raise FormatError(
                    f"{origin} takes an input of {len(words) - 1} axes besides the batch, "
                    f"not {shape_text(tuple(own))}."
                )
            own = None
        filled: list[int] = []
        for axis, word in enumerate(words):
            if axis and own is not None and (required or isinstance(word, str)):
                value: int | None = own[axis - 1]
            elif isinstance(word, int):
                value = word
            else:
                value = known.get(word) if word else None
                value = 1 if value is None and axis == 0 else value
            if value is None:
                text = shape_text(tuple(w or "?" for w in words[1:]))  # type: ignore[misc]
                raise FormatError(
                    f"{origin} leaves the size of its input '{info.name}' open ({text}); "
                    "say it, as input=(3, 224, 224) or --input 3x224x224."
                )
            if value < 1:
                raise FormatError(f"the input '{info.name}' of {origin} has an extent of {value}.")
            if isinstance(word, str) and word:
                known.setdefault(word, value)
            filled.append(value)
        shapes[info.name] = tuple(filled)
    if not shapes:
        raise FormatError(f"{origin} has no input: it holds no network.")
    leading = next(iter(shapes.values()))
    return shapes, leading[0] if leading else 1


def _noted(model: ModelProto) -> tuple[int, ...] | None:
    """Return the input's shape that archgraph writes down in its files."""
    for entry in model.metadata_props:
        words = entry.value.split("x")
        if entry.key == "archgraph.input" and all(w.isdecimal() and len(w) < 10 for w in words):
            return tuple(map(int, words))
    return None


def numeric(info: ValueInfoProto) -> Shape | None:
    """Return a value's shape when all of its extents are numbers."""
    kind = info.type.tensor_type
    if not kind.HasField("shape"):
        return None
    if not all(d.HasField("dim_value") and d.dim_value >= 0 for d in kind.shape.dim):
        return None
    return tuple(d.dim_value for d in kind.shape.dim)


def inferred(model: ModelProto, inputs: dict[str, Shape]) -> Types:
    """Return the shapes that onnx infers from the inputs, and those of the weights.

    What the file itself notes on a value counts only where nothing can be inferred, because it
    was noted for another batch or size.
    """
    from onnx import ModelProto

    bare = ModelProto()
    bare.CopyFrom(model)
    noted = {info.name: info for info in bare.graph.value_info}
    del bare.graph.value_info[:]
    for info in bare.graph.output:
        noted.setdefault(info.name, info)
        info.type.tensor_type.ClearField("shape")
    for info in bare.graph.input:
        if info.name in inputs:
            _fix(info, inputs[info.name])
    _without_large_weights(bare)
    types = _run(bare)
    # Each round, more shapes are known, and with them more of what is computed from shapes.
    for _ in range(ROUNDS):
        unknown = sum(shape is None for _, shape in types.values())
        if not unknown or not fold_sizes(bare, {name: shape for name, (_, shape) in types.items()}):
            break
        types = _run(bare) or types
    same = all(numeric(i) in (None, inputs.get(i.name, numeric(i))) for i in model.graph.input)
    missing = [
        n for node in bare.graph.node for n in node.output if types.get(n, ("", None))[1] is None
    ]
    found = [noted[name] for name in missing if name in noted and numeric(noted[name]) is not None]
    if found and same:
        bare.graph.value_info.extend(found)
        types = _run(bare) or types
    return types


def _fix(info: ValueInfoProto, shape: Shape) -> None:
    """Write numbers in place of open extents."""
    kind = info.type.tensor_type
    kind.ClearField("shape")
    for extent in shape:
        kind.shape.dim.add().dim_value = extent


def _without_large_weights(model: ModelProto) -> None:
    """Turn tensors whose numbers are not at hand into inputs: only their shapes matter."""
    graph = model.graph
    declared = {info.name for info in graph.input}
    kept = []
    for tensor in graph.initializer:
        if _has_numbers(tensor):
            kept.append(tensor)
        elif tensor.name not in declared:
            info = graph.input.add()
            info.name = tensor.name
            info.type.tensor_type.elem_type = tensor.data_type
            _fix(info, tuple(tensor.dims))
    del graph.initializer[:]
    graph.initializer.extend(kept)


def _has_numbers(tensor: TensorProto) -> bool:
    from onnx import TensorProto

    if tensor.data_location == TensorProto.EXTERNAL:
        return False
    if tensor.raw_data:
        return True
    held = (tensor.float_data, tensor.int32_data, tensor.int64_data, tensor.double_data)
    return any(held) or 0 in tensor.dims


def _run(model: ModelProto) -> Types:
    from onnx import TensorProto, shape_inference

    floats = (TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.BFLOAT16, TensorProto.DOUBLE, 0)
    try:
        done = shape_inference.infer_shapes(model, data_prop=True)
    except Exception:  # onnx raises what its C++ threw; our own operators know their shapes
        return {}
    graph = done.graph
    stored = {t.name: (t.data_type in floats, _positive(tuple(t.dims))) for t in graph.initializer}
    return stored | {
        info.name: (info.type.tensor_type.elem_type in floats, _positive(numeric(info)))
        for info in (*graph.input, *graph.value_info, *graph.output)
    }


def _positive(shape: Shape | None) -> Shape | None:
    return None if shape is None or 0 in shape else shape
