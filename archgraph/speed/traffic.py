"""The bytes that each operator moves: what it reads of memory, and what it writes there."""

from __future__ import annotations

from collections.abc import Mapping

from archgraph.errors import FormatError
from archgraph.graph import ArchGraph
from archgraph.memory.places import Places, output_at, places_of
from archgraph.ops import Input
from archgraph.stored_tensors import all_tensors, original
from archgraph.tensors import (
    Key,
    Stored,
    Tensor,
    at_batch,
    bytes_of,
    elements,
    is_known,
    state_key,
)

__all__ = ["moved_bytes", "narrowed", "number_type"]

FLOATS = ("float", "bfloat")


def narrowed(dtype: str | None, kind: str) -> str | None:
    """Return an element type where all floats are of one kind: "" for none, "tf32" is float32."""
    if not kind or dtype is None or not dtype.startswith(FLOATS):
        return dtype
    return "float32" if kind == "tf32" else kind


def number_type(net: ArchGraph, name: str) -> str | None:
    """Return the element type that an operator computes in: that of its floats, where it has some.

    None where it is unknown.
    """
    data = net.nodes[name]
    read = [net.tensor(each, name).dtype for each in net.reads(name)]
    types = [each for each in (*read, *(out.dtype for out in data["outputs"])) if each is not None]
    floats = [each for each in types if each.startswith((*FLOATS, "complex"))]
    return next(iter(floats or types), None)


def moved_bytes(net: ArchGraph, *, batch: int = 1, kind: str = "") -> dict[str, int | None]:
    """Return the bytes that each node reads and writes, None where a size is unknown.

    Each operator runs by itself: it reads every distinct tensor once, its inputs, its weights and
    its buffers, and writes its outputs. What gives views (reshapes, transposes, slices) moves
    nothing, nor does an input. Of what an operator picks (an embedding's table) it reads as much
    as it gives. With a ``kind``, floats are of that type.
    """
    if batch < 1:
        raise FormatError(f"the batch is {batch}, but it must be at least 1.")
    if batch != 1 and not net.batched:
        raise FormatError(
            f"'{net.name}' takes one batch only, that of its inputs, so there is none of {batch}."
        )
    places, tensors = places_of(net, batch=batch), all_tensors(net)
    found: dict[str, int | None] = {}
    for name in places.reads:
        if isinstance(net.op(name), Input) or not places.makes[name]:
            found[name] = 0
            continue
        found[name] = _moved(net, name, places, tensors, batch, kind)
    return found


def _moved(
    net: ArchGraph,
    name: str,
    places: Places,
    tensors: Mapping[str, Stored],
    batch: int,
    kind: str,
) -> int | None:
    op = net.op(name)
    outputs = net.nodes[name]["outputs"]
    written = [_size(tensor, batch, kind) for tensor in outputs]
    read: dict[str, int | None] = {}
    for source in net.reads(name):
        if isinstance(source, Key):
            continue
        view = _size(net.tensor(source, name), batch, kind)
        made_by, number = output_at(source)
        place = places.places[places.of[made_by, number]].output
        lies = _size(net.nodes[place[0]]["outputs"][place[1]], batch, kind)
        # A tensor that was spread over new axes lies in less memory than it has elements.
        read[source] = view if view is None or lies is None else min(view, lies)
    first = next(iter(net.reads(name)), None)
    stored = _stored(net, name, tensors, kind)
    if op.picks:
        given = None if None in written else sum(each for each in written if each is not None)
        picked = (read, first) if first in read and not op.parameters() else None
        if picked is not None and first is not None:
            whole = read[first]
            read[first] = given if whole is None or given is None else min(whole, given)
        else:
            stored = {
                key: size if given is None else min(size, given) for key, size in stored.items()
            }
    sizes = [*read.values(), *written]
    if None in sizes:
        return None
    return sum(size for size in sizes if size is not None) + sum(stored.values())


def _stored(net: ArchGraph, name: str, tensors: Mapping[str, Stored], kind: str) -> dict[str, int]:
    """Return the bytes of the stored tensors that a node reads at inference, by key."""
    op, data = net.op(name), net.nodes[name]
    keys = data.get("tensors") or {}
    roles = (*op.parameters(), *op.inference_buffers())
    wanted = [keys.get(role) or state_key(name, role) for role in roles]
    wanted += [key for key in net.reads(name) if isinstance(key, Key)]
    found: dict[str, int] = {}
    for key in wanted:
        each = tensors.get(key)
        if each is not None:
            tensor = Tensor(tuple(each.shape), narrowed(each.dtype, kind) or each.dtype)
            found[original(net, key)] = bytes_of(tensor) or 0
    return found


def _size(tensor: Tensor, batch: int, kind: str) -> int | None:
    """Return a tensor's bytes for a batch; None where they are unknown."""
    if tensor.shape is None or not is_known(tensor):
        return None
    shape = at_batch(tensor.shape, batch)
    if not elements(shape):
        return 0
    return bytes_of(Tensor(shape, narrowed(tensor.dtype, kind)))
