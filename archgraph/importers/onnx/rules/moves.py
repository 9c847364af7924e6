"""Operators that give the same elements in another order or shape, or some of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from archgraph import ops
from archgraph.importers.onnx.call import Call, Made, UnreadableError
from archgraph.importers.onnx.sequences import part_of
from archgraph.ops import Op, Shape
from archgraph.tensors import Batch, Open, is_open

__all__ = ["READERS"]

_LARGEST = 2**62
"""Bounds of a slice that mean "to the end" are about this large."""


def _one(call: Call, op: Op) -> list[Made]:
    return [Made(op, (call.inputs[0],))]


def _reshape(call: Call) -> list[Made]:
    """Read whatever gives the same elements another shape."""
    before, after = call.shape(0), call.result.shape
    if after is None or after.count(None) > 1:
        raise UnreadableError
    if None in after:  # the one that is left
        return _one(call, ops.Reshape(tuple(-1 if each is None else each for each in after)))
    if before == after:
        return _one(call, ops.Identity())
    if len(after) == 2 and before[:1] == after[:1] and len(before) > 1:
        return _one(call, ops.Flatten())
    return _one(call, ops.Reshape(after))


def _transpose(call: Call) -> list[Made]:
    rank = len(call.shape(0))
    order = call.integers("perm", *range(rank)[::-1])
    return _one(call, ops.Identity() if order == tuple(range(rank)) else ops.Permute(order))


def _expand(call: Call) -> list[Made]:
    same = call.shape(0) == call.whole
    return _one(call, ops.Identity() if same else ops.Expand(call.whole))


def _concat(call: Call) -> list[Made]:
    axis = call.integer("axis", 1) % len(call.shape(0))
    return [Made(ops.Concat(axis), call.data)]


def _split(call: Call) -> list[Made]:
    shape = call.shape(0)
    axis = call.integer("axis", 0) % len(shape)
    sizes = []
    for name in call.outputs:
        part = call.values.tensor(name).shape
        if part is None or type(part[axis]) is not int:
            raise UnreadableError
        sizes.append(part[axis])
    return [Made(ops.Split(tuple(sizes), axis), (call.inputs[0],), makes=call.outputs)]


def _split_to_sequence(call: Call) -> list[Made]:
    axis = call.integer("axis", 0) % len(call.shape(0))
    sizes, place = [], 0
    while (name := part_of(call.outputs[0], place)) in call.values.tensors:
        shape = call.values.tensors[name].shape
        if shape is None:
            raise UnreadableError
        sizes.append(shape[axis])
        place += 1
    makes = tuple(part_of(call.outputs[0], place) for place in range(len(sizes)))
    return [Made(ops.Split(tuple(sizes), axis), (call.inputs[0],), makes=makes)]


def _sequence_at(call: Call) -> list[Made]:
    place = (call.numbers(1) or [0])[0]
    return [Made(ops.Identity(), (part_of(call.inputs[0], int(place)),))]


def _slice(call: Call) -> list[Made]:
    shape = call.shape(0)
    if "starts" in call.settings:
        starts: Sequence[int] | None = call.integers("starts")
        stops: Sequence[int] | None = call.integers("ends")
        axes = call.axes(len(call.inputs))
        steps: Sequence[int] | None = None
    else:
        starts, stops = call.extents(1), call.extents(2)
        axes, steps = call.axes(3), call.extents(4)
    if starts is None or stops is None or len(starts) != len(stops):
        raise UnreadableError
    axes = list(range(len(starts))) if axes is None else axes
    steps = [1] * len(starts) if steps is None else steps
    found: list[Op] = []
    for axis, start, stop, step in zip(axes, starts, stops, steps, strict=True):
        op = _cut(shape, axis % len(shape), start, stop, step)
        if isinstance(op, ops.Flip) and found and isinstance(found[-1], ops.Flip):
            found[-1] = ops.Flip((*found[-1].dims, *op.dims))
        elif op is not None:
            found.append(op)
    made = found or [ops.Identity()]
    return [Made(op, None if place else (call.inputs[0],)) for place, op in enumerate(made)]


def _cut(shape: Shape, axis: int, start: int, stop: int, step: int) -> Op | None:
    """Return the operator that cuts one axis; None where all of it stays."""
    extent = shape[axis]
    if step == -1 and (start == -1 or start >= extent - 1) and stop < -int(extent):
        return ops.Flip((axis,))
    if step < 1:
        raise UnreadableError
    if type(extent) is not int:
        whole = type(start) is int and start == 0 and step == 1
        if not whole or not (stop == extent or (type(stop) is int and stop > 2**31)):
            raise UnreadableError
        return None
    if not {Batch, Open}.isdisjoint((type(start), type(stop))):
        raise UnreadableError
    first, last, _ = slice(int(start), min(int(stop), _LARGEST)).indices(extent)
    if first == 0 and last == extent and step == 1:
        return None
    return ops.Slice(first, last, axis, step)


def _gather(call: Call) -> list[Made]:
    shape, places = call.shape(0), call.shape(1)
    axis = call.integer("axis", 0) % len(shape)
    table = call.static(0)
    if (
        table is not None
        and table.root
        and axis == 0
        and len(shape) == 2
        and str(table.tensor.dtype).startswith(("float", "bfloat"))
    ):
        op: Op = ops.Embedding(shape[0], shape[1])
        return [Made(op, (call.inputs[1],), call.weights(weight=0))]
    index = call.values.static.get(call.inputs[1])
    if not places and index is not None and index.numbers and len(index.numbers) == 1:
        return _one(call, ops.Select(int(index.numbers[0]), axis))
    return [Made(ops.IndexSelect(axis), call.inputs[:2])]


def _gather_elements(call: Call) -> list[Made]:
    axis = call.integer("axis", 0) % len(call.shape(0))
    return [Made(ops.Gather(axis), call.inputs[:2])]


def _scatter(call: Call) -> list[Made]:
    ways = {"none": "replace", "add": "add"}
    way = ways.get(str(call.settings.get("reduction", "none")))
    if way is None:
        raise UnreadableError
    return [Made(ops.Scatter(call.integer("axis", 0) % len(call.shape(0)), way), call.inputs[:3])]


def _gather_nd(call: Call) -> list[Made]:
    """Read places along the first axes, which stand beside each other on their last axis."""
    places = call.shape(1)
    count = places[-1] if places else 0
    if call.integer("batch_dims", 0) or type(count) is not int or count > len(call.shape(0)):
        raise UnreadableError
    axes = [f"{call.outputs[0]}\0axis{axis}" for axis in range(count)]
    last = len(places) - 1
    parted = [
        Made(ops.Select(axis, last), (call.inputs[1],), makes=(name,))
        for axis, name in enumerate(axes)
    ]
    return [*parted, Made(ops.Index(tuple(range(count))), (call.inputs[0], *axes))]


def _pad(call: Call) -> list[Made]:
    shape, mode = call.shape(0), str(call.settings.get("mode", "constant"))
    old = call.integers("pads") or call.integers("paddings")
    pads = [int(n) for n in old or call.numbers(1) or ()]
    given = call.settings.get("value") if old else (call.numbers(2) or [0])[0]
    value, rank = float(given or 0), len(shape)
    if call.has(3):
        axes = call.axes(3) or []
        whole = [0] * (2 * rank)
        for place, axis in enumerate(axes):
            whole[axis % rank] = pads[place]
            whole[rank + axis % rank] = pads[len(axes) + place]
        pads = whole
    if len(pads) != 2 * rank:
        raise UnreadableError
    if not any(pads):
        return _one(call, ops.Identity())
    plain = mode == "constant" and not value and min(pads) >= 0
    if plain and rank == 4 and not pads[0] and not pads[4]:
        return _zeros(call, pads)
    words = {"constant": "constant", "reflect": "reflect", "edge": "replicate", "wrap": "circular"}
    order = [pads[axis + side * rank] for axis in range(rank)[::-1] for side in (0, 1)]
    while order[-2:] == [0, 0]:
        del order[-2:]
    if mode not in words:
        raise UnreadableError
    return _one(call, ops.Pad(tuple(order), words[mode], value))


def _zeros(call: Call, pads: Sequence[int]) -> list[Made]:
    """Read zeros around maps: channels first, then rows and columns."""
    (_, c0, top, left), (_, c1, bottom, right) = pads[:4], pads[4:]
    found: list[Op] = [ops.PadShortcut(1, c0, c1)] if c0 or c1 else []
    if any((top, left, bottom, right)):
        found.append(ops.ZeroPad2d((left, right, top, bottom)))
    return [Made(op, None if number else (call.inputs[0],)) for number, op in enumerate(found)]


def _tile(call: Call) -> list[Made]:
    repeats = call.extents(1)
    if repeats is None:
        raise UnreadableError
    return _one(call, ops.Repeat(repeats))


def _resize(call: Call) -> list[Made]:
    before, after = call.shape(0), call.whole
    if before[:2] != after[:2] or len(before) < 3 or Batch in map(type, after[2:]):
        raise UnreadableError
    kind = str(call.settings.get("mode", "nearest"))
    linear = {3: "linear", 4: "bilinear", 5: "trilinear"}.get(len(before), "")
    mode = {"nearest": "nearest", "linear": linear, "cubic": "bicubic"}.get(kind, "")
    corners = call.settings.get("coordinate_transformation_mode") == "align_corners"
    position = 1 if call.op_type == "Upsample" or call.opset < 11 else 2
    scales = call.settings.get("scales") or (call.numbers(position) if call.has(position) else None)
    if scales:
        by_factor = ops.Resize(None, tuple(map(float, scales[2:])), mode, corners)
        if is_open(before) or by_factor.output_shape(before) == after:
            return _one(call, by_factor)
    return _one(call, ops.Resize(after[2:], None, mode, corners))


def _depth_to_space(call: Call) -> list[Made]:
    if call.settings.get("mode", "DCR") != "CRD":
        raise UnreadableError
    return _one(call, ops.PixelShuffle(call.integer("blocksize", 1)))


def _full(call: Call) -> list[Made]:
    value, dtype = (call.settings.get("value") or [0.0])[0], call.result.dtype
    return [Made(ops.Full(call.whole, dtype or "float32", float(value)), ())]


def _range(call: Call) -> list[Made]:
    if call.numbers(0) != [0] or call.numbers(2) != [1]:
        raise UnreadableError
    return [Made(ops.Arange(call.whole, call.result.dtype or "int64"), ())]


READERS: dict[str, Callable[[Call], list[Made]]] = {
    "Concat": _concat,
    "ConstantOfShape": _full,
    "DepthToSpace": _depth_to_space,
    "Expand": _expand,
    "Flatten": _reshape,
    "Gather": _gather,
    "GatherElements": _gather_elements,
    "GatherND": _gather_nd,
    "Scatter": _scatter,
    "ScatterElements": _scatter,
    "Pad": _pad,
    "Range": _range,
    "Reshape": _reshape,
    "Resize": _resize,
    "SequenceAt": _sequence_at,
    "Slice": _slice,
    "Split": _split,
    "SplitToSequence": _split_to_sequence,
    "Squeeze": _reshape,
    "Tile": _tile,
    "Transpose": _transpose,
    "Unsqueeze": _reshape,
    "Upsample": _resize,
}
"""How each ONNX operator of this family is read."""
