"""The same elements in another shape, order or type; tensors joined and cut."""

from __future__ import annotations

from collections.abc import Sequence

from archgraph.importers.torch.building import Building, Made, Source, rule
from archgraph.importers.torch.rules.arithmetic import cast
from archgraph.importers.torch.trace import Call
from archgraph.ops import (
    Concat,
    Expand,
    Flatten,
    Flip,
    Pad,
    Permute,
    Repeat,
    Reshape,
    Roll,
    Select,
    Slice,
    Split,
    Stack,
)
from archgraph.tensors import Batch

__all__: list[str] = []


@rule(
    "alias",
    "clone",
    "contiguous",
    "detach",
    "lift",
    "lift_fresh",
    "positive",
    "resolve_conj",
    "resolve_neg",
)
def _unchanged(b: Building, call: Call) -> Source:
    return b.source(call["self"])


@rule("to", "_to_copy", "type_as")
def _to(b: Building, call: Call) -> Source:
    return cast(b, b.source(call["self"]), call.outputs[0].dtype)


@rule("copy")
def _copy(b: Building, call: Call) -> Source:
    """Write one tensor over all of another: what was there does not matter."""
    out = call.outputs[0]
    found = cast(b, b.source(call["src"]), out.dtype)
    return found if b.shape(found) == out.shape else b.add(Expand(out.shape), [found])


@rule(
    "view",
    "reshape",
    "_reshape_alias",
    "_unsafe_view",
    "view_as",
    "reshape_as",
    "unflatten",
    "squeeze",
    "unsqueeze",
    "ravel",
    "atleast_2d",
)
def _reshape(b: Building, call: Call) -> Source | None:
    source, out = b.source(call["self"]), call.outputs[0]
    if b.tensor(source).dtype != out.dtype:
        return None
    return source if b.shape(source) == out.shape else b.add(Reshape(out.shape), [source])


@rule("flatten")
def _flatten(b: Building, call: Call) -> Made:
    source, rank = b.source(call["self"]), len(call["self"].shape)
    whole = call["start_dim"] % rank == 1 and call["end_dim"] % rank == rank - 1 if rank else False
    if whole and b.shape(source) != call.outputs[0].shape:
        return b.add(Flatten(), [source])
    return _reshape(b, call)


def _order(name: str, call: Call, rank: int) -> list[int]:
    """Return the axes of what a transposition reads, in the order in which it gives them."""
    axes = list(range(rank))
    if name == "permute":
        return [dim % rank for dim in call["dims"]]
    if name in ("t", "numpy_T"):
        return axes[::-1]
    if name in ("movedim", "moveaxis"):
        return _moved(_listed(call["source"]), _listed(call["destination"]), rank)
    first, second = -2, -1
    if name not in ("mT", "adjoint"):
        words = ("dim0", "dim1") if call["dim0"] is not None else ("axis0", "axis1")
        first, second = (call[word] for word in words)
    axes[first], axes[second] = axes[second], axes[first]
    return axes


def _listed(value: int | Sequence[int]) -> Sequence[int]:
    return [value] if isinstance(value, int) else value


def _moved(sources: Sequence[int], targets: Sequence[int], rank: int) -> list[int]:
    """Return the axes after some have moved to other places, the rest in their order."""
    moved = {t % rank: s % rank for s, t in zip(sources, targets, strict=True)}
    rest = iter(axis for axis in range(rank) if axis not in moved.values())
    return [moved[axis] if axis in moved else next(rest) for axis in range(rank)]


@rule("permute", "transpose", "t", "mT", "numpy_T", "movedim", "moveaxis", "swapaxes", "swapdims")
def _permute(b: Building, call: Call) -> Source:
    source, rank = b.source(call["self"]), len(call["self"].shape)
    order = _order(call.name, call, rank)
    return source if order == sorted(order) else b.add(Permute(tuple(order)), [source])


@rule("inverse_permute")
def _inverse_permute(b: Building, call: Call) -> Source:
    rank = len(call["self"].shape)
    order = _order(call["of"], call, rank)
    back = tuple(order.index(axis) for axis in range(rank))
    return b.add(Permute(back), [b.source(call["self"])], word="permute")


@rule("expand", "expand_as", "broadcast_to")
def _expand(b: Building, call: Call) -> Source:
    source, out = b.source(call["self"]), call.outputs[0]
    return source if b.shape(source) == out.shape else b.add(Expand(out.shape), [source])


@rule("repeat", "tile")
def _repeat(b: Building, call: Call) -> Source:
    times = list(call["repeats"] if call["repeats"] is not None else call["dims"])
    times = [1] * (len(call["self"].shape) - len(times)) + times
    return b.add(Repeat(tuple(times)), [b.source(call["self"])])


@rule("repeat_interleave")
def _repeat_interleave(b: Building, call: Call) -> Source | None:
    """Each element so many times beside itself: a new axis that is stretched and joined."""
    times, dim = call["repeats"], call["dim"]
    if type(times) is not int or dim is None:
        return None
    source = b.source(call["self"])
    shape = list(b.shape(source))
    axis = dim % len(shape)
    before, behind = shape[: axis + 1], shape[axis + 1 :]
    wide = b.add(Reshape((*before, 1, *behind)), [source], word="unsqueeze")
    wide = b.add(Expand((*before, times, *behind)), [wide], word="expand")
    return b.add(Reshape(call.outputs[0].shape), [wide])


@rule("cat", "concat", "concatenate")
def _cat(b: Building, call: Call) -> Source:
    parts = [b.source(each) for each in call["tensors"] if 0 not in each.shape]
    dtype = call.outputs[0].dtype
    parts = [cast(b, each, dtype) for each in parts]
    return parts[0] if len(parts) == 1 else b.add(Concat(call["dim"]), parts)


@rule("stack")
def _stack(b: Building, call: Call) -> Source:
    dtype = call.outputs[0].dtype
    return b.add(Stack(call["dim"]), [cast(b, b.source(each), dtype) for each in call["tensors"]])


@rule("split", "split_with_sizes", "chunk", "tensor_split", "unsafe_split", "unsafe_chunk")
def _split(b: Building, call: Call) -> Made:
    if call["output"] is not None:
        return None
    axis = call["dim"] % len(call["self"].shape)
    source = b.source(call["self"])
    if len(call.outputs) == 1:
        return source
    sizes = tuple(out.shape[axis] for out in call.outputs)
    return b.outputs(b.add(Split(sizes, axis), [source]))


@rule("unbind")
def _unbind(b: Building, call: Call) -> Made:
    source = b.source(call["self"])
    places = [call["output"]] if call["output"] is not None else range(len(call.outputs))
    return [b.add(Select(place, call["dim"]), [source], word="select") for place in places]


@rule("select")
def _select(b: Building, call: Call) -> Source:
    dim, index = call["dim"], call["index"]
    axis = dim % len(call["self"].shape)
    place = index % call["self"].shape[axis]
    return b.add(Select(place, axis), [b.source(call["self"])])


def _bounds(call: Call, size: int) -> tuple[int, int]:
    """Return where a slice begins and ends; a bound that follows the batch is a Batch."""
    found: list[int] = []
    for given, default in ((call["start"], 0), (call["end"], size)):
        value = default if given is None else given
        if type(value) is Batch and type(size) is Batch:
            found.append(value if int(value) <= int(size) else size)
        elif value >= (2**31 if type(size) is Batch else size):
            found.append(size)
        else:
            found.append(max(value + size, 0) if value < 0 else value)
    return found[0], found[1]


@rule("slice")
def _slice(b: Building, call: Call) -> Source | None:
    source, out = b.source(call["self"]), call.outputs[0]
    if b.shape(source) == out.shape and (call["step"] or 1) == 1:
        return source
    axis = (call["dim"] or 0) % len(out.shape)
    size = call["self"].shape[axis]
    start, stop = _bounds(call, size)
    if type(size) is not Batch:
        return b.add(Slice(start, stop, axis, call["step"] or 1), [source])
    if type(stop) is not Batch or not (type(start) is Batch or start == 0):
        return None
    parts = [int(start), int(stop) - int(start), int(size) - int(stop)]
    sizes = tuple(Batch(part) for part in parts if part)
    return b.outputs(b.add(Split(sizes, axis), [source]))[1 if parts[0] else 0]


@rule("narrow")
def _narrow(b: Building, call: Call) -> Source:
    axis = call["dim"] % len(call["self"].shape)
    start = call["start"]
    return b.add(Slice(start, start + call["length"], axis), [b.source(call["self"])])


@rule("select_scatter", "slice_scatter")
def _scatter(b: Building, call: Call) -> Source | None:
    """Put a tensor in the place of a piece of another: what is before it, it, what is behind."""
    whole, shape = b.source(call["self"]), call["self"].shape
    axis = (call["dim"] or 0) % len(shape)
    size = shape[axis]
    piece = cast(b, b.source(call["src"]), call.outputs[0].dtype)
    if type(size) is Batch or (call["step"] or 1) != 1:
        return piece if b.shape(piece) == shape else None
    if call.name == "select_scatter":
        start = call["index"] % size
        stop = start + 1
        piece = b.add(Reshape((*shape[:axis], 1, *shape[axis + 1 :])), [piece], word="unsqueeze")
    else:
        start, stop = _bounds(call, size)
    parts: list[Source] = []
    if start > 0:
        parts.append(b.add(Slice(0, start, axis), [whole], word="slice"))
    parts.append(piece)
    if stop < size:
        parts.append(b.add(Slice(stop, size, axis), [whole], word="slice"))
    return parts[0] if len(parts) == 1 else b.add(Concat(axis), parts, word="cat")


@rule("roll")
def _roll(b: Building, call: Call) -> Source | None:
    if not call["dims"]:
        return None
    return b.add(Roll(tuple(call["shifts"]), tuple(call["dims"])), [b.source(call["self"])])


@rule("flip")
def _flip(b: Building, call: Call) -> Source:
    return b.add(Flip(tuple(call["dims"])), [b.source(call["self"])])


@rule(
    "pad",
    "constant_pad_nd",
    "reflection_pad1d",
    "reflection_pad2d",
    "reflection_pad3d",
    "replication_pad1d",
    "replication_pad2d",
    "replication_pad3d",
)
def _pad(b: Building, call: Call) -> Source:
    source = b.source(call["self"])
    padding = tuple(call["pad"] if call["pad"] is not None else call["padding"])
    if not any(padding):
        return source
    mode = call["mode"] or {"refl": "reflect", "repl": "replicate"}.get(call.name[:4], "constant")
    return b.add(Pad(padding, mode, float(call["value"] or 0)), [source])
